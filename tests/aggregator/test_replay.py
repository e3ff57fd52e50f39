"""Replaying exported counts: the format, its errors, and the same outages every time."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from aggregator.detection import Engine, Move
from aggregator.replay import Record, Tuning, gather, replay, steps
from aggregator.replay_files import (
    BadRowError,
    Places,
    instant,
    read_dependencies,
    read_minutes,
    read_sensitivities,
)

HEADER = "minute,service,region,count"
DAYS = 3
OUTAGE = DAYS * 1440 + 600


def lines(days: int = DAYS + 1) -> Iterator[str]:
    """A small platform with one outage on its last day."""
    random = np.random.default_rng(5)
    yield HEADER
    for minute in range(days * 1440):
        stamp = instant(29_448_000 + minute)
        for service in ("claude", "aws"):
            for region in ("", "US", "US-CA", "DE"):
                count = int(random.poisson(0.3))
                if service == "claude" and region == "DE" and OUTAGE <= minute < OUTAGE + 40:
                    count += 20
                if count:
                    yield f"{stamp},{service},{region},{count}"


@pytest.fixture(scope="module")
def counts() -> list[str]:
    return list(lines())


@pytest.fixture(scope="module")
def records(counts: list[str]) -> list[Record]:
    return replay(counts, Places({"DE": "Europe/Berlin"}))


def test_replay_finds_the_outage(records: list[Record]) -> None:
    assert [record.service for record in records] == ["claude"]
    record = records[0]
    assert (record.region, record.regions) == ("DE", ("DE",))
    start = 29_448_000 + OUTAGE
    assert record.started_at <= record.detected_at <= instant(start + 3)
    assert record.confirmed_at is not None
    assert record.ended_at is not None
    assert instant(start + 40) <= record.ended_at <= instant(start + 70)
    assert record.peak_count >= 15 * 20
    assert record.expected_at_peak < 30


def test_replay_gives_the_same_bytes_twice(counts: list[str], records: list[Record]) -> None:
    again = replay(counts, Places({"DE": "Europe/Berlin"}))
    assert [one.as_line() for one in again] == [one.as_line() for one in records]


def test_outages_detected_before_since_are_left_out(counts: list[str]) -> None:
    places = Places({"DE": "Europe/Berlin"})
    assert replay(counts, places, since=instant(29_448_000 + OUTAGE + 60)) == []


def test_replay_is_the_live_engine_fed_with_the_same_reports(
    counts: list[str], records: list[Record]
) -> None:
    places = Places({"DE": "Europe/Berlin"})
    minutes = dict(read_minutes(counts, places))
    engine = Engine(places.topology())
    nothing = minutes[min(minutes)].__class__(*(np.zeros(0, np.int64) for _ in range(3)))
    moves: list[Move] = []
    for minute in range(min(minutes), max(minutes) + 1):
        moves += engine.advance(minute, minutes.get(minute, nothing)).moves
        if minute % 1000 == 0:
            engine = Engine.restore(engine.checkpoint(), engine.topology)
    assert gather(moves) == records


def test_missing_minutes_count_as_none() -> None:
    rows = [HEADER, "2026-03-18T00:00:00Z,a,,1", "2026-03-18T00:05:00Z,a,,1"]
    assert len(list(steps(rows, Places({})))) == 6


def test_outage_running_at_the_end_ends_when_no_rows_follow(counts: list[str]) -> None:
    until = instant(29_448_000 + OUTAGE + 20)
    cut = [line for line in counts if line == HEADER or line < until]
    record = replay(cut, Places({"DE": "Europe/Berlin"}))[0]
    assert record.peak_count >= 15 * 20


def test_late_services_and_regions_grow_the_topology() -> None:
    rows = [HEADER, "2026-03-18T00:00:00Z,a,,1", "2026-03-18T00:01:00Z,b,US-CA,2"]
    places = Places({}, (("b", "a"),))
    assert [step.minute for step in steps(rows, places)] == [29563200, 29563201]
    assert places.topology().regions == ("", "US", "US-CA")
    assert places.topology().dependencies == ((1, 0),)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-03-18T00:00:00Z,a,US", "line 2: 4 fields are wanted, not 3"),
        ("2026-03-18T00:00:30Z,a,US,1", "line 2: minute: .* whole minute"),
        ("2026-03-18T00:00:00,a,US,1", "line 2: minute: .* UTC"),
        ("2026-03-18T00:00:00+02:00,a,US,1", "line 2: minute: .* UTC"),
        ("noon,a,US,1", "line 2: minute:"),
        ("2026-03-18T00:00:00Z,,US,1", "line 2: service:"),
        ("2026-03-18T00:00:00Z,a,US,0", "line 2: count:"),
        ("2026-03-18T00:00:00Z,a,US,many", "line 2: count:"),
    ],
)
def test_bad_row_is_named(row: str, problem: str) -> None:
    with pytest.raises(BadRowError, match=problem):
        replay([HEADER, row], Places({}))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-03-18T00:00:00Z,a,US,-1", "line 2: count: .* not '-1'"),
        ("2026-03-18T00:00:00Z,a,US,1_000", "line 2: count:"),
        (f"2026-03-18T00:00:00Z,a,US,{10**30}", "line 2: count: an integer from 1 to"),
        (f"2026-03-18T00:00:00Z,{'a' * 200},US,1", "line 2: service: .*aaa[.]{3}$"),
        (f"2026-03-18T00:00:00Z,a,{'U' * 200},1", "line 2: region:"),
        ('2026-03-18T00:00:00Z,"a,US,1', "line 2: this is no CSV"),
        ("9999-99-99T00:00:00Z,a,US,1", "line 2: minute: .* is no time like"),
    ],
)
def test_absurd_row_is_named_and_never_quoted_at_length(row: str, problem: str) -> None:
    with pytest.raises(BadRowError, match=problem) as told:
        replay([HEADER, row], Places({}))
    assert len(str(told.value)) < 300


def test_a_date_far_from_the_one_before_is_taken_for_a_slip() -> None:
    rows = [HEADER, "2026-03-18T00:00:00Z,a,,1", "2062-03-18T00:00:00Z,a,,1"]
    with pytest.raises(BadRowError, match=r"line 3: minute: .* 13149 days after"):
        replay(rows, Places({}))


def test_a_file_without_a_line_is_told_what_it_should_begin_with() -> None:
    with pytest.raises(BadRowError, match=r"line 1: the file is empty; .* minute,service"):
        replay([], Places({}))


def test_sensitivities_hold_from_their_minute_on(counts: list[str], records: list[Record]) -> None:
    before, after = instant(29_448_000), instant(29_448_000 + OUTAGE + 60)
    heads = [
        f"from,service,sensitivity\n{since},claude,low".splitlines() for since in (before, after)
    ]
    places = [Places({"DE": "Europe/Berlin"}) for _ in heads]
    early, late = (
        replay(counts, place, tuning=Tuning(course=read_sensitivities(head)))
        for place, head in zip(places, heads, strict=True)
    )
    assert late == records
    assert early[0].detected_at >= records[0].detected_at
    assert early != records


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",claude,loud", "line 2: sensitivity: 'loud' is none of low, normal, high"),
        (",,", "line 2: sensitivity:"),
        ("noon,claude,low", "line 2: minute:"),
    ],
)
def test_bad_row_of_sensitivities_is_named(row: str, problem: str) -> None:
    with pytest.raises(BadRowError, match=problem):
        read_sensitivities(["from,service,sensitivity", row])


def test_unsorted_minutes_are_refused() -> None:
    rows = [HEADER, "2026-03-18T00:01:00Z,a,,1", "2026-03-18T00:00:00Z,a,,1"]
    with pytest.raises(BadRowError, match="line 3: minutes are not in order"):
        replay(rows, Places({}))


def test_wrong_header_is_refused() -> None:
    with pytest.raises(BadRowError, match="line 1: the header"):
        replay(["when,what,where,many"], Places({}))


def test_service_depending_on_itself_is_refused() -> None:
    with pytest.raises(BadRowError, match="line 2"):
        read_dependencies(["service,depends_on", "a,a"])


def test_empty_file_has_no_outages() -> None:
    assert replay([HEADER], Places({})) == []


def test_command_reads_plain_and_gzipped_files(tmp_path: Path, counts: list[str]) -> None:
    text = "".join(f"{line}\n" for line in counts)
    plain, zipped = tmp_path / "counts.csv", tmp_path / "counts.csv.gz"
    plain.write_text(text)
    zipped.write_bytes(gzip.compress(text.encode()))
    for source in (plain, zipped):
        call_command("replay", counts=source, out=tmp_path / f"{source.name}.ndjson")
    one = (tmp_path / "counts.csv.ndjson").read_bytes()
    assert one == (tmp_path / "counts.csv.gz.ndjson").read_bytes()
    assert [json.loads(line)["service"] for line in one.splitlines()] == ["claude"]


def test_command_names_file_and_line_of_a_bad_row(tmp_path: Path) -> None:
    source, pairs = tmp_path / "counts.csv", tmp_path / "pairs.csv"
    source.write_text(f"{HEADER}\n2026-03-18T00:00:00Z,a,,x\n")
    pairs.write_text("service,depends_on\na,\n")
    out = tmp_path / "out.ndjson"
    with pytest.raises(CommandError, match=r"counts\.csv, line 2: count"):
        call_command("replay", counts=source, out=out)
    with pytest.raises(CommandError, match=r"pairs\.csv, line 2"):
        call_command("replay", counts=source, dependencies=pairs, out=out)
    with pytest.raises(CommandError, match="no-such"):
        call_command("replay", counts=source, out=tmp_path / "no-such" / "out")
    with pytest.raises(CommandError, match="no-such"):
        call_command("replay", counts=tmp_path / "no-such.csv", out=out)
    assert not out.exists()


def written(folder: Path, content: bytes) -> Path:
    """A file of counts."""
    path = folder / "counts.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1: the file is empty"),
        (b"x" * 50_000, "line 1: longer than 10,000 characters"),
        (f"{HEADER}\n".encode() + b"\xff\xfe", "is not UTF-8 text"),
        (gzip.compress(f"{HEADER}{99 * chr(10)}".encode())[:-9], "is damaged"),
        (gzip.compress(f"{HEADER}\n".encode())[:12] + b"\x00" * 30, "is damaged"),
    ],
    ids=["empty", "one long line", "no text", "cut", "garbled"],
)
def test_command_says_what_a_file_is_not(tmp_path: Path, content: bytes, problem: str) -> None:
    out = tmp_path / "out.ndjson"
    with pytest.raises(CommandError, match=problem):
        call_command("replay", counts=written(tmp_path, content), out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["counts.csv"]


def test_command_overwrites_no_counts(tmp_path: Path) -> None:
    source = written(tmp_path, f"{HEADER}\n".encode())
    with pytest.raises(CommandError, match="would overwrite"):
        call_command("replay", counts=source, out=source)
    assert source.read_text() == f"{HEADER}\n"


def test_command_warns_of_names_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, f"{HEADER}\n2026-03-18T00:00:00Z,a,XX,1\n".encode())
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("service,depends_on\na,b\n")
    call_command("replay", counts=source, dependencies=pairs, out=tmp_path / "out")
    told = capsys.readouterr().err
    assert "Unknown regions, taken to keep UTC: XX." in told
    assert "Named by --dependencies and by no row: b." in told


def test_command_refuses_a_from_that_is_no_minute(tmp_path: Path) -> None:
    source = written(tmp_path, f"{HEADER}\n".encode())
    with pytest.raises(CommandError, match="--from: 'noon' is no time like"):
        call_command("replay", f"--counts={source}", "--from=noon", f"--out={tmp_path / 'out'}")
