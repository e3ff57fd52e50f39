"""Outages and the moves they made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, QuerySet

from reports.models import ModerationEntry, Region, Service


class State(models.TextChoices):
    """Where an Outage stands."""

    POSSIBLE = "possible", "possible"
    CONFIRMED = "confirmed", "confirmed"
    OVER = "over", "over"
    RETRACTED = "retracted", "retracted"


NOT_OVER = (State.POSSIBLE, State.CONFIRMED)


class StandingOutages(models.Manager["Outage"]):
    """Those that stand for themselves, as readers and the detector see them."""

    def get_queryset(self) -> QuerySet["Outage"]:
        """All but those that were joined into another one."""
        return super().get_queryset().filter(joined_into=None)


class Outage(models.Model):
    """One episode of one Service. At most one of a Service is not over."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="outages")
    state = models.CharField(max_length=9, choices=State.choices)
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        help_text="The smallest Region that holds the whole scope; the world when it is worldwide.",
    )
    regions = ArrayField(
        models.CharField(max_length=6),
        default=list,
        help_text="The scope: the Regions that explain the excess.",
    )
    started_at = models.DateTimeField(help_text="Estimated onset.")
    detected_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    peak_count = models.PositiveIntegerField(help_text="Reports of its highest quarter-hour.")
    expected_at_peak = models.FloatField(help_text="Reports expected in that quarter-hour.")
    cause = models.ForeignKey(
        Service,
        null=True,
        on_delete=models.PROTECT,
        related_name="effects",
        help_text="The Service it depends on whose failure explains it.",
    )
    is_cause_set = models.BooleanField(
        default=False, help_text="A person named the cause, or said that there is none."
    )
    is_by_hand = models.BooleanField(
        default=False, help_text="A person opened it, and the detector has not seen it yet."
    )
    joined_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="joined",
        help_text="The Outage that it turned out to be a part of; its address leads there.",
    )

    objects = StandingOutages()
    every = models.Manager["Outage"]()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(state__in=NOT_OVER),
                name="aggregator_outage_one_open",
                violation_error_message="This service has an outage that is not over.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOT_OVER, ended_at=None)
                | (~Q(state__in=NOT_OVER) & Q(ended_at__isnull=False)),
                name="aggregator_outage_ended_when_over",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RETRACTED, retracted_at__isnull=False)
                | (~Q(state=State.RETRACTED) & Q(retracted_at=None)),
                name="aggregator_outage_retracted_when_told",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "-started_at"], name="aggregator_outage_of_service"),
            models.Index(fields=["-started_at", "-id"], name="aggregator_outage_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.service}, {self.started_at.isoformat()}"


class EventKind(models.TextChoices):
    """What moved."""

    OPENED = "opened", "opened"
    CONFIRMED = "confirmed", "confirmed"
    SCOPE = "scope", "scope changed"
    CLOSED = "closed", "over"
    REOPENED = "reopened", "opened again"
    RETRACTED = "retracted", "retracted"
    AFFECTED = "affected", "probably affected"
    CORRECTED = "corrected", "corrected"
    JOINED = "joined", "joined with another"
    SPLIT = "split", "split by place"


class OutageEvent(models.Model):
    """One move of an Outage, with the numbers that made it. Written once, never edited."""

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=9, choices=EventKind.choices)
    from_state = models.CharField(max_length=9, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=9, choices=State.choices)
    at = models.DateTimeField(help_text="The end of the last Minute looked at, or of the act.")
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    regions = ArrayField(models.CharField(max_length=6), default=list)
    cause = models.ForeignKey(
        Service,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The Service whose failure explained it then.",
    )
    reason = models.TextField(blank=True, help_text="In words, for everybody to read.")
    entry = models.ForeignKey(
        ModerationEntry,
        null=True,
        on_delete=models.PROTECT,
        related_name="outage_events",
        help_text="The act of the person who made the move; empty when a rule made it.",
    )
    numbers = models.JSONField(
        default=dict, help_text="The detector's figures; aggregator.detection.types.Numbers."
    )

    class Meta:
        ordering = ["outage", "id"]
        constraints = [
            # A cause that flickers is no news.
            models.UniqueConstraint(
                fields=["outage"],
                condition=Q(kind=EventKind.AFFECTED),
                name="aggregator_outageevent_affected_once",
            )
        ]
        indexes = [models.Index(fields=["at"], name="aggregator_outageevent_at")]

    def __str__(self) -> str:
        return f"{self.outage_id} {self.kind}"


class OutageNote(models.Model):
    """What a person says of an Outage to everybody, in Markdown."""

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    entry = models.ForeignKey(
        ModerationEntry, on_delete=models.PROTECT, related_name="outage_notes"
    )

    class Meta:
        ordering = ["outage", "at", "id"]

    def __str__(self) -> str:
        return self.text
