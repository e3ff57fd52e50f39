"""What the site keeps of itself."""

from django.db import models


class SiteMinute(models.Model):
    """How the site was doing in one Minute, noted by a worker; a missing one had no worker free."""

    minute = models.DateTimeField(primary_key=True, help_text="UTC.")
    counting_lag = models.FloatField(null=True, help_text="Seconds; empty before the first count.")
    evaluation_lag = models.FloatField(
        null=True, help_text="Seconds since the end of the last Minute evaluated."
    )
    uncounted = models.PositiveIntegerField(help_text="Reports not counted yet.")
    alerts_pending = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.minute.isoformat()
