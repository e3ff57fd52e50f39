"""The page that takes in a whole catalogue: it shows what would change before anything does."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from reports import catalogue_acts, catalogue_file, catalogue_rows
from reports.back_office import doing
from reports.catalogue_changes import changes

LARGEST_FILE = 2_000_000


class FileForm(forms.Form):
    """A file, to look at what it would change."""

    file = forms.FileField(
        label=gettext_lazy("A catalogue in YAML"), widget=UnfoldAdminFileFieldWidget
    )


class ReasonForm(forms.Form):
    """The text that was looked at, the catalogue it was compared with, and why."""

    text = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget
    )


def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file, show what it would change, then take it in.

    Raises:
        PermissionDenied: for those who may not change every part of the catalogue.
    """
    needed = ("reports.add_service", "reports.change_service", "reports.change_category")
    if not request.user.has_perms(needed):
        raise PermissionDenied
    if "text" in request.POST:
        return _take(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if upload.size <= LARGEST_FILE:
            return _compare(request, upload.read().decode("utf-8", "replace"), upload.name)
        form.add_error("file", _("The file is larger than 2 MB."))
    return _page(request, {"form": form})


def _compare(request: HttpRequest, text: str, name: str) -> HttpResponse:
    """Show the faults of a text, or what it would change."""
    try:
        wanted = catalogue_file.parse(text, name)
    except catalogue_file.CatalogueFileError as error:
        return _page(request, {"form": FileForm(), "faults": error.faults})
    now = catalogue_rows.current()
    form = ReasonForm(initial={"text": text, "seen": catalogue_acts.digest(now)})
    changed = changes(now, wanted)
    return _page(request, {"form": form, "changes": changed, "is_compared": True})


def _take(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _compare(request, request.POST["text"], "catalogue")
    entered = form.cleaned_data
    try:
        wanted = catalogue_file.parse(entered["text"])
        entry = catalogue_acts.replace(wanted, entered["seen"], doing(request, entered["reason"]))
    except catalogue_acts.MovedOnError:
        messages.warning(request, _("Somebody changed the catalogue meanwhile. Look again."))
        return _compare(request, entered["text"], "catalogue")
    except catalogue_acts.UnchangedError:
        messages.info(request, _("Nothing changed."))
    except (catalogue_file.CatalogueFileError, catalogue_acts.RefusedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken in: %(subject)s.") % {"subject": entry.subject})
    return HttpResponseRedirect(reverse("admin:reports_service_changelist"))


def _page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    title = {"title": _("Take in a catalogue")}
    whole = {**admin.site.each_context(request), **title, **context}
    return render(request, "admin/catalogue_import.html", whole)
