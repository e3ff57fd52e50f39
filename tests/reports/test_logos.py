"""Logos: only real pictures, drawn anew, and given back when undone."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from reports import logos, undoing
from reports.models import Service
from reports.trail import Doing

DOING = Doing(None, "a test", datetime(2026, 3, 18, 12, 0, tzinfo=UTC))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 150)) -> BytesIO:
    made = BytesIO()
    notes = PngInfo()
    notes.add_text("place", "Vera's desk")
    image = Image.new("RGB", size, "navy")
    image.save(made, kind, **({"pnginfo": notes} if kind == "PNG" else {}))
    made.seek(0)
    return made


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew_small_and_without_what_else_was_in_it(kind: str) -> None:
    png = logos.redrawn(picture(kind))
    image = Image.open(BytesIO(png))
    assert (image.format, image.size) == ("PNG", (128, 64))
    assert b"desk" not in png


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (BytesIO(SVG), "no picture"),
        (BytesIO(b"GIF89a but not really"), "picture"),
        (BytesIO(picture().read()[:90]), "damaged"),
        (BytesIO(bytes(logos.LARGEST_UPLOAD + 1)), "larger"),
        (picture(size=(4000, 4000)), "megapixels"),
    ],
    ids=["svg", "false", "cut", "large", "bomb"],
)
def test_what_is_no_small_picture_is_refused(upload: BytesIO, said: str) -> None:
    with pytest.raises(logos.BadPictureError, match=said):
        logos.redrawn(upload)


@pytest.mark.django_db
def test_a_logo_is_given_served_and_taken_back(client: Client, claude: Service) -> None:
    png = logos.redrawn(picture())
    act = logos.give(claude.pk, png, DOING)
    claude.refresh_from_db()
    answer = client.get(f"/logos/{claude.logo_id}.png")
    assert answer.content == png
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert f"/logos/{claude.logo_id}.png" in client.get("/services/claude/").content.decode()
    undoing.undo(act, DOING)
    claude.refresh_from_db()
    assert claude.logo_id is None


@pytest.mark.django_db
def test_an_unknown_logo_is_not_found(client: Client) -> None:
    assert client.get("/logos/abc.png").status_code == 404
