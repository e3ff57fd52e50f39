"""Listed words: each act names what it really changed, and only that is undone."""

from datetime import UTC, datetime

import pytest

from reports import holding, undoing, words
from reports.models import ListedWord, ModerationEntry
from reports.trail import Doing, NotUndoableError
from tests.reports.desk.people import REASON, staff

pytestmark = pytest.mark.django_db
WORDS = "/admin/queue/words/"


def doing() -> Doing:
    """A rule's act, now."""
    return Doing(None, REASON, datetime.now(UTC))


def listed() -> set[str]:
    """The words that are listed."""
    return set(ListedWord.objects.values_list("word", flat=True))


def test_words_are_listed_once_and_heeded() -> None:
    words.add(["crap"], doing())
    entry = words.add(["  Otter Coins ", "CRAP", "", "crap", "x" * 101], doing())
    assert listed() == {"crap", "Otter Coins"}
    assert entry.before == {"words": ["Otter Coins"]}
    words.forget()
    assert holding.why_held("buy otter coins", words.listed()) == "word"
    with pytest.raises(words.NothingNewError):
        words.add(["Crap"], doing())


def test_undoing_touches_only_what_the_act_did() -> None:
    words.add(["crap"], doing())
    added = words.add(["crap", "otter"], doing())
    removed = words.remove(["crap", "nothing"], doing())
    assert listed() == {"otter"}
    undoing.undo(removed, doing())
    assert listed() == {"crap", "otter"}
    undoing.undo(added, doing())
    assert listed() == {"crap"}
    words.add(["otter"], doing())
    again = words.remove(["otter"], doing())
    words.add(["otter"], doing())
    with pytest.raises(NotUndoableError):
        undoing.undo(again, doing())


def test_words_are_listed_and_taken_off_on_their_page() -> None:
    desk = staff("view", "change")
    assert "Say why" in desk.post(WORDS, {"do": "add", "words": "a"}, follow=True).content.decode()
    form = {"do": "add", "words": "spam\r\n<b>ham</b>\r\n", "reason": REASON}
    page = desk.post(WORDS, form, follow=True).content.decode()
    assert "&lt;b&gt;ham" in page
    assert listed() == {"spam", "<b>ham</b>"}
    desk.post(WORDS, {"do": "remove", "word": ["spam"], "reason": REASON})
    assert listed() == {"<b>ham</b>"}
    empty = desk.post(WORDS, {"do": "remove", "reason": REASON}, follow=True)
    assert "Choose at least one" in empty.content.decode()
    assert set(ModerationEntry.objects.values_list("act", flat=True)) == {"list", "unlist"}


def test_words_are_changed_by_moderators_only() -> None:
    assert staff().get(WORDS).status_code == 403
    reader = staff("view")
    assert "New words" not in reader.get(WORDS).content.decode()
    assert reader.post(WORDS, {"do": "add", "words": "a", "reason": "x"}).status_code == 403
    assert listed() == set()
