"""Comments, partitioned by day like their Reports; flags of readers; the site's listed words."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

TABLE = """
CREATE TABLE reports_comment (
    id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    service_id bigint NOT NULL,
    region_id varchar(6) NOT NULL,
    text text NOT NULL,
    state varchar(7) NOT NULL,
    held_because varchar(9) NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    CONSTRAINT reports_comment_key PRIMARY KEY (id, received_at),
    CONSTRAINT reports_comment_state CHECK (state IN ('shown', 'held', 'removed')),
    CONSTRAINT reports_comment_says_something CHECK (text <> ''),
    CONSTRAINT reports_comment_held_for_a_reason CHECK (state <> 'held' OR held_because <> '')
) PARTITION BY RANGE (received_at);
-- Finds the newest of a Service's page.
CREATE INDEX reports_comment_shown ON reports_comment (service_id, received_at)
    WHERE state = 'shown';
-- Finds what waits for a moderator.
CREATE INDEX reports_comment_held ON reports_comment (received_at) WHERE state = 'held';
"""

COMMENT_STATES = [("shown", "shown"), ("held", "held"), ("removed", "removed")]
REASONS = [
    ("link", "has a link"),
    ("address", "has an e-mail or network address"),
    ("phone", "has a phone number"),
    ("word", "has a listed word"),
    ("flags", "was flagged by several readers"),
    ("moderator", "was held by a moderator"),
]


class Migration(migrations.Migration):
    """Make the tables; `reports.partitions` makes the first one's partitions."""

    dependencies: ClassVar = [
        ("reports", "0006_vote"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(TABLE, "DROP TABLE reports_comment"),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField(help_text="The Report's, UTC.")),
                ("text", models.TextField()),
                ("state", models.CharField(choices=COMMENT_STATES, max_length=7)),
                ("held_because", models.CharField(blank=True, choices=REASONS, max_length=9)),
                (
                    "reviewed_at",
                    models.DateTimeField(
                        help_text="When a moderator last decided; no flag holds it after that.",
                        null=True,
                    ),
                ),
            ],
            options={"db_table": "reports_comment", "managed": False},
        ),
        migrations.CreateModel(
            name="CommentFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "comment",
                    models.UUIDField(
                        help_text="The comment's id; its table has no key of ids alone."
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=16)),
                ("network", models.BinaryField(max_length=16)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="reports_commentflag_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("comment", "fingerprint"), name="reports_commentflag_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.TextField(unique=True)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["word"]},
        ),
    ]
