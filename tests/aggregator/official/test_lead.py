"""The lead: against the first public acknowledgement, in both directions, silence counted too."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.official.lead import Crowd, Vendor, lead, pairs, record

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(days=30)


def crowd(number: int, at: datetime, *, retracted: bool = False) -> Crowd:
    """An Outage of an hour, noticed after 3 minutes and confirmed after 5."""
    return Crowd(number, at, at + 3 * MINUTE, at + 5 * MINUTE, at + 60 * MINUTE, retracted)


def test_the_crowd_may_be_first_and_may_be_late() -> None:
    one = crowd(1, NOON)
    assert lead(one, Vendor(1, NOON + 25 * MINUTE)) == 20 * MINUTE
    assert lead(one, Vendor(1, NOON - 5 * MINUTE)) == -10 * MINUTE


def test_a_backdated_word_counts_from_our_last_look_without_it() -> None:
    backdated = Vendor(1, NOON, not_before=NOON + 30 * MINUTE)
    assert backdated.is_backdated
    assert lead(crowd(1, NOON), backdated) == 25 * MINUTE
    cached = Vendor(1, NOON, not_before=NOON + 4 * MINUTE)
    assert not cached.is_backdated


def test_an_incident_goes_to_the_nearest_outage_and_the_first_one_counts() -> None:
    early, late = crowd(1, NOON), crowd(2, NOON + 240 * MINUTE)
    vendors = [
        Vendor(1, NOON + 30 * MINUTE),
        Vendor(2, NOON + 20 * MINUTE),
        Vendor(3, NOON + 230 * MINUTE),
        Vendor(4, NOON + timedelta(days=3)),
    ]
    told = pairs([early, late], vendors, LATER)
    assert {key: one.id for key, one in told.items()} == {1: 2, 2: 3}


def test_the_record_counts_who_was_first_who_was_silent_and_who_was_wrong() -> None:
    days = [NOON + timedelta(days=n) for n in range(6)]
    crowds = [
        crowd(0, days[0]),
        crowd(1, days[1]),
        crowd(2, days[2]),
        crowd(3, days[3]),
        crowd(4, days[4], retracted=True),
    ]
    vendors = [
        Vendor(0, days[0] + 15 * MINUTE),
        Vendor(1, days[1] + 35 * MINUTE),
        Vendor(2, days[2] - 5 * MINUTE),
        Vendor(22, days[2] + 50 * MINUTE),
        Vendor(5, days[5]),
    ]
    found = record(crowds, vendors, LATER)
    assert (found.n, found.crowd_first, found.vendor_first) == (3, 2, 1)
    assert found.quartiles == (0.0, 600.0, 1200.0)
    assert (found.slowest, found.fastest) == (-600.0, 1800.0)
    assert (found.crowd_only, found.vendor_only, found.retracted) == (1, 1, 1)


def test_a_fresh_outage_is_not_held_against_the_vendor_yet() -> None:
    one = crowd(1, NOON)
    assert record([one], [], NOON + 10 * MINUTE).crowd_only == 0
    assert record([one], [], NOON + 200 * MINUTE).crowd_only == 1


@given(
    st.lists(st.integers(0, 2000), max_size=8, unique=True),
    st.lists(st.integers(0, 2000), max_size=8, unique=True),
)
def test_every_incident_is_used_once_and_all_are_accounted_for(
    outages: list[int], incidents: list[int]
) -> None:
    crowds = [crowd(n, NOON + n * MINUTE) for n in outages]
    vendors = [Vendor(n, NOON + n * MINUTE) for n in incidents]
    told = pairs(crowds, vendors, LATER)
    assert len({one.id for one in told.values()}) == len(told)
    found = record(crowds, vendors, LATER)
    assert found.n + found.crowd_only == len(crowds)
    assert found.crowd_first + found.vendor_first == found.n
    assert found.vendor_only <= len(vendors) - found.n
