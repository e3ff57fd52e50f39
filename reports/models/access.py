"""Keys of those who send many Reports at once."""

from django.db import models


class ApiKey(models.Model):
    """A bulk sender's key; only its hash is kept."""

    name = models.TextField(help_text="Who holds it.")
    prefix = models.CharField(
        max_length=8, help_text="The key's first characters, to tell keys apart."
    )
    digest = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the key.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
