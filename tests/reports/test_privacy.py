"""Letting go of a sender: their words and codes go, everybody else's and all counts stay."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from reports import comments, intake, privacy, suggestions, undoing, votes
from reports.intake import Statement
from reports.models import Comment, CommentFlag, DailyKey, Report, Vote
from reports.models.moderation import Act
from reports.models.report import Channel
from reports.trail import Doing, NotUndoableError
from tests.factories import make_report

pytestmark = pytest.mark.usefixtures("committed")
MINE, THEIRS = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "198.51.100.7"}


def say(slug: str, meta: dict[str, str], comment: str, now: datetime) -> str:
    statement = Statement(slug, comment=comment)
    return str(intake.receive(statement, meta, channel=Channel.WEB, now=now).id)


def test_everything_of_one_sender_goes_and_counts_stay_true() -> None:
    now = datetime.now(UTC)
    first = say("claude", MINE, "my words", now)
    say("github", MINE, "", now)
    other = say("claude", THEIRS, "their words", now)
    for meta in (MINE, THEIRS):
        votes.cast("aws", meta, now)
    comments.flag(Comment.objects.get(text="their words").id, "claude", MINE, now)
    suggestions.suggest("Tele 2", "", MINE, now)
    call_command("recount", stdout=StringIO())

    ((_day, mine),) = privacy.codes(MINE, now)
    code = privacy.code_of(mine)
    assert privacy.code_of(first) == code
    assert privacy.kept(code) == privacy.Kept(2, 1, 1, 1, 1)
    theirs = Report.objects.values().get(id=other)
    act = privacy.forget(code, Doing(None, "asked by letter", now))

    assert privacy.kept(code).is_nothing
    assert (act.act, act.reports) == (Act.FORGET, 2)
    assert mine not in f"{act.subject}{act.before}"
    assert Report.objects.count() == 3
    fingerprints = set(Report.objects.values_list("fingerprint", flat=True))
    assert len(fingerprints) == 3
    assert Report.objects.values().get(id=other) == theirs
    assert list(Comment.objects.values_list("text", flat=True)) == ["their words"]
    assert (Vote.objects.count(), CommentFlag.objects.count()) == (1, 0)
    call_command("recount", "--check", stdout=StringIO())
    with pytest.raises(NotUndoableError):
        undoing.undo(act, Doing(None, "oops", now))


def test_no_crowd_looks_broader_than_it_was() -> None:
    now = datetime.now(UTC)
    one = make_report(at=now, sender="flood")
    for minute in range(1, 4):
        make_report(at=now - timedelta(minutes=minute), sender="flood")
    privacy.forget(bytes(one.fingerprint), Doing(None, "x", now))
    assert Report.objects.values("network").distinct().count() == 1
    assert Report.objects.values("fingerprint").distinct().count() == 4


def test_yesterdays_code_is_told_while_its_key_is_there() -> None:
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    say("claude", MINE, "", yesterday)
    found = privacy.codes(MINE, now)
    assert [day for day, _code in found] == [now.date(), yesterday.date()]
    assert privacy.kept(privacy.code_of(found[1][1])).reports == 1
    DailyKey.objects.filter(day=yesterday.date()).delete()
    assert len(privacy.codes(MINE, now)) == 1


@pytest.mark.parametrize("text", ["", "xyz", "abcd", "00000000-0000-0000-0000-000000000000", "-"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(privacy.NoCodeError):
        privacy.code_of(text)
