"""Minutes in which Reports could not come in, and the catch-up that follows them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SILENCE: Final = 12.0
"""Expected Reports that did not come, from which silence is a gap: under a relative variance of
0.05 it comes by chance once in 12,000 runs, (1 + 0.05 M)^-20."""
CATCH_UP_MINUTES: Final = 15
"""Minutes after a gap in which a broad excess is taken for delayed Reports."""


@dataclass(slots=True)
class GapWatch:
    """Follows silence, of the platform and of each Service.

    Attributes:
        since: first minute of the platform's silence, None while Reports come.
        silence: Reports expected in it.
        guard: minutes of distrust left after a gap.
        service_silence: Reports expected in each Service's present silence.
        service_minutes: its length in minutes.
    """

    since: int | None = None
    silence: float = 0.0
    guard: int = 0
    service_silence: Floats = field(default_factory=lambda: np.zeros(0))
    service_minutes: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def grow(self, services: int) -> None:
        """Make room for more Services."""
        more = services - len(self.service_silence)
        if more > 0:
            self.service_silence = np.concatenate((self.service_silence, np.zeros(more)))
            self.service_minutes = np.concatenate((self.service_minutes, np.zeros(more, np.int64)))

    @property
    def silent(self) -> bool:
        """Whether the platform's silence is long enough to be a gap."""
        return self.silence >= SILENCE

    def missing(self, minute: int, counts: Floats, means: Floats, *, intake: bool | None) -> bool:
        """Whether this minute is left out for all Services.

        Args:
            minute: the minute.
            counts: worldwide Reports by Service.
            means: worldwide expected Reports by Service.
            intake: as given to the Engine.
        """
        if intake is False:
            self.guard = CATCH_UP_MINUTES
            return True
        if intake is None and not counts.any():
            self.since = minute if self.since is None else self.since
            self.silence += float(means.sum())
            return self.silent
        if self.silent:
            self.guard = CATCH_UP_MINUTES
        self.since, self.silence = None, 0.0
        return self._catching_up(counts, means)

    def _catching_up(self, counts: Floats, means: Floats) -> bool:
        """The first minute after a gap, and the next ones while the excess is broad."""
        if self.guard == 0:
            return False
        first = self.guard == CATCH_UP_MINUTES
        self.guard -= 1
        usual = float(means.sum())
        excess = counts - means
        total = float(excess.sum())
        broad = total > 0.7 * usual + 3.0 * usual**0.5 and float(excess.max()) < 0.6 * total
        if not first and not broad:
            self.guard = 0
        return first or broad

    def catch_up(self, counts: Floats, means: Floats) -> Bools:
        """Services whose Reports of this minute are those that a silence of their own held back."""
        quiet = counts == 0
        late = ~quiet & (self.service_silence >= SILENCE)
        late &= (counts > 2.0 * means + 3.0) & (counts <= 2.0 * self.service_silence + 10.0)
        return np.asarray(late)

    def follow(self, counts: Floats, means: Floats) -> None:
        """Take note of which Services were silent this minute."""
        quiet = counts == 0
        self.service_silence = np.where(quiet, self.service_silence + means, 0.0)
        self.service_minutes = np.where(quiet, self.service_minutes + 1, 0)
