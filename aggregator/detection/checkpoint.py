"""An Engine's whole state as bytes, and back under a topology that may have moved on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.baseline import PER_SERIES, Baseline
from aggregator.detection.gaps import GapWatch
from aggregator.detection.judge import Judge
from aggregator.detection.packing import Array, Plain, pack, unpack
from aggregator.detection.ring import Ring
from aggregator.detection.series import SeriesTable
from aggregator.detection.shapes import ShapeTables
from aggregator.detection.states import Episode
from aggregator.detection.types import State, Topology

Ints = npt.NDArray[np.int64]

_CURRENT: Final = ("mean", "doubt", "slow", "fast", "drift", "level")
_TABLES: Final = ("week_reports", "week_levels", "day_reports", "day_levels", "masked")
_PLATFORM: Final = ("platform_reports", "platform_levels")


def save(
    series: SeriesTable, ring: Ring, baseline: Baseline, gaps: GapWatch, judge: Judge
) -> bytes:
    """Everything the next minute depends on."""
    shapes, rows = baseline.shapes, baseline.shapes.rows
    pair_services, pair_regions = series.pairs()
    arrays: dict[str, Array] = {
        "service": series.service,
        "region": series.region,
        "depth": series.depth,
        "pair_services": pair_services,
        "pair_regions": pair_regions,
        "ring_counts": ring.each_row_counts(),
        "ring_means": ring.each_row_means(),
        "pool": baseline.pool,
        "born": baseline.born,
        "service_silence": gaps.service_silence,
        "service_minutes": gaps.service_minutes,
        "peak_counts": judge.teller.peak_counts,
        "peak_means": judge.teller.peak_means,
        "calm_days": judge.signs.calm.days,
        "calm_today": judge.signs.calm.today,
        **{name: getattr(baseline, name) for name in (*PER_SERIES, *_CURRENT)},
        **{name: getattr(shapes, name)[:, :rows] for name in _TABLES},
        **{name: getattr(shapes, name) for name in _PLATFORM},
    }
    values: dict[str, Plain] = {
        "services": list(series.topology.services),
        "regions": list(series.topology.regions),
        "minute": ring.minute,
        "first_minute": judge.signs.first_minute,
        "since": gaps.since,
        "silence": gaps.silence,
        "guard": gaps.guard,
        "day": judge.signs.calm.day,
        "episodes": [_episode_out(episode) for _, episode in sorted(judge.episodes.items())],
        "bursts": judge.signs.bursts.dump(),
    }
    return pack(values, arrays)


class Saved:
    """A checkpoint read back and put under a topology: indices are found again by name."""

    def __init__(self, saved: bytes, topology: Topology) -> None:
        """Read it.

        Raises:
            ValueError: when the bytes are no checkpoint of this format.
        """
        values, self.arrays = unpack(saved)
        self.values: dict[str, Any] = dict(values)
        self.topology = topology
        self.services = _moved(self.values["services"], topology.services)
        self.regions = _moved(self.values["regions"], topology.regions)
        service, region = self.ints("service"), self.ints("region")
        known = (self.services[service] >= 0) & (self.regions[region] >= 0)
        known[0] = True
        self.kept = np.flatnonzero(known)
        self.number = np.full(len(service), -1)
        self.number[self.kept] = np.arange(len(self.kept))

    def ints(self, name: str) -> Ints:
        """A saved array of whole numbers."""
        return self.arrays[name].astype(np.int64)

    def series(self) -> SeriesTable:
        """The series that still exist, in their old order."""
        service = self.services[self.ints("service")[self.kept]]
        service[0] = -1
        region = self.regions[self.ints("region")[self.kept]]
        table = SeriesTable(self.topology)
        table.load(service, region, self.ints("depth")[self.kept])
        pair_service = self.services[self.ints("pair_services")]
        pair_region = self.regions[self.ints("pair_regions")]
        known = (pair_service >= 0) & (pair_region >= 0)
        table.load_pairs(pair_service[known], pair_region[known])
        return table

    def ring(self) -> Ring:
        """The last two hours."""
        ring = Ring()
        ring.load(
            self.values["minute"],
            self.arrays["ring_counts"][:, self.kept],
            self.arrays["ring_means"][:, self.kept],
        )
        return ring

    def baseline(self) -> Baseline:
        """What was learnt."""
        shapes = ShapeTables()
        rows = self.arrays["week_reports"].shape[1]
        shapes.rows = rows
        for name in (*_TABLES, *_PLATFORM):
            setattr(shapes, name, self.arrays[name])
        baseline = Baseline(self.topology)
        baseline.shapes = shapes
        for name in (*PER_SERIES, *_CURRENT):
            setattr(baseline, name, self.arrays[name][self.kept])
        old = self.services[self.services >= 0]
        count = len(self.topology.services)
        fresh = np.setdiff1d(np.arange(count), old)
        baseline.pool, baseline.born = np.zeros(count, np.int64), np.zeros(count, np.int64)
        baseline.pool[old] = self.ints("pool")[self.services >= 0]
        baseline.born[old] = self.ints("born")[self.services >= 0]
        baseline.pool[fresh] = shapes.add(len(fresh))
        baseline.born[fresh] = -1
        return baseline

    def gaps(self) -> GapWatch:
        """The silences being followed."""
        return GapWatch(
            since=self.values["since"],
            silence=self.values["silence"],
            guard=self.values["guard"],
            service_silence=self._by_service("service_silence", np.dtype(np.float64)),
            service_minutes=self._by_service("service_minutes", np.dtype(np.int64)),
        )

    def judge(self, judge: Judge) -> None:
        """Give a new judge the Episodes and peaks."""
        judge.signs.first_minute = self.values["first_minute"]
        judge.teller.peak_counts = self.arrays["peak_counts"][self.kept].astype(np.float64)
        judge.teller.peak_means = self.arrays["peak_means"][self.kept].astype(np.float64)
        judge.signs.calm.day = self.values["day"]
        judge.signs.calm.today = self._by_service("calm_today", np.dtype(np.float32))
        judge.signs.calm.days = self._by_service("calm_days", np.dtype(np.float32))
        judge.signs.bursts.load(self.values["bursts"], self.number)
        for raw in self.values["episodes"]:
            episode = self._episode_in(raw)
            if episode is not None:
                judge.episodes[episode.service] = episode

    def _by_service(self, name: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """A table with one row a Service, rows moved to where the Services are now."""
        old = self.arrays[name]
        new = np.zeros((len(self.topology.services), *old.shape[1:]), kind)
        known = self.services >= 0
        new[self.services[known]] = old[known]
        return new

    def _episode_in(self, raw: Mapping[str, Any]) -> Episode | None:
        service = int(self.services[raw["service"]])
        scope = tuple(int(self.regions[region]) for region in raw["scope"])
        pending = tuple(int(self.regions[region]) for region in raw["pending"])
        region = int(self.regions[raw["region"]])
        if service < 0 or min(*scope, region) < 0:
            return None
        cause = int(self.services[raw["cause"]]) if raw["cause"] >= 0 else -1
        reach = max(int(self.regions[raw["reach"]]), 0)
        moved = {"service": service, "scope": scope, "region": region, "reach": reach}
        moved["cause"] = cause
        blocks = [(float(x), float(m)) for x, m in raw["blocks"]]
        parts = [
            [(int(self.regions[r]), float(x), float(m)) for r, x, m in row if self.regions[r] >= 0]
            for row in raw.get("parts", ())
        ]
        rest = {"pending": pending, "state": State(raw["state"]), "blocks": blocks, "parts": parts}
        return Episode(**{**raw, **moved, **rest})


def _moved(names: list[str], now: tuple[str, ...]) -> Ints:
    """For each old index the new one, -1 where the name is gone."""
    where = {name: at for at, name in enumerate(now)}
    return np.array([where.get(name, -1) for name in names], np.int64)


def _episode_out(episode: Episode) -> Plain:
    plain: dict[str, Any] = asdict(episode)
    plain["state"] = str(episode.state)
    return plain
