"""Services that people miss, and who asked for each in the last two days."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies: ClassVar = [
        ("reports", "0014_social_without_place"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ServiceSuggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.TextField(
                        help_text="The name without case, marks and spaces.", unique=True
                    ),
                ),
                ("name", models.TextField(help_text="As the first one wrote it.")),
                ("homepage", models.URLField(blank=True, max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a moderator"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "asked",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="How many people; one that asks again on another day is two.",
                    ),
                ),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        help_text="What it was accepted as.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reports.service",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked", "-last_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SuggestionVoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=16)),
                ("at", models.DateTimeField()),
                (
                    "suggestion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voices",
                        to="reports.servicesuggestion",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="servicesuggestion",
            index=models.Index(fields=["state", "-asked"], name="reports_suggestion_waiting"),
        ),
        migrations.AddConstraint(
            model_name="servicesuggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("key", ""), _negated=True),
                name="reports_servicesuggestion_key_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicesuggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service__isnull", False),
                    models.Q(("state", "accepted"), _negated=True),
                    _connector="OR",
                ),
                name="reports_servicesuggestion_accepted_as_one",
            ),
        ),
        migrations.AddIndex(
            model_name="suggestionvoice",
            index=models.Index(fields=["at"], name="reports_suggestionvoice_at"),
        ),
        migrations.AddConstraint(
            model_name="suggestionvoice",
            constraint=models.UniqueConstraint(
                fields=("suggestion", "fingerprint"), name="reports_suggestionvoice_once"
            ),
        ),
    ]
