"""A process that opens, confirms and ends outages by the real verbs, as fast as it can."""

import itertools
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from aggregator import outages  # noqa: E402 - Django must be ready first
from aggregator.detection import Move, Numbers, Reason, State  # noqa: E402
from reports.models import Service  # noqa: E402

SERVICES = 12
STEPS = (
    (None, State.POSSIBLE, Reason.SURGE),
    (State.POSSIBLE, State.CONFIRMED, Reason.SURGE),
    (State.CONFIRMED, State.OVER, Reason.QUIET),
)


def main() -> None:
    """Move every Service one step, then all of them the next, until ended from outside."""
    slugs = list(Service.objects.order_by("slug").values_list("slug", flat=True)[:SERVICES])
    for number, (step, slug) in enumerate(itertools.cycle(itertools.product(STEPS, slugs))):
        # Half of them are of one country, the others worldwide.
        outages.apply(move(slug, step, region="US" if number % 2 else ""))


def move(slug: str, step: tuple[State | None, State, Reason], *, region: str) -> Move:
    """One move of the detector, of this Minute."""
    from_state, to_state, reason = step
    minute = int(time.time() // 60)
    return Move(
        service=slug,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        minute=minute,
        started=minute - 5,
        regions=(region,),
        region=region,
        peak_count=100,
        expected_at_peak=1.0,
        cause=None,
        numbers=Numbers(region, 5, 100, 1.0, 0.0, 4.0, 20.0, 60, "test"),
    )


if __name__ == "__main__":
    main()
