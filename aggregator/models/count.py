"""Counts of Reports: by Minute, rolled up to quarter-hours and hours."""

from django.db import models

from reports.models import ProblemType, Region, Service
from reports.models.fields import TransactionIdField


class Count(models.Model):
    """Counted Reports of exactly one (Service, Region, ProblemType) in one span of time.

    A Region's row holds the Reports that name exactly that Region, not its descendants'. Rows
    come from the counting verb alone; the unique key treats "no problem type" as a value.
    The Minute table is partitioned by day; in the database its key is the unique key.
    """

    start = models.DateTimeField(help_text="The first instant of the span, UTC.", primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.DO_NOTHING, db_constraint=False)
    region = models.ForeignKey(Region, on_delete=models.DO_NOTHING, db_constraint=False)
    problem_type = models.ForeignKey(
        ProblemType, null=True, on_delete=models.DO_NOTHING, db_constraint=False
    )
    count = models.IntegerField()

    class Meta:
        abstract = True
        managed = False

    def __str__(self) -> str:
        return f"{self.service_id} {self.region_id} {self.start.isoformat()}: {self.count}"


class MinuteCount(Count):
    """Counted Reports by Minute."""

    class Meta(Count.Meta):
        db_table = "aggregator_minutecount"


class QuarterCount(Count):
    """Counted Reports by quarter of an hour."""

    class Meta(Count.Meta):
        db_table = "aggregator_quartercount"


class HourCount(Count):
    """Counted Reports by hour."""

    class Meta(Count.Meta):
        db_table = "aggregator_hourcount"


class SocialCount(Count):
    """Counted public posts by Minute, which no other table holds: they name no place.

    Beside the Reports of people who came here, never among them.
    """

    class Meta(Count.Meta):
        db_table = "aggregator_socialcount"


class CountingMark(models.Model):
    """How far counting has come: one row, locked by whoever counts.

    Every Report of a transaction before `transaction` is counted, no other is.
    """

    transaction = TransactionIdField()
    cluster = models.BigIntegerField(
        help_text="The database cluster whose transaction ids these are."
    )
    counted_until = models.DateTimeField(
        help_text="Reports received before this are counted, unless still being written."
    )
    revision = models.BigIntegerField(
        default=0, help_text="Raised whenever the count of an evaluated Minute changed."
    )

    def __str__(self) -> str:
        return f"counted until {self.counted_until.isoformat()}"


class CountCorrection(models.Model):
    """A Service whose past counts were corrected; what rests on them is still to be judged."""

    revision = models.BigIntegerField(help_text="The CountingMark's, as of the correction.")
    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    since = models.DateTimeField(help_text="The first Minute that was counted again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "service"], name="aggregator_countcorrection_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} since {self.since.isoformat()}"
