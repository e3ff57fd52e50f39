"""The catalogue: what can be reported, and what can be wrong with it.

Nothing here is ever deleted by the program: an entry that is gone is no longer active, because
the history of counts still names it.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from reports.models.logo import Logo


class Category(models.Model):
    """A shelf of the catalogue, like "Telecoms"."""

    slug = models.SlugField(unique=True)
    name = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class OfficialKind(models.TextChoices):
    """The format a vendor's own status page speaks."""

    NONE = "", "none"
    STATUSPAGE = "statuspage", "Statuspage v2"
    ATOM = "atom", "Atom feed"
    RSS = "rss", "RSS feed"
    PROBE = "probe", "answers or not"


class Service(models.Model):
    """A thing people rely on."""

    slug = models.SlugField(unique=True, max_length=80)
    name = models.TextField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="services")
    homepage = models.URLField(blank=True, max_length=500)
    official_url = models.URLField(blank=True, max_length=500)
    official_kind = models.CharField(
        blank=True, max_length=20, choices=OfficialKind.choices, default=OfficialKind.NONE
    )
    is_active = models.BooleanField(
        default=True, help_text="On the site; else hidden: a draft, or no longer offered."
    )
    logo = models.ForeignKey(Logo, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    related = models.ManyToManyField(
        "self",
        through="ServiceDependency",
        through_fields=("service", "depends_on"),
        symmetrical=False,
        related_name="dependants",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(slug=""), name="reports_service_slug_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceAlias(models.Model):
    """Another name people use for a Service; one name means one Service."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="aliases")
    name = models.TextField()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "service aliases"
        constraints = [
            models.UniqueConstraint(Lower("name"), name="reports_servicealias_one_service")
        ]

    def __str__(self) -> str:
        return self.name


class ServiceDependency(models.Model):
    """`service` can fail because `depends_on` fails."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="dependencies")
    depends_on = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="dependent_links"
    )

    class Meta:
        verbose_name_plural = "service dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "depends_on"], name="reports_servicedependency_once"
            ),
            models.CheckConstraint(
                condition=~Q(service=F("depends_on")), name="reports_servicedependency_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} depends on {self.depends_on}"


class ProblemType(models.Model):
    """What is wrong, from a short list per Service."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="problem_types")
    slug = models.SlugField()
    name = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["service", "position", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["service", "slug"], name="reports_problemtype_one_slug")
        ]

    def __str__(self) -> str:
        return self.name
