"""Nobody edits or deletes an entry of the trail: the database itself refuses."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

# Emptying a whole database for a test says so in a setting of its session; there is no other way
# but to drop the triggers, which only the table's owner can and which a dump then shows.
KEEP = """
CREATE FUNCTION reports_moderationentry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('outcry.emptying', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the trail of moderation is kept as it was written'
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'reports_moderationentry_kept';
END
$$;
CREATE TRIGGER reports_moderationentry_kept BEFORE UPDATE OR DELETE ON reports_moderationentry
    FOR EACH ROW EXECUTE FUNCTION reports_moderationentry_keep();
CREATE TRIGGER reports_moderationentry_not_emptied BEFORE TRUNCATE ON reports_moderationentry
    FOR EACH STATEMENT EXECUTE FUNCTION reports_moderationentry_keep();
"""
LET_GO = """
DROP TRIGGER reports_moderationentry_kept ON reports_moderationentry;
DROP TRIGGER reports_moderationentry_not_emptied ON reports_moderationentry;
DROP FUNCTION reports_moderationentry_keep();
"""


class Migration(migrations.Migration):
    """Two triggers."""

    dependencies: ClassVar = [("reports", "0017_outage_acts")]
    operations: ClassVar[list[Operation]] = [migrations.RunSQL(KEEP, LET_GO)]
