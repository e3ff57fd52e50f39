"""A burst seen as a burst: by network, by minute, by what was written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncMinute

from reports import burst_rule, bursts
from reports.desk.bars import bars
from reports.models import Burst, Comment, Report

MINUTE = timedelta(minutes=1)
# Before it, so that the eye sees what is usual.
BEFORE = timedelta(minutes=15)
MOST_BARS = 120
MOST_NETWORKS = 20
MOST_COMMENTS = 300
MOST_GROUPS = 6


@dataclass(frozen=True, slots=True)
class Network:
    """What came out of one network.

    Attributes:
        network: its hash, hexadecimal.
        reports: how many.
        people: how many fingerprints they have.
        first: the first Report's instant.
        last: the last one's.
        part: of the burst, in percent.
    """

    network: str
    reports: int
    people: int
    first: datetime
    last: datetime
    part: int


@dataclass(frozen=True, slots=True)
class Said:
    """Comments that are alike: one of them, and how many there are."""

    text: str
    number: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything the page tells.

    Attributes:
        reports: of the burst, rejected ones too.
        rejected: of these.
        networks: the loudest first, at most `MOST_NETWORKS`.
        more_networks: how many are not in the list.
        said: groups of like comments, the largest first.
        comments: how many comments were compared.
        besides: reports of the same Service at the same time that are not of the burst.
        chart: an SVG: the burst, and on top what else there was.
        step: minutes a bar.
        start: where the chart begins.
        end: where it ends.
        top: the highest bar.
    """

    reports: int
    rejected: int
    networks: Sequence[Network]
    more_networks: int
    said: Sequence[Said]
    comments: int
    besides: int
    chart: str
    step: int
    start: datetime
    end: datetime
    top: int


def view(burst: Burst) -> View:
    """Read it: some aggregates over the burst's span of its Service's Reports."""
    reports = bursts.reports_of(burst)
    numbers = reports.aggregate(every=Count("id"), rejected=Count("rejected_at"))
    networks = _networks(reports, numbers["every"])
    start = burst.since.replace(second=0, microsecond=0) - BEFORE
    around = Report.objects.filter(
        service_id=burst.service_id, received_at__gte=start, received_at__lt=burst.until
    )
    mine, all_of_them = _by_minute(reports), _by_minute(around)
    minutes = int((burst.until - start) / MINUTE) + 1
    step = -(-minutes // MOST_BARS)
    own = _binned(mine, start, step, minutes)
    every = _binned(all_of_them, start, step, minutes)
    others = [max(0, total - part) for part, total in zip(own, every, strict=True)]
    said, compared = _said(burst, reports)
    during = around.filter(received_at__gte=burst.since).count()
    label = f"Reports of {burst.service.name} by minute: of the burst, and others above them"
    return View(
        reports=numbers["every"],
        rejected=numbers["rejected"],
        networks=networks,
        more_networks=max(0, _number_of_networks(burst, reports) - len(networks)),
        said=said,
        comments=compared,
        besides=max(0, during - numbers["every"]),
        chart=bars(label, own, others),
        step=step,
        start=start,
        end=burst.until,
        top=max([*every, 0]),
    )


def _networks(reports: QuerySet[Report], every: int) -> list[Network]:
    rows = (
        reports.values_list("network")
        .annotate(
            number=Count("id"),
            people=Count("fingerprint", distinct=True),
            first=Min("received_at"),
            last=Max("received_at"),
        )
        .order_by("-number")[:MOST_NETWORKS]
    )
    return [
        Network(bytes(network).hex(), number, people, first, last, round(100 * number / every))
        for network, number, people, first, last in rows
    ]


def _number_of_networks(burst: Burst, reports: QuerySet[Report]) -> int:
    return len(burst.networks) or reports.values("network").distinct().count()


def _by_minute(reports: QuerySet[Report]) -> Iterable[tuple[datetime, int]]:
    minute = TruncMinute("received_at")
    return reports.values_list(minute).annotate(number=Count("id")).order_by(minute)


def _binned(
    counts: Iterable[tuple[datetime, int]], start: datetime, step: int, minutes: int
) -> list[int]:
    """Counts by so many minutes each, from an instant on."""
    bins = [0] * -(-minutes // step)
    for minute, number in counts:
        place = int((minute - start) / MINUTE) // step
        if 0 <= place < len(bins):
            bins[place] += number
    return bins


def _said(burst: Burst, reports: QuerySet[Report]) -> tuple[list[Said], int]:
    """Groups of like comments among the newest of the burst; and how many were compared."""
    written = Comment.objects.filter(
        service_id=burst.service_id,
        received_at__gte=burst.since,
        received_at__lt=burst.until,
        id__in=reports.values("id"),
    )
    texts = list(written.order_by("-received_at").values_list("text", flat=True)[:MOST_COMMENTS])
    groups = islice(burst_rule.groups(texts), MOST_GROUPS)
    return [Said(texts[group[0]], len(group)) for group in groups], len(texts)
