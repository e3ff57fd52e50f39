"""Suggestions: one row a name, one voice a person, and a decision that can be undone."""

from datetime import UTC, datetime, timedelta

import pytest

from reports import catalogue_acts, retention, suggestions, undoing
from reports.models import Service, ServiceSuggestion, SuggestionState, SuggestionVoice
from reports.models.moderation import Act
from reports.trail import Doing

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
DOING = Doing(None, "a test", NOW)


def suggest(name: str, address: str = "192.0.2.1") -> bool:
    return suggestions.suggest(name, "", {"REMOTE_ADDR": address}, NOW)


def test_spellings_of_a_name_are_one_suggestion_and_a_person_counts_once() -> None:
    assert suggest("Tele 2")
    assert not suggest("tele2")
    assert suggest("TÉLÉ-2", "192.0.2.2")
    found = ServiceSuggestion.objects.get()
    assert (found.name, found.asked, found.state) == ("Tele 2", 2, SuggestionState.OPEN)


def test_what_the_site_has_is_told(claude: Service) -> None:
    with pytest.raises(suggestions.OnSiteError) as told:
        suggest(" CLAUDE ")
    assert told.value.slug == "claude"
    assert not ServiceSuggestion.objects.exists()


def test_a_name_of_marks_alone_is_none() -> None:
    with pytest.raises(suggestions.NoNameError):
        suggest("!!!")


def test_accepting_makes_a_hidden_draft_and_undone_it_waits_again() -> None:
    suggest("Tele 2")
    act = suggestions.accept(ServiceSuggestion.objects.get().pk, None, DOING)
    draft = Service.objects.get(slug="tele-2")
    assert (draft.name, draft.is_active) == ("Tele 2", False)
    assert draft.problem_types.exists()
    assert not suggestions.waiting().exists()
    with pytest.raises(suggestions.DecidedError):
        suggestions.decline(ServiceSuggestion.objects.get().pk, DOING)
    undoing.undo(act, DOING)
    assert suggestions.waiting().count() == 1


def test_accepting_as_a_service_that_is_there_makes_none(claude: Service) -> None:
    suggest("Clod")
    before = Service.objects.count()
    suggestions.accept(ServiceSuggestion.objects.get().pk, claude.pk, DOING)
    assert ServiceSuggestion.objects.get().service == claude
    assert Service.objects.count() == before


def test_a_declined_name_stays_declined_whoever_asks() -> None:
    suggest("Spam")
    act = suggestions.decline(ServiceSuggestion.objects.get().pk, DOING)
    assert act.act == Act.DECLINE
    suggest("Spam", "192.0.2.7")
    found = ServiceSuggestion.objects.get()
    assert (found.asked, found.state) == (2, SuggestionState.DECLINED)


def test_a_draft_of_a_name_that_a_hidden_service_has_is_refused() -> None:
    suggest("Tele 2")
    shelf = Service.objects.get(slug="claude").category
    Service.objects.create(slug="old", name="Tele 2", category=shelf, is_active=False)
    with pytest.raises(catalogue_acts.RefusedError):
        suggestions.accept(ServiceSuggestion.objects.get().pk, None, DOING)
    assert suggestions.waiting().count() == 1


def test_voices_go_after_two_days_and_forgotten_names_after_half_a_year() -> None:
    suggest("Tele 2")
    retention.retire(NOW + timedelta(days=3))
    assert not SuggestionVoice.objects.exists()
    assert ServiceSuggestion.objects.exists()
    retention.retire(NOW + suggestions.KEPT + timedelta(days=1))
    assert not ServiceSuggestion.objects.exists()
