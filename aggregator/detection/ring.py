"""The last two hours: cumulative counts and expectations a minute, for every series."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MINUTES: Final = 128
"""Rows kept; the longest window is 120 minutes."""


class Ring:
    """Cumulative Reports and expected Reports; a window is the difference of two rows.

    A minute that is left out adds neither Reports nor expectation.
    """

    def __init__(self) -> None:
        """Start with room for the sink alone."""
        self.counts = np.zeros((MINUTES, 16), np.int32)
        self.means = np.zeros((MINUTES, 16), np.float32)
        self.size = 1
        self.minute = 0

    def resize(self, size: int) -> None:
        """Make room for more series; their past is empty."""
        room = self.counts.shape[1]
        if size > room:
            more = max(size, 2 * room) - room
            self.counts = np.pad(self.counts, ((0, 0), (0, more)))
            self.means = np.pad(self.means, ((0, 0), (0, more)))
        self.size = size

    def push(self, minute: int, counts: Floats, means: Floats) -> None:
        """Add one minute: Reports and expected Reports by series."""
        old, new = (minute - 1) % MINUTES, minute % MINUTES
        size = self.size
        np.add(self.counts[old, :size], counts, out=self.counts[new, :size], casting="unsafe")
        np.add(self.means[old, :size], means, out=self.means[new, :size], casting="unsafe")
        self.minute = minute

    def observed(self, window: int, at: Ints | slice = slice(None)) -> Floats:
        """Reports in the last `window` minutes by series."""
        size, now = self.size, self.minute
        rows = (
            self.counts[now % MINUTES, :size][at] - self.counts[(now - window) % MINUTES, :size][at]
        )
        return rows.astype(np.float64)

    def expected(self, window: int, at: Ints | slice = slice(None)) -> Floats:
        """Reports expected in the last `window` minutes by series."""
        size, now = self.size, self.minute
        rows = (
            self.means[now % MINUTES, :size][at] - self.means[(now - window) % MINUTES, :size][at]
        )
        return rows.astype(np.float64)

    def span(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Observed and expected of the minutes from `first` to `last` minutes ago, by series.

        The minute `first` ago is left out, the minute `last` ago is in: span(w, 0) is a window.
        """
        old, new = (self.minute - first) % MINUTES, (self.minute - last) % MINUTES
        size = self.size
        observed = self.counts[new, :size] - self.counts[old, :size]
        expected = self.means[new, :size] - self.means[old, :size]
        return observed.astype(np.float64), expected.astype(np.float64)

    def windows(self, windows: Ints, at: Ints) -> tuple[Floats, Floats]:
        """Observed and expected for several windows: two arrays (windows, series)."""
        now = self.minute
        rows = ((now - windows) % MINUTES)[:, None]
        observed = self.counts[now % MINUTES, at] - self.counts[rows, at]
        expected = self.means[now % MINUTES, at] - self.means[rows, at]
        return observed.astype(np.float64), expected.astype(np.float64)

    def each(self, last: int) -> Floats:
        """Reports of each of the last minutes, oldest first: (last, series)."""
        rows = (self.minute - last + np.arange(last + 1)) % MINUTES
        return np.diff(self.counts[rows, : self.size], axis=0).astype(np.float64)

    def leave_out(self, first: int, last: int, at: Ints | slice = slice(None)) -> None:
        """Take the minutes first..last (both included, still in the ring) out of both sums."""
        size = self.size
        for table in (self.counts, self.means):
            before = table[(first - 1) % MINUTES, :size][at].copy()
            gone = table[last % MINUTES, :size][at] - before
            for minute in range(first, self.minute + 1):
                row = table[minute % MINUTES, :size]
                row[at] = before if minute <= last else row[at] - gone

    def assume(self, first: int, means: Floats) -> None:
        """Give the series from number `first` on a past without Reports at these rates."""
        back = (np.arange(MINUTES) - self.minute - 1) % MINUTES - (MINUTES - 1)
        self.means[:, first : self.size] = back[:, None] * means[first : self.size]

    def rescale(self, at: Ints, ratio: Floats) -> None:
        """Multiply what was expected of some series, as if a new usual had held all along."""
        self.means[:, at] *= ratio.astype(np.float32)

    def rebase(self) -> None:
        """Keep the sums small, so that single precision stays exact enough (1e-6 relative)."""
        oldest = (self.minute + 1) % MINUTES
        self.counts -= self.counts[oldest].copy()
        self.means -= self.means[oldest].copy()

    def each_row_counts(self) -> npt.NDArray[np.int32]:
        """The cumulative counts as differences down the rows, which compress well."""
        return np.diff(self.counts[:, : self.size], axis=0, prepend=0).astype(np.int32)

    def each_row_means(self) -> npt.NDArray[np.int32]:
        """The cumulative means, bit by bit, in a form that compresses well.

        The bits of floats of one binade are evenly spaced numbers, so those of a sum that grows
        steadily have second differences near 0. Whole numbers wrap around: nothing is lost.
        """
        bits = np.ascontiguousarray(self.means[:, : self.size]).view(np.int32)
        return np.diff(bits, n=2, axis=0, prepend=np.zeros((2, self.size), np.int32))

    def load(
        self, minute: int, counts: npt.NDArray[np.generic], means: npt.NDArray[np.generic]
    ) -> None:
        """Take the rows of a checkpoint, as `each_row_counts` and `each_row_means` give them."""
        self.counts = np.cumsum(counts, axis=0, dtype=np.int32)
        bits = np.cumsum(np.cumsum(means, axis=0, dtype=np.int32), axis=0, dtype=np.int32)
        self.means = bits.view(np.float32)
        self.size = counts.shape[1]
        self.minute = minute
