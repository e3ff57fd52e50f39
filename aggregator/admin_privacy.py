"""The page of privacy's duties: what is kept until when, letting go on request, counts to take."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from django import forms
from django.contrib import messages
from django.contrib.admin import site as office
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from aggregator import alerting, export, signups, subscriptions
from aggregator.export import Format, Row
from aggregator.steps import HOUR
from reports import bans, privacy, retention, site_settings, suggestions, trail, votes
from reports.back_office import doing
from reports.models.moderation import Act

MAY_FORGET = "reports.delete_report"
MOST_DAYS = 366
DAY = timedelta(days=1)
KINDS = {Format.CSV: "text/csv; charset=utf-8", Format.NDJSON: "application/x-ndjson"}


class CodeForm(forms.Form):
    """Whose, and why; `sure` once the numbers were shown."""

    code = forms.CharField(
        label="Code, or a report's id",
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text="Senders read their code at /privacy/code/, for two days; programs get the ids.",
    )
    reason = forms.CharField(label="Reason", max_length=500, widget=UnfoldAdminTextInputWidget)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_code(self) -> bytes:
        """The code that was meant."""
        try:
            return privacy.code_of(self.cleaned_data["code"])
        except privacy.NoCodeError as error:
            message = "This is no code of 32 letters a-f and digits, nor a report that is kept."
            raise forms.ValidationError(message) from error


class ExportForm(forms.Form):
    """Which days' counts."""

    first = forms.DateField(label="First day, UTC", widget=UnfoldAdminSingleDateWidget)
    last = forms.DateField(label="Last day, UTC", widget=UnfoldAdminSingleDateWidget)
    form = forms.TypedChoiceField(
        label="Format",
        choices=[(one.value, one.value.upper()) for one in KINDS],
        coerce=Format,
        widget=UnfoldAdminSelectWidget,
    )
    why = forms.CharField(label="Reason", max_length=500, widget=UnfoldAdminTextInputWidget)

    def clean(self) -> dict[str, object]:
        """A span that is one."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not 0 <= (cleaned["last"] - cleaned["first"]).days < MOST_DAYS:
            self.add_error("last", f"Give a day from the first one to {MOST_DAYS} days later.")
        return cleaned


@permission_required(MAY_FORGET, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def privacy_page(request: HttpRequest) -> HttpResponse:
    """What is kept, and the two forms; a POST shows what a code holds, then lets go of it."""
    form = CodeForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        found = privacy.kept(entered["code"])
        if entered["sure"] and not found.is_nothing:
            entry = privacy.forget(entered["code"], doing(request, entered["reason"]))
            messages.success(request, f"Let go of: {entry.subject}.")
            return HttpResponseRedirect(request.path)
    return _page(request, {"form": form, "found": found, "export": ExportForm()})


@permission_required(MAY_FORGET, raise_exception=True)
@require_POST
def export_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The counts of some days by hour: no code, no word, small counts as "fewer than 5"."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, {"form": CodeForm(), "export": form})
    first, last, kind = (form.cleaned_data[name] for name in ("first", "last", "form"))
    act = doing(request, form.cleaned_data["why"])
    trail.write(Act.EXPORT, f"counts of {first} to {last}, {kind}", act)
    response = StreamingHttpResponse(_days(first, last, kind), content_type=KINDS[kind])
    name = f"counts-{first}-{last}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


PAGES = (
    ("privacy/", privacy_page, "privacy"),
    ("privacy/export/", export_page, "privacy-export"),
)


def what_is_kept() -> list[tuple[str, str]]:
    """Each thing that could tell of a person, and until when it is kept."""
    site = site_settings.fresh()
    reports = f"{site.report_retention_days} days"
    return [
        ("Reports: service, what fails, place, time, code of the day", reports),
        ("Comments", f"{reports}, on the page for one day"),
        ("Flags of comments: code of the day", reports),
        ("Keys that turn an address into a code", _span(retention.KEPT_KEYS)),
        ("Votes: code of the day; their number", f"{_span(votes.KEPT)}; 30 days"),
        (
            "Suggestions: code of the day; the name",
            f"{_span(retention.KEPT_KEYS)}; {_span(suggestions.KEPT)} after the last who asked",
        ),
        ("Bans: a hash under a key of their own", f"a day after their end, {_span(bans.LONGEST)}"),
        (
            "Subscriptions: address, language, time zone",
            f"deleted at unsubscribing; {_span(subscriptions.KEPT_ENDED)} if ended otherwise",
        ),
        ("Subscriptions that were not confirmed", _span(signups.LINK_LASTS)),
        ("What was told to a subscription", _span(alerting.KEPT)),
        ("Failed logins: name, hash of the network", "15 minutes, deleted at the next login"),
        ("Trail: names of the staff", "as long as the site"),
        (
            "Counts, which are nobody's",
            f"by minute {site.minute_retention_days} days, by quarter-hour and hour for years",
        ),
    ]


def _span(length: timedelta) -> str:
    return f"{length.days} days"


def _days(first: date, last: date, kind: Format) -> Iterator[bytes]:
    """A file, a day at a time, so that no transaction and no memory grow with the span."""
    start = datetime.combine(first, datetime.min.time(), UTC)
    end = datetime.combine(last, datetime.min.time(), UTC) + DAY
    for number, (since, until) in enumerate(export.days(start, end)):
        out = BytesIO()
        export.write(kind, export.rows(HOUR, since, until), out, kind=Row)
        text = out.getvalue()
        # Every day's CSV names its columns; the file does once.
        yield text.partition(b"\n")[2] if number and kind is Format.CSV else text


def _page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    frame = {**office.each_context(request), "title": "Privacy", "kept": what_is_kept()}
    return render(request, "admin/privacy.html", {**frame, **context})
