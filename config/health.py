"""What machines ask a site: is the process up, is the whole of it working, how is it doing.

They are answered before anything else looks at the request: an orchestrator asks by address and
not by a host name of the site, and a site whose database is down must still answer.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import prometheus_client
import redis
from celery.exceptions import CeleryError
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import KombuError
from prometheus_client import multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from config.celery import app

Answer = Callable[[HttpRequest], HttpResponse]

COUNTING_LAG_LIMIT = timedelta(seconds=60)
# A Minute is looked at after its end, so even an idle site is one or two of them behind.
EVALUATION_LAG_LIMIT = timedelta(minutes=5)
BROKER_SECONDS = 0.5
WORKER_SECONDS = 1.0

# One statement, so that all figures are of the same instant.
FIGURES = """
SELECT extract(epoch FROM clock_timestamp() - mark.counted_until)::float,
       (SELECT extract(epoch FROM clock_timestamp() - evaluated_until)::float
          FROM aggregator_evaluationmark LIMIT 1),
       (SELECT count(*) FROM reports_report
         WHERE transaction >= mark.transaction AND rejected_at IS NULL),
       (SELECT count(*) FROM reports_stalebucket),
       (SELECT count(*) FROM aggregator_alert WHERE state = 'pending'),
       (SELECT count(*) FROM aggregator_outage WHERE state IN ('possible', 'confirmed')),
       (SELECT count(*) FROM aggregator_officialpage WHERE failures > 0),
       (SELECT count(*) FROM aggregator_subscription WHERE is_active),
       (SELECT count(*) FROM aggregator_subscription
         WHERE is_active AND broken_until IS NOT NULL)
  FROM (SELECT 1) AS one
  LEFT JOIN LATERAL (SELECT * FROM aggregator_countingmark LIMIT 1) AS mark ON true
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the site is doing, from its database.

    The lags are seconds, `None` before the first counting or evaluation.
    """

    counting_lag: float | None
    evaluation_lag: float | None
    uncounted_reports: int
    stale_buckets: int
    alerts_pending: int
    outages_open: int
    official_pages_failing: int
    subscriptions_active: int
    subscriptions_broken: int


def figures() -> Figures:
    """Read the figures.

    Raises:
        DatabaseError: when the database does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIGURES)
        return Figures(*cursor.fetchone())


class HealthMiddleware:
    """Answers `/healthz`, `/readyz` and `/metrics`; must be the first of all middleware."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer of the address, or of the rest of the site."""
        answer = ANSWERS.get(request.path_info)
        if answer is None or request.method not in {"GET", "HEAD"}:
            return self._get_response(request)
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def process_up(_request: HttpRequest) -> HttpResponse:
    """200 while this process can answer at all; touches nothing."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> HttpResponse:
    """200 when every part works; else 503, naming the parts that do not."""
    read = parts()
    well = all(state == "ok" for state in read.values())
    body = {"status": "ok" if well else "not ready", "parts": read}
    return JsonResponse(body, status=200 if well else 503)


def parts() -> dict[str, str]:
    """Each part of the site and how it is: `ok`, or what is wrong, in words. Asks all of them."""
    return {**_database_parts(), **_queue_parts()}


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics: of every process of this host, and the site's own figures.

    OpenMetrics to who asks for it, else Prometheus' older text.
    """
    registry = prometheus_client.CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # theirs
    else:
        registry.register(prometheus_client.REGISTRY)
    registry.register(SiteFigures())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)


class SiteFigures(Collector):
    """The site's figures as gauges, read from the database whenever they are asked for."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing ahead of time: registering must not need a database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a figure; only `outcry_database_up` when the database does not answer."""
        try:
            now = figures()
        except DatabaseError:
            yield GaugeMetricFamily("outcry_database_up", "1 if the database answers.", 0)
            return
        yield GaugeMetricFamily("outcry_database_up", "1 if the database answers.", 1)
        told: Mapping[str, tuple[str, float | None]] = {
            "outcry_counting_lag_seconds": ("Age of the last counting.", now.counting_lag),
            "outcry_evaluation_lag_seconds": (
                "Time since the end of the last Minute evaluated.",
                now.evaluation_lag,
            ),
            "outcry_reports_uncounted": ("Reports not yet counted.", now.uncounted_reports),
            "outcry_stale_buckets": ("Buckets to be counted again.", now.stale_buckets),
            "outcry_alerts_pending": ("Alerts not yet sent nor failed.", now.alerts_pending),
            "outcry_outages_open": ("Outages that are not over.", now.outages_open),
            "outcry_subscriptions_active": ("Active subscriptions.", now.subscriptions_active),
            "outcry_subscriptions_broken": (
                "Active subscriptions whose target is left alone after failures.",
                now.subscriptions_broken,
            ),
            "outcry_official_pages_failing": (
                "Vendors' status pages without a good answer now.",
                now.official_pages_failing,
            ),
        }
        for name, (text, value) in told.items():
            if value is not None:
                yield GaugeMetricFamily(name, text, value)


def _database_parts() -> dict[str, str]:
    try:
        now = figures()
    except DatabaseError:
        return {"database": "does not answer", "counting": "unknown", "evaluation": "unknown"}
    if now.counting_lag is None:
        counting = "has not begun"
    else:
        counting = lag_state(now.counting_lag, COUNTING_LAG_LIMIT)
    # On a new site there is nothing to evaluate until the first Minute is over.
    evaluation = lag_state(now.evaluation_lag or 0, EVALUATION_LAG_LIMIT)
    return {"database": "ok", "counting": counting, "evaluation": evaluation}


def lag_state(seconds: float, limit: timedelta) -> str:
    """What to say of a lag.

    >>> lag_state(3.2, timedelta(seconds=60))
    'ok'
    >>> lag_state(75.4, timedelta(seconds=60))
    '75 s behind'
    """
    return "ok" if seconds <= limit.total_seconds() else f"{seconds:.0f} s behind"


def _queue_parts() -> dict[str, str]:
    seconds = BROKER_SECONDS
    try:
        with redis.Redis.from_url(
            _redis_url(), socket_timeout=seconds, socket_connect_timeout=seconds
        ) as broker:
            broker.ping()
        answers = app.control.ping(timeout=WORKER_SECONDS, limit=1)
    except (redis.RedisError, KombuError, CeleryError, OSError):
        return {"broker": "does not answer", "worker": "unknown"}
    return {"broker": "ok", "worker": "ok" if answers else "none answers"}


def _redis_url() -> str:
    url: str = settings.ENV.redis_url
    return url


ANSWERS: dict[str, Answer] = {"/healthz": process_up, "/readyz": ready, "/metrics": metrics}
