"""Who wants to be told, and what is still to be told: the outbox."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from aggregator.models.outage import OutageEvent, State
from reports.models import ApiKey, Category, Region, Service

# How long the secret before the last still signs, beside the new one.
BOTH_SECRETS_FOR = timedelta(days=1)


class SubscriptionChannel(models.TextChoices):
    """The ways an Alert can travel."""

    WEBHOOK = "webhook", "signed webhook"
    EMAIL = "email", "e-mail"
    CHAT = "chat", "chat or push service"
    PUSH = "push", "this browser"


class Cadence(models.TextChoices):
    """How soon somebody is told."""

    INSTANT = "instant", "at once"
    HOURLY = "hourly", "together, once an hour"
    DAILY = "daily", "together, once a day"


class Style(models.TextChoices):
    """What a webhook's body looks like."""

    OUTCRY = "outcry", "Outcry"
    STATUSPAGE = "statuspage", "Statuspage"
    COMPONENT = "component", "Statuspage component"
    ALERTMANAGER = "alertmanager", "Alertmanager"
    CAP = "cap", "CAP 1.2"


class Subscription(models.Model):
    """A wish to be told of Outages, of one Service, Category or Region or of all."""

    channel = models.CharField(max_length=12, choices=SubscriptionChannel.choices)
    target = models.TextField(help_text="Where to: https://…, name@host, or a service's own form.")
    secret = models.TextField(
        blank=True, help_text="Signs webhooks: whsec_ and base64; a browser's keys as JSON."
    )
    earlier_secret = models.TextField(blank=True, help_text="Signs too, for a day after a change.")
    rotated_at = models.DateTimeField(null=True, blank=True)
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all."
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all."
    )
    region = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: everywhere."
    )
    least_state = models.CharField(
        max_length=9,
        choices=[(State.POSSIBLE, "possible"), (State.CONFIRMED, "confirmed")],
        default=State.CONFIRMED,
    )
    language = models.CharField(max_length=12, default="en")
    time_zone = models.TextField(default="UTC", help_text="An IANA name that PostgreSQL knows.")
    cadence = models.CharField(max_length=7, choices=Cadence.choices, default=Cadence.INSTANT)
    quiet_from = models.TimeField(null=True, blank=True, help_text="In the subscriber's zone.")
    quiet_until = models.TimeField(null=True, blank=True)
    hourly_cap = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="More in an hour are told together. Empty: no cap."
    )
    style = models.CharField(max_length=12, choices=Style.choices, default=Style.OUTCRY)
    owner = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.CASCADE, help_text="The key that made it."
    )
    by_operator = models.BooleanField(
        default=False, help_text="Made by this site's operator: may reach the allowed networks."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Failed tries in a row.")
    failing_since = models.DateTimeField(null=True, blank=True)
    broken_until = models.DateTimeField(
        null=True, blank=True, help_text="After failures in a row nothing is tried before."
    )
    trial_asked_at = models.DateTimeField(null=True, blank=True)
    trial_told = models.TextField(blank=True, help_text="What came of the last test message.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="aggregator_subscription_quiet_whole",
            )
        ]
        indexes = [
            models.Index(fields=["channel", "target"], name="aggregator_subscription_to"),
            models.Index(
                fields=["trial_asked_at"],
                condition=Q(trial_asked_at__isnull=False, trial_told=""),
                name="aggregator_subscription_trial",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.shown_target}"

    @property
    def shown_target(self) -> str:
        """The target without what would let others use it: a token, or a person's name."""
        if self.channel == SubscriptionChannel.EMAIL:
            name, _, host = self.target.rpartition("@")
            return f"{name[:1]}…@{host}"
        parts = urlsplit(self.target)
        is_token = self.channel == SubscriptionChannel.CHAT and parts.scheme not in {
            "https",
            "http",
        }
        return f"{parts.scheme}://…" if is_token else f"{parts.scheme}://{parts.hostname}/…"


class AlertState(models.TextChoices):
    """Where an Alert stands."""

    PENDING = "pending", "pending"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"


class Alert(models.Model):
    """One OutageEvent to be told to one Subscription. `id` is the stable idempotency key."""

    id = models.UUIDField(primary_key=True)
    event = models.ForeignKey(OutageEvent, on_delete=models.CASCADE, related_name="alerts")
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="alerts")
    state = models.CharField(max_length=7, choices=AlertState.choices, default=AlertState.PENDING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not to be tried before; pushed on while leased.")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    tries = models.JSONField(
        default=list, help_text="Each try: when (`at`), what went wrong (`told`)."
    )
    is_gathered = models.BooleanField(
        default=False, help_text="To be told together with others of its subscription."
    )
    bundle = models.UUIDField(
        null=True, help_text="The Alert whose message tells this one too; its own id for that one."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subscription"], name="aggregator_alert_told_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="pending"),
                name="aggregator_alert_due",
            ),
            models.Index(
                fields=["bundle"],
                condition=models.Q(bundle__isnull=False),
                name="aggregator_alert_bundle",
            ),
            models.Index(fields=["created_at"], name="aggregator_alert_created"),
        ]

    def __str__(self) -> str:
        return str(self.id)
