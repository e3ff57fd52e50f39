"""Daily files of counts for everybody, kept in the database so that every host has them."""

from django.db import models


class OpenDay(models.Model):
    """One revision of a UTC day's files; the highest is the one that is handed out."""

    day = models.DateField()
    revision = models.PositiveIntegerField(help_text="1 at first; one more for each correction.")
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="The counts were compared with the files last.")
    fingerprint = models.TextField(help_text="Of the exact counts that the files were made of.")
    rows = models.PositiveIntegerField()

    class Meta:
        ordering = ["-day", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["day", "revision"], name="aggregator_openday_once")
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()}, revision {self.revision}"


class OpenFile(models.Model):
    """A day in one form. Of a corrected revision only what it was is kept, not its content."""

    day = models.ForeignKey(OpenDay, on_delete=models.CASCADE, related_name="files")
    form = models.CharField(max_length=7)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes.")
    content = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "form"], name="aggregator_openfile_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}, {self.form}"
