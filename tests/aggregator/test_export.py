"""Exported counts come in order, masked, in three formats."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet

from aggregator import counting, export
from aggregator.models import MinuteCount
from tests import factories

pytestmark = pytest.mark.usefixtures("committed")
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
NOON = MIDNIGHT + timedelta(hours=12)
FROM, TO = f"--from={MIDNIGHT:%Y-%m-%d}", f"--to={MIDNIGHT + timedelta(days=1):%Y-%m-%d}"


@pytest.fixture(autouse=True)
def _some_counts(committed: None) -> None:
    """Six Reports from California about the API in one quarter, two without a place."""
    for number in range(6):
        at = NOON + timedelta(minutes=number // 5)
        factories.make_report(at=at, region="US-CA", problem_type="api")
    factories.make_report(at=NOON + timedelta(minutes=1))
    factories.make_report(at=NOON + timedelta(minutes=1), problem_type="chat")
    counting.count(datetime.now(UTC))


def exported(capfdbinary: pytest.CaptureFixture[bytes], *options: str) -> list[str]:
    call_command("export", FROM, TO, *options)
    return capfdbinary.readouterr().out.decode().splitlines()


def at(minute: int) -> str:
    return f"{NOON + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"


def test_csv_masks_small_counts_of_a_region(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert exported(capfdbinary) == [
        "minute,service,region,problem_type,count,fewer_than",
        f"{at(0)},claude,US-CA,api,5,",
        f"{at(1)},claude,,chat,1,",
        f"{at(1)},claude,,,1,",
        f"{at(1)},claude,US-CA,api,,5",
    ]


def test_exact_tells_small_counts(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert f"{at(1)},claude,US-CA,api,1," in exported(capfdbinary, "--exact")


def test_longer_steps_come_from_the_roll_ups(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for step in ("15m", "1h"):
        assert f"{at(0)},claude,US-CA,api,6," in exported(capfdbinary, "--step", step)


def test_ndjson_has_one_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = [json.loads(line) for line in exported(capfdbinary, "--format=ndjson")]
    assert lines[0] == {
        "minute": at(0),
        "service": "claude",
        "region": "US-CA",
        "problem_type": "api",
        "count": 5,
        "fewer_than": None,
    }
    assert [line["count"] for line in lines] == [5, 1, 1, None]


def test_parquet_has_typed_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PARQUET_GROUP_ROWS", 3)
    file = tmp_path / "counts.parquet"
    call_command("export", FROM, TO, "--format=parquet", f"--out={file}")
    table = parquet.read_table(file)
    assert table.column("minute").to_pylist()[0] == NOON
    assert table.column("count").to_pylist() == [5, 1, 1, None]
    assert table.column("fewer_than").to_pylist() == [None, None, None, 5]
    assert [path.name for path in tmp_path.iterdir()] == ["counts.parquet"]


def test_replay_rows_are_exact_and_of_all_problem_types(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert exported(capfdbinary, "--replay") == [
        "minute,service,region,count",
        f"{at(0)},claude,US-CA,5",
        f"{at(1)},claude,,2",
        f"{at(1)},claude,US-CA,1",
    ]


def test_span_is_half_open(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("export", f"--from={at(0)}", f"--to={at(1)}", "--replay")
    assert capfdbinary.readouterr().out.decode().splitlines()[1:] == [f"{at(0)},claude,US-CA,5"]


def test_no_counts_give_a_header_only(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    MinuteCount.objects.all().delete()
    assert exported(capfdbinary, "--replay") == ["minute,service,region,count"]


def test_days_follow_each_other(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    factories.make_report(at=MIDNIGHT - timedelta(minutes=1))
    counting.count(datetime.now(UTC))
    call_command("export", f"--from={MIDNIGHT - timedelta(hours=1):%Y-%m-%dT%H:%MZ}", TO)
    text = io.StringIO(capfdbinary.readouterr().out.decode())
    minutes = [row["minute"] for row in csv.DictReader(text)]
    assert len(minutes) == 5
    assert minutes == sorted(minutes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from=2026-03-02", "--to=2026-03-02"], "--from is not before --to"),
        ([FROM, TO, "--replay", "--format=ndjson"], "--replay is minutes in CSV"),
        ([FROM, TO, "--replay", "--exact"], "not allowed with"),
        (["--from=yesterday", TO], "no day or time"),
    ],
)
def test_contradicting_options_are_refused(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("export", *options)


def test_failed_export_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(export, "_text", fail)
    with pytest.raises(OSError, match="full"):
        call_command("export", FROM, TO, f"--out={tmp_path / 'counts.csv'}")
    assert not list(tmp_path.iterdir())
