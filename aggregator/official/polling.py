"""Polling: leases the pages that are due, asks them outside any transaction, keeps the answers.

Any number of workers may poll: a page is leased by pushing its `due_at` on, so no two ask it at
the same time. Who dies leaves a lease that runs out. Who comes late, after somebody else took the
page over, finds `attempts` changed and writes nothing.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from aggregator import metrics
from aggregator.channels.post import retry_after
from aggregator.models import OfficialPage
from aggregator.official import feeds, statuspage
from aggregator.official.fetch import Answer, Fetcher, FetchError, Known
from aggregator.official.keeping import keep
from aggregator.official.reading import BadAnswerError, Component, Reading
from reports.models.catalogue import OfficialKind

LEASE = timedelta(seconds=120)
# What is not begun by then is given back: the rest of the lease is for those under way.
BEGIN_SECONDS = 40
POLLERS = 8
BATCH = 200
JITTER = 0.1
LONGEST_WAIT = timedelta(hours=1)
MOST_DOUBLINGS = 10
LONGEST_FAULT = 300
# One failed try may be our own network's fault.
FAILURES_OF_A_SITE_THAT_IS_DOWN = 2

log = structlog.get_logger(__name__)

_ENROL = """
INSERT INTO aggregator_officialpage AS page
    (service_id, url, kind, due_at, attempts, etag, last_modified, digest, indicator, description,
     failures, fault)
SELECT id, official_url, official_kind, %(now)s, 0, '', '', '', '', '', 0, ''
FROM reports_service WHERE is_active AND official_url <> '' AND official_kind <> ''
ON CONFLICT (service_id) DO UPDATE SET
    url = EXCLUDED.url, kind = EXCLUDED.kind, due_at = EXCLUDED.due_at, etag = '',
    last_modified = '', digest = '', indicator = '', description = '', failures = 0, fault = '',
    failing_since = NULL, watched_since = NULL, good_at = NULL, attempts = page.attempts + 1
WHERE (page.url, page.kind) <> (EXCLUDED.url, EXCLUDED.kind)
"""
_DISMISS = """
DELETE FROM aggregator_officialpage page USING reports_service service
WHERE service.id = page.service_id
    AND (NOT is_active OR official_url = '' OR official_kind = '')
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What one try came to.

    Attributes:
        at: when the answer was there, aware.
        reading: None when nothing changed or there is a fault.
        fault: why there is no good answer; empty when there is one.
        wait: how long the page asks to be left alone.
    """

    at: datetime
    reading: Reading | None = None
    known: Known = field(default_factory=Known)
    digest: bytes = b""
    fault: str = ""
    wait: timedelta | None = None


def poll_due(now: datetime, clock: Callable[[], datetime] = timezone.now) -> int:
    """Ask the pages that are due; gives how many were asked. Does nothing when it is turned off.

    Args:
        now: aware; compared with `due_at`.
        clock: tells when an answer was there, seconds after `now`.
    """
    env = settings.ENV
    if not env.official_interval_seconds:
        return 0
    _enrol(now)
    pages = {page.pk: page for page in _lease(now)}
    fetcher = Fetcher(allow_private=env.official_allow_private)
    begin_until = time.monotonic() + BEGIN_SECONDS
    asked = 0
    with ThreadPoolExecutor(POLLERS, thread_name_prefix="poller") as pollers:
        begun = {
            pollers.submit(_look, page, fetcher, clock, begin_until): page
            for page in pages.values()
        }
        try:
            for future in as_completed(begun):
                look = future.result()
                asked += look is not None
                _mark(begun[future], look, now)
        finally:
            pollers.shutdown(cancel_futures=True)
    return asked


def ask(page: OfficialPage, fetcher: Fetcher, clock: Callable[[], datetime]) -> Look:
    """Ask one page; touches no database and raises nothing that a page can cause."""
    known = Known(page.etag, page.last_modified)
    try:
        if page.kind == OfficialKind.PROBE:
            return _probe(page, fetcher, clock)
        root = page.url.rstrip("/")
        is_statuspage = page.kind == OfficialKind.STATUSPAGE
        address = root + statuspage.SUMMARY_PATH if is_statuspage else page.url
        answer = fetcher.get(address, known)
        digest = _digest(answer)
        if answer.body is None:
            return Look(clock(), known=known, digest=bytes(page.digest))
        if digest == bytes(page.digest):
            return Look(clock(), known=answer.known, digest=digest)
        if is_statuspage:
            reading = statuspage.read(answer.body, _history(root, fetcher))
        else:
            reading = feeds.read(answer.body)
        return Look(clock(), reading, answer.known, digest)
    except FetchError as error:
        at = clock()
        return Look(at, fault=str(error), wait=retry_after(error.retry_after, at))
    except BadAnswerError as error:
        return Look(clock(), fault=str(error))


def _history(root: str, fetcher: Fetcher) -> bytes | None:
    """How incidents ended, which the summary forgets; None from a page that does not tell."""
    try:
        return fetcher.get(root + statuspage.HISTORY_PATH).body
    except FetchError:
        return None


def _probe(page: OfficialPage, fetcher: Fetcher, clock: Callable[[], datetime]) -> Look:
    """Whether a site answers; that it is down takes two tries, and is an answer, not a fault."""
    try:
        fetcher.get(page.url)
    except FetchError as error:
        if error.answered:
            return Look(clock(), Reading("none", "", components=(_up(),)))
        if page.failures + 1 < FAILURES_OF_A_SITE_THAT_IS_DOWN:
            return Look(clock(), fault=str(error))
        down = Component("site", "Site", "major_outage")
        return Look(clock(), Reading("critical", str(error), components=(down,)), fault=str(error))
    return Look(clock(), Reading("none", "", components=(_up(),)))


def _up() -> Component:
    return Component("site", "Site", "operational")


def _look(
    page: OfficialPage, fetcher: Fetcher, clock: Callable[[], datetime], begin_until: float
) -> Look | None:
    if time.monotonic() > begin_until:
        return None
    try:
        return ask(page, fetcher, clock)
    except Exception as error:
        # A fault of ours with one page must not hold up the others.
        log.exception("official.look_broke", service_id=page.pk)
        return Look(clock(), fault=f"internal error ({type(error).__name__})")


# -- leases and marks ------------------------------------------------------------------------


def _enrol(now: datetime) -> None:
    """Follow the catalogue: a row for each page, anew where its address changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ENROL, {"now": now})
        cursor.execute(_DISMISS)


def _lease(now: datetime) -> list[OfficialPage]:
    """Take due pages for the time of the lease."""
    with transaction.atomic():
        due = OfficialPage.objects.filter(due_at__lte=now).order_by("due_at")
        keys = [page.pk for page in due.select_for_update(skip_locked=True)[:BATCH]]
        rows = OfficialPage.objects.filter(pk__in=keys)
        rows.update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return list(OfficialPage.objects.filter(pk__in=keys, due_at=now + LEASE))


def _mark(page: OfficialPage, look: Look | None, now: datetime) -> None:
    """Write down what came of a try."""
    if look is None:
        mine = OfficialPage.objects.filter(pk=page.pk, attempts=page.attempts)
        mine.update(due_at=now)
        return
    seen_before = page.good_at
    _settle(page, look)
    page.due_at = look.at + wait(page.failures, random.uniform(-1, 1), look.wait)  # noqa: S311 - no secret
    outcome = "fault" if look.fault else "changed" if look.reading else "same"
    metrics.OFFICIAL_POLLS.labels(outcome).inc()
    if look.fault:
        log.warning("official.poll_failed", service_id=page.pk, fault=page.fault)
    if look.reading is not None:
        keep(page, look.reading, seen_before, look.at)
        return
    values = {
        name: getattr(page, name)
        for name in (
            *("due_at", "etag", "last_modified", "digest"),
            *("good_at", "watched_since", "failures", "failing_since", "fault"),
        )
    }
    OfficialPage.objects.filter(pk=page.pk, attempts=page.attempts).update(**values)


def _settle(page: OfficialPage, look: Look) -> None:
    """What a try says of the page's own health."""
    if look.fault:
        page.failures += 1
        page.failing_since = page.failing_since or look.at
        page.fault = look.fault[:LONGEST_FAULT]
        return
    page.failures, page.failing_since, page.fault = 0, None, ""
    page.etag, page.last_modified = look.known.etag, look.known.last_modified
    page.digest = look.digest
    page.watched_since = page.watched_since or look.at
    page.good_at = look.at


def wait(failures: int, spread: float, asked: timedelta | None = None) -> timedelta:
    """How long to leave a page alone: the interval, doubled with every fault up to an hour.

    Args:
        failures: faults in a row.
        spread: from -1 to 1, drawn anew each time, so that pages do not come due together.
        asked: what the page itself asks for; a day at most is granted.
    """
    seconds: int = settings.ENV.official_interval_seconds
    interval = timedelta(seconds=seconds)
    doubled = interval * 2 ** min(failures, MOST_DOUBLINGS)
    planned: timedelta = max(interval, min(doubled, LONGEST_WAIT)) * (1 + JITTER * spread)
    return max(planned, min(asked or timedelta(), timedelta(days=1)))


def _digest(answer: Answer) -> bytes:
    return blake2b(answer.body or b"", digest_size=16).digest()
