"""Share cards: the picture that chats and social sites show beside a link to us. Pure.

Drawn with the scalable face that Pillow brings along, so that a card looks the same on every
machine. It has Latin letters only; what it can't draw is left to the page's own title.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

# What Open Graph readers expect (ogp.me; 1.91 to 1).
WIDTH, HEIGHT = 1200, 630
EDGE = 80
CHART_TOP, CHART_BOTTOM = 390, 530
LARGEST, SMALLEST = 92, 40
GROUND, TEXT, SOFT, BAR = "#ffffff", "#18222c", "#566370", "#3f6f94"
MARK = "#e0582c"
# The verdict's ground and its ink, as on the pages.
COLOURS = {
    "major": ("#9b1c0c", "#ffffff"),
    "possible": ("#f9a66c", "#3a1a05"),
    "ok": ("#17684f", "#ffffff"),
    "unknown": ("#e4e9ee", "#18222c"),
}
ELLIPSIS = "…"

Drawing = ImageDraw.ImageDraw
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says.

    Attributes:
        title: the question, or the site's name.
        verdict: one of `COLOURS`.
        word: the verdict in a word.
        numbers: the figures in a line; may be empty.
        counts: Reports of the last day by quarter-hour, oldest first; may be empty.
        site: the site's name.
    """

    title: str
    verdict: str
    word: str
    numbers: str
    counts: Sequence[int]
    site: str


def draw_card(card: Card) -> bytes:
    """The card as PNG, 1200 by 630; equal cards are equal bytes."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(image)
    title = _font_for(card.title, LARGEST)
    pen.text((EDGE, 130), _fitting(card.title, title), TEXT, title, anchor="ls")
    _verdict(pen, card.verdict, card.word)
    numbers = _font_for(card.numbers, SMALLEST)
    pen.text((EDGE, 350), _fitting(card.numbers, numbers), SOFT, numbers, anchor="ls")
    _bars(pen, card.counts)
    _brand(pen, card.site)
    file = io.BytesIO()
    # Flat colours: a palette of 64 is a third of the size and looks the same.
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def _verdict(pen: Drawing, verdict: str, word: str) -> None:
    ground, ink = COLOURS[verdict]
    font = _font(56)
    right = EDGE + 150 + font.getlength(word)
    pen.rounded_rectangle((EDGE, 180, right, 280), 50, ground)
    _shape(pen, verdict, (EDGE + 66, 230), ink)
    pen.text((EDGE + 112, 250), word, ink, font, anchor="ls")


def _shape(pen: Drawing, verdict: str, centre: tuple[int, int], ink: str) -> None:
    """Octagon, triangle, circle or ring: the verdict for eyes that see no colours."""
    x, y = centre
    if verdict == "major":
        pen.regular_polygon((x, y, 30), 8, 22, ink)
    elif verdict == "possible":
        pen.regular_polygon((x, y + 6, 32), 3, 0, ink)
    elif verdict == "ok":
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), ink)
    else:
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), None, ink, 6)


def _bars(pen: Drawing, counts: Sequence[int]) -> None:
    pen.line((EDGE, CHART_BOTTOM, WIDTH - EDGE, CHART_BOTTOM), SOFT, 2)
    top = max(counts, default=0)
    if not top:
        return
    width = (WIDTH - 2 * EDGE) / len(counts)
    for place, count in enumerate(counts):
        if count:
            left = EDGE + place * width
            height = max(2, (CHART_BOTTOM - CHART_TOP) * count / top)
            box = (left, CHART_BOTTOM - height, left + width * 0.8, CHART_BOTTOM)
            pen.rectangle(box, BAR)


def _brand(pen: Drawing, site: str) -> None:
    pen.ellipse((EDGE, 580, EDGE + 18, 598), MARK)
    for radius in (22, 36):
        box = (EDGE + 9 - radius, 589 - radius, EDGE + 9 + radius, 589 + radius)
        pen.arc(box, -55, 55, MARK, 6)
    pen.text((EDGE + 66, 599), site, TEXT, _font(32), anchor="ls")


def _font_for(text: str, size: int) -> Font:
    """The largest face, between `size` and `SMALLEST`, in which a text fits the card."""
    length = _font(size).getlength(text)
    fitting = int(size * (WIDTH - 2 * EDGE) / length) if length else size
    return _font(max(SMALLEST, min(size, fitting)))


def _fitting(text: str, font: Font) -> str:
    """A text that is too long even so, cut.

    >>> _fitting("short", _font(40))
    'short'
    """
    room = WIDTH - 2 * EDGE
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + ELLIPSIS) > room:
        text = text[:-1]
    return text + ELLIPSIS


@cache
def _font(size: int) -> Font:
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        message = "this Pillow was built without FreeType"
        raise TypeError(message)
    return found
