"""Logos: made safe when they come in, given to a Service, found by their hash."""

import warnings
from hashlib import sha256
from io import BytesIO
from typing import IO

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from reports import trail
from reports.models import Logo, ModerationEntry, Service
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

LARGEST_UPLOAD = 1_000_000
# Decoding costs by the pixel, whatever the size of the file.
MOST_PIXELS = 4_000_000
SIDE = 128
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class BadPictureError(ValueError):
    """No picture that can be taken; the text says why, for people."""


def redrawn(upload: IO[bytes]) -> bytes:
    """A PNG of at most `SIDE` pixels a side, drawn anew from an upload: nothing else is in it.

    What a file is, is told by its content. SVG is refused: it can hold scripts, and taking all of
    them out is a race that others have lost.

    Raises:
        BadPictureError: when it is too big, or no picture of `FORMATS`.
    """
    content = upload.read(LARGEST_UPLOAD + 1)
    if len(content) > LARGEST_UPLOAD:
        raise BadPictureError(f"The file is larger than {LARGEST_UPLOAD // 1000} kB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise BadPictureError(
                    f"The picture has more than {MOST_PIXELS // 10**6} megapixels."
                )
            drawing = ImageOps.exif_transpose(picture).convert("RGBA")
    except UnidentifiedImageError as error:
        raise BadPictureError(f"This is no picture; give {', '.join(FORMATS)}.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning) as error:
        if isinstance(error, BadPictureError):
            raise
        raise BadPictureError("The picture is damaged.") from error
    drawing.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    drawn = BytesIO()
    drawing.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def keep(png: bytes) -> Logo:
    """The row of a picture that `redrawn` made; the same picture has one row."""
    logo, _made = Logo.objects.get_or_create(digest=sha256(png).hexdigest(), defaults={"png": png})
    return logo


def png_of(digest: str) -> bytes | None:
    """The picture of a hash; None when there is none."""
    found = Logo.objects.filter(digest=digest).values_list("png", flat=True).first()
    return None if found is None else bytes(found)


def give(service_id: int, png: bytes | None, doing: Doing) -> ModerationEntry:
    """Give a Service a picture that `redrawn` made, or none. Opens a transaction."""
    with transaction.atomic():
        return _set(service_id, None if png is None else keep(png).digest, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Give a Service the logo back that it had before an act. Opens a transaction.

    Raises:
        NotUndoableError: when it has yet another one by now.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    kept = entry.before
    with transaction.atomic():
        service = Service.objects.select_for_update().get(pk=kept["service"])
        if service.logo_id != kept["after"]:
            raise NotUndoableError
        return _set(service.pk, kept["logo"], doing, undoes=entry)


def _set(
    service_id: int, digest: str | None, doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    service = Service.objects.select_for_update().get(pk=service_id)
    before = {"service": service.pk, "logo": service.logo_id, "after": digest}
    Service.objects.filter(pk=service.pk).update(logo=digest)
    return trail.write(Act.LOGO, service.name, doing, before=before, undoes=undoes)
