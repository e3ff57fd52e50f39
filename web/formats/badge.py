"""A badge: a Service's name and what is said of it, as a small drawing or as words. Pure.

The drawing is our own: colour, word and shape say the same, so that none is needed to read it. It
refers to nothing outside itself, so image proxies show it.
"""

from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

import msgspec

from aggregator.models.picture import Verdict

HEIGHT = 20
_PAD = 7
_MARK = 17
_LONGEST = 40
_NARROW, _USUAL, _CAPITAL, _WIDE = 3.6, 6.6, 7.8, 11.5
_NARROW_LETTERS = frozenset("iljtfrI.,:;'|!()[] ")
# Ground and ink, at least 4.5 : 1.
_COLOURS = {
    Verdict.OK: ("#17684f", "#ffffff"),
    Verdict.POSSIBLE: ("#f9a66c", "#3a1a05"),
    Verdict.MAJOR: ("#9b1c0c", "#ffffff"),
    Verdict.UNKNOWN: ("#5b6772", "#ffffff"),
}
_SHIELDS = {
    Verdict.OK: "brightgreen",
    Verdict.POSSIBLE: "orange",
    Verdict.MAJOR: "red",
    Verdict.UNKNOWN: "lightgrey",
}
WORDS = {
    Verdict.OK: "no problems",
    Verdict.POSSIBLE: "possible problems",
    Verdict.MAJOR: "problems",
    Verdict.UNKNOWN: "can't tell yet",
}
# In a square of 16; what is in ink stands on the rest.
_SHAPES = {
    Verdict.OK: '<circle cx="8" cy="8" r="7"/><path class="i" d="M4.5 8.3l2.5 2.5 4.7-5.3"/>',
    Verdict.POSSIBLE: '<path d="M8 1l7.5 14H.5z"/><path class="i" d="M8 6v4.2M8 11.8v1.2"/>',
    Verdict.MAJOR: (
        '<path d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"/><path class="i" d="M8 3.7v5M8 10.9v1.5"/>'
    ),
    Verdict.UNKNOWN: '<circle cx="8" cy="8" r="6" fill="none" stroke-dasharray="3 2.3"/>',
}


class Shield(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What shields.io's endpoint badge reads."""

    schema_version: int
    label: str
    message: str
    color: str
    is_error: bool
    cache_seconds: int


@dataclass(frozen=True, slots=True)
class Badge:
    """A Service's name, and its Verdict."""

    name: str
    verdict: Verdict

    @property
    def label(self) -> str:
        """The name, cut to what a badge can hold."""
        return self.name if len(self.name) <= _LONGEST else self.name[: _LONGEST - 1] + "…"


def shield(badge: Badge, seconds: int) -> Shield:
    """The badge for shields.io, to be kept for so many seconds.

    >>> shield(Badge("Claude", Verdict.MAJOR), 300).message
    'problems'
    """
    return Shield(
        schema_version=1,
        label=badge.label,
        message=WORDS[badge.verdict],
        color=_SHIELDS[badge.verdict],
        is_error=badge.verdict == Verdict.MAJOR,
        cache_seconds=seconds,
    )


def drawing(badge: Badge) -> str:
    """The badge as SVG."""
    label, word = badge.label, WORDS[badge.verdict]
    ground, ink = _COLOURS[badge.verdict]
    left, right = width_of(label), width_of(word)
    cut = left + 2 * _PAD
    whole = cut + _MARK + right + 2 * _PAD - 3
    told = escape(f"{label}: {word}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole:g}" height="{HEIGHT}"'
        f' viewBox="0 0 {whole:g} {HEIGHT}" role="img" aria-label="{told}"><title>{told}</title>'
        f"<style>text{{font:11px Verdana,DejaVu Sans,Geneva,sans-serif}}"
        f".i{{fill:none;stroke:{ground};stroke-width:2;stroke-linecap:round}}</style>"
        f'<clipPath id="r"><rect width="{whole:g}" height="{HEIGHT}" rx="4"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{cut:g}" height="{HEIGHT}" fill="#24303b"/>'
        f'<rect x="{cut:g}" width="{whole - cut:g}" height="{HEIGHT}" fill="{ground}"/></g>'
        f'<g transform="translate({cut + 5:g} 4) scale(.75)" fill="{ink}" stroke="{ink}">'
        f"{_shape(badge.verdict)}</g>"
        f'<text x="{_PAD}" y="14" fill="#fff" textLength="{left:g}">{escape(label)}</text>'
        f'<text x="{cut + _MARK + 4:g}" y="14" fill="{ink}" textLength="{right:g}">'
        f"{escape(word)}</text></svg>"
    )


def width_of(text: str) -> float:
    """About how wide a text is, in pixels at 11; the drawing is told to keep to it.

    >>> width_of("ill") < width_of("WWW") < width_of("\u4e2d\u4e2d\u4e2d")
    True
    """
    return round(sum(map(_width, text)), 1)


def _width(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return _WIDE
    if letter in _NARROW_LETTERS:
        return _NARROW
    return _CAPITAL if letter.isupper() or letter in "mw@%" else _USUAL


def _shape(verdict: Verdict) -> str:
    return _SHAPES[verdict]
