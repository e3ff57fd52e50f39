"""How readily Outages are told, and since when: every change that was made."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from aggregator.detection import Sensitivity
from reports.models import Service

STEP: Final = "|".join(Sensitivity)
SITE_FORMAT: Final = f"^({STEP})(, ?[0-9]+: ?({STEP}))*$"


class SensitivityChange(models.Model):
    """One change, of the site's own sensitivity or of one Service's. Written once, never edited.

    The detector follows all of them from their first Minute on, also where it evaluates a Minute
    again: a change never touches what was before it.
    """

    service = models.ForeignKey(
        Service,
        null=True,
        on_delete=models.CASCADE,
        related_name="sensitivity_changes",
        help_text="None for the site.",
    )
    value = models.TextField(
        blank=True,
        help_text="low, normal or high; empty where a Service follows the site again. The site's "
        "may differ by volume: normal,1000:low from 1,000 usual Reports a day.",
    )
    since = models.DateTimeField(help_text="The start of the first Minute that it holds for.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service=None, value__regex=SITE_FORMAT)
                | Q(service__isnull=False, value__in=["", *(step.value for step in Sensitivity)]),
                name="aggregator_sensitivitychange_value",
            ),
            models.CheckConstraint(
                condition=Q(since__second=0), name="aggregator_sensitivitychange_whole_minute"
            ),
        ]
        indexes = [models.Index(fields=["service", "-id"], name="aggregator_sensitivity_of")]

    def __str__(self) -> str:
        return f"{self.service or 'the site'}: {self.value or 'as the site'}"


class TunedService(Service):
    """A Service in the back office's list of sensitivities."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "sensitivity"
        verbose_name_plural = "sensitivities"
