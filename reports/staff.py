"""People of the staff: let in, given roles, kept out; each act is in the trail.

The passwords that are made here are shown once, to whoever made them; nobody types one for
somebody else.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from axes.utils import reset
from django.contrib.auth.models import Group, User
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports import trail
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

PASSWORD_BYTES = 15
# The role that lets others in.
ADMINISTRATOR = "Administrator"


class LastAdministratorError(Exception):
    """Nobody would be left who can let others in."""


class NameTakenError(Exception):
    """Somebody is called that."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may do: their roles, and whether they may come in at all."""

    roles: tuple[str, ...]
    is_active: bool

    @classmethod
    def of(cls, user: User) -> "Standing":
        """Somebody's, as stored."""
        names = user.groups.order_by("name").values_list("name", flat=True)
        return cls(tuple(names), user.is_active)

    def as_json(self) -> dict[str, object]:
        """As the trail keeps it."""
        return {"roles": list(self.roles), "is_active": self.is_active}

    def __str__(self) -> str:
        """In words."""
        return ", ".join(self.roles) + ("" if self.is_active else " (kept out)")


def new_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def add(name: str, roles: Collection[str], doing: Doing) -> tuple[User, str]:
    """Somebody new, and their password. Opens a transaction.

    Raises:
        NameTakenError: when somebody is called that.
    """
    password = new_password()
    with transaction.atomic():
        user, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        if not made:
            raise NameTakenError(name)
        user.set_password(password)
        user.save()
        user.groups.set(Group.objects.filter(name__in=roles))
        note(user, Standing((), is_active=False), doing)
        return user, password


def set_standing(
    user_id: int, wanted: Standing, doing: Doing, *, undoes: ModerationEntry | None = None
) -> ModerationEntry | None:
    """Give somebody other roles, keep them out, or let them in again. Opens a transaction.

    Returns:
        The entry of the trail; None when all was like that already.

    Raises:
        LastAdministratorError: when they are the last one, and would not be one any more.
        reports.trail.UndoneAlreadyError: when `undoes` was undone before.
    """
    with transaction.atomic():
        # Of two who take each other's role at once, one has to wait, and then is the last one.
        Group.objects.select_for_update().get_or_create(name=ADMINISTRATOR)
        user = User.objects.select_for_update().get(pk=user_id)
        before = Standing.of(user)
        if before == wanted:
            return None
        if not (wanted.is_active and ADMINISTRATOR in wanted.roles):
            _keep_one_administrator(user)
        user.is_active = wanted.is_active
        user.save(update_fields=["is_active"])
        user.groups.set(Group.objects.filter(name__in=wanted.roles))
        return note(user, before, doing, undoes)


def replace_password(user_id: int, doing: Doing) -> str:
    """A new password for somebody; it ends their sessions. Opens a transaction."""
    password = new_password()
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        user.set_password(password)
        user.save(update_fields=["password"])
        trail.write(Act.STAFF, f"{user}: new password", doing)
    return password


def forget_second_factor(user_id: int, doing: Doing) -> None:
    """Have somebody who lost their device link a new one. Opens a transaction."""
    with transaction.atomic():
        user = User.objects.get(pk=user_id)
        forget_devices(user)
        trail.write(Act.STAFF, f"{user}: second factor forgotten", doing)


def open_lock(user_id: int, doing: Doing) -> None:
    """Let somebody try again who failed too often. Opens a transaction."""
    with transaction.atomic():
        user = User.objects.get(pk=user_id)
        reset(username=user.username)
        trail.write(Act.STAFF, f"{user}: lock opened", doing)


def forget_devices(user: User) -> int:
    """Take all devices of somebody; how many there were. Opens a transaction."""
    with transaction.atomic():
        taken, _rows = TOTPDevice.objects.filter(user=user).delete()
        spare, _rows = StaticDevice.objects.filter(user=user).delete()
    return int(taken + bool(spare))


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Give somebody their roles back, or take them. Opens a transaction.

    Raises:
        NotUndoableError: when the act was about a password, a device or a lock, when the person
            was changed again since, or when nobody would be left to let others in.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    kept = entry.before
    if "user" not in kept:
        raise NotUndoableError
    user = User.objects.get(pk=kept["user"])
    if Standing.of(user).as_json() != kept["after"]:
        raise NotUndoableError
    earlier = Standing(tuple(kept["earlier"]["roles"]), kept["earlier"]["is_active"])
    try:
        written = set_standing(user.pk, earlier, doing, undoes=entry)
    except LastAdministratorError as error:
        raise NotUndoableError from error
    if written is None:
        raise NotUndoableError
    return written


def note(
    user: User, before: Standing, doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    """Write what changed of somebody into the trail. Must run in the act's transaction."""
    after = Standing.of(user)
    kept = {"user": user.pk, "earlier": before.as_json(), "after": after.as_json()}
    subject = f"{user}: {before} → {after}"
    return trail.write(Act.STAFF, subject, doing, before=kept, undoes=undoes)


def _keep_one_administrator(user: User) -> None:
    others = User.objects.filter(groups__name=ADMINISTRATOR, is_active=True, is_staff=True)
    is_one = user.is_active and user.groups.filter(name=ADMINISTRATOR).exists()
    if is_one and not others.exclude(pk=user.pk).exists():
        raise LastAdministratorError
