"""What the staff set while the site runs."""

from django.db import models


class SiteSetting(models.Model):
    """One setting that differs from the environment's; `reports.site_settings` knows its type."""

    key = models.TextField(primary_key=True)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    key__in=[
                        "name",
                        "logo",
                        "languages",
                        "countries",
                        "dedupe_window_minutes",
                        "report_retention_days",
                        "minute_retention_days",
                    ]
                ),
                name="reports_sitesetting_known",
            )
        ]

    def __str__(self) -> str:
        return self.key
