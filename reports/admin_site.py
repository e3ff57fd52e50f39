"""The page of the site's settings: each shows what the environment says, and what was set here."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import site as office
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from reports import logos, site_settings
from reports.back_office import doing
from reports.site_settings import BadSettingError, Site

MAY_SET = "reports.change_sitesetting"
NUMBERS = ("dedupe_window_minutes", "report_retention_days", "minute_retention_days")


class SiteForm(forms.Form):
    """The site's settings; what is left empty is as the environment has it."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=site_settings.LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget,
    )
    picture = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PNG, JPEG, WebP or GIF, at most 1 MB. It is drawn anew at 128 pixels."),
    )
    no_picture = forms.BooleanField(
        label=_("Use the logo that ships"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages of the pages"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("English is always among them. None chosen: all."),
    )
    countries = forms.CharField(
        label=_("Countries that the report form suggests"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("ISO codes, like DE, AT, CH. Empty: all. Any place can be reported."),
    )
    dedupe_window_minutes = forms.IntegerField(
        label=_("A person counts once for a service in, minutes"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("For reports that come from now on; what was counted stays as it is."),
    )
    report_retention_days = forms.IntegerField(
        label=_("Reports are kept, days"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Shorter deletes what is older at the next round; undoing brings none back."),
    )
    minute_retention_days = forms.IntegerField(
        label=_("Counts by minute are kept, days"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("At least as long as reports. Quarter-hours and hours stay."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Your colleagues read it in the trail."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        languages = self.fields["languages"]
        if isinstance(languages, forms.MultipleChoiceField):
            languages.choices = list(settings.LANGUAGES)
        ours = site_settings.defaults()
        for name in ("name", *NUMBERS):
            self.fields[name].widget.attrs["placeholder"] = getattr(ours, name)

    def clean_picture(self) -> bytes | None:
        """The picture, drawn anew."""
        upload = self.cleaned_data["picture"]
        try:
            return logos.redrawn(upload) if upload else None
        except logos.BadPictureError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Ask each setting's rule."""
        cleaned = super().clean() or self.cleaned_data
        for key, value in self.wanted().items():
            try:
                if value is not None:
                    site_settings.RULES[key](value)
            except BadSettingError as error:
                self.add_error(key, str(error))
        return cleaned

    def wanted(self) -> dict[str, object | None]:
        """What was entered, by key; None for what is left to the environment."""
        entered = self.cleaned_data
        countries = entered.get("countries", "").replace(",", " ").upper().split()
        wanted: dict[str, object | None] = {
            "name": entered.get("name") or None,
            "languages": entered.get("languages") or None,
            "countries": countries or None,
            **{key: entered.get(key) for key in NUMBERS},
        }
        return wanted

    def logo(self) -> dict[str, str | None]:
        """The logo, if it shall change."""
        if png := self.cleaned_data["picture"]:
            return {"logo": logos.keep(png).digest}
        return {"logo": None} if self.cleaned_data["no_picture"] else {}


@permission_required(MAY_SET, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """What is set, and the form that changes it."""
    form = SiteForm(request.POST or None, request.FILES or None, initial=_initial())
    if request.method == "POST" and form.is_valid():
        act = doing(request, form.cleaned_data["reason"])
        entry = site_settings.change({**form.wanted(), **form.logo()}, act)
        words = f"Changed: {entry.subject}." if entry else "Nothing changed."
        messages.success(request, words)
        return HttpResponseRedirect(request.path)
    context = {
        **office.each_context(request),
        "title": _("Settings of the site"),
        "form": form,
        "rows": _rows(site_settings.fresh()),
    }
    return render(request, "admin/site_settings.html", context)


PAGES = (("site/", settings_page, "site-settings"),)


def _initial() -> dict[str, object]:
    chosen = site_settings.chosen()
    return {**chosen, "countries": ", ".join(chosen.get("countries", []))}


def _rows(now: Site) -> list[tuple[str, str, str]]:
    """Each setting: its name, its value now, and where that comes from."""
    chosen = site_settings.chosen()
    return [
        (
            key.replace("_", " "),
            _shown(getattr(now, key)),
            "set here" if key in chosen else "environment",
        )
        for key in site_settings.RULES
    ]


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
