"""Services that people miss."""

from django.db import models

from reports.models.catalogue import Service


class SuggestionState(models.TextChoices):
    """What became of a suggestion."""

    OPEN = "open", "waits for a moderator"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"


class ServiceSuggestion(models.Model):
    """A Service that people asked for: one row a name, however it is spelt."""

    key = models.TextField(unique=True, help_text="The name without case, marks and spaces.")
    name = models.TextField(help_text="As the first one wrote it.")
    homepage = models.URLField(blank=True, max_length=500)
    state = models.CharField(
        max_length=8, choices=SuggestionState.choices, default=SuggestionState.OPEN
    )
    asked = models.PositiveIntegerField(
        default=1, help_text="How many people; one that asks again on another day is two."
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    service = models.ForeignKey(
        Service,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="What it was accepted as.",
    )

    class Meta:
        ordering = ["-asked", "-last_at", "-id"]
        indexes = [models.Index(fields=["state", "-asked"], name="reports_suggestion_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key=""), name="reports_servicesuggestion_key_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(service__isnull=False) | ~models.Q(state="accepted"),
                name="reports_servicesuggestion_accepted_as_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SuggestionVoice(models.Model):
    """One person's voice for a suggestion, so that they count once; gone with the day's key."""

    suggestion = models.ForeignKey(
        ServiceSuggestion, on_delete=models.CASCADE, related_name="voices"
    )
    fingerprint = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "fingerprint"], name="reports_suggestionvoice_once"
            )
        ]
        indexes = [models.Index(fields=["at"], name="reports_suggestionvoice_at")]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.at.isoformat()}"
