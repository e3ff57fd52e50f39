"""``manage.py sensitivity``: how readily outages are told, since when; and to change it."""

import csv
import io
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aggregator import sensitivities
from aggregator.detection import Sensitivity
from aggregator.replay_files import SENSITIVITY_COLUMNS, instant
from aggregator.sensitivities import NoChangeError
from reports.models import Service
from reports.trail import Doing

SITE = "site"


class Command(BaseCommand):
    """Writes every change of a sensitivity as `replay` reads them, or makes one."""

    help = (
        "Writes since when which sensitivity holds, as CSV for `replay --sensitivity`. With a "
        "service and a step, has that service told at another step from now on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to change and why, or where to write."""
        parser.add_argument("service", nargs="?", help="slug")
        parser.add_argument("step", nargs="?", choices=[*Sensitivity, SITE], help="or as the site")
        parser.add_argument("--reason", default="", help="why; for the trail")
        parser.add_argument("--out", type=Path, metavar="FILE", help="standard output if not given")

    def handle(self, **options: Any) -> None:
        """Write the changes, or make one.

        Raises:
            CommandError: when there is no such Service, or half of a change is asked for.
        """
        slug, step = options["service"], options["step"]
        if slug and not step:
            message = f"{slug} at which step? {', '.join([*Sensitivity, SITE])}"
            raise CommandError(message)
        if slug:
            self._change(slug, "" if step == SITE else step, options["reason"])
            return
        text = _csv()
        if options["out"]:
            options["out"].write_text(text, "utf-8")
        else:
            self.stdout.write(text, ending="")

    def _change(self, slug: str, step: str, reason: str) -> None:
        service = Service.objects.filter(slug=slug).first()
        if service is None:
            message = f"There is no service {slug!r}."
            raise CommandError(message)
        if not reason.strip():
            message = "Say why: --reason."
            raise CommandError(message)
        try:
            entry = sensitivities.change(service, step, Doing(None, reason, datetime.now(UTC)))
        except NoChangeError as error:
            message = f"{service.name} has that sensitivity already."
            raise CommandError(message) from error
        self.stdout.write(entry.subject)


def _csv() -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SENSITIVITY_COLUMNS)
    for change in sensitivities.changes():
        since = instant(change.minute) if change.minute else ""
        writer.writerow([since, change.service, change.value])
    return text.getvalue()
