"""Whose act a move was, and which past counts were corrected."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

LINK = """
UPDATE aggregator_outageevent AS event SET entry_id = entry.id
FROM reports_moderationentry AS entry
WHERE entry.at = event.at AND entry.reason = event.reason
    AND (entry.act, event.kind) IN (('confirm', 'confirmed'), ('retract', 'retracted'))
"""


class Migration(migrations.Migration):
    """A column, a table, and the moves that people made before."""

    dependencies: ClassVar = [
        ("aggregator", "0012_social_count"),
        ("reports", "0013_act_tune"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="outageevent",
            name="entry",
            field=models.ForeignKey(
                help_text="The act of the person who made the move; empty when a rule made it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="outage_events",
                to="reports.moderationentry",
            ),
        ),
        migrations.RunSQL(LINK, migrations.RunSQL.noop),
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
                ],
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="outageevent",
            name="reason",
            field=models.TextField(blank=True, help_text="In words, for everybody to read."),
        ),
        migrations.CreateModel(
            name="CountCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "revision",
                    models.BigIntegerField(help_text="The CountingMark's, as of the correction."),
                ),
                (
                    "since",
                    models.DateTimeField(help_text="The first Minute that was counted again."),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="reports.service"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("revision", "service"), name="aggregator_countcorrection_once"
                    )
                ],
            },
        ),
    ]
