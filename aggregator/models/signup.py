"""Who asked to be subscribed, for as long as it takes to confirm and to hold off abuse."""

from django.db import models

from aggregator.models.alert import Subscription


class SignUp(models.Model):
    """One use of the public form. Deleted after two days, with the address it names."""

    id = models.UUIDField(primary_key=True)
    made_at = models.DateTimeField()
    target_hash = models.BinaryField(max_length=16, help_text="Keyed; counts mails to one address.")
    network = models.BinaryField(max_length=16, help_text="Keyed, daily: the asker's network.")
    wish = models.JSONField(null=True, help_text="What is to be confirmed; null when it was.")
    language = models.CharField(max_length=12, default="en")
    due_at = models.DateTimeField(null=True, help_text="When to send the mail; null: it is sent.")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Kept when the Subscription is deleted: that must not let anybody ask more often.
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [
            models.Index(fields=["target_hash", "made_at"], name="aggregator_signup_target"),
            models.Index(fields=["network", "made_at"], name="aggregator_signup_network"),
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="aggregator_signup_due",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Refusal(models.Model):
    """A mail address that wants nothing from this site any more: its keyed hash, nothing else."""

    target_hash = models.BinaryField(max_length=16, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"refusal {self.pk}"


class PushKey(models.Model):
    """The key by which push services know this site (VAPID, RFC 8292). One row, made once."""

    private_key = models.TextField(help_text="P-256, PEM.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="aggregator_pushkey_one")
        ]

    def __str__(self) -> str:
        return "push key"
