"""The forms of the catalogue: they make an entry of what was typed, and have it checked and put."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanSwitchWidget,
)

from reports import catalogue_acts, logos
from reports.back_office import RefusedActError, VerbForm
from reports.catalogue_changes import AnyEntry
from reports.catalogue_file import LONGEST_NAME, CategoryEntry, ProblemTypeEntry, ServiceEntry
from reports.models import Category, Service
from reports.trail import Doing

Listed = TypeVar("Listed", Category, Service)


class EntryForm(VerbForm[Listed]):
    """A form of one entry of the catalogue."""

    name = forms.CharField(max_length=LONGEST_NAME, widget=UnfoldAdminTextInputWidget)

    def entry(self) -> AnyEntry:
        """What was typed, as an entry."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Ask the rules of the file."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            for message in catalogue_acts.check(self.entry()):
                self.add_error(None, message)
        return cleaned

    def put(self, doing: Doing) -> bool:
        """Put the entry into the catalogue; whether that changed anything."""
        try:
            catalogue_acts.put(self.entry(), doing)
        except catalogue_acts.UnchangedError:
            return False
        except catalogue_acts.RefusedError as error:
            raise RefusedActError(str(error)) from error
        return True

    @property
    def slug(self) -> str:
        """What programs call it; never changed, because history and links name it."""
        return self.instance.slug or str(self.cleaned_data.get("slug", ""))


class CategoryForm(EntryForm[Category]):
    """A shelf."""

    class Meta:
        model = Category
        fields = ["name", "slug", "position"]
        help_texts = {"position": _("0 is the first.")}

    def entry(self) -> CategoryEntry:
        """What was typed."""
        entered = self.cleaned_data
        return CategoryEntry(self.slug, entered["name"], entered["position"])

    def act(self, doing: Doing) -> Category:
        """Put it into the catalogue."""
        self.put(doing)
        return Category.objects.get(slug=self.slug)


class ServiceForm(EntryForm[Service]):
    """A Service and all that hangs on it."""

    homepage = forms.URLField(
        required=False, assume_scheme="https", widget=UnfoldAdminURLInputWidget
    )
    official_url = forms.URLField(
        label=_("Official status page"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )
    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One a line. A name means one service."),
    )
    problem_types = forms.CharField(
        label=_("Problem types"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_(
            "One a line, as slug: Name, in the order of the form. Programs send the slug;"
            " what is no longer listed is retired and keeps its history."
        ),
    )
    depends_on = forms.ModelMultipleChoiceField(
        label=_("Depends on"),
        queryset=Service.objects.all(),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(attrs={"size": 8}),
        help_text=_("Services whose failure makes this one fail. No circles."),
    )
    is_hidden = forms.BooleanField(
        label=_("Hidden"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("On no page, and nobody can report it: a draft, or no longer offered."),
    )
    picture = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PNG, JPEG, WebP or GIF, at most 1 MB. It is drawn anew at 128 pixels."),
    )
    no_picture = forms.BooleanField(
        label=_("Remove the logo"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Service
        fields = ["name", "slug", "category", "official_kind"]
        labels = {"official_kind": _("Its format")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(typed(self.instance))

    def clean_picture(self) -> bytes | None:
        """The picture, drawn anew."""
        upload = self.cleaned_data["picture"]
        try:
            return logos.redrawn(upload) if upload else None
        except logos.BadPictureError as error:
            raise forms.ValidationError(str(error)) from error

    def entry(self) -> ServiceEntry:
        """What was typed."""
        entered = self.cleaned_data
        return ServiceEntry(
            slug=self.slug,
            name=entered["name"],
            category=entered["category"].slug,
            homepage=entered["homepage"],
            official_url=entered["official_url"],
            official_kind=entered["official_kind"],
            aliases=tuple(sorted(_lines(entered["aliases"]))),
            problem_types=tuple(_kinds(entered["problem_types"])),
            depends_on=tuple(sorted(one.slug for one in entered["depends_on"])),
            hidden=entered["is_hidden"],
        )

    def act(self, doing: Doing) -> Service:
        """Put it into the catalogue, and its logo."""
        self.put(doing)
        made = Service.objects.get(slug=self.slug)
        png = self.cleaned_data["picture"]
        if png or (self.cleaned_data["no_picture"] and made.logo_id):
            logos.give(made.pk, png, doing)
        return made


def typed(service: Service) -> dict[str, object]:
    """The fields of `ServiceForm` that are no columns, as somebody would type them."""
    kinds = service.problem_types.filter(is_active=True).order_by("position", "slug")
    return {
        "aliases": "\n".join(service.aliases.values_list("name", flat=True)),
        "problem_types": "\n".join(f"{one.slug}: {one.name}" for one in kinds),
        "depends_on": list(service.dependencies.values_list("depends_on", flat=True)),
        "is_hidden": not service.is_active,
    }


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := raw.strip())]


def _kinds(text: str) -> Iterable[ProblemTypeEntry]:
    """Problem types out of lines; one without a colon is faulty, and the rules say so."""
    for line in _lines(text):
        slug, _colon, name = (part.strip() for part in line.partition(":"))
        yield ProblemTypeEntry(slug, name)
