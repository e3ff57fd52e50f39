"""Suggested services in the queue."""

from collections.abc import Callable, Sequence

from django.urls import reverse

from reports import catalogue_acts, suggestions
from reports.desk.kinds import ACCEPT, REJECT, Deed, Kind, Row, Sentence
from reports.models import ServiceSuggestion
from reports.trail import Doing


def _number() -> int:
    return suggestions.waiting().count()


def _waiting(first: int, limit: int) -> list[Row]:
    return [_row(one) for one in suggestions.waiting()[first : first + limit]]


def _row(suggestion: ServiceSuggestion) -> Row:
    people = "1 person asks" if suggestion.asked == 1 else f"{suggestion.asked:,} people ask"
    return Row(
        key=str(suggestion.pk),
        at=suggestion.last_at,
        service=suggestion.name,
        why=f"{people} for it",
        text=suggestion.homepage,
        url=reverse("admin:reports_servicesuggestion_change", args=[suggestion.pk]),
    )


def _each(
    verb: Callable[[int, Doing], object],
) -> Callable[[Sequence[str], Doing, Sentence], int]:
    """A verb for one as a deed for many; what can't be decided stays."""

    def settle(keys: Sequence[str], doing: Doing, _sentence: Sentence) -> int:
        settled = 0
        for key in keys:
            try:
                verb(int(key), doing)
            except (suggestions.DecidedError, catalogue_acts.RefusedError):
                continue
            settled += 1
        return settled

    return settle


SUGGESTED_SERVICES = Kind(
    name="suggestion",
    title="Suggested services",
    number=_number,
    waiting=_waiting,
    deeds={
        ACCEPT: Deed(
            "Make a hidden draft", _each(lambda key, doing: suggestions.accept(key, None, doing))
        ),
        REJECT: Deed("Decline", _each(suggestions.decline)),
    },
    right="reports.change_servicesuggestion",
)
