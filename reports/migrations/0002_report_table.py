"""The partitioned table of Reports, which Django's schema editor can't describe."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

TABLE = """
CREATE TABLE reports_report (
    id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    service_id bigint NOT NULL,
    region_id varchar(6) NOT NULL,
    problem_type_id bigint,
    region_source varchar(8) NOT NULL,
    channel varchar(8) NOT NULL,
    fingerprint bytea NOT NULL,
    network bytea NOT NULL,
    comment text NOT NULL DEFAULT '',
    rejected_at timestamptz,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT reports_report_key PRIMARY KEY (received_at, id),
    CONSTRAINT reports_report_fingerprint_size CHECK (octet_length(fingerprint) = 16),
    CONSTRAINT reports_report_network_size CHECK (octet_length(network) = 16)
) PARTITION BY RANGE (received_at);
-- Finds a repeat inside the dedupe window, and a person's Reports on request.
CREATE INDEX reports_report_fingerprint ON reports_report (fingerprint, service_id, received_at);
-- Finds a Service's Reports of a span: recounts, breadth, moderation.
CREATE INDEX reports_report_service ON reports_report (service_id, received_at);
-- Finds what was written since counting last looked.
CREATE INDEX reports_report_transaction ON reports_report (transaction);
"""


class Migration(migrations.Migration):
    """Make the table without any partition; `reports.partitions` makes those."""

    dependencies: ClassVar = [("reports", "0001_first")]
    operations: ClassVar[list[Operation]] = [migrations.RunSQL(TABLE, "DROP TABLE reports_report")]
