"""How readily each Service's outages are told, in the back office: see the effect, then change it.

A step is chosen, its effect on the last month is replayed in the background and shown, and only
then it can be saved, with a reason.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from aggregator import effects, sensitivities
from aggregator.detection import Sensitivity
from aggregator.effects import SHOWN_DAYS, outages_of
from aggregator.models import ReplayedEffect, SensitivityChange, TunedService
from aggregator.replay import Record
from reports.back_office import ReadOnlyAdmin, doing
from reports.models import Service

CHANGES: Final = "reports.change_service"
AS_SITE: Final = "site"
SHOWN_CHANGES: Final = 20
# docs/method.md has the figures with their intervals.
MEASURED: Final = (
    "Measured on simulated services: normal finds 93 of 100 outages, half of them within 7 minutes;"
    " low 89, within 9, with a third of the false alarms; high 96, within 6, with twice as many."
)


class StepForm(forms.Form):
    """Which step to try."""

    step = forms.ChoiceField(label="Step", widget=UnfoldAdminRadioSelectWidget, help_text=MEASURED)

    def __init__(self, site: str, *args: object, **more: object) -> None:
        """Offer the steps, and the site's own."""
        super().__init__(*args, **more)  # type: ignore[arg-type]  # Django's own arguments
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
        field.choices = [
            (AS_SITE, f"As the site: {site}"),
            *((str(step), step.capitalize()) for step in Sensitivity),
        ]

    def value(self) -> str:
        """The step as it is stored."""
        step = str(self.cleaned_data["step"])
        return "" if step == AS_SITE else step


class SaveForm(forms.Form):
    """Why it is changed."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="Your colleagues read it in the trail.",
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """An effect, as its section shows it.

    Attributes:
        step: what was tried, in words.
        is_done: whether the replay has ended.
        percent: how far it is.
        table: both steps side by side.
        lists: titles and tables of the Outages that differ.
    """

    step: str
    is_done: bool
    percent: int
    table: dict[str, object]
    lists: list[tuple[str, dict[str, object]]]

    @property
    def said(self) -> str:
        """How far it is, in words."""
        return f"{self.percent} %"


def shown(effect: ReplayedEffect) -> Shown:
    """An effect in words and tables."""
    result = effect.result or {}
    rows = [
        [words, told["outages"], told["confirmed"], _hours(told["minutes"])]
        for words, told in (
            ("As it is", result.get("present")),
            (f"At {named(effect.value)}", result.get("proposed")),
        )
        if told
    ]
    return Shown(
        step=named(effect.value),
        is_done=effect.result is not None,
        percent=effect.percent,
        table={"headers": ["Sensitivity", "Outages", "Confirmed", "In outage"], "rows": rows},
        lists=[
            (title, _listed(list(outages_of(effect, name))))
            for title, name in (("No longer raised", "gone"), ("Raised in addition", "new"))
            if result.get(name)
        ],
    )


def named(value: str) -> str:
    """A step in words.

    >>> named("low"), named("")
    ('low', 'the step of the site')
    """
    return value or "the step of the site"


def _listed(records: list[Record]) -> dict[str, object]:
    rows = [
        [
            one.started_at.replace("T", " ")[:16],
            "-" if one.ended_at is None else one.ended_at.replace("T", " ")[:16],
            ", ".join(one.regions) or "worldwide",
            one.peak_count,
            f"{one.expected_at_peak:.1f}",
            "yes" if one.confirmed_at else "no",
        ]
        for one in records
    ]
    headers = ["Began (UTC)", "Ended", "Where", "Reports at peak", "Expected", "Confirmed"]
    return {"headers": headers, "rows": rows}


def _hours(minutes: int) -> str:
    """A length of time.

    >>> _hours(59), _hours(150)
    ('59 min', '2 h 30 min')
    """
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 - an hour


@admin.register(TunedService)
class SensitivityAdmin(ReadOnlyAdmin[TunedService]):
    """Every Service with its step; a page of its own to change it."""

    list_display = ["name", "category", "step", "changed", "told"]
    list_select_related = ["category"]
    list_filter = ["category"]
    search_fields = ["name", "slug", "aliases__name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TunedService]:
        """Services on the site with their last change and the Outages of a month."""
        last = SensitivityChange.objects.filter(service=OuterRef("pk")).order_by("-pk")
        since = datetime.now(UTC) - timedelta(days=SHOWN_DAYS)
        recent = Q(outages__started_at__gte=since)
        found: QuerySet[TunedService] = super().get_queryset(request).filter(is_active=True)
        return found.annotate(
            own=Subquery(last.values("value")[:1]),
            own_since=Subquery(last.values("since")[:1]),
            recent=Count("outages", filter=recent, distinct=True),
        )

    @admin.display(description="sensitivity", ordering="own")
    def step(self, service: TunedService) -> str:
        """Its own step, or the site's."""
        return getattr(service, "own", "") or "as the site"

    @admin.display(description="since", ordering="own_since", empty_value="-")
    def changed(self, service: TunedService) -> datetime | None:
        """When it was last changed."""
        since: datetime | None = getattr(service, "own_since", None)
        return since

    @admin.display(description=f"outages in {SHOWN_DAYS} days", ordering="recent")
    def told(self, service: TunedService) -> int:
        """How many there were."""
        return int(getattr(service, "recent", 0))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        _form_url: str = "",
        _extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """One Service: its step, what another would do, and its history."""
        if object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        if (service := self.get_object(request, object_id)) is None:
            raise Http404
        may_change = request.user.has_perm(CHANGES)
        held = sensitivities.held(service)
        effect = _effect(request, service)
        step = effect.value or AS_SITE if effect else held.own or AS_SITE
        bound = request.POST if "try" in request.POST else None
        tried = StepForm(held.site, bound, initial={"step": step})
        save = SaveForm(request.POST if "save" in request.POST else None)
        if request.method == "POST" and may_change:
            answer = self._act(request, service, (tried, save), effect)
            if answer is not None:
                return answer
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Sensitivity of {service.name}",
            "service": service,
            "own": held.own or f"as the site ({held.site})",
            "may_change": may_change,
            "form": tried,
            "save": save,
            "effect": shown(effect) if effect else None,
            "is_same": effect is not None and effect.value == held.own,
            "days": SHOWN_DAYS,
            "log": _log(service),
            "here": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/sensitivity.html", context)

    def _act(
        self,
        request: HttpRequest,
        service: Service,
        filled: tuple[StepForm, SaveForm],
        effect: ReplayedEffect | None,
    ) -> HttpResponse | None:
        """What was asked for; None when a form must be shown again."""
        tried, save = filled
        here = reverse("admin:aggregator_tunedservice_change", args=[service.pk])
        if tried.is_bound and tried.is_valid():
            asked = effects.ask(service, tried.value(), doing(request, ""))
            return HttpResponseRedirect(f"{here}?effect={asked.pk}#effect")
        if not save.is_bound or not save.is_valid() or effect is None or effect.result is None:
            return None
        try:
            why = doing(request, save.cleaned_data["reason"])
            entry = sensitivities.change(service, effect.value, why)
        except sensitivities.NoChangeError:
            self.message_user(request, "That is its sensitivity already.", messages.WARNING)
        else:
            self.message_user(request, f"From now on. {entry.subject}", messages.SUCCESS)
        return HttpResponseRedirect(here)


def _effect(request: HttpRequest, service: Service) -> ReplayedEffect | None:
    """The effect that the address names; None without one, or where it is too old."""
    key = request.GET.get("effect", "")
    if not key.isdecimal() or len(key) > 15:  # noqa: PLR2004 - digits of any row there will be
        return None
    return ReplayedEffect.objects.filter(pk=key, service=service).first()


def _log(service: Service) -> dict[str, object]:
    changes = SensitivityChange.objects.filter(Q(service=service) | Q(service=None))
    rows = [
        [
            f"{one.since:%Y-%m-%d %H:%M}" if one.since.year > 1970 else "always",  # noqa: PLR2004 - the first Minute there is
            "this service" if one.service_id else "the site",
            one.value or "as the site",
            str(one.made_by or "-"),
        ]
        for one in changes.select_related("made_by")[:SHOWN_CHANGES]
    ]
    return {"headers": ["Since (UTC)", "Of", "Sensitivity", "By"], "rows": rows}
