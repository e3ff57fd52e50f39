"""The forms by which people subscribe and change what they get."""

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from aggregator.models import Subscription
from aggregator.models.alert import Cadence, Style, SubscriptionChannel
from aggregator.models.outage import State
from aggregator.subscriptions import FOR_MACHINES, Manner, Wish
from aggregator.targets import LONGEST_TARGET
from reports.geography import UnknownRegionError, code_of
from reports.models import Category, Service

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

CHANNELS = [
    (SubscriptionChannel.EMAIL, lazy("E-mail")),
    (SubscriptionChannel.CHAT, lazy("Slack, Discord, Teams, Telegram, ntfy …")),
    (SubscriptionChannel.WEBHOOK, lazy("Webhook, signed")),
]
CADENCES = [
    (Cadence.INSTANT, lazy("at once")),
    (Cadence.HOURLY, lazy("together, once an hour")),
    (Cadence.DAILY, lazy("together, at eight in the morning")),
]
STATES = [
    (State.CONFIRMED, lazy("confirmed outages")),
    (State.POSSIBLE, lazy("possible outages too")),
]
STYLES = [
    (Style.OUTCRY, "Outcry"),
    (Style.STATUSPAGE, "Statuspage (incident)"),
    (Style.COMPONENT, "Statuspage (component)"),
    (Style.ALERTMANAGER, "Alertmanager v4"),
    (Style.CAP, "CAP 1.2"),
]
MANNER = ("least_state", "cadence", "quiet_from", "quiet_until", "time_zone", "language", "style")
LONGEST_PLACE = 80


class MannerForm(forms.Form):
    """How somebody wants to be told; what is left out is as usual."""

    least_state = forms.ChoiceField(label=lazy("Of what"), choices=STATES, required=False)
    cadence = forms.ChoiceField(label=lazy("How soon"), choices=CADENCES, required=False)
    quiet_from = forms.TimeField(
        label=lazy("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=lazy("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=lazy("What happens meanwhile is told together afterwards."),
    )
    time_zone = forms.CharField(
        label=lazy("Time zone"),
        required=False,
        max_length=60,
        help_text=lazy("Like Europe/Berlin or America/New_York."),
    )
    language = forms.ChoiceField(label=lazy("Language"), choices=[], required=False)
    style = forms.ChoiceField(label=lazy("Body of the webhook"), choices=STYLES, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        """With the languages of the site."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        languages = self.fields["language"]
        if isinstance(languages, forms.ChoiceField):
            languages.choices = list(settings.LANGUAGES)

    def manner(self) -> Manner:
        """What was chosen, after `is_valid`."""
        chosen = self.cleaned_data
        return Manner(
            language=chosen["language"] or get_language() or settings.LANGUAGE_CODE,
            time_zone=chosen["time_zone"] or "UTC",
            cadence=chosen["cadence"] or Cadence.INSTANT,
            quiet_from=chosen["quiet_from"],
            quiet_until=chosen["quiet_until"],
            style=chosen["style"] or Style.OUTCRY,
        )

    def least(self) -> str:
        """The least state, after `is_valid`."""
        return str(self.cleaned_data["least_state"] or State.CONFIRMED)

    def take_errors(self, error: ValidationError) -> None:
        """Show what a verb refused, at its field where the form has it."""
        for name, words in error.message_dict.items():
            self.add_error(name if name in self.fields else None, " ".join(words))


class SubscribeForm(MannerForm):
    """Who is to be told, where, and of what."""

    channel = forms.ChoiceField(label=lazy("By"), choices=CHANNELS, required=False)
    target = forms.CharField(label=lazy("Address"), max_length=LONGEST_TARGET)
    service = forms.ChoiceField(label=lazy("Service"), choices=[], required=False)
    category = forms.ChoiceField(label=lazy("Category"), choices=[], required=False)
    region = forms.CharField(
        label=lazy("Place"),
        required=False,
        max_length=LONGEST_PLACE,
        help_text=lazy("Country, state or province. Left empty: everywhere."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """With the Services and Categories there are (two queries)."""
        super().__init__(*args, **kwargs)
        services = Service.objects.filter(is_active=True).order_by("name")
        categories = Category.objects.order_by("name")
        self._offer("service", _("all services"), list(services.values_list("slug", "name")))
        self._offer("category", _("all categories"), list(categories.values_list("slug", "name")))

    def _offer(self, name: str, every: str, some: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", every), *some]

    def clean_region(self) -> str | None:
        """The code of the place; None when it is left empty."""
        text = str(self.cleaned_data["region"]).strip()
        try:
            return code_of(text) if text else None
        except UnknownRegionError as error:
            raise ValidationError(str(error)) from error

    def wish(self) -> Wish:
        """What is wished, after `is_valid`."""
        chosen = self.cleaned_data
        return Wish(
            channel=chosen["channel"] or SubscriptionChannel.EMAIL,
            target=chosen["target"],
            service=chosen["service"],
            category=chosen["category"],
            region=chosen["region"],
            least_state=self.least(),
            manner=self.manner(),
        )

    def main_fields(self) -> "list[BoundField]":
        """Those that everybody needs."""
        return [self[name] for name in ("channel", "target", "service", "category", "region")]

    def manner_fields(self) -> "list[BoundField]":
        """Those that few change."""
        return [self[name] for name in MANNER]


def manner_form(subscription: Subscription) -> MannerForm:
    """The form that changes a Subscription, as it stands; a webhook's has other fields."""
    form = MannerForm(
        initial={name: getattr(subscription, name) for name in MANNER},
        prefix=str(subscription.pk),
    )
    trim(form, subscription)
    return form


def trim(form: MannerForm, subscription: Subscription) -> None:
    """Leave out what means nothing to the Subscription's channel."""
    is_machine = subscription.channel in FOR_MACHINES
    gone = ("cadence", "quiet_from", "quiet_until", "time_zone") if is_machine else ("style",)
    for name in gone:
        form.fields[name].widget = forms.HiddenInput()
        form.fields[name].disabled = True
        form.fields[name].initial = getattr(subscription, name)
