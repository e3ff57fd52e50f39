"""Comments: stored with their Reports, held by rule, flagged by readers."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections

from reports import comments, intake, turnstile, words
from reports.intake import Statement
from reports.models import Comment, CommentFlag, ListedWord, Report, Service
from reports.models.report import Channel
from reports.throttles import ThrottledError

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime.now(UTC)


def person(number: int, network: int = 2) -> Mapping[str, str]:
    """The environment of a request of somebody."""
    return {"REMOTE_ADDR": f"192.0.{network}.{number}"}


def say(text: str, number: int = 1, *, region: str = "", at: datetime = NOW) -> UUID:
    """A Report with a comment, through intake."""
    statement = Statement("claude", region=region, comment=text)
    return intake.receive(statement, person(number), channel=Channel.API, now=at).id


def test_comment_is_stored_with_its_report_and_shown(claude: Service) -> None:
    said = say("no answers", region="US-CA")
    report = Report.objects.get(id=said)
    (shown,) = comments.recent(claude.pk, NOW)
    assert (shown.id, shown.text, shown.region) == (said, "no answers", "US-CA")
    assert shown.received_at == report.received_at


def test_report_without_words_makes_no_comment() -> None:
    say("  ")
    assert Report.objects.count() == 1
    assert not Comment.objects.exists()


def test_comment_of_a_repeat_is_not_stored(claude: Service) -> None:
    said = say("first")
    assert say("second") == said
    assert [one.text for one in comments.recent(claude.pk, NOW)] == ["first"]


def test_doubtful_comment_is_held_while_its_report_counts(claude: Service) -> None:
    ListedWord.objects.create(word="Crapware")
    words.forget()
    for number, text in enumerate(
        ["see https://x.example", "me@x.example", "call 030 901820", "CRAPWARE!", "slow"], 1
    ):
        say(text, number, region="DE")
    assert [one.text for one in comments.recent(claude.pk, NOW)] == ["slow"]
    held = Comment.objects.filter(state="held").values_list("held_because", flat=True)
    assert sorted(held) == ["address", "link", "phone", "word"]
    assert Report.objects.filter(rejected_at=None).count() == 5


def test_only_the_newest_comments_of_the_last_day_are_shown(claude: Service) -> None:
    for number in range(1, 5):
        say(f"number {number}", number, at=NOW - timedelta(minutes=number))
    say("yesterday", 9, at=NOW - timedelta(hours=23, minutes=59))
    shown = comments.recent(claude.pk, NOW, limit=3)
    assert [one.text for one in shown] == ["number 1", "number 2", "number 3"]
    later = comments.recent(claude.pk, NOW + timedelta(minutes=2))
    assert "yesterday" not in {one.text for one in later}


def test_third_flag_of_another_network_holds_a_comment(claude: Service) -> None:
    said = say("rude")
    for network in (3, 4):
        assert comments.flag(said, "claude", person(1, network), NOW)
        assert comments.recent(claude.pk, NOW)
    assert comments.flag(said, "claude", person(1, 5), NOW)
    assert not comments.recent(claude.pk, NOW)
    assert Comment.objects.get().held_because == "flags"


def test_many_flags_of_one_network_hold_nothing(claude: Service) -> None:
    said = say("rude")
    for number in range(1, 30):
        assert comments.flag(said, "claude", person(number, 3), NOW)
    assert comments.recent(claude.pk, NOW)


def test_one_reader_flags_once_also_over_midnight() -> None:
    said = say("rude")
    midnight = NOW.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    assert comments.flag(said, "claude", person(9), midnight - timedelta(minutes=5))
    assert not comments.flag(said, "claude", person(9), midnight - timedelta(minutes=5))
    assert not comments.flag(said, "claude", person(9), midnight + timedelta(minutes=5))
    assert CommentFlag.objects.count() == 1


def test_flag_changes_nothing_after_a_moderators_word(claude: Service) -> None:
    said = say("fair")
    Comment.objects.update(reviewed_at=NOW)
    for network in range(3, 9):
        comments.flag(said, "claude", person(1, network), NOW)
    assert comments.recent(claude.pk, NOW)


def test_flags_at_once_are_all_kept_and_hold_once(claude: Service) -> None:
    said = say("rude")

    def flag(network: int) -> bool:
        try:
            return comments.flag(said, "claude", person(1, network), NOW)
        except comments.UnknownCommentError:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(flag, range(10, 18)))
    assert sum(taken) == CommentFlag.objects.count() == 3
    assert Comment.objects.get().state == "held"


def test_flag_of_what_is_not_shown_there_is_told() -> None:
    said = say("see https://x.example")
    for comment, slug in ((uuid4(), "claude"), (said, "claude"), (say("ok", 2), "aws")):
        with pytest.raises(comments.UnknownCommentError):
            comments.flag(comment, slug, person(7), NOW)


def test_flood_of_flags_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def waits(self, fingerprints: list[bytes]) -> list[int]:
            return [17] * len(fingerprints)

    said = say("rude")
    monkeypatch.setattr(turnstile, "_throttle", Full)
    with pytest.raises(ThrottledError) as caught:
        comments.flag(said, "claude", person(8), NOW)
    assert caught.value.wait == 17
    assert not CommentFlag.objects.exists()
