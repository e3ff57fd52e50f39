"""The shapes of maps: one file for the world, one for each country that has subdivisions.

A map's shapes are the same for every Service and time, so they are sent apart from the pages, once,
as a sheet of outlines that pages refer to; what a page says is only which of them have which level.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from reports.geography import WORLD

FOLDER = Path(__file__).parent / "data" / "maps"
WORLD_FILE = "world"
# About 40 kB each; all of them would be 5 MB.
MOST_KEPT = 24


@dataclass(frozen=True, slots=True)
class Outline:
    """The shapes of one map; the units are its own.

    Attributes:
        code: of the Region shown; empty: the world.
        box: left, top, width and height of the whole.
        insets: boxes around what is drawn out of its place.
        labels: Region code → the point that stands for it.
        paths: Region code → SVG path.
        digest: changes with the shapes.
    """

    code: str
    box: tuple[int, int, int, int]
    insets: tuple[tuple[int, int, int, int], ...]
    labels: Mapping[str, tuple[int, int]]
    paths: Mapping[str, str]
    digest: str

    @property
    def name(self) -> str:
        """What addresses call it."""
        return self.code or WORLD_FILE

    def sheet(self) -> str:
        """All outlines as an SVG file, each under its code, and all together under `land`."""
        shapes = "".join(
            f'<path id="{code}" vector-effect="non-scaling-stroke" d="{path}"/>'
            for code, path in self.paths.items()
        )
        boxes = "".join(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
            for x, y, width, height in self.insets
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{" ".join(map(str, self.box))}">'
            f'<g id="land">{shapes}</g><g id="boxes">{boxes}</g></svg>'
        )


@cache
def mapped() -> frozenset[str]:
    """The codes of the Regions that have a map, the world's among them.

    >>> "" in mapped(), "US" in mapped(), "MC" in mapped()
    (True, True, False)
    """
    names = {path.stem for path in FOLDER.glob("*.json")}
    return frozenset(WORLD if name == WORLD_FILE else name for name in names)


@lru_cache(maxsize=MOST_KEPT)
def outline(code: str) -> Outline:
    """The map of a Region.

    Raises:
        KeyError: when it has none.

    >>> outline("").box, "US-CA" in outline("US").paths
    ((0, 2, 800, 345), True)
    """
    if code not in mapped():
        raise KeyError(code)
    raw = (FOLDER / f"{code or WORLD_FILE}.json").read_bytes()
    read = json.loads(raw)
    return Outline(
        code=code,
        box=tuple(read["viewBox"]),
        insets=tuple(map(tuple, read["insets"])),
        labels={name: tuple(at) for name, at in read["labels"].items()},
        paths=read["paths"],
        digest=hashlib.blake2b(raw, digest_size=4).hexdigest(),
    )
