"""What the back office's lists and desk cost beside many Reports.

`python -m benchmarks.office [--json] [--reports N]`: Reports of 30 days, a flood of 50,000 out of
three networks just now, and 100,000 rows in the trail; every page is asked for three times by an
administrator inside this process, and its median time and its queries are printed.
"""

import argparse
import os
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from statistics import median

from benchmarks import ground

os.environ["OUTCRY_STAFF_TWO_FACTOR"] = "false"
ground.prepare()

from django.contrib import admin  # noqa: E402 - only after ground.prepare()
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from aggregator.rollups import REPORTS  # noqa: E402
from benchmarks import made_reports  # noqa: E402
from config.preparation import gather_static_files  # noqa: E402
from reports import bursts, partitions  # noqa: E402
from reports.models import Burst  # noqa: E402

DAYS = 30
TIMES = 3
# The places that the made Reports name, and the flood's.
PLACES = """
INSERT INTO reports_region (code, name, kind, parent_id, latitude, longitude, time_zone, weight)
VALUES ('', 'World', 'world', NULL, 0, 0, 'UTC', 1);
INSERT INTO reports_region (code, name, kind, parent_id, latitude, longitude, time_zone, weight)
SELECT code, code, 'country', '', 0, 0, 'UTC', 1
FROM (SELECT 'R' || n FROM generate_series(0, 299) AS n UNION SELECT 'US-CA') AS made (code)
"""
FLOOD = """
INSERT INTO reports_report (id, received_at, service_id, region_id, region_source, channel,
    fingerprint, network)
SELECT uuidv7(), date_trunc('minute', now()) - interval '7 minutes' * (n / 50000.0), 1, 'US-CA',
    'user', 'api', substring(sha256(n::text::bytea) for 16),
    substring(sha256((n % 3)::text::bytea) for 16)
FROM generate_series(1, 50000) AS n
"""
TRAIL = """
INSERT INTO reports_moderationentry (act, at, by_id, reason, subject, reports, before)
SELECT 'reject', now() - i * interval '1 minute', (SELECT min(id) FROM auth_user), 'why', 'made', i,
    '{}'
FROM generate_series(1, 100000) AS i
"""


def main() -> None:
    """Fill the tables, ask for the pages, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.office")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--reports", type=int, default=5_000_000, help="in 30 days")
    arguments = parser.parse_args()
    gather_static_files()
    user = User.objects.create_superuser("maria")
    fill(arguments.reports, datetime.now(UTC))
    office = Client(HTTP_HOST="localhost")
    office.force_login(user)
    costs = {name: cost(office, path) for name, path in pages(user).items()}
    tell(arguments.reports, costs)


def fill(number: int, now: datetime) -> None:
    """Write the rows and have the flood flagged."""
    made_reports.make_catalogue()
    partitions.ensure(REPORTS, (now - timedelta(days=DAYS)).date(), now.date())
    for day in range(DAYS, 0, -1):
        first = now - timedelta(days=day)
        made_reports.write(number // DAYS, first, first + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(PLACES)
        cursor.execute(FLOOD)
        cursor.execute(TRAIL)
        cursor.execute("VACUUM ANALYZE")
    bursts.find(datetime.now(UTC))


def pages(user: User) -> dict[str, str]:
    """Names and addresses of the desk's pages and of all lists."""
    burst = Burst.objects.get()
    request = RequestFactory().get("/admin/")
    request.user = user
    key = burst.networks[0]
    desk = {
        "start": "",
        "queue": "queue/",
        "burst of 50,000": f"queue/burst/{burst.pk}/",
        "search": "queue/reports/",
        "search, a service": "queue/reports/?service=service-1",
        "search, a network": f"queue/reports/?network={key}",
        "search, a service's network": f"queue/reports/?service=service-1&network={key}",
    }
    lists = {
        model["object_name"]: model["admin_url"]
        for app in admin.site.get_app_list(request)
        for model in app["models"]
    }
    return {name: f"/admin/{rest}" for name, rest in desk.items()} | lists


def cost(office: Client, path: str) -> tuple[float, int]:
    """Median seconds of a page, and its queries."""
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            answer = office.get(path)
        seconds.append(time.perf_counter() - began)
        if answer.status_code != HTTPStatus.OK:
            raise SystemExit(f"{path} answered {answer.status_code}")
    return median(seconds), len(captured)


def tell(number: int, costs: dict[str, tuple[float, int]]) -> None:
    """Print the figures."""
    ground.show(
        f"The back office beside {number:,} reports",
        ("page", "seconds", "queries"),
        [(name, seconds, queries) for name, (seconds, queries) in costs.items()],
    )
    slowest = max(costs, key=lambda name: costs[name][0])
    ground.finish({"slowest": slowest, "slowest_seconds": round(costs[slowest][0], 3)})


if __name__ == "__main__":
    main()
