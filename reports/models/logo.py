"""Pictures that stand for a Service or the site."""

from django.db import models


class Logo(models.Model):
    """A small picture, made anew from what was uploaded; its address is its content's hash.

    It is a row and not a file: web processes on any number of hosts serve it without a shared
    folder, a dump of the database holds it, and an act and its undo are one transaction with it.
    Being at most some kilobytes each, a few hundred cost less than one day's Reports. A picture
    never changes and is never deleted, as the trail may still bring it back.
    """

    digest = models.CharField(primary_key=True, max_length=64, help_text="SHA-256, hexadecimal.")
    png = models.BinaryField()

    def __str__(self) -> str:
        return self.digest[:8]
