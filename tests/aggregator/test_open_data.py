"""The daily files: what they hold, when they are corrected, and what a second worker does."""

import csv
import gzip
import hashlib
import io
from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow.parquet as pq
import pytest
from django.test import Client

from aggregator import counting, open_data
from aggregator.models import CountingMark, OpenDay, OpenFile
from reports import partitions
from reports.models import ModerationEntry, StaleBucket
from tests.readable import make_count

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY
NAME = f"outcry-{YESTERDAY:%Y-%m-%d}"


@pytest.fixture(autouse=True)
def counted(committed: None) -> None:
    """Two days of counts, all of them complete."""
    partitions.ensure("aggregator_minutecount", (YESTERDAY - DAY).date(), TODAY.date())
    counting.count(datetime.now(UTC))
    CountingMark.objects.update(counted_until=TODAY + timedelta(minutes=1))
    at = YESTERDAY + timedelta(hours=9)
    make_count("claude", at, 12, region="US-CA", problem_type="api")
    make_count("claude", at, 3, region="US-NY")
    make_count("claude", at, 2)


def publish() -> int:
    return open_data.publish(TODAY + timedelta(hours=1))


def test_the_three_files_hold_the_same_and_small_counts_are_masked(client: Client) -> None:
    assert publish() == 1
    page = client.get("/data/")
    assert b"CC-BY-4.0" in page.content
    assert NAME.encode() in page.content
    (day,) = client.get("/data/index.json").json()["days"]
    bodies = {}
    for file in day["files"]:
        response = client.get("/data/" + file["url"].rpartition("/")[2])
        assert hashlib.sha256(response.content).hexdigest() == file["sha256"]
        assert len(response.content) == file["bytes"]
        assert response["X-Checksum-SHA256"] == file["sha256"]
        bodies[file["form"]] = response.content
    told = [
        (row["region"], row["problem_type"], row["count"], row["fewer_than"])
        for row in csv.DictReader(io.StringIO(gzip.decompress(bodies["csv"]).decode()))
    ]
    assert sorted(told) == [
        ("", "", "2", ""),
        ("US-CA", "api", "12", ""),
        ("US-NY", "", "", "5"),
    ]
    lines = [msgspec.json.decode(line) for line in gzip.decompress(bodies["ndjson"]).splitlines()]
    table = pq.read_table(io.BytesIO(bodies["parquet"])).to_pylist()
    assert [one["count"] for one in lines] == [one["count"] for one in table]
    assert day["rows"] == len(told) == len(lines) == len(table)


def test_running_twice_changes_nothing(client: Client) -> None:
    assert publish() == 1
    before = client.get(f"/data/{NAME}.csv.gz")
    assert publish() == 0
    assert OpenDay.objects.count() == 1
    again = client.get(f"/data/{NAME}.csv.gz", headers={"if-none-match": before["ETag"]})
    assert again.status_code == 304


def test_two_workers_write_one_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    real = open_data._made

    def meanwhile(*asked: object) -> open_data.Made:
        monkeypatch.setattr(open_data, "_made", real)
        publish()
        return real(*asked)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(open_data, "_made", meanwhile)
    assert publish() == 0
    assert OpenDay.objects.get().revision == 1
    assert OpenFile.objects.count() == 3


def test_a_kill_half_way_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(open_data, "_file", die)
    with pytest.raises(KeyboardInterrupt):
        publish()
    assert not OpenDay.objects.exists()
    monkeypatch.undo()
    assert publish() == 1


def test_moderation_publishes_a_correction_and_the_old_checksum_stays(client: Client) -> None:
    publish()
    (before,) = client.get("/data/index.json").json()["days"]
    ModerationEntry.objects.create(act="reject", at=TODAY + 2 * DAY, reason="spam", subject="x")
    stale = StaleBucket.objects.create(
        service_id=1, region_id="US-CA", minute=YESTERDAY + timedelta(hours=9)
    )
    make_count("claude", YESTERDAY + timedelta(hours=9), -5, region="US-CA", problem_type="api")
    make_count("claude", YESTERDAY - timedelta(hours=9), 1)
    assert open_data._doubtful() == [], "not before the counts have followed"
    stale.delete()
    publish()
    after = client.get("/data/index.json").json()["days"][0]
    assert (after["day"], after["revision"]) == (before["day"], 2)
    (former,) = after["former"]
    assert former["revision"] == 1
    assert former["sha256"] == {one["form"]: one["sha256"] for one in before["files"]}
    assert b",7," in gzip.decompress(client.get(f"/data/{NAME}.csv.gz").content)
    assert b"revision 2" in client.get("/data/").content


def test_an_act_that_changes_no_count_corrects_nothing() -> None:
    make_count("claude", YESTERDAY - timedelta(hours=9), 1)
    publish()
    ModerationEntry.objects.create(act="reject", at=TODAY + DAY, reason="spam", subject="x")
    assert open_data._doubtful() == [YESTERDAY.date()]
    assert publish() == 0


def test_today_is_not_published_and_old_days_are_dropped() -> None:
    make_count("claude", TODAY, 4)
    publish()
    assert [one.day for one in OpenDay.objects.all()] == [YESTERDAY.date()]
    open_data.publish(TODAY + timedelta(days=400))
    assert not OpenDay.objects.filter(day=YESTERDAY.date()).exists()


@pytest.mark.parametrize(
    "name", ["nothing", f"{NAME}.csv", f"{NAME}.exe", "outcry-2026-02-30.csv.gz", f"x{NAME}.csv.gz"]
)
def test_what_there_is_not_is_not_found(client: Client, name: str) -> None:
    publish()
    assert client.get(f"/data/{name}").status_code == 404
