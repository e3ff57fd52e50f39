"""`/method/`: how the detector tells, and how well, for the curious and for engineers."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aggregator.detection import Parameters
from reports import site_settings
from web.figures import Figures, Found, Peers, published
from web.frontier import FALSE_TICKS, FOUND_TICKS, draw
from web.pages.answer import LONG_SECONDS, page

HANDS: dict[str, Promise] = {
    "first": gettext_lazy("Worlds of our first generator"),
    "second": gettext_lazy("Worlds made by a second hand"),
}
KINDS: dict[str, Promise] = {
    "step": gettext_lazy("sudden and lasting"),
    "ramp": gettext_lazy("rising slowly"),
    "blip": gettext_lazy("over within minutes"),
    "burn": gettext_lazy("slow burn, about three times the usual"),
    "country": gettext_lazy("in one country only"),
    "subdivision": gettext_lazy("in one state or province only"),
    "story": gettext_lazy("in all the news: thousands in a quarter of an hour"),
    "flapping": gettext_lazy("on and off"),
    "nine-hours": gettext_lazy("a whole working day"),
    "joint": gettext_lazy("several services at once"),
    "nested": gettext_lazy("inside the outage of another"),
}
# Detectors that have no name of their own.
TITLES: dict[str, Promise] = {
    "oracle": gettext_lazy("One who knows when, where and how much"),
    "prototype": gettext_lazy("Our own prototype"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Our figures on the worlds of one generator."""

    title: Promise | str
    worlds: int
    figures: Figures


@require_safe
def method(request: HttpRequest) -> HttpResponseBase:
    """How a spike is told from an ordinary Monday morning."""
    figures, parameters = published(), Parameters()
    grounds = _grounds()
    context = {
        "window": site_settings.current().dedupe_window_minutes,
        "parameters": parameters,
        "windows": ", ".join(str(minutes) for minutes in parameters.windows),
        "version": figures.parameters,
        "is_current": figures.parameters == parameters.version,
        "grounds": grounds,
        "kinds": _kinds(grounds[0].figures) if grounds else [],
        "peers": figures.peers,
        "peer_rows": _peer_rows(figures.peers),
        "chart": _chart(figures.peers),
        "false_ticks": FALSE_TICKS,
        "found_ticks": FOUND_TICKS,
    }
    return page(request, "web/method.html", context, max_age=LONG_SECONDS)


def _grounds() -> list[Ground]:
    """One entry a generator, or a world where they were not summed up."""
    found = published()
    together = [
        Ground(HANDS.get(hand, hand), sum(world.hand == hand for world in found.worlds), figures)
        for hand, figures in found.together.items()
    ]
    return together or [
        Ground(HANDS.get(world.hand, world.hand), 1, world.figures) for world in found.worlds
    ]


def _kinds(figures: Figures) -> list[tuple[Promise | str, Found]]:
    return [
        (KINDS.get(kind, kind), found) for kind, found in figures.kinds.items() if found.outages
    ]


def _peer_rows(peers: Peers | None) -> list[tuple[Figures, Promise | str]]:
    rows = peers.rows if peers else []
    return [(row, TITLES.get(row.title, row.title)) for row in rows]


def _chart(peers: Peers | None) -> str:
    if peers is None or not peers.lines:
        return ""
    return draw(peers.lines, _("Share of outages found against false outages a service-year"))
