"""The back office's start page: what needs a person now, and how the site is doing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Sum
from django.urls import reverse

from aggregator.models import Alert, MinuteCount, Outage
from aggregator.models.alert import AlertState
from aggregator.models.outage import NOT_OVER, State
from config import health, site_minutes
from reports.desk import queue
from reports.desk.bars import bars
from reports.models import Burst
from reports.models.moderation import BurstState

Person = User | AnonymousUser

SPAN = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
MOST_LINES = 6
ICONS = {"burst": "flood", "comment": "chat_bubble", "suggestion": "lightbulb"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of many: what it is, more about it, and its page; "" when it has none."""

    text: str
    more: str = ""
    url: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One kind of thing that may need a person.

    Attributes:
        title: what it is.
        icon: a name of the Material Symbols.
        number: how many need somebody.
        url: where it is worked on; "" when nowhere here.
        lines: the first of them.
    """

    title: str
    icon: str
    number: int
    url: str = ""
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small chart.

    Attributes:
        title: what it shows.
        now: the newest figure, in words.
        svg: the bars of the last two hours.
        top: the highest, in words.
        note: what is missing, in words.
    """

    title: str
    now: str
    svg: str
    top: str
    note: str = ""


def needs(user: Person) -> list[Need]:
    """What this person may see of what waits, whether or not there is something."""
    found = [make() for right, make in NEEDS if user.has_perm(right)]
    if user.has_perm("reports.view_report"):
        found[1:1] = _waiting()
    return found


def drawings(now: datetime) -> list[Drawing]:
    """Reports, backlog and lag by Minute, the two hours before now."""
    noted = site_minutes.recent(now, SPAN)
    counted = [one.uncounted if one else 0 for one in noted]
    lags = [round(one.counting_lag or 0) if one else 0 for one in noted]
    missing = sum(one is None for one in noted)
    gaps = f"{missing} of these minutes were not noted: no worker was free." if missing else ""
    figures = health.figures()
    lag = figures.counting_lag
    return [
        _drawing("Reports by minute", "a minute", _reports(now)),
        _drawing("Not counted yet", "reports", counted, figures.uncounted_reports, note=gaps),
        _drawing("Counting lag", "s", lags, None if lag is None else round(lag), note=gaps),
    ]


def _waiting() -> Iterable[Need]:
    """The kinds of the queue."""
    for kind in queue.KINDS:
        number = kind.number()
        rows = kind.waiting(0, 3) if number else []
        lines = [Line(row.service, row.text[:80] or row.why, row.url) for row in rows]
        url = f"{reverse('admin:queue')}?{urlencode({'kind': kind.name})}"
        yield Need(kind.title, ICONS.get(kind.name, "inbox"), number, url, lines)


def _outages() -> Need:
    """Those that are not over; in doubt are possible ones, and those whose Service has a burst."""
    rows = Outage.objects.filter(state__in=NOT_OVER).select_related("service")
    made = set(Burst.objects.filter(state=BurstState.OPEN).values_list("service_id", flat=True))
    lines = []
    for outage in rows.order_by("-started_at"):
        doubts = ["possible"] if outage.state == State.POSSIBLE else []
        doubts += ["a burst is flagged"] if outage.service_id in made else []
        more = f"{', '.join(doubts) or 'confirmed'}, since {outage.started_at:%H:%M} UTC"
        url = reverse("admin:aggregator_outage_change", args=[outage.pk])
        lines.append(Line(outage.service.name, more, url, is_doubtful=bool(doubts)))
    lines.sort(key=lambda line: not line.is_doubtful)
    return Need(
        "Outages",
        "warning",
        len(lines),
        reverse("admin:aggregator_outage_changelist"),
        lines[:MOST_LINES],
    )


def _alerts() -> Need:
    """Those that failed after their last try, and are still kept."""
    failed = Alert.objects.filter(state=AlertState.FAILED)
    url = reverse("admin:aggregator_alert_changelist") + "?state__exact=failed"
    lines = [
        Line(alert.event.outage.service.name, alert.last_error[:80])
        for alert in failed.select_related("event__outage__service").order_by("-created_at")[:3]
    ]
    return Need("Failed alerts", "notifications_off", failed.count(), url, lines)


def _parts() -> Need:
    """Parts of the site that do not work as they should."""
    lines = [Line(part, state) for part, state in health.parts().items() if state != "ok"]
    failing = health.figures().official_pages_failing
    if failing:
        lines.append(Line("vendors' pages", f"{failing} without a good answer"))
    return Need("Unhealthy parts", "monitor_heart", len(lines), "", lines)


# In the order of the page, and the right that each needs.
NEEDS: tuple[tuple[str, Callable[[], Need]], ...] = (
    ("aggregator.view_outage", _outages),
    ("aggregator.view_alert", _alerts),
    ("reports.view_report", _parts),
)


def _reports(now: datetime) -> list[int]:
    end = now.replace(second=0, microsecond=0)
    rows = MinuteCount.objects.filter(start__gte=end - SPAN, start__lt=end)
    sums = dict(rows.values_list("start").annotate(reports=Sum("count")))
    return [sums.get(end - back * MINUTE, 0) for back in range(SPAN // MINUTE, 0, -1)]


def _drawing(
    title: str, unit: str, counts: Sequence[int], now: int | None = None, *, note: str = ""
) -> Drawing:
    newest = counts[-1] if now is None else now
    told, top = f"{newest:,} {unit}", f"{max(counts):,} {unit}"
    label = f"{title}, the last two hours: now {told}, highest {top}"
    return Drawing(title, told, bars(label, counts), top, note)
