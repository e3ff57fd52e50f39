#!/usr/bin/env python3
"""Makes `reports/data/` and `web/data/maps/` out of a folder of geographic source data.

Run by hand when that folder changes, never by the program:

    pip install timezonefinder~=9.0 tzdata
    script/build_regions.py SOURCE

SOURCE holds `regions.csv`, `population-proxy.csv`, `region-aliases.csv`, `names/`, `lookup/` and
`svg/`; NOTICE tells where they come from. Two things are added to the regions: a time zone and a
weight. The same SOURCE gives the same bytes.

A subdivision's time zone is the one at its coordinates; a country's is the one in which most of
its weight lives, or without subdivisions the time zone database's first for it. Each then gets
the name that the database has for it in that country: the finder merges zones that keep the same
time today, so it may call Vienna's zone Berlin's.
"""

import csv
import json
import re
import shutil
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from timezonefinder import TimezoneFinder

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "reports" / "data"
MAPS = ROOT / "web" / "data" / "maps"
WORLD = {
    "code": "",
    "kind": "world",
    "parent": "",
    "name": "World",
    "lat": "0",
    "lon": "0",
    "time_zone": "UTC",
}
# Also the weight nobody knows; not 0, so that a prior can be divided by it.
LEAST_WEIGHT = 1
# A unit of the coarse map of the world, in units of the fine one: 800 of them across.
COARSE = 6
LEAST_CORNERS = 3
# Countries without an outline, where their dot goes on the fine map of the world.
DOTS = {"VA": (2425, 453), "TV": (4623, 1322)}
# Their coordinates lie in the emptier of their zones (compared with the cities of GeoNames).
MOST_PEOPLE = {
    "CA-NL": "America/St_Johns",
    "CA-NU": "America/Iqaluit",
    "MX-COA": "America/Monterrey",
}

Row = dict[str, str]
Corner = tuple[int, int]


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file with a heading."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def zones_of_countries() -> dict[str, list[str]]:
    """ISO 3166-1 code → its zones in the time zone database, most populous first."""
    zones = defaultdict(list)
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country].append(zone)
    return dict(zones)


@cache
def clock(zone: str) -> tuple[timedelta | None, ...]:
    """A zone's UTC offsets on every day of 2026: what tells zones apart today.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: for a name that the time zone database lacks.
    """
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return tuple(
        (noon + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in range(365)
    )


def own_name(country: str, zone: str) -> str:
    """The country's own name for the zone, else its first zone, else the zone itself."""
    candidates = zones_of_countries().get(country, [zone])
    if zone in candidates:
        return zone
    return next((own for own in candidates if clock(own) == clock(zone)), candidates[0])


def add_time_zones(rows: list[Row]) -> None:
    """Set `time_zone` of every subdivision, then of every country."""
    finder = TimezoneFinder()
    inhabitants: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["kind"] == "subdivision":
            found = MOST_PEOPLE.get(row["code"]) or zone_at(finder, row)
            row["time_zone"] = own_name(row["parent"], found)
            inhabitants[row["parent"]][row["time_zone"]] += int(row["weight"])
    for row in rows:
        if row["kind"] == "country":
            own = zones_of_countries().get(row["code"], [])
            weighed = [zone for zone, _ in inhabitants[row["code"]].most_common(1)]
            row["time_zone"] = (weighed or own or [zone_at(finder, row)])[0]


def zone_at(finder: TimezoneFinder, row: Row) -> str:
    """The zone at a Region's coordinates.

    Raises:
        ValueError: when there is none.
    """
    found: str | None = finder.timezone_at(lng=float(row["lon"]), lat=float(row["lat"]))
    if found is None:
        message = f"no time zone at the coordinates of {row['code']}"
        raise ValueError(message)
    return found


def build_regions(source: Path) -> list[Row]:
    """The world, the countries and their subdivisions, by code.

    The UK's ITL1 regions are left out: they would count everyone in the UK a second time.
    """
    weights = {row["code"]: row["weight"] for row in read_rows(source / "population-proxy.csv")}
    rows = [row for row in read_rows(source / "regions.csv") if row["kind"] != "subdivision-alt"]
    for row in rows:
        row["weight"] = str(max(LEAST_WEIGHT, int(weights.get(row["code"], 0))))
    add_time_zones(rows)
    total = sum(int(row["weight"]) for row in rows if row["kind"] == "country")
    return [{**WORLD, "weight": str(total)}, *sorted(rows, key=lambda row: row["code"])]


def main(source: Path) -> None:
    """Write the regions and copy what needs no change."""
    DATA.mkdir(parents=True, exist_ok=True)
    MAPS.mkdir(parents=True, exist_ok=True)
    rows = build_regions(source)
    with (DATA / "regions.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[1]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    shutil.copyfile(source / "region-aliases.csv", DATA / "region-aliases.csv")
    shutil.copyfile(
        source / "lookup" / "regions-1km.geojson.gz", DATA / "region-outlines.geojson.gz"
    )
    copy_all(source / "names", DATA / "names")
    copy_all(source / "svg", MAPS)
    coarsen(MAPS / "world.json")


def coarsen(path: Path) -> None:
    """Redraw the map of the world on a grid `COARSE` times as wide, half the size to send."""
    drawn = json.loads(path.read_text(encoding="utf-8"))
    drawn["viewBox"] = [round(n / COARSE) for n in drawn["viewBox"]]
    for name in ("insets", "labels"):
        within = drawn[name].items() if name == "labels" else enumerate(drawn[name])
        for key, numbers in within:
            drawn[name][key] = [round(n / COARSE) for n in numbers]
    drawn["labels"] |= {code: [round(n / COARSE) for n in at] for code, at in DOTS.items()}
    for code, outline in drawn["paths"].items():
        drawn["paths"][code] = "".join(filter(None, map(ring, corners(outline)))) or dot(outline)
    path.write_text(json.dumps(drawn, separators=(",", ":")), encoding="utf-8")


def corners(outline: str) -> list[list[Corner]]:
    """The rings of an SVG path made of M, l, h, v and z, on the coarse grid."""
    found: list[list[Corner]] = []
    x = y = 0
    for command, numbers in re.findall(r"([Mlhvz])([^Mlhvz]*)", outline):
        steps = [int(n) for n in re.findall(r"-?[0-9]+", numbers)]
        if command == "M":
            x, y = steps[:2]
            found.append([])
            pairs = [(0, 0), *zip(steps[2::2], steps[3::2], strict=True)]
        elif command == "l":
            pairs = list(zip(steps[::2], steps[1::2], strict=True))
        else:
            pairs = [(n, 0) if command == "h" else (0, n) for n in steps]
        for right, down in pairs:
            x, y = x + right, y + down
            found[-1].append((round(x / COARSE), round(y / COARSE)))
    return found


def ring(points: list[Corner]) -> str:
    """A ring as a path without needless corners; empty when nothing of it is left."""
    kept: list[Corner] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and is_straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    if len(kept) < LEAST_CORNERS:
        return ""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept)]
    inside = " ".join(f"{x},{y}" for x, y in steps)
    return f"M{kept[0][0]},{kept[0][1]}l{inside}z".replace(",-", "-").replace(" -", "-")


def is_straight(before: Corner, middle: Corner, after: Corner) -> bool:
    """Whether the middle one of three points tells nothing."""
    return (middle[0] - before[0]) * (after[1] - middle[1]) == (middle[1] - before[1]) * (
        after[0] - middle[0]
    )


def dot(outline: str) -> str:
    """A small square where the first ring of a path began."""
    x, y = corners(outline)[0][0]
    return f"M{x},{y}h1v1h-1z"


def copy_all(source: Path, target: Path) -> None:
    """Copy a folder's files; the ITL1 map has no Regions to show."""
    target.mkdir(exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.name != "GB-itl1.json":
            shutil.copyfile(path, target / path.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
