"""An index of the few Reports that are rejected, by when: one act of moderation, to be undone."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

INDEX = """
CREATE INDEX reports_report_rejected ON reports_report (rejected_at) WHERE rejected_at IS NOT NULL
"""


class Migration(migrations.Migration):
    """No sender waits for it: it is empty until somebody moderates."""

    dependencies: ClassVar = [("reports", "0003_report_key")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(INDEX, "DROP INDEX reports_report_rejected")
    ]
