"""Copies of small tables while the database is away."""

import pytest
from django.db import OperationalError

from reports import copies
from reports.copies import Copy


class Away:
    """A table that can't be read until it can, and how often somebody tried."""

    def __init__(self) -> None:
        self.tries = 0
        self.value: int | None = None

    def read(self) -> int:
        """The value."""
        self.tries += 1
        if self.value is None:
            raise OperationalError
        return self.value


@pytest.fixture
def away() -> Away:
    return Away()


def test_one_look_at_one_copy_waits_for_a_lost_database(away: Away) -> None:
    first, second = Copy(away.read, "first"), Copy(away.read, "second")
    for copy in (first, first, second):
        with pytest.raises(OperationalError):
            copy.get(5.0)
    assert away.tries == 1


def test_a_copy_is_read_soon_after_the_database_is_back(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Copy(away.read, "first")
    with pytest.raises(OperationalError):
        copy.get(5.0)
    away.value = 3
    monkeypatch.setattr(copies, "AWAY_SECONDS", 0.0)
    assert copy.get(5.0) == 3


def test_an_old_copy_is_kept_while_another_could_not_be_read(away: Away) -> None:
    away.value = 3
    old = Copy(away.read, "old")
    assert old.get(0.0) == 3
    away.value = None
    with pytest.raises(OperationalError):
        Copy(away.read, "other").get(0.0)
    assert old.get(0.0) == 3
    assert away.tries == 2
