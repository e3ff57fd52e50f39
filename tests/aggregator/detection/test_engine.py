"""The Engine as its users see it: counts in, Moves out."""

import numpy as np
import pytest

from aggregator.detection import (
    Context,
    Engine,
    Move,
    NoEvidence,
    Official,
    Reason,
    State,
    Topology,
)
from tests.aggregator.detection.crowd import (
    DAY,
    NOTHING,
    START,
    TREE,
    Crowd,
    Networks,
    copy,
    counts,
    quiet_days,
    run,
)


@pytest.fixture(scope="module")
def learnt() -> Engine:
    """Three quiet days at about two Reports a minute and service."""
    return quiet_days(Crowd(0.7), 3)


@pytest.fixture
def engine(learnt: Engine) -> Engine:
    """A copy of the learnt Engine, to spoil."""
    return copy(learnt)


def states(moves: list[Move], service: str) -> list[State]:
    return [m.to_state for m in moves if m.service == service and m.from_state is not m.to_state]


def test_quiet_crowd_raises_nothing(engine: Engine) -> None:
    assert run(engine, Crowd(0.7, seed=8), DAY) == []


def test_sudden_crowd_opens_confirms_and_closes_one_outage(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 120, lambda t: {(0, 1): 20, (0, 3): 20} if t < 40 else {})
    assert states(moves, "web") == [State.POSSIBLE, State.CONFIRMED, State.OVER]
    assert {m.service for m in moves} == {"web"}
    first, last = moves[0], moves[-1]
    assert first.minute <= START + 3 * DAY + 1
    assert first.started <= first.minute
    assert START + 3 * DAY + 40 <= last.minute <= START + 3 * DAY + 60
    assert last.peak_count >= 15 * 40
    assert last.reason is Reason.QUIET


def test_seed_story_is_raised_within_a_minute_of_crossing(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 3, lambda _: {(0, 1): 200, (0, 2): 80, (0, 3): 60})
    assert moves[0].minute == START + 3 * DAY
    assert moves[0].to_state is State.POSSIBLE


def test_move_tells_the_numbers_that_made_it(engine: Engine) -> None:
    move = run(engine, Crowd(0.7), 10, lambda _: {(0, 1): 15})[0]
    numbers = move.numbers
    assert numbers.observed > numbers.high > numbers.expected > numbers.low >= 0
    assert numbers.z >= engine.parameters.thresholds.possible_z
    assert numbers.parameters == engine.parameters.version
    assert numbers.networks is None


def test_regional_crowd_has_a_regional_scope(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 20, lambda _: {(0, 2): 15})
    assert moves[-1].region == "US-CA"
    assert moves[-1].regions == ("US-CA",)


def test_spreading_crowd_widens_the_same_outage(engine: Engine) -> None:
    moves = run(
        engine,
        Crowd(0.7),
        90,
        lambda t: {(0, 2): 20} | ({(0, 1): 20, (0, 3): 20} if t > 30 else {}),
    )
    assert moves[0].region == "US-CA"
    assert any(m.reason is Reason.SCOPE for m in moves)
    assert moves[-1].region == ""
    assert states(moves, "web").count(State.POSSIBLE) == 1


def test_crowd_back_within_three_hours_is_the_same_outage(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 240, lambda t: {(0, 3): 40} if t < 30 or 120 < t < 150 else {})
    opened = [m for m in moves if m.to_state is State.POSSIBLE and m.from_state is not m.to_state]
    assert [m.from_state for m in opened] == [None, State.OVER]
    assert opened[1].started == opened[0].started


def test_next_bout_elsewhere_is_heard_over_the_one_that_ended(engine: Engine) -> None:
    bouts = {0: (0, 3), 70: (0, 1)}
    moves = run(
        engine,
        Crowd(0.7),
        140,
        lambda t: {place: 40 for since, place in bouts.items() if since <= t < since + 30},
    )
    opened = [m.minute for m in moves if m.from_state is State.OVER]
    assert len(opened) == 1
    assert START + 3 * DAY + 70 <= opened[0] <= START + 3 * DAY + 74


def test_echo_of_an_outage_raises_nothing(engine: Engine) -> None:
    moves = run(
        engine,
        Crowd(0.7),
        300,
        lambda t: {(0, 3): 100} if t < 30 else {(0, 3): 12} if 130 < t < 180 else {},
    )
    assert states(moves, "web") == [State.POSSIBLE, State.CONFIRMED, State.OVER]


def test_few_reports_of_one_network_open_nothing(engine: Engine) -> None:
    for minute in range(30):
        step = engine.advance(START + 3 * DAY + minute, counts({(0, 3): 10}), evidence=Networks(1))
        assert not step.moves


@pytest.mark.parametrize("networks", [1, 3])
def test_flood_from_few_networks_opens_nothing_however_loud(engine: Engine, networks: int) -> None:
    for minute in range(30):
        at = START + 3 * DAY + minute
        step = engine.advance(at, counts({(0, 3): 500}), evidence=Networks(networks))
        assert not step.moves


def test_many_networks_do_not_delay(engine: Engine) -> None:
    other = copy(engine)
    for minute in range(5):
        at = START + 3 * DAY + minute
        known = engine.advance(at, counts({(0, 3): 20}), evidence=Networks(40)).moves
        unknown = other.advance(at, counts({(0, 3): 20})).moves
        assert [m.to_state for m in known] == [m.to_state for m in unknown]


class Told(NoEvidence):
    """Evidence with one context for everyone."""

    def __init__(self, context: Context) -> None:
        """The context for every Service."""
        self.told = context

    def context(self, service: str) -> Context:  # noqa: ARG002 (the protocol's)
        """That context."""
        return self.told


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (Context(hold=True), []),
        (Context(maintenance=True), [State.POSSIBLE]),
        (Context(), [State.POSSIBLE, State.CONFIRMED]),
    ],
)
def test_context_caps_an_outage(engine: Engine, context: Context, expected: list[State]) -> None:
    moves: list[Move] = []
    for minute in range(15):
        at = START + 3 * DAY + minute
        moves += engine.advance(at, counts({(0, 3): 30}), evidence=Told(context)).moves
    assert states(moves, "web") == expected


def test_official_incident_lowers_the_bar(engine: Engine) -> None:
    def first(told: Context) -> int | None:
        fresh, crowd = copy(engine), Crowd(0.7, seed=3)
        for minute in range(40):
            at = START + 3 * DAY + minute
            moves = fresh.advance(at, crowd.minute({(0, 3): 5}), evidence=Told(told)).moves
            if moves:
                return minute
        return None

    with_incident, without = first(Context(official=Official.INCIDENT)), first(Context())
    assert with_incident is not None
    assert without is None or with_incident < without


def test_child_explained_by_its_dependency_is_never_confirmed(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 90, lambda t: {(0, 3): 200, (1, 3): 14} if t < 60 else {})
    child = [m for m in moves if m.service == "api"]
    assert child
    assert State.CONFIRMED not in {m.to_state for m in child}
    assert child[-1].cause == "web"


class DeclaredSurge(NoEvidence):
    """An operator holds `web`, so that its crowd is no Outage."""

    def context(self, service: str) -> Context:
        """Held, if it is web."""
        return Context(hold=service == "web")


def test_child_is_not_confirmed_when_its_dependencys_crowd_goes_first(engine: Engine) -> None:
    moves: list[Move] = []
    crowd = Crowd(0.7)
    for minute in range(60):
        extra = {(0, 3): 200 if minute < 40 else 0, (1, 3): 14}
        at = START + 3 * DAY + minute
        moves += engine.advance(at, crowd.minute(extra), evidence=DeclaredSurge()).moves
    assert states(moves, "api") == [State.POSSIBLE]
    # Its dependency has no Outage, but stands out.
    assert [move.cause for move in moves] == ["web"]


def test_an_outage_that_is_long_over_explains_nothing(engine: Engine) -> None:
    moves: list[Move] = []
    crowd = Crowd(0.7)
    for minute in range(500):
        if minute < 60:
            extra, evidence = {(0, 3): 200}, NoEvidence()
        elif minute < 460:
            extra, evidence = {}, NoEvidence()
        else:
            extra, evidence = {(0, 3): 30, (1, 3): 20}, DeclaredSurge()
        at = START + 3 * DAY + minute
        moves += engine.advance(at, crowd.minute(extra), evidence=evidence).moves
    assert states(moves, "api") == [State.POSSIBLE, State.CONFIRMED]
    assert {move.cause for move in moves if move.service == "api"} == {"web"}


def test_child_with_a_large_crowd_of_its_own_is_confirmed(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 30, lambda _: {(0, 3): 100, (1, 3): 60})
    assert State.CONFIRMED in states(moves, "api")


def test_gap_with_catch_up_raises_nothing(learnt: Engine) -> None:
    engine, crowd = copy(learnt), Crowd(0.7)
    at = START + 3 * DAY
    lost: dict[tuple[int, int], int] = {}
    missing = 0
    for minute in range(25):
        missing += engine.advance(at + minute, NOTHING).missing
        for service in range(3):
            for region in (1, 2, 3):
                pair = (service, region)
                lost[pair] = lost.get(pair, 0) + int(crowd.random.poisson(0.7))
    step = engine.advance(at + 25, crowd.minute(lost))
    assert step.missing
    assert missing >= 20
    assert run(engine, crowd, 240) == []


def test_minutes_without_intake_count_for_nothing(learnt: Engine) -> None:
    engine, crowd = copy(learnt), Crowd(0.7)
    before = engine.expected("web", "", np.arange(START, START + DAY))[0]
    at = START + 3 * DAY
    for minute in range(DAY):
        assert engine.advance(at + minute, NOTHING, intake=False).missing
    after = engine.expected("web", "", np.arange(START, START + DAY))[0]
    assert after == pytest.approx(before, rel=1e-3)
    assert run(engine, crowd, 240) == []


def test_daily_burst_at_the_same_minute_stops_alarming(learnt: Engine) -> None:
    engine, crowd = copy(learnt), Crowd(0.7)

    def cron(t: int) -> dict[tuple[int, int], int]:
        return {(2, 3): 40} if t % DAY == 547 else {}

    run(engine, crowd, 2 * DAY, cron)
    assert run(engine, crowd, 3 * DAY, cron) == []


def test_outage_at_yesterdays_hour_is_found_again(learnt: Engine) -> None:
    def daily(t: int) -> dict[tuple[int, int], int]:
        return {(2, 3): 12} if 500 <= t % DAY < 650 else {}

    moves = run(copy(learnt), Crowd(0.7), 2 * DAY, daily)
    opened = [m for m in moves if m.from_state is None]
    assert [(m.minute - START - 3 * DAY) // DAY for m in opened] == [0, 1]


def test_tripled_service_is_out_of_outage_within_six_hours(learnt: Engine) -> None:
    engine, crowd = copy(learnt), Crowd(0.7)

    def tripled(_: int) -> dict[tuple[int, int], int]:
        return {(0, region): int(crowd.random.poisson(1.4)) for region in (1, 2, 3)}

    moves = run(engine, crowd, 360, tripled)
    assert not moves or moves[-1].to_state is State.OVER
    assert run(engine, crowd, 600, tripled) == []


def test_long_strong_outage_stays_open(learnt: Engine) -> None:
    moves = run(copy(learnt), Crowd(0.7), 540, lambda _: {(0, 1): 15, (0, 3): 15})
    assert states(moves, "web") == [State.POSSIBLE, State.CONFIRMED]


@pytest.mark.parametrize("evidence", [Networks(60), NoEvidence()])
@pytest.mark.parametrize("quiet", [0, 10, 600])
def test_unmistakable_crowd_opens_on_an_empty_installation(
    quiet: int, evidence: NoEvidence
) -> None:
    engine = Engine(TREE)
    for minute in range(quiet):
        engine.advance(START + minute, NOTHING, intake=True)
    moves: list[Move] = []
    for minute in range(4):
        reports = counts({(0, 1): 50, (0, 2): 25, (0, 3): 25})
        at = START + quiet + minute
        moves += engine.advance(at, reports, intake=True, evidence=evidence).moves
    assert states(moves, "web") == [State.POSSIBLE, State.CONFIRMED]
    assert moves[0].minute - START - quiet <= 1
    assert moves[0].reason is Reason.CROWD


@pytest.mark.parametrize("networks", [1, 3, 20])
def test_few_networks_open_nothing_on_an_empty_installation(networks: int) -> None:
    engine = Engine(TREE)
    for minute in range(10):
        reports = counts({(0, 1): 250, (0, 3): 250})
        step = engine.advance(START + minute, reports, evidence=Networks(networks))
        assert not step.moves


def test_steady_launch_opens_nothing(learnt: Engine) -> None:
    engine = copy(learnt)
    engine.grow(Topology((*TREE.services, "new"), TREE.regions, TREE.parents, TREE.zones))
    crowd = Crowd(2.0, services=(0, 1, 2, 3))
    crowd.rate = 0.7
    moves = run(engine, crowd, DAY, lambda _: {(3, 3): int(crowd.random.poisson(3.0))})
    assert [m for m in moves if m.service == "new"] == []


def test_first_day_outage_is_over_once_quiet() -> None:
    engine = Engine(TREE)
    for minute in range(3):
        engine.advance(START + minute, counts({(0, 1): 50, (0, 3): 50}), intake=True)
    assert [move.to_state for move in engine.standing()] == [State.CONFIRMED]
    moves: list[Move] = []
    for minute in range(3, 180):
        moves += engine.advance(START + minute, NOTHING, intake=True).moves
    assert [move.to_state for move in moves] == [State.OVER]


def test_standing_outage_tells_its_peak_so_far(engine: Engine) -> None:
    moves = run(engine, Crowd(0.7), 15, lambda _: {(0, 3): 40})
    standing = engine.standing()[0]
    assert (standing.from_state, standing.to_state) == (State.CONFIRMED, State.CONFIRMED)
    assert standing.peak_count >= 15 * 40 > moves[-1].peak_count


def test_closing_from_outside_ends_the_outage(engine: Engine) -> None:
    run(engine, Crowd(0.7), 5, lambda _: {(0, 3): 40})
    assert engine.minute is not None
    move = engine.close("web", engine.minute)
    assert move is not None
    assert (move.to_state, move.reason) == (State.OVER, Reason.CLOSED)
    assert engine.close("web", engine.minute) is None


def test_confirming_from_outside_needs_a_possible_outage(engine: Engine) -> None:
    assert engine.confirm("web", START) is None
    run(engine, Crowd(0.7), 1, lambda _: {(0, 3): 20})
    assert engine.minute is not None
    move = engine.confirm("web", engine.minute)
    assert move is not None
    assert (move.from_state, move.to_state) == (State.POSSIBLE, State.CONFIRMED)


def test_survey_reads_observed_beside_usual(engine: Engine) -> None:
    run(engine, Crowd(0.7), 60)
    shown = engine.survey()
    assert not shown.learning[0]
    assert shown.low[0] <= shown.observed[0] <= shown.high[0]
    assert shown.expected[0] == pytest.approx(15 * 2.1, rel=0.25)
    places = {TREE.regions[region] for region in shown.place_regions}
    assert places == {"US", "US-CA", "DE"}


def test_expected_is_the_usual_rate_with_a_band(engine: Engine) -> None:
    mean, low, high = engine.expected("web", "DE", np.arange(START, START + DAY))
    assert mean.shape == (DAY,)
    assert mean.mean() == pytest.approx(0.7, rel=0.3)
    assert bool(((low <= mean) & (mean <= high)).all())


def test_expected_of_a_series_without_reports_is_zero(engine: Engine) -> None:
    grown = Topology(("web", "api", "mail", "new"), TREE.regions, TREE.parents, TREE.zones)
    engine.grow(grown)
    mean, low, high = engine.expected("new", "", np.arange(START, START + 3))
    assert mean.tolist() == low.tolist() == high.tolist() == [0.0, 0.0, 0.0]


def test_skipped_minute_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        engine.advance(START + 3 * DAY + 1, NOTHING)


def test_shrinking_topology_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="grow"):
        engine.grow(Topology(("api", "web", "mail"), TREE.regions, TREE.parents, TREE.zones))


def test_same_counts_give_the_same_moves(learnt: Engine) -> None:
    def once() -> list[Move]:
        return run(copy(learnt), Crowd(0.7), 120, lambda t: {(0, 3): 30} if t < 40 else {})

    assert once() == once()
