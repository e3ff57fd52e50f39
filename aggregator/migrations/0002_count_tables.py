"""The tables of counts; the Minutes are partitioned by day."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

COLUMNS = """
    start timestamptz NOT NULL,
    service_id bigint NOT NULL,
    region_id varchar(6) NOT NULL,
    problem_type_id bigint,
    count integer NOT NULL
"""


def make(table: str, partitioned: str = "") -> str:
    """The statements that make one table of counts.

    The key leads with the Service, for readers of one series; the second index leads with the
    time, for evaluation, which reads one Minute of all series.
    """
    return f"""
    CREATE TABLE {table} ({COLUMNS},
        CONSTRAINT {table}_not_negative CHECK (count >= 0),
        CONSTRAINT {table}_key UNIQUE NULLS NOT DISTINCT
            (service_id, start, region_id, problem_type_id)
    ) {partitioned};
    CREATE INDEX {table}_start ON {table} (start);
    """


class Migration(migrations.Migration):
    """Make the three tables; `reports.partitions` makes the Minutes' partitions."""

    dependencies: ClassVar = [("aggregator", "0001_first"), ("reports", "0002_report_table")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            make("aggregator_minutecount", "PARTITION BY RANGE (start)"),
            "DROP TABLE aggregator_minutecount",
        ),
        migrations.RunSQL(make("aggregator_quartercount"), "DROP TABLE aggregator_quartercount"),
        migrations.RunSQL(make("aggregator_hourcount"), "DROP TABLE aggregator_hourcount"),
    ]
