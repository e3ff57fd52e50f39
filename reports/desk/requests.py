"""What the desk's pages have in common: who may use them, and what a form says of an act."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from reports.desk.kinds import Sentence
from reports.models.moderation import BanKind
from reports.trail import Doing

MAY_LOOK = "reports.view_report"
MAY_ACT = "reports.change_report"
LENGTHS = ((1, "1 hour"), (6, "6 hours"), (24, "1 day"), (72, "3 days"), (168, "7 days"))
USUAL_HOURS = 24
REASONS = ("Spam", "Insults", "Personal data", "Automated reports", "Off topic", "Reviewed: fine")
# Where the session keeps what was entered last: acts come in series.
LAST = "desk"


class ActForm(forms.Form):
    """Why, and for how long whom to ban."""

    reason = forms.CharField(max_length=500, required=False)
    whom = forms.TypedChoiceField(
        choices=BanKind.choices, coerce=BanKind, empty_value=None, required=False
    )
    hours = forms.TypedChoiceField(choices=LENGTHS, coerce=int, empty_value=None, required=False)


def page(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """A page of the desk, with all that the back office's frame needs."""
    form = ActForm(initial={"hours": USUAL_HOURS, **request.session.get(LAST, {})})
    frame = {
        **admin.site.each_context(request),
        "may_act": request.user.has_perm(MAY_ACT),
        "form": form,
        "reasons": REASONS,
        # A part that is asked for alone belongs to another address.
        "here": request.GET.get("here") or request.get_full_path(),
    }
    return render(request, template, {**frame, **context})


def doing_of(request: HttpRequest) -> tuple[Doing, Sentence]:
    """Who does what a form asks for and why; kept for the next form of the session.

    Raises:
        PermissionDenied: when they may only look, or the form is none of ours.
    """
    user, form = request.user, ActForm(request.POST)
    if not isinstance(user, User) or not user.has_perm(MAY_ACT) or not form.is_valid():
        raise PermissionDenied
    said = form.cleaned_data
    whom, hours = said["whom"] or BanKind.FINGERPRINT, said["hours"] or USUAL_HOURS
    if "reason" in request.POST:
        request.session[LAST] = {"reason": said["reason"], "whom": whom.value, "hours": hours}
    doing = Doing(user, said["reason"], datetime.now(UTC))
    return doing, Sentence(whom, timedelta(hours=hours))


def back(request: HttpRequest) -> str:
    """The desk's page that a form came from; the queue when it does not say."""
    wanted = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:queue")
