"""What vendors' own status pages say, each thing with our time of first seeing it."""

from django.db import models
from django.db.models import Q

from reports.models import Service


class OfficialPage(models.Model):
    """A vendor's status page as it was polled last; the row is also the lease of whoever polls.

    `due_at` is pushed on while a worker polls, so that no two do at once; `attempts` tells the
    holder of a lease from one that came after it ran out.
    """

    service = models.OneToOneField(
        Service, primary_key=True, on_delete=models.CASCADE, related_name="official"
    )
    url = models.TextField(help_text="What was polled; another address starts anew.")
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField(help_text="Not to be polled before; pushed on while leased.")
    attempts = models.PositiveBigIntegerField(default=0)
    etag = models.TextField(blank=True)
    last_modified = models.TextField(blank=True)
    digest = models.BinaryField(max_length=16, default=bytes, help_text="Of the last good answer.")
    indicator = models.TextField(
        blank=True, help_text="none, minor, major, critical or maintenance; empty: never read."
    )
    description = models.TextField(blank=True, help_text="The vendor's own words.")
    watched_since = models.DateTimeField(null=True, help_text="The first good answer.")
    good_at = models.DateTimeField(null=True, help_text="The last good answer.")
    failures = models.PositiveIntegerField(default=0, help_text="Faults since then.")
    failing_since = models.DateTimeField(null=True, help_text="The first of them.")
    fault = models.TextField(blank=True, help_text="The last of them; empty when all is well.")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="aggregator_officialpage_due")]

    def __str__(self) -> str:
        return f"{self.service_id}: {self.indicator or 'unread'}"


class OfficialIncident(models.Model):
    """An incident or a maintenance that a vendor declares, by the vendor's own key."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="incidents")
    key = models.TextField(help_text="The vendor's id.")
    is_maintenance = models.BooleanField(default=False)
    name = models.TextField()
    status = models.TextField(help_text="The vendor's word: investigating, resolved, scheduled …")
    impact = models.TextField(blank=True)
    url = models.TextField(blank=True)
    declared_at = models.DateTimeField(
        help_text="Its first update's own time: the first public acknowledgement."
    )
    first_seen_at = models.DateTimeField(help_text="Our clock.")
    not_before = models.DateTimeField(
        null=True, help_text="Our last good look that did not show it; null: there was none."
    )
    resolved_at = models.DateTimeField(null=True)
    scheduled_for = models.DateTimeField(null=True)
    scheduled_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "key"], name="aggregator_officialincident_once"
            )
        ]
        indexes = [
            models.Index(fields=["service", "-declared_at"], name="aggregator_officialincident_of"),
            models.Index(
                fields=["service"],
                condition=Q(resolved_at=None),
                name="aggregator_officialinc_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfficialUpdate(models.Model):
    """One thing a vendor said in the course of an incident."""

    incident = models.ForeignKey(OfficialIncident, on_delete=models.CASCADE, related_name="updates")
    key = models.TextField(help_text="The vendor's id.")
    status = models.TextField()
    body = models.TextField()
    posted_at = models.DateTimeField(help_text="The vendor's clock.")
    first_seen_at = models.DateTimeField(help_text="Our clock.")

    class Meta:
        ordering = ["-posted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "key"], name="aggregator_officialupdate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.status}"


class OfficialComponentState(models.Model):
    """A part of a vendor's page in one state, from when we saw it until we saw another."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="component_states")
    key = models.TextField(help_text="The vendor's id.")
    name = models.TextField()
    status = models.TextField(
        help_text="operational, degraded_performance, partial_outage, major_outage, …"
    )
    first_seen_at = models.DateTimeField(help_text="Our clock.")
    ended_at = models.DateTimeField(null=True, help_text="Our clock; null: it is so now.")

    class Meta:
        ordering = ["service", "name", "-first_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "key"],
                condition=Q(ended_at=None),
                name="aggregator_officialcomp_one_now",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"
