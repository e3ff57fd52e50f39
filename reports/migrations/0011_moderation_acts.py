"""Bans, bursts and jobs; what an act of moderation must bring back, and what undid it."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables and columns."""

    dependencies: ClassVar = [
        ("reports", "0010_key_scopes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Ban",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("fingerprint", "one reporter"), ("network", "a whole network")],
                        max_length=11,
                    ),
                ),
                ("hash", models.BinaryField(max_length=16)),
                ("day", models.DateField(help_text="The UTC day whose key made the hash.")),
                ("key", models.BinaryField(max_length=32)),
                ("own_hash", models.BinaryField(max_length=16, null=True)),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
            ],
            options={
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Burst",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("networks", "many reports out of few networks"),
                            ("comments", "many comments that are alike"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a moderator"),
                            ("dismissed", "dismissed"),
                            ("rejected", "rejected"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("since", models.DateTimeField(help_text="The first of its Reports, UTC.")),
                ("until", models.DateTimeField(help_text="After the last of them, UTC.")),
                ("reports", models.PositiveIntegerField()),
                (
                    "networks",
                    models.JSONField(
                        default=list, help_text="Hashes of the networks, hexadecimal."
                    ),
                ),
                (
                    "ids",
                    models.JSONField(
                        default=list, help_text="Its Reports, where the words make it one."
                    ),
                ),
                ("peak", models.PositiveIntegerField(help_text="Reports of its highest Minute.")),
                (
                    "example",
                    models.TextField(blank=True, help_text="One of the comments that are alike."),
                ),
                ("found_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-found_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ModerationJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[("reject", "reject"), ("restore", "restore")], max_length=12
                    ),
                ),
                (
                    "selection",
                    models.JSONField(help_text="Which Reports; `reports.moderation.Selection`."),
                ),
                ("reason", models.TextField()),
                (
                    "at",
                    models.DateTimeField(
                        help_text="The act's instant; what it rejects carries it."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                (
                    "total",
                    models.PositiveIntegerField(
                        help_text="Reports it is about, when it was asked for."
                    ),
                ),
                (
                    "seen",
                    models.PositiveIntegerField(default=0, help_text="Of these, looked at so far."),
                ),
                ("changed", models.PositiveIntegerField(default=0)),
                ("after", models.UUIDField(help_text="The last Report looked at.", null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="moderationentry",
            name="before",
            field=models.JSONField(default=dict, help_text="What undoing it must bring back."),
        ),
        migrations.AddField(
            model_name="moderationentry",
            name="undoes",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="reports.moderationentry",
            ),
        ),
        migrations.AlterField(
            model_name="moderationentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("reject", "rejected reports"),
                    ("restore", "restored reports"),
                    ("hold", "held comments"),
                    ("release", "released comments"),
                    ("remove", "removed comments"),
                    ("dismiss", "dismissed a burst"),
                    ("ban", "banned a sender"),
                    ("unban", "lifted a ban"),
                    ("confirm", "confirmed an outage"),
                    ("retract", "retracted an outage"),
                    ("undo", "undid"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="moderationentry",
            index=models.Index(fields=["-at"], name="reports_moderationentry_newest"),
        ),
        migrations.AddConstraint(
            model_name="moderationentry",
            constraint=models.UniqueConstraint(
                fields=("undoes",), name="reports_moderationentry_undone_once"
            ),
        ),
        migrations.AddField(
            model_name="ban",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="burst",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="reports.service"
            ),
        ),
        migrations.AddField(
            model_name="moderationjob",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="moderationjob",
            name="entry",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="jobs",
                to="reports.moderationentry",
            ),
        ),
        migrations.AddField(
            model_name="moderationjob",
            name="undoes",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="reports.moderationentry"
            ),
        ),
        migrations.AddIndex(
            model_name="ban",
            index=models.Index(fields=["until"], name="reports_ban_until"),
        ),
        migrations.AddIndex(
            model_name="burst",
            index=models.Index(fields=["service", "until"], name="reports_burst_of_service"),
        ),
        migrations.AddConstraint(
            model_name="burst",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("service", "kind"),
                name="reports_burst_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderationjob",
            constraint=models.UniqueConstraint(
                fields=("at",), name="reports_moderationjob_one_an_instant"
            ),
        ),
    ]
