"""Votes of "works for me", and their numbers; never counted as Reports."""

from django.db import models

from reports.models.catalogue import Service


class Vote(models.Model):
    """One person's statement that a Service works for them: once in a dedupe window.

    The table is partitioned by the day of `window` and expires by dropping partitions; in the
    database its key is (window, service, fingerprint), so that of two at once one is refused.
    """

    window = models.DateTimeField(
        primary_key=True, help_text="The beginning of the window that holds it, UTC."
    )
    voted_at = models.DateTimeField(help_text="When the server had it, UTC.")
    service = models.ForeignKey(Service, on_delete=models.DO_NOTHING, db_constraint=False)
    fingerprint = models.BinaryField(max_length=16)

    class Meta:
        managed = False
        db_table = "reports_vote"

    def __str__(self) -> str:
        return f"{self.service_id} {self.voted_at.isoformat()}"


class VoteCount(models.Model):
    """Votes of one Service in one Minute, spread over some slots so that voters rarely queue."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    minute = models.DateTimeField(help_text="The Minute's first instant, UTC.")
    slot = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "minute", "slot"], name="reports_votecount_once"
            )
        ]
        indexes = [models.Index(fields=["minute"], name="reports_votecount_minute")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.minute.isoformat()}: {self.count}"
