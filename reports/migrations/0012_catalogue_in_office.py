"""Logos, and the acts on the catalogue, settings, people and stored data."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table, a column, and names."""

    dependencies: ClassVar = [
        ("reports", "0011_moderation_acts"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Logo",
            fields=[
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256, hexadecimal.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("png", models.BinaryField()),
            ],
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
                    ("edit", "changed the catalogue"),
                    ("logo", "changed a logo"),
                    ("accept", "accepted a suggestion"),
                    ("decline", "declined a suggestion"),
                    ("set", "changed a setting"),
                    ("make_key", "made an API key"),
                    ("revoke_key", "revoked an API key"),
                    ("staff", "changed a person of the staff"),
                    ("forget", "deleted what is kept of a sender"),
                    ("export", "exported data"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="service",
            name="is_active",
            field=models.BooleanField(
                default=True, help_text="On the site; else hidden: a draft, or no longer offered."
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="logo",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="reports.logo",
            ),
        ),
    ]
