"""A public post names neither a place nor a problem type; the database holds it."""

from django.db import migrations

ADD = """
ALTER TABLE reports_report ADD CONSTRAINT reports_report_social_without_place
    CHECK (channel <> 'social' OR (region_id = '' AND problem_type_id IS NULL))
"""
DROP = "ALTER TABLE reports_report DROP CONSTRAINT reports_report_social_without_place"


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0013_act_tune"),
    ]

    operations = [migrations.RunSQL(ADD, DROP)]
