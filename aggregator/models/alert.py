"""Who wants to be told, and what is still to be told: the outbox."""

from django.db import models

from aggregator.models.outage import OutageEvent, State
from reports.models import Region, Service


class SubscriptionChannel(models.TextChoices):
    """The ways an Alert can travel."""

    WEBHOOK = "webhook", "signed webhook"
    EMAIL = "email", "e-mail"


class Subscription(models.Model):
    """A wish to be told of Outages, of one Service or Region or of all."""

    channel = models.CharField(max_length=12, choices=SubscriptionChannel.choices)
    target = models.TextField(help_text="An address: https://… or name@host.")
    secret = models.TextField(blank=True, help_text="Signs webhooks: whsec_ and base64.")
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: all."
    )
    region = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: everywhere."
    )
    least_state = models.CharField(
        max_length=9,
        choices=[(State.POSSIBLE, "possible"), (State.CONFIRMED, "confirmed")],
        default=State.CONFIRMED,
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.channel} to {self.target}"


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
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
