"""Reports, and what keeps their senders private."""

from django.db import models
from django.db.models import Func

from reports.models.catalogue import ProblemType, Service
from reports.models.fields import TransactionIdField
from reports.models.place import Region


class RegionSource(models.TextChoices):
    """How the place of a Report is known."""

    USER = "user", "said by the sender"
    POSITION = "position", "from the sender's position"
    IP = "ip", "from the sender's network"
    LOCALE = "locale", "from the sender's language settings"
    NONE = "none", "unknown"


class Channel(models.TextChoices):
    """The way a Report came in."""

    WEB = "web", "the site's form"
    API = "api", "the public API"
    BULK = "bulk", "the bulk API"
    SOCIAL = "social", "a public post"


class Report(models.Model):
    """One person's statement that a Service fails for them.

    The table is partitioned by the day of `received_at` and expires by dropping partitions, so in
    the database its key is (id, received_at); ids are UUIDv7 and carry the day. The references
    are not constraints there: each insert would lock the row of the one busy Service, and the
    catalogue never deletes what a Report may name. What its sender wrote is a Comment of its id.
    One of a public post names no place and no problem type, and is counted apart.
    """

    id = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField(help_text="When the server had it, UTC.")
    service = models.ForeignKey(Service, on_delete=models.DO_NOTHING, db_constraint=False)
    region = models.ForeignKey(Region, on_delete=models.DO_NOTHING, db_constraint=False)
    problem_type = models.ForeignKey(
        ProblemType, null=True, on_delete=models.DO_NOTHING, db_constraint=False
    )
    region_source = models.CharField(max_length=8, choices=RegionSource.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    fingerprint = models.BinaryField(max_length=16)
    network = models.BinaryField(max_length=16)
    rejected_at = models.DateTimeField(null=True, help_text="Not counted since, if set.")
    transaction = TransactionIdField(db_default=Func(function="pg_current_xact_id"))

    class Meta:
        managed = False
        db_table = "reports_report"

    def __str__(self) -> str:
        return str(self.id)


class DailyKey(models.Model):
    """The random half of one UTC day's hashing key; once deleted, its hashes mean nothing."""

    day = models.DateField(primary_key=True)
    key = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return self.day.isoformat()


class IntakeMinute(models.Model):
    """A Minute in which at least one web process was there to take Reports: the heartbeat.

    A Minute without one is missing, which is something else than a Minute without Reports.
    """

    minute = models.DateTimeField(primary_key=True)

    def __str__(self) -> str:
        return self.minute.isoformat()
