"""Acts on the catalogue: each is one entry of the trail, keeps the rules, and can be undone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reports import catalogue, catalogue_acts, catalogue_rows, catalogue_text, undoing
from reports.catalogue_changes import changes
from reports.catalogue_file import Catalogue, CategoryEntry, ServiceEntry, parse
from reports.models import Category, ModerationEntry, Service, ServiceAlias
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError

pytestmark = pytest.mark.django_db
DOING = Doing(None, "a test", datetime(2026, 3, 18, 12, 0, tzinfo=UTC))
LISTED = """
categories: {ai: {name: AI, problem_types: {chat: Chat, api: API}}, cloud: {name: Clouds}}
services:
  aws: {name: AWS, category: cloud, problem_types: {console: Console}}
  claude: {name: Claude, category: ai, aliases: [Anthropic], depends_on: [aws]}
"""


@pytest.fixture(autouse=True)
def loaded(db: None) -> None:
    catalogue.load(parse(LISTED))


def entry(slug: str) -> ServiceEntry:
    return next(one for one in catalogue_rows.current().services if one.slug == slug)


def shape(found: Catalogue) -> tuple[set[CategoryEntry], set[ServiceEntry]]:
    return set(found.categories), set(found.services)


def test_an_edit_is_one_entry_of_the_trail_and_undone_gives_all_back() -> None:
    before = shape(catalogue_rows.current())
    act = catalogue_acts.put(
        replace(entry("claude"), name="Claude AI", aliases=("Anthropic", "Opus"), depends_on=()),
        DOING,
    )
    assert (act.act, act.subject) == (Act.EDIT, "Claude AI")
    assert Service.objects.get(slug="claude").name == "Claude AI"
    assert ServiceAlias.objects.filter(name="Opus").exists()

    undoing.undo(act, DOING)
    assert shape(catalogue_rows.current()) == before
    assert ModerationEntry.objects.filter(act=Act.EDIT).count() == 2
    with pytest.raises((UndoneAlreadyError, NotUndoableError)):
        undoing.undo(act, DOING)


def test_undoing_a_new_service_hides_it() -> None:
    new = replace(entry("claude"), slug="grok", name="Grok", aliases=(), depends_on=())
    undoing.undo(catalogue_acts.put(new, DOING), DOING)
    assert not Service.objects.get(slug="grok").is_active


def test_what_was_changed_again_since_is_not_undone() -> None:
    first = catalogue_acts.put(replace(entry("aws"), name="Amazon"), DOING)
    catalogue_acts.put(replace(entry("aws"), name="Amazon Web Services"), DOING)
    with pytest.raises(NotUndoableError):
        undoing.undo(first, DOING)
    assert Service.objects.get(slug="aws").name == "Amazon Web Services"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depends_on": ("claude",)}, "depends on itself"),
        ({"aliases": ("anthropic",)}, "already means"),
        ({"problem_types": ()}, "no problem types"),
        ({"homepage": "ftp://aws.example"}, "is no address"),
    ],
)
def test_an_edit_keeps_the_rules_of_the_file(wrong: dict[str, object], said: str) -> None:
    broken = replace(entry("aws"), **wrong)  # type: ignore[arg-type]  # one field of many types
    assert any(said in message for message in catalogue_acts.check(broken))
    with pytest.raises(catalogue_acts.RefusedError, match=said):
        catalogue_acts.put(broken, DOING)
    assert not ModerationEntry.objects.exists()


def test_an_old_fault_elsewhere_stops_no_edit() -> None:
    Service.objects.create(slug="odd", name="AWS", category=Category.objects.get(slug="ai"))
    catalogue_acts.put(replace(entry("claude"), name="Claude AI"), DOING)
    assert Service.objects.get(slug="claude").name == "Claude AI"


def test_an_edit_that_changes_nothing_leaves_no_trace() -> None:
    with pytest.raises(catalogue_acts.UnchangedError):
        catalogue_acts.put(entry("aws"), DOING)
    assert not ModerationEntry.objects.exists()


def test_a_file_is_taken_in_as_it_was_shown_or_not_at_all() -> None:
    seen = catalogue_acts.digest(catalogue_rows.current())
    wanted = parse(LISTED.replace("name: Claude", "name: Claude AI"))
    catalogue_acts.put(replace(entry("aws"), name="Amazon"), DOING)
    with pytest.raises(catalogue_acts.MovedOnError):
        catalogue_acts.replace(wanted, seen, DOING)

    now = catalogue_rows.current()
    named = {one.after.name for one in changes(now, wanted)}
    assert {"AWS", "Claude AI"} <= named
    act = catalogue_acts.replace(wanted, catalogue_acts.digest(now), DOING)
    assert changes(catalogue_rows.current(), wanted) == []
    undoing.undo(act, DOING)
    assert shape(catalogue_rows.current()) == shape(now)


def test_a_category_moves_and_the_others_make_room() -> None:
    catalogue_acts.put(CategoryEntry("cloud", "Clouds", 0), DOING)
    rows = Category.objects.filter(slug__in=["ai", "cloud"]).order_by("position")
    assert [one.slug for one in rows] == ["cloud", "ai"]


def test_what_is_exported_is_the_catalogue_again() -> None:
    catalogue_acts.put(replace(entry("claude"), hidden=True), DOING)
    now = catalogue_rows.current()
    again = parse(catalogue_text.write(now))
    assert changes(now, again) == []
    assert entry("claude").hidden
