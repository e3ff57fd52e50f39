"""A map of how far places are above the usual, as a drawing. Pure.

It is one image with a title and a description. Over it lie, for eyes and pointers only, links and
the ranks of the worst places; whoever can't see or point finds all of that in the list beside it.
Ranks are placed in parts of the width, not in units, so that they keep their size on a phone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain

from web.atlas import Outline

# A rank is left out when another is so near, as a part of the map's width.
NEAREST = 0.045
DOT_PART = 120


@dataclass(frozen=True, slots=True)
class Area:
    """A place on a map.

    Attributes:
        code: the Region's.
        level: 0 to 4, or None where nobody can tell.
        title: what is said when one points at it; plain text.
        address: where it leads to; empty: nowhere.
        rank: the number it has in the list beside the map.
        course: its levels over time, one digit each, for a map that can be moved through time.
    """

    code: str
    level: int | None
    title: str
    address: str = ""
    rank: int | None = None
    course: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """What a drawing says to whoever can't see it: plain text; `name` begins its ids."""

    name: str
    title: str
    description: str


def draw(
    outline: Outline, sheet: str, areas: Sequence[Area], caption: Caption, *, known: bool = True
) -> str:
    """A map.

    Args:
        outline: its shapes.
        sheet: the address of the file of its shapes.
        areas: the places that are not level 0, and those that lead somewhere; the worst first.
        caption: what it says in words.
        known: False where nobody can tell anything of any place.
    """
    box = " ".join(map(str, outline.box))
    return (
        f'<div class="map{" map-tall" if outline.box[3] > outline.box[2] else ""}">'
        f'<svg class="map-land" viewBox="{box}" role="img"'
        f' aria-labelledby="{caption.name}-title {caption.name}-description">'
        f'<title id="{caption.name}-title">{escape(caption.title)}</title>'
        f'<desc id="{caption.name}-description">{escape(caption.description)}</desc>'
        f"{_hatching(caption.name)}{_land(sheet, caption.name, known=known)}"
        f"{''.join(_shapes(outline, sheet, areas, caption.name))}</svg>"
        f'<svg class="map-links" viewBox="{box}" aria-hidden="true">'
        f"{''.join(_links(outline, sheet, areas))}</svg>"
        f'<svg class="map-ranks" aria-hidden="true">{"".join(_ranks(outline, areas))}</svg></div>'
    )


def _hatching(name: str) -> str:
    return (
        f'<defs><pattern id="{name}-hatch" class="hatch" patternUnits="userSpaceOnUse" width="1%"'
        ' height="1%" viewBox="0 0 8 8"><path d="M-2 2l4-4M0 8l8-8M6 10l4-4"/></pattern></defs>'
    )


def _land(sheet: str, name: str, *, known: bool) -> str:
    fill = "" if known else f' fill="url(#{name}-hatch)"'
    return (
        f'<use href="{sheet}#land" class="{"level-0" if known else "level-unknown"}"{fill}/>'
        f'<use href="{sheet}#boxes" class="map-boxes"/>'
    )


def _shapes(outline: Outline, sheet: str, areas: Iterable[Area], name: str) -> Iterator[str]:
    """The places that are not as usual; the worst come last, so that their edges lie on top."""
    for area in reversed([one for one in areas if one.level != 0 or one.course]):
        style = f'class="level-{"unknown" if area.level is None else area.level}"'
        if area.course:
            style += f' data-levels="{area.course}" data-name="{escape(area.title)}"'
        fill = "" if area.level is not None else f' fill="url(#{name}-hatch)"'
        yield from _shape(outline, sheet, area.code, style + fill)


def _links(outline: Outline, sheet: str, areas: Iterable[Area]) -> Iterator[str]:
    for area in areas:
        shape = "".join(_shape(outline, sheet, area.code, ""))
        if shape:
            link = f'<a href="{escape(area.address)}" tabindex="-1">' if area.address else "<g>"
            end = "</a>" if area.address else "</g>"
            yield f"{link}<title>{escape(area.title)}</title>{shape}{end}"


def _shape(outline: Outline, sheet: str, code: str, style: str) -> Iterator[str]:
    """A place's outline; a dot where it has none; nothing where it is not on the map."""
    between = " " if style else ""
    if code in outline.paths:
        yield f'<use href="{sheet}#{code}"{between}{style}/>'
    elif code in outline.labels:
        x, y = outline.labels[code]
        yield f'<circle cx="{x}" cy="{y}" r="{outline.box[2] // DOT_PART}"{between}{style}/>'


def _ranks(outline: Outline, areas: Iterable[Area]) -> Iterator[str]:
    """The numbers of the worst places, but for those that would cover one before."""
    left, top, width, height = outline.box
    placed: list[tuple[float, float]] = []
    for area in areas:
        if area.rank is None or area.code not in outline.labels:
            continue
        x, y = outline.labels[area.code]
        across, down = (x - left) / width, (y - top) / width
        if any(abs(across - a) < NEAREST and abs(down - d) < NEAREST for a, d in placed):
            continue
        placed.append((across, down))
        at = f"{100 * across:.1f}%", f"{100 * down * width / height:.1f}%"
        yield from chain(
            (f'<circle cx="{at[0]}" cy="{at[1]}" r="9"/>',),
            (f'<text x="{at[0]}" y="{at[1]}" dy=".35em">{area.rank}</text>',),
        )
