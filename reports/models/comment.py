"""What reporters wrote beside their Reports, whether it is shown, and who objected."""

from django.conf import settings
from django.db import models

from reports.models.catalogue import Service
from reports.models.place import Region


class CommentState(models.TextChoices):
    """Whether a comment is on the Service's page."""

    SHOWN = "shown", "shown"
    HELD = "held", "held"
    REMOVED = "removed", "removed"


class HeldBecause(models.TextChoices):
    """Why a comment waits for a moderator. Its Report counts all the same."""

    LINK = "link", "has a link"
    ADDRESS = "address", "has an e-mail or network address"
    PHONE = "phone", "has a phone number"
    WORD = "word", "has a listed word"
    FLAGS = "flags", "was flagged by several readers"
    MODERATOR = "moderator", "was held by a moderator"


class Comment(models.Model):
    """The words of one Report; written in its transaction, gone with its day.

    The table is partitioned by the day of `received_at` and expires by dropping partitions; in the
    database its key is (id, received_at). `id` is the Report's.
    """

    id = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField(help_text="The Report's, UTC.")
    service = models.ForeignKey(Service, on_delete=models.DO_NOTHING, db_constraint=False)
    region = models.ForeignKey(Region, on_delete=models.DO_NOTHING, db_constraint=False)
    text = models.TextField()
    state = models.CharField(max_length=7, choices=CommentState.choices)
    held_because = models.CharField(max_length=9, choices=HeldBecause.choices, blank=True)
    reviewed_at = models.DateTimeField(
        null=True, help_text="When a moderator last decided; no flag holds it after that."
    )

    class Meta:
        managed = False
        db_table = "reports_comment"

    def __str__(self) -> str:
        return self.text


class CommentFlag(models.Model):
    """One reader's objection to a comment: one a fingerprint."""

    comment = models.UUIDField(help_text="The comment's id; its table has no key of ids alone.")
    fingerprint = models.BinaryField(max_length=16)
    network = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "fingerprint"], name="reports_commentflag_once"
            )
        ]
        indexes = [models.Index(fields=["at"], name="reports_commentflag_at")]

    def __str__(self) -> str:
        return f"{self.comment} {self.at.isoformat()}"


class ListedWord(models.Model):
    """A word or phrase that holds the comments it is in, whatever its case."""

    word = models.TextField(unique=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word
