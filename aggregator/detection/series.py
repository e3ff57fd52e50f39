"""Which (Service, Region) series exist, and how a Report's Region adds up to its ancestors."""

import numpy as np
import numpy.typing as npt

from aggregator.detection.types import Topology

Ints = npt.NDArray[np.int64]

_STRIDE = 1 << 24
"""Keys are service * stride + region, so that growing topologies keep old keys."""


class SeriesTable:
    """Numbers the series in order of first Report; number 0 is a sink that pads short paths."""

    def __init__(self, topology: Topology) -> None:
        """Start empty."""
        self.topology = topology
        self.service: Ints = np.full(1, -1, np.int64)
        self.region: Ints = np.zeros(1, np.int64)
        self.depth: Ints = np.full(1, -1, np.int64)
        self.members: list[list[int]] = [[] for _ in topology.services]
        self._number: dict[int, int] = {}
        self._keys: Ints = np.zeros(0, np.int64)
        self._paths: Ints = np.zeros((0, self._width), np.int64)

    @property
    def _width(self) -> int:
        return max(len(self.topology.path(r)) for r in range(len(self.topology.regions)))

    def __len__(self) -> int:
        """Series known, the sink included."""
        return len(self.service)

    def number(self, service: int, region: int) -> int | None:
        """A series' number, None when no Report named it or a descendant yet."""
        return self._number.get(service * _STRIDE + region)

    def grow(self, topology: Topology) -> None:
        """Take a larger topology; old indices stay.

        Raises:
            ValueError: when an old Service or Region moved.
        """
        old = self.topology
        same = topology.services[: len(old.services)] == old.services
        if not same or topology.regions[: len(old.regions)] != old.regions:
            raise ValueError("a topology can only grow at its ends")
        self.topology = topology
        self.members += [[] for _ in range(len(topology.services) - len(old.services))]
        missing = self._width - self._paths.shape[1]
        if missing > 0:
            self._paths = np.pad(self._paths, ((0, 0), (0, missing)))

    def add_up(self, services: Ints, regions: Ints, reports: Ints) -> npt.NDArray[np.float64]:
        """Reports by series, descendants included; opens series named for the first time."""
        keys = services * _STRIDE + regions
        at = np.searchsorted(self._keys, keys)
        known = at < len(self._keys)
        known[known] = self._keys[at[known]] == keys[known]
        if not known.all():
            self._open(np.unique(keys[~known]))
            at = np.searchsorted(self._keys, keys)
        rows = self._paths[at]
        weights = np.repeat(reports, rows.shape[1])
        counted = np.bincount(rows.ravel(), weights, minlength=len(self))
        total = counted.astype(np.float64)
        total[0] = 0.0
        return total

    def _open(self, keys: Ints) -> None:
        """Number the series on the paths of new pairs, the world's first."""
        paths = np.zeros((len(keys), self._paths.shape[1]), np.int64)
        added: list[tuple[int, int, int]] = []
        for row, key in enumerate(keys.tolist()):
            service, region = divmod(key, _STRIDE)
            path = self.topology.path(region)
            for column, node in reversed(list(enumerate(path))):
                node_key = service * _STRIDE + node
                if node_key not in self._number:
                    self._number[node_key] = len(self) + len(added)
                    added.append((service, node, len(path) - 1 - column))
                    self.members[service].append(self._number[node_key])
                paths[row, column] = self._number[node_key]
        if added:
            more = np.array(added, np.int64)
            self.service = np.concatenate((self.service, more[:, 0]))
            self.region = np.concatenate((self.region, more[:, 1]))
            self.depth = np.concatenate((self.depth, more[:, 2]))
        where = np.searchsorted(self._keys, keys)
        self._keys = np.insert(self._keys, where, keys)
        self._paths = np.insert(self._paths, where, paths, axis=0)

    def pairs(self) -> tuple[Ints, Ints]:
        """(Service, Region) pairs named by Reports so far, for a checkpoint."""
        return self._keys // _STRIDE, self._keys % _STRIDE

    def load(self, service: Ints, region: Ints, depth: Ints) -> None:
        """Take series from a checkpoint, the sink first."""
        self.service, self.region, self.depth = service, region, depth
        for number, (owner, node) in enumerate(zip(service.tolist(), region.tolist(), strict=True)):
            if number:
                self._number[owner * _STRIDE + node] = number
                self.members[owner].append(number)

    def load_pairs(self, services: Ints, regions: Ints) -> None:
        """Take the pairs named so far from a checkpoint; their series are there."""
        self._open(np.unique(services * _STRIDE + regions))
