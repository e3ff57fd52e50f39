"""The forms of Outages and declarations: what was typed, as the acts of a person."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from aggregator import declarations, outages
from aggregator.models import Declaration, Outage
from aggregator.models.declaration import DeclarationKind
from aggregator.models.outage import NOT_OVER, State
from aggregator.outages import NotPossibleError, Opening
from reports import geography
from reports.back_office import RefusedActError, VerbForm
from reports.models import Service
from reports.trail import Doing

CONFIRM, END, RETRACT, ANNOTATE = "confirm", "end", "retract", "annotate"
EXPLAIN, JOIN, SPLIT = "explain", "join", "split"
WORDS: Mapping[str, str] = {
    CONFIRM: "Confirm it",
    END: "End it; more reports reopen it",
    RETRACT: "Retract it: it was no outage",
    ANNOTATE: "Say something on its page",
    EXPLAIN: "Name the service that explains it",
    JOIN: "Join it with another outage",
    SPLIT: "Split off some of its places",
}
_OF_STATE: Mapping[str, tuple[str, ...]] = {
    State.POSSIBLE: (CONFIRM, END, RETRACT, ANNOTATE, EXPLAIN, JOIN),
    State.CONFIRMED: (END, RETRACT, ANNOTATE, EXPLAIN, JOIN),
    State.OVER: (RETRACT, ANNOTATE, EXPLAIN, JOIN, SPLIT),
    State.RETRACTED: (ANNOTATE,),
}
# Short, because a phone does not break them.
KINDS: Mapping[str, str] = {
    DeclarationKind.MAINTENANCE: "Announced work: none is confirmed",
    DeclarationKind.SURGE: "Expected surge: none is opened",
    DeclarationKind.HOLD: "Hold: count, and open none",
}
# Of so many others one is chosen to be joined.
MOST_OTHERS = 50
LONGEST_NOTE = 5000
# Which fields belong to which acts; the page shows no others.
FIELDS_OF: Mapping[str, str] = {
    "note": f"['{RETRACT}', '{ANNOTATE}'].includes(decision)",
    "explained_by": f"decision == '{EXPLAIN}'",
    "other": f"decision == '{JOIN}'",
    "places": f"decision == '{SPLIT}'",
}


class PlacesField(forms.CharField):
    """Codes of Regions, separated by commas; none: worldwide."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> list[str]:  # noqa: ANN401 - what a form gives
        """The codes.

        Raises:
            forms.ValidationError: when one of them is no Region's.
        """
        codes = [code.strip().upper() for code in str(super().clean(value) or "").split(",")]
        for code in filter(None, codes):
            if not geography.is_code(code):
                raise forms.ValidationError(f"{code} is no place. Say US or US-CA, for example.")
        return [code for code in codes if code]


def services() -> forms.ModelChoiceField[Service]:
    """A choice of Services."""
    return forms.ModelChoiceField(
        queryset=Service.objects.order_by("name"), widget=UnfoldAdminSelect2Widget
    )


class PublicForm(VerbForm[Outage]):
    """A form whose reason is told to everybody."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="Everybody reads it beside the move, and your colleagues in the trail.",
    )


class DecisionForm(PublicForm):
    """What to do about an Outage."""

    decision = forms.ChoiceField(label="What to do", widget=UnfoldAdminRadioSelectWidget)
    note = forms.CharField(
        label="Note on its page",
        max_length=LONGEST_NOTE,
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text="Markdown: *emphasis*, **strong**, [words](https://…), lists. No HTML.",
    )
    explained_by = services()
    other = forms.ModelChoiceField(
        label="Which other",
        queryset=Outage.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    places = PlacesField(required=False, help_text="Codes like US, DE-BE.")

    class Meta:
        model = Outage
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - any form's
        """Offer what this Outage allows."""
        super().__init__(*args, **kwargs)
        outage = self.instance
        choices = [(name, WORDS[name]) for name in _OF_STATE.get(outage.state, ())]
        decision, cause, other = (
            self.fields[name] for name in ("decision", "explained_by", "other")
        )
        if isinstance(decision, forms.ChoiceField):
            decision.choices = choices
        cause.required, cause.label = False, "Which service"
        cause.help_text = "Empty: none. The detector says no other one after that."
        if isinstance(other, forms.ModelChoiceField):
            found = Outage.objects.filter(service=outage.service_id, retracted_at=None)
            recent = found.exclude(pk=outage.pk).values("pk")[:MOST_OTHERS]
            other.queryset = Outage.objects.filter(pk__in=list(recent.values_list("pk", flat=True)))
        self.fields["places"].help_text += f" It is in {', '.join(outage.regions) or 'the world'}."

    def clean(self) -> dict[str, Any]:
        """Each act with what it needs."""
        cleaned = super().clean() or self.cleaned_data
        for act, field in ((ANNOTATE, "note"), (JOIN, "other"), (SPLIT, "places")):
            if cleaned.get("decision") == act and not cleaned.get(field):
                self.add_error(field, "This is needed.")
        return cleaned

    def act(self, doing: Doing) -> Outage:
        """Decide."""
        said, key = self.cleaned_data, int(self.instance.pk)
        cause, other = said["explained_by"], said["other"]
        acts: Mapping[str, Callable[[], object]] = {
            CONFIRM: lambda: outages.confirm(key, doing),
            END: lambda: outages.end(key, doing),
            RETRACT: lambda: outages.retract(key, doing, said["note"]),
            ANNOTATE: lambda: outages.annotate(key, said["note"], doing),
            EXPLAIN: lambda: outages.name_cause(key, cause.pk if cause else None, doing),
            JOIN: lambda: outages.join(key, other.pk, doing),
            SPLIT: lambda: outages.split(key, said["places"], doing),
        }
        with _refusing():
            acts[said["decision"]]()
        return self.instance


class OpeningForm(PublicForm):
    """An Outage that the detector does not see."""

    service = services()
    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in NOT_OVER],
        widget=UnfoldAdminRadioSelectWidget,
        initial=State.CONFIRMED,
    )
    started_at = forms.SplitDateTimeField(
        label="Began", widget=UnfoldAdminSplitDateTimeWidget, help_text="In UTC."
    )
    places = PlacesField(required=False, help_text="Codes like US, DE-BE; empty: worldwide.")

    class Meta:
        model = Outage
        fields: ClassVar[list[str]] = []

    def act(self, doing: Doing) -> Outage:
        """Open it."""
        said = self.cleaned_data
        opening = Opening(
            said["service"].pk, State(said["state"]), said["started_at"], said["places"]
        )
        with _refusing():
            return outages.open_by_hand(opening, doing).outage


class DeclarationForm(VerbForm[Declaration]):
    """What is known beforehand of a Service."""

    service = services()
    kind = forms.ChoiceField(choices=list(KINDS.items()), widget=UnfoldAdminRadioSelectWidget)
    starts_at = forms.SplitDateTimeField(
        label="From", widget=UnfoldAdminSplitDateTimeWidget, help_text="In UTC."
    )
    ends_at = forms.SplitDateTimeField(
        label="Until", widget=UnfoldAdminSplitDateTimeWidget, help_text="In UTC; it ends by itself."
    )
    note = forms.CharField(
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="For everybody to read, on the service's page.",
    )

    class Meta:
        model = Declaration
        fields: ClassVar[list[str]] = []

    def act(self, doing: Doing) -> Declaration:
        """Declare it."""
        said = self.cleaned_data
        declared = declarations.Declared(
            said["service"].pk,
            DeclarationKind(said["kind"]),
            said["starts_at"],
            said["ends_at"],
            said["note"],
        )
        with _refusing():
            return declarations.declare(declared, doing)


class LiftingForm(VerbForm[Declaration]):
    """Ends a declaration before its time."""

    class Meta:
        model = Declaration
        fields: ClassVar[list[str]] = []

    def act(self, doing: Doing) -> Declaration:
        """End it."""
        with _refusing():
            return declarations.lift(int(self.instance.pk), doing)


@contextmanager
def _refusing() -> Iterator[None]:
    """What a verb finds impossible, as the back office tells it."""
    try:
        yield
    except NotPossibleError as error:
        raise RefusedActError(str(error)) from error
