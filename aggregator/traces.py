"""Every Service's last day by the hour, kept ready for lists: the only writer of DayTrace.

A page that shows a thousand Services must not add up their counts. One statement does, every few
minutes; it reads the hours as they are, so it may run twice, at once, or late.
"""

from datetime import datetime, timedelta

from django.db import connection

from aggregator.selectors.spans import Step, floor

HOURS = 24

TRACE = """
WITH counted AS (
    SELECT service_id, start, sum(count)::int AS total
    FROM aggregator_hourcount WHERE start >= %(first)s AND start < %(until)s
    GROUP BY service_id, start
)
INSERT INTO aggregator_daytrace (service_id, until, counts)
SELECT service_id, %(until)s, array_agg(coalesce(total, 0) ORDER BY start)
FROM (SELECT id AS service_id FROM reports_service WHERE is_active) AS service
JOIN (SELECT DISTINCT service_id FROM counted) AS busy USING (service_id)
CROSS JOIN generate_series(%(first)s, %(until)s - interval '1 hour', interval '1 hour')
    AS hour (start)
LEFT JOIN counted USING (service_id, start)
GROUP BY service_id
ORDER BY service_id
ON CONFLICT (service_id) DO UPDATE SET until = excluded.until, counts = excluded.counts
WHERE aggregator_daytrace.until <= excluded.until
"""


def trace(now: datetime) -> int:
    """Bring the rows of all Services with Reports in the last day up to date.

    Args:
        now: aware; the hour that holds it is the last.

    Returns:
        How many rows were written.
    """
    until = floor(now, Step.HOUR) + timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute(TRACE, {"first": until - timedelta(hours=HOURS), "until": until})
        return int(cursor.rowcount)
