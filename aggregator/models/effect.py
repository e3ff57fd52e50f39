"""What another sensitivity would have done: asked for in the back office, replayed apart."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reports.models import Service


class ReplayedEffect(models.Model):
    """One Service's last month, told at its present sensitivity and at another.

    A worker leases it, replays, and writes the result; one that dies loses its lease.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    value = models.TextField(blank=True, help_text="The step to try; empty: as the site.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT
    )
    asked_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, help_text="Until then a worker has it.")
    percent = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(
        null=True, help_text="aggregator.effects.Effect; null before its end."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="aggregator_replayedeffect_percent"
            )
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(result__isnull=True),
                name="aggregator_replayedeffect_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id} at {self.value or 'the site'}"
