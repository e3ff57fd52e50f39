"""Votes of "works for me", partitioned by day, and their numbers by Minute."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

TABLE = """
CREATE TABLE reports_vote (
    "window" timestamptz NOT NULL,
    voted_at timestamptz NOT NULL,
    service_id bigint NOT NULL,
    fingerprint bytea NOT NULL,
    CONSTRAINT reports_vote_once PRIMARY KEY ("window", service_id, fingerprint),
    CONSTRAINT reports_vote_fingerprint_size CHECK (octet_length(fingerprint) = 16)
) PARTITION BY RANGE ("window");
"""


class Migration(migrations.Migration):
    """Make both tables; `reports.partitions` makes the first one's partitions."""

    dependencies: ClassVar = [("reports", "0005_probe_and_social")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(TABLE, "DROP TABLE reports_vote"),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "window",
                    models.DateTimeField(
                        help_text="The beginning of the window that holds it, UTC.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("voted_at", models.DateTimeField(help_text="When the server had it, UTC.")),
                ("fingerprint", models.BinaryField(max_length=16)),
            ],
            options={"db_table": "reports_vote", "managed": False},
        ),
        migrations.CreateModel(
            name="VoteCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField(help_text="The Minute's first instant, UTC.")),
                ("slot", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField()),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="reports.service"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["minute"], name="reports_votecount_minute")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "minute", "slot"), name="reports_votecount_once"
                    )
                ],
            },
        ),
    ]
