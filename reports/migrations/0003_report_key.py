"""Turn the key of Reports around: by id first.

With time first, its index offers itself for "this person's Reports of the last hour" as well, and
on a partition without statistics wins: it then reads everybody's. No other index is by time alone.
"""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

CHANGE = """
ALTER TABLE reports_report
    DROP CONSTRAINT reports_report_key,
    ADD CONSTRAINT reports_report_key PRIMARY KEY ({})
"""


class Migration(migrations.Migration):
    """(received_at, id) becomes (id, received_at); ids name their time, so they sort by it too."""

    dependencies: ClassVar = [("reports", "0002_report_table")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(CHANGE.format("id, received_at"), CHANGE.format("received_at, id"))
    ]
