"""The fixed tree of Regions."""

from django.db import models
from django.db.models import F, Q


class RegionKind(models.TextChoices):
    """The level of a Region in the tree."""

    WORLD = "world", "world"
    COUNTRY = "country", "country"
    SUBDIVISION = "subdivision", "subdivision"


class Region(models.Model):
    """A node of the tree world → country (ISO 3166-1) → subdivision (ISO 3166-2).

    The code is the key, so that counts read without a join; the world's code is the empty string.
    """

    code = models.CharField(primary_key=True, max_length=6)
    kind = models.CharField(max_length=11, choices=RegionKind.choices)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    name = models.TextField()
    latitude = models.FloatField(help_text="Degrees WGS 84.")
    longitude = models.FloatField(help_text="Degrees WGS 84.")
    time_zone = models.TextField(help_text="IANA name, of most people who live there.")
    weight = models.FloatField(help_text="Rough population, for priors only.")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(code="") & Q(kind=RegionKind.WORLD) & Q(parent=None))
                | (~Q(code="") & ~Q(kind=RegionKind.WORLD) & Q(parent__isnull=False)),
                name="reports_region_world_is_the_root",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("code")),
                name="reports_region_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name
