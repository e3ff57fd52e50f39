"""Position → Region: which outline a point lies in.

The outlines (about 1 km exact) are loaded at the first question, once a process. Positions are
used and forgotten: nothing here keeps, logs or names one, not even in an error.
"""

import gzip
import math
import threading
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
import shapely

from reports.geography import DATA

KM_PER_DEGREE = 111.195  # of a great circle, on a sphere of 6,371 km
# People at sea are counted for a coast this near.
COAST_KM = 20.0
# Nearer than the outlines are exact, a point may as well lie in the subdivision.
SHORE_KM = 2.0


class PositionError(ValueError):
    """Coordinates outside of the Earth's."""


@dataclass(frozen=True, slots=True)
class Position:
    """A point in degrees WGS 84.

    Raises:
        PositionError: for a latitude beyond ±90, a longitude beyond ±180, or no number.
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Refuse what is no place on Earth; a comparison with NaN is false."""
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):  # noqa: PLR2004 - degrees
            message = "latitude must be within ±90 degrees, longitude within ±180"
            raise PositionError(message)

    def __repr__(self) -> str:
        """Never the coordinates: representations end up in logs."""
        return "Position(…)"


class _Place(msgspec.Struct):
    cc: str
    code: str


class _Feature(msgspec.Struct):
    properties: _Place


class _Features(msgspec.Struct):
    """The part of a GeoJSON FeatureCollection that shapely does not read."""

    features: list[_Feature]


class Outlines:
    """The outlines of all Regions, safe to ask from several threads."""

    def __init__(self) -> None:
        """Nothing is loaded before the first question."""
        self._lock = threading.Lock()

    @cached_property
    def _places(self) -> list[_Place]:
        read = msgspec.json.decode(self._text, type=_Features)
        return [feature.properties for feature in read.features]

    @cached_property
    def _shapes(self) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        shapes = shapely.get_parts(shapely.from_geojson(self._text))
        shapely.prepare(shapes)
        return np.asarray(shapes)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._shapes)

    @property
    def _text(self) -> bytes:
        return gzip.decompress((DATA / "region-outlines.geojson.gz").read_bytes())

    def region_at(self, position: Position) -> str | None:
        """The code of the deepest Region that holds a position.

        At sea: the nearest country not farther than `COAST_KM`, else None.

        >>> outlines.region_at(Position(37.77, -122.42)), outlines.region_at(Position(0.0, -30.0))
        ('US-CA', None)
        """
        # GEOS prepares outlines while it is asked, without a lock of its own.
        with self._lock:
            return self._inside(position) or self._near(position)

    def _inside(self, position: Position) -> str | None:
        x, y = position.longitude, position.latitude
        candidates = self._tree.query(shapely.points(x, y))
        inside = candidates[shapely.intersects_xy(self._shapes[candidates], x, y)]
        # A subdivision's code is longer than its country's.
        codes = [place.code or place.cc for place in (self._places[index] for index in inside)]
        return max(codes, key=lambda code: (len(code), code), default=None)

    def _near(self, position: Position) -> str | None:
        x, y = position.longitude, position.latitude
        height = COAST_KM / KM_PER_DEGREE
        # Near a pole, half a turn reaches every meridian.
        squeeze = max(math.cos(math.radians(y)), height / 180)
        width = height / squeeze
        candidates = self._tree.query(shapely.box(x - width, y - height, x + width, y + height))
        if not len(candidates):
            return None
        pieces = shapely.clip_by_rect(
            self._shapes[candidates], x - width, y - height, x + width, y + height
        )
        # Within 20 km the Earth is flat enough: a plane in kilometres around the position.
        scale = np.array([squeeze, 1]) * KM_PER_DEGREE
        plane = shapely.transform(pieces, lambda corners: (corners - [x, y]) * scale)
        kilometres = np.nan_to_num(shapely.distance(plane, shapely.points(0, 0)), nan=np.inf)
        nearest = int(np.argmin(kilometres))
        if kilometres[nearest] > COAST_KM:
            return None
        place = self._places[candidates[nearest]]
        return (place.code if kilometres[nearest] <= SHORE_KM else "") or place.cc


outlines = Outlines()
