"""The trail of moderation, and the buckets it left to be counted again."""

from django.conf import settings
from django.db import models

from reports.models.catalogue import ProblemType, Service
from reports.models.place import Region


class Act(models.TextChoices):
    """What a moderator did."""

    REJECT = "reject", "rejected reports"
    RESTORE = "restore", "restored reports"
    HOLD = "hold", "held comments"
    RELEASE = "release", "released comments"
    REMOVE = "remove", "removed comments"
    DISMISS = "dismiss", "dismissed a burst"
    BAN = "ban", "banned a sender"
    UNBAN = "unban", "lifted a ban"
    CONFIRM = "confirm", "confirmed an outage"
    RETRACT = "retract", "retracted an outage"
    END = "end", "ended an outage"
    OPEN = "open", "opened an outage"
    ANNOTATE = "annotate", "annotated an outage"
    JOIN = "join", "joined two outages"
    SPLIT = "split", "split an outage"
    EXPLAIN = "explain", "named an outage's cause"
    DECLARE = "declare", "declared something of a service"
    LIFT = "lift", "ended a declaration"
    TUNE = "tune", "changed a sensitivity"
    LIST = "list", "listed words"
    UNLIST = "unlist", "took words off the list"
    UNDO = "undo", "undid"
    EDIT = "edit", "changed the catalogue"
    LOGO = "logo", "changed a logo"
    ACCEPT = "accept", "accepted a suggestion"
    DECLINE = "decline", "declined a suggestion"
    SET = "set", "changed a setting"
    MAKE_KEY = "make_key", "made an API key"
    REVOKE_KEY = "revoke_key", "revoked an API key"
    STAFF = "staff", "changed a person of the staff"
    FORGET = "forget", "deleted what is kept of a sender"
    EXPORT = "export", "exported data"


class ModerationEntry(models.Model):
    """One act of moderation: who, when, why. Written once, never edited."""

    act = models.CharField(max_length=12, choices=Act.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reason = models.TextField()
    subject = models.TextField(help_text="What the act was done to.")
    reports = models.PositiveIntegerField(default=0, help_text="How many Reports it changed.")
    before = models.JSONField(default=dict, help_text="What undoing it must bring back.")
    undoes = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by"
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["undoes"], name="reports_moderationentry_undone_once")
        ]
        indexes = [models.Index(fields=["-at"], name="reports_moderationentry_newest")]
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


class JobState(models.TextChoices):
    """How far a job in the background is."""

    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    CANCELLED = "cancelled", "cancelled"


class ModerationJob(models.Model):
    """An act over too many Reports or comments for one transaction: worked in batches.

    Whoever is free does the next batch.
    Its ModerationEntry is written with its last batch. Every batch commits its progress with its
    work, so a killed worker costs one batch, and another one goes on.
    """

    act = models.CharField(
        max_length=12,
        choices=[
            (Act.REJECT.value, "rejecting reports"),
            (Act.RESTORE.value, "restoring reports"),
            (Act.RELEASE.value, "showing comments"),
            (Act.REMOVE.value, "removing comments"),
            (Act.HOLD.value, "holding comments"),
        ],
    )
    selection = models.JSONField(
        help_text="Which: a `reports.selection.Selection`, or held comments."
    )
    undoes = models.ForeignKey(ModerationEntry, null=True, on_delete=models.PROTECT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reason = models.TextField()
    at = models.DateTimeField(help_text="The act's instant; what it rejects carries it.")
    state = models.CharField(max_length=9, choices=JobState.choices, default=JobState.WAITING)
    total = models.PositiveIntegerField(help_text="How many it is about, when it was asked for.")
    seen = models.PositiveIntegerField(default=0, help_text="Of these, looked at so far.")
    changed = models.PositiveIntegerField(default=0)
    after = models.UUIDField(null=True, help_text="The last one looked at.")
    ended_at = models.DateTimeField(null=True)
    entry = models.ForeignKey(
        ModerationEntry, null=True, on_delete=models.PROTECT, related_name="jobs"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["at"], name="reports_moderationjob_one_an_instant")
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.reason}"


class BurstState(models.TextChoices):
    """What became of a flagged burst."""

    OPEN = "open", "waits for a moderator"
    DISMISSED = "dismissed", "dismissed"
    REJECTED = "rejected", "rejected"


class BurstKind(models.TextChoices):
    """What makes a burst suspicious."""

    NETWORKS = "networks", "many reports out of few networks"
    COMMENTS = "comments", "many comments that are alike"


class Burst(models.Model):
    """Reports of one Service that look made: a flag for a moderator, nothing more."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8, choices=BurstKind.choices)
    state = models.CharField(max_length=9, choices=BurstState.choices, default=BurstState.OPEN)
    since = models.DateTimeField(help_text="The first of its Reports, UTC.")
    until = models.DateTimeField(help_text="After the last of them, UTC.")
    reports = models.PositiveIntegerField()
    networks = models.JSONField(default=list, help_text="Hashes of the networks, hexadecimal.")
    ids = models.JSONField(default=list, help_text="Its Reports, where the words make it one.")
    peak = models.PositiveIntegerField(help_text="Reports of its highest Minute.")
    example = models.TextField(blank=True, help_text="One of the comments that are alike.")
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "kind"],
                condition=models.Q(state="open"),
                name="reports_burst_one_open",
            )
        ]
        indexes = [models.Index(fields=["service", "until"], name="reports_burst_of_service")]

    def __str__(self) -> str:
        return f"{self.service}: {self.get_kind_display()}"


class BanKind(models.TextChoices):
    """Whom a ban keeps out."""

    FINGERPRINT = "fingerprint", "one reporter"
    NETWORK = "network", "a whole network"


class Ban(models.Model):
    """A sender from whom nothing is taken until an instant. No address is in it.

    `hash` is the sender's under the key of its day, which is deleted two days later. When they
    come back before that, `own_hash` takes over: the same sender under `key`, which belongs to the
    bans made on that day alone. Who does not come back in time is forgotten, like everybody.
    """

    kind = models.CharField(max_length=11, choices=BanKind.choices)
    hash = models.BinaryField(max_length=16)
    day = models.DateField(help_text="The UTC day whose key made the hash.")
    key = models.BinaryField(max_length=32)
    own_hash = models.BinaryField(max_length=16, null=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    reason = models.TextField()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["until"], name="reports_ban_until")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {bytes(self.hash).hex()[:8]}"
