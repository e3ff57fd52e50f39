"""`manage.py make_administrator NAME`: the first person of the staff, or one who is locked out."""

from argparse import ArgumentParser
from datetime import UTC, datetime

from axes.utils import reset
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config import roles
from reports import staff
from reports.trail import Doing


class Command(BaseCommand):
    """Makes an administrator, or lets one in again."""

    help = (
        "Make an administrator of the back office and print their password. With --again, give"
        " one who is there a new password, forget their second factor and open their lock."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and whether they may be there already."""
        parser.add_argument("name", help="what they log in with")
        parser.add_argument("--again", action="store_true", help="somebody who is there already")

    def handle(self, *, name: str, again: bool, **_: object) -> None:
        """Print the password alone on standard output; it is not shown again.

        Raises:
            CommandError: when there is such a person and --again is not given, or the other way.
        """
        found = User.objects.filter(username=name).first()
        if (found is not None) != again:
            raise CommandError(
                f"There is no {name}; leave out --again."
                if again
                else f"There is a {name} already; --again gives a new password."
            )
        password = staff.new_password()
        doing = Doing(None, "manage.py make_administrator", datetime.now(UTC))
        with transaction.atomic():
            roles.give()
            before = staff.Standing.of(found) if found else staff.Standing((), is_active=False)
            person = found or User(username=name)
            person.is_staff = person.is_active = True
            person.set_password(password)
            person.save()
            person.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
            staff.forget_devices(person)
            staff.note(person, before, doing)
        reset(username=name)
        self.stdout.write(password)
