"""The trail of moderation, and the buckets it left to be counted again."""

from django.conf import settings
from django.db import models

from reports.models.catalogue import ProblemType, Service
from reports.models.place import Region


class Act(models.TextChoices):
    """What a moderator did."""

    REJECT = "reject", "rejected reports"
    RESTORE = "restore", "restored reports"
    CONFIRM = "confirm", "confirmed an outage"
    RETRACT = "retract", "retracted an outage"


class ModerationEntry(models.Model):
    """One act of moderation: who, when, why. Written once, never edited."""

    act = models.CharField(max_length=12, choices=Act.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reason = models.TextField()
    subject = models.TextField(help_text="What the act was done to.")
    reports = models.PositiveIntegerField(default=0, help_text="How many Reports it changed.")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "moderation entries"

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.subject}"


class StaleBucket(models.Model):
    """A bucket whose Reports changed after they were counted; counting recounts and removes it."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    region = models.ForeignKey(Region, on_delete=models.CASCADE)
    problem_type = models.ForeignKey(ProblemType, null=True, on_delete=models.CASCADE)
    minute = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.service_id} {self.region_id} {self.minute.isoformat()}"
