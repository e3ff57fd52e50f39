"""Finding Reports: a form's conditions as a Selection, and what it finds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import OperationalError, connection, transaction

from reports.models import Comment, ProblemType, Region, Report, Service
from reports.selection import Selection

LOOK_BACK = timedelta(days=1)
ROWS = 50
MOST_COUNTED = 100_000
PATIENCE_MILLISECONDS = 4_000
STATES = (("", "counted or not"), ("counted", "counted"), ("rejected", "rejected"))

_hash = RegexValidator(r"^[0-9a-f]{32}\Z", "A hash has 32 digits, 0 to 9 and a to f.")


class TooMuchError(Exception):
    """Looking takes too long; fewer Reports must be meant."""


class FindForm(forms.Form):
    """The conditions; all that are given must hold."""

    service = forms.ModelChoiceField(
        Service.objects.order_by("name"), to_field_name="slug", required=False, empty_label="any"
    )
    problem_type = forms.SlugField(required=False)
    region = forms.CharField(max_length=6, required=False)
    since = forms.DateTimeField(required=False)
    until = forms.DateTimeField(required=False)
    network = forms.CharField(validators=[_hash], required=False)
    fingerprint = forms.CharField(validators=[_hash], required=False)
    state = forms.ChoiceField(choices=STATES, required=False)

    def clean_region(self) -> str | None:
        """The code as the tree has it."""
        code = str(self.cleaned_data["region"]).upper()
        if code and not Region.objects.filter(code=code).exists():
            raise ValidationError("No such region: a code like DE or US-CA.")
        return code or None

    def clean(self) -> dict[str, Any]:
        """A problem type belongs to a Service."""
        said = self.cleaned_data
        if slug := said.get("problem_type"):
            kind = ProblemType.objects.filter(service=said.get("service"), slug=slug).first()
            if kind is None:
                self.add_error("problem_type", "The chosen service has no such problem type.")
            said["problem_type"] = kind
        return said

    def selection(self, now: datetime) -> Selection:
        """What is meant: of the last day, unless it says since when.

        Args:
            now: aware.
        """
        said = self.cleaned_data
        return Selection(
            service_id=said["service"].pk if said["service"] else None,
            problem_type_id=said["problem_type"].pk if said["problem_type"] else None,
            region=said["region"],
            since=said["since"] or now - LOOK_BACK,
            until=said["until"],
            network=bytes.fromhex(said["network"]) or None,
            fingerprint=bytes.fromhex(said["fingerprint"]) or None,
        )

    @property
    def is_narrow(self) -> bool:
        """Whether it means less than everybody's Reports of some time: enough for an act."""
        return any(self.cleaned_data[name] for name in ("service", "network", "fingerprint"))


@dataclass(frozen=True, slots=True)
class Line:
    """One Report found, and its comment's words; "" without one."""

    report: Report
    network: str
    fingerprint: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """The newest Reports found, and how many there are, at most `MOST_COUNTED`."""

    lines: Sequence[Line]
    number: int
    is_more: bool


def find(selection: Selection, state: str) -> Found:
    """The newest Reports of a selection, and their number.

    Args:
        selection: which.
        state: `counted`, `rejected`, or "" for both.

    Raises:
        TooMuchError: when that takes longer than some seconds.
    """
    reports = selection.among(Report.objects.select_related("service", "region", "problem_type"))
    if state:
        reports = reports.filter(rejected_at__isnull=state == "counted")
    with patience():
        # Ids carry the time and have an index without a service; times alone have none.
        rows = list(reports.order_by("-id")[:ROWS])
        number = reports.order_by()[: MOST_COUNTED + 1].count()
    texts = dict(Comment.objects.filter(id__in=[row.pk for row in rows]).values_list("id", "text"))
    lines = [
        Line(row, bytes(row.network).hex(), bytes(row.fingerprint).hex(), texts.get(row.pk, ""))
        for row in rows
    ]
    return Found(lines, min(number, MOST_COUNTED), number > MOST_COUNTED)


@contextmanager
def patience() -> Iterator[None]:
    """Reading that is given up after a while."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MILLISECONDS}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        raise TooMuchError from error
