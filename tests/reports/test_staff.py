"""The staff: let in, kept out, and never without somebody who can let others in."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User

from reports import staff, undoing
from reports.models import ModerationEntry
from reports.staff import ADMINISTRATOR, LastAdministratorError, Standing
from reports.trail import Doing, NotUndoableError

pytestmark = pytest.mark.django_db
DOING = Doing(None, "a test", datetime(2026, 3, 18, 12, 0, tzinfo=UTC))


@pytest.fixture
def maria() -> User:
    """The only administrator."""
    for name in (ADMINISTRATOR, "Moderator"):
        Group.objects.get_or_create(name=name)
    user, _password = staff.add("maria", [ADMINISTRATOR], DOING)
    return user


def test_somebody_new_comes_in_with_a_password_that_is_shown_once(maria: User) -> None:
    user, password = staff.add("vera", ["Moderator"], DOING)
    assert user.check_password(password)
    assert Standing.of(user) == Standing(("Moderator",), is_active=True)
    assert password not in str(list(ModerationEntry.objects.values()))
    with pytest.raises(staff.NameTakenError):
        staff.add("vera", [], DOING)


def test_the_last_administrator_stays_one(maria: User) -> None:
    for wanted in (Standing((), is_active=True), Standing((ADMINISTRATOR,), is_active=False)):
        with pytest.raises(LastAdministratorError):
            staff.set_standing(maria.pk, wanted, DOING)
    assert Standing.of(maria) == Standing((ADMINISTRATOR,), is_active=True)
    staff.add("olga", [ADMINISTRATOR], DOING)
    assert staff.set_standing(maria.pk, Standing((), is_active=False), DOING)


def test_roles_and_entry_are_given_back_unless_changed_again(maria: User) -> None:
    vera, _password = staff.add("vera", ["Moderator"], DOING)
    out = staff.set_standing(vera.pk, Standing((), is_active=False), DOING)
    assert out is not None
    undoing.undo(out, DOING)
    vera.refresh_from_db()
    assert Standing.of(vera) == Standing(("Moderator",), is_active=True)
    with pytest.raises(NotUndoableError):
        undoing.undo(out, DOING)


def test_a_new_password_is_in_the_trail_and_not_undone(maria: User) -> None:
    staff.replace_password(maria.pk, DOING)
    entry = ModerationEntry.objects.first()
    assert entry is not None
    assert entry.subject == "maria: new password"
    with pytest.raises(NotUndoableError):
        undoing.undo(entry, DOING)
