"""Reports without the words that are Comments now."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Drops the column; going back makes an empty one, which 0008 then fills."""

    dependencies: ClassVar = [("reports", "0008_comments_of_reports")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            "ALTER TABLE reports_report DROP COLUMN comment",
            "ALTER TABLE reports_report ADD COLUMN comment text NOT NULL DEFAULT ''",
        )
    ]
