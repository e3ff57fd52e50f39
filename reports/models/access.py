"""Keys of programs: of those who send many Reports at once, and of those who subscribe."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Scope(models.TextChoices):
    """What a key opens. Reading needs none."""

    REPORT = "report", "send reports in bulk"
    SUBSCRIBE = "subscribe", "keep subscriptions"


def first_scopes() -> list[str]:
    """What a key opens unless more is asked for."""
    return [Scope.REPORT]


class ApiKey(models.Model):
    """A program's key; only its hash is kept."""

    name = models.TextField(help_text="Who holds it.")
    prefix = models.CharField(
        max_length=8, help_text="The key's first characters, to tell keys apart."
    )
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the key.")
    scopes = ArrayField(
        models.CharField(max_length=12, choices=Scope.choices),
        default=first_scopes,
        help_text="What it opens.",
    )
    per_minute = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="Requests that it may send in a minute; a bulk request has up to 1,000 reports.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="UTC; empty: never.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="reports_apikey_some_rate")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
