"""The copy of the catalogue that intake looks things up in."""

from dataclasses import dataclass

import pytest
from django.db import OperationalError

from reports import copies, service_index
from reports.models import ProblemType, Service
from reports.service_index import FRESH_SECONDS, FRESH_SECONDS_FOR_UNKNOWN, ServiceIndex

pytestmark = pytest.mark.django_db


@dataclass
class Clock:
    """The index's clock, in seconds."""

    now: float = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(copies, "monotonic", clock)
    return clock


@pytest.fixture
def index(clock: Clock) -> ServiceIndex:
    """An index that has read the catalogue."""
    index = ServiceIndex()
    index.get("claude")
    return index


def test_service_is_known_with_its_problem_types(index: ServiceIndex, claude: Service) -> None:
    known = index.get("claude")
    assert known is not None
    assert (known.id, known.slug) == (claude.pk, "claude")
    assert known.problem_types == dict(
        ProblemType.objects.filter(service=claude).values_list("slug", "id")
    )


def test_copy_is_read_again_when_it_is_old(
    index: ServiceIndex, clock: Clock, claude: Service
) -> None:
    Service.objects.filter(pk=claude.pk).update(is_active=False)
    assert index.get("claude") is not None
    clock.now += FRESH_SECONDS
    assert index.get("claude") is None


def test_new_service_is_found_soon_but_not_by_reading_for_every_stranger(
    index: ServiceIndex, clock: Clock, claude: Service
) -> None:
    Service.objects.create(slug="new", name="New", category=claude.category)
    assert index.get("new") is None
    clock.now += FRESH_SECONDS_FOR_UNKNOWN
    assert index.get("new") is not None


def test_lost_database_leaves_the_old_copy(
    index: ServiceIndex, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index._copy, "_read", _refuse)
    clock.now += FRESH_SECONDS
    assert index.get("claude") is not None
    assert "claude" in index.slugs()


def test_lost_database_is_told_when_nothing_was_ever_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_index, "_read", _refuse)
    with pytest.raises(OperationalError):
        ServiceIndex().get("claude")


def _refuse() -> None:
    raise OperationalError
