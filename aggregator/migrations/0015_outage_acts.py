"""Notes, what was joined, and what people opened or explained."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns and a table."""

    dependencies: ClassVar = [
        ("aggregator", "0014_replayed_effect"),
        ("reports", "0017_outage_acts"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="outage",
            name="is_by_hand",
            field=models.BooleanField(
                default=False, help_text="A person opened it, and the detector has not seen it yet."
            ),
        ),
        migrations.AddField(
            model_name="outage",
            name="is_cause_set",
            field=models.BooleanField(
                default=False, help_text="A person named the cause, or said that there is none."
            ),
        ),
        migrations.AddField(
            model_name="outage",
            name="joined_into",
            field=models.ForeignKey(
                help_text="The Outage that it turned out to be a part of; its address leads there.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="aggregator.outage",
            ),
        ),
        migrations.AlterField(
            model_name="outageevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("confirmed", "confirmed"),
                    ("scope", "scope changed"),
                    ("closed", "over"),
                    ("reopened", "opened again"),
                    ("retracted", "retracted"),
                    ("affected", "probably affected"),
                    ("corrected", "corrected"),
                    ("joined", "joined with another"),
                    ("split", "split by place"),
                ],
                max_length=9,
            ),
        ),
        migrations.CreateModel(
            name="OutageNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outage_notes",
                        to="reports.moderationentry",
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="aggregator.outage",
                    ),
                ),
            ],
            options={
                "ordering": ["outage", "at", "id"],
            },
        ),
    ]
