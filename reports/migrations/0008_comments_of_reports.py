"""Move what reporters wrote out of their Reports.

Nobody has read it yet, so whatever might hold a link, an address or a phone number waits for a
moderator, by a coarser rule than new ones meet.
"""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps

from reports import partitions

MOVE = r"""
INSERT INTO reports_comment (id, received_at, service_id, region_id, text, state, held_because)
SELECT id, received_at, service_id, region_id, comment,
    CASE WHEN is_doubtful THEN 'held' ELSE 'shown' END,
    CASE WHEN is_doubtful THEN 'link' ELSE '' END
FROM (
    SELECT *, comment ~* '(://|www\.|@|\w\.[a-z]{2,}/|(\d\D?){7})' AS is_doubtful
    FROM reports_report WHERE comment <> ''
) AS report
"""
BACK = """
UPDATE reports_report AS report SET comment = said.text
FROM reports_comment AS said
WHERE report.id = said.id AND report.received_at = said.received_at
"""


def make_partitions(_apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """A day for each that the Reports have."""
    for day in partitions.days("reports_report"):
        partitions.ensure("reports_comment", day, day)


class Migration(migrations.Migration):
    """Reads every Report once."""

    dependencies: ClassVar = [("reports", "0007_comment")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunPython(make_partitions, migrations.RunPython.noop),
        migrations.RunSQL(MOVE, BACK),
    ]
