"""What evaluation leaves behind: for itself to go on from, and for readers to show at once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from aggregator.models.outage import Outage
from reports.models import Region, Service


class EvaluationMark(models.Model):
    """How far evaluation has come: one row, locked by whoever evaluates."""

    evaluated_until = models.DateTimeField(
        help_text="Every Minute that ends at or before this was evaluated."
    )

    def __str__(self) -> str:
        return f"evaluated until {self.evaluated_until.isoformat()}"


class EngineCheckpoint(models.Model):
    """The detector's memory at one instant; from here it is rebuilt by replaying Minutes."""

    at = models.DateTimeField(primary_key=True, help_text="The end of the last Minute it knows.")
    parameters = models.TextField(help_text="The version of the detector's parameters.")
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.at.isoformat()


class Verdict(models.TextChoices):
    """What a page says of a Service now."""

    OK = "ok", "no problems"
    POSSIBLE = "possible", "possible problems"
    MAJOR = "major", "problems"
    UNKNOWN = "unknown", "too little data to tell"


class ServiceStatus(models.Model):
    """The answer to "is it down?", ready to show: one row a Service, one write a Minute."""

    service = models.OneToOneField(
        Service, primary_key=True, on_delete=models.CASCADE, related_name="status"
    )
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.UNKNOWN)
    outage = models.ForeignKey(Outage, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(help_text="The end of the last Minute looked at.")
    observed = models.PositiveIntegerField(help_text="Reports of the last 15 minutes.")
    expected = models.FloatField(help_text="Reports expected in them.")
    low = models.FloatField(help_text="Lower end of the usual band, reports in 15 minutes.")
    high = models.FloatField(help_text="Upper end of the usual band, reports in 15 minutes.")
    last_hour = models.PositiveIntegerField(default=0, help_text="Reports of the last 60 minutes.")

    class Meta:
        verbose_name_plural = "service statuses"

    def __str__(self) -> str:
        return f"{self.service_id}: {self.verdict}"


class PlaceStatus(models.Model):
    """A Service in one Region now, descendants included; only Regions with Reports have a row."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="places")
    region = models.ForeignKey(Region, on_delete=models.CASCADE)
    at = models.DateTimeField(help_text="The end of the Minute that last changed the row.")
    observed = models.PositiveIntegerField(help_text="Reports of the last 60 minutes.")
    expected = models.FloatField(
        null=True, help_text="Reports expected in them; null while nothing is known of the place."
    )
    recent = models.PositiveIntegerField(
        null=True, help_text="Reports of the last 15 minutes; only of very large Services."
    )
    recent_expected = models.FloatField(null=True, help_text="Reports expected in them.")

    class Meta:
        verbose_name_plural = "place statuses"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "region"], name="aggregator_placestatus_once"
            ),
            models.CheckConstraint(
                condition=models.Q(recent=None, recent_expected=None)
                | models.Q(
                    recent__isnull=False,
                    recent_expected__isnull=False,
                    recent__lte=models.F("observed"),
                ),
                name="aggregator_placestatus_recent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.region_id}: {self.observed}"


class Expectation(models.Model):
    """What was expected of a Service, worldwide, in one quarter of an hour: the chart's band."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    start = models.DateTimeField(help_text="The quarter's first instant, UTC.")
    expected = models.FloatField(help_text="Reports in the quarter-hour.")
    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "start"], name="aggregator_expectation_once")
        ]
        indexes = [models.Index(fields=["start"], name="aggregator_expectation_start")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.start.isoformat()}: {self.expected:.1f}"


class DayTrace(models.Model):
    """A Service's Reports by hour over a day, worldwide, ready to draw in a list of Services.

    Services without Reports in the last day keep an old row or have none: `until` says so.
    """

    service = models.OneToOneField(
        Service, primary_key=True, on_delete=models.CASCADE, related_name="trace"
    )
    until = models.DateTimeField(help_text="The end of the last hour, UTC.")
    counts = ArrayField(
        models.PositiveIntegerField(), help_text="Reports of the 24 hours before, oldest first."
    )

    def __str__(self) -> str:
        return f"{self.service_id} until {self.until.isoformat()}"
