"""What an operator knows beforehand of a Service: work on it, a surge, or silence wanted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reports.models import Service


class DeclarationKind(models.TextChoices):
    """What an operator declares."""

    MAINTENANCE = "maintenance", "announced maintenance: nothing is confirmed"
    SURGE = "surge", "expected surge, like a match night: nothing opens"
    HOLD = "hold", "held: reports are counted, nothing opens"


class Declaration(models.Model):
    """A span of time in which the detector treats a Service with more reserve.

    Reports are taken and counted as ever. It changes no Minute that was evaluated before it was
    made.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="declarations")
    kind = models.CharField(max_length=11, choices=DeclarationKind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.TextField(blank=True, help_text="For everybody to read, on the Service's page.")
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, help_text="When a person ended it before its time.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT
    )

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="aggregator_declaration_has_a_span",
                violation_error_message="It must end later than it begins.",
            )
        ]
        indexes = [models.Index(fields=["service", "ends_at"], name="aggregator_declaration_span")]

    def __str__(self) -> str:
        return f"{self.service}: {self.get_kind_display()}"
