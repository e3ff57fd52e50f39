"""What machines that read pages ask for: share cards, `robots.txt`, the sitemap."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator import freshness
from aggregator.models import Outage
from aggregator.selectors import series
from aggregator.selectors.outages import Standing, Wanted, outages
from aggregator.selectors.services import active_services, services_with_status
from aggregator.selectors.spans import span
from reports import site_settings
from reports.models import Service
from web.pages.answer import LONG_SECONDS
from web.pages.service import DAY, known, row
from web.share import Card, draw_card
from web.wording import Usual, question, reports

# Chats keep a card for long anyway; drawing one takes some ten milliseconds.
CARD_SECONDS = 60
# Of the sitemap protocol's 50,000 addresses, so many may be Outages.
MOST_OUTAGES = 20_000

ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /api/
Disallow: /find/
Disallow: /*/live/
Allow: /

Sitemap: {site}/sitemap.xml
"""


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where the icon is, for those who look in the old place: browsers on pages without one."""
    response = HttpResponseRedirect(static("web/icon.svg"))
    patch_cache_control(response, public=True, max_age=LONG_SECONDS)
    return response


@require_safe
def service_card(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The share card of a Service (two queries)."""
    found = known(services_with_status(), slug)
    said = row(found)
    day = span(DAY.step, now := timezone.now(), start=now - DAY.length)
    counts = series.counts(found.pk, day)
    card = Card(
        title=question(found.name),
        verdict=said.verdict,
        word=str(said.word),
        numbers=_numbers(said.usual) if isinstance(said.usual, Usual) else "",
        counts=[counts.get(start, 0) for start in day.starts()],
        site=site_settings.current().name,
    )
    return _png(request, card)


@require_safe
def site_card(request: HttpRequest) -> HttpResponseBase:
    """The share card of every other page: how many Services have problems now (one query)."""
    going_on = outages(Wanted(state=Standing.OPEN)).values_list("state", flat=True)
    card = Card(
        title=site_settings.current().name,
        verdict="major" if "confirmed" in going_on else "possible" if going_on else "ok",
        word=_("Problems now: %(count)d") % {"count": len(going_on)},
        numbers=_("What people report as down, where, and since when"),
        counts=[],
        site=urlsplit(settings.ENV.site_url).netloc,
    )
    return _png(request, card)


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """`robots.txt` (RFC 9309): pages for everyone, nothing that only machines of ours use."""
    text = ROBOTS.format(site=settings.ENV.site_url)
    return freshness.public(request, HttpResponse(text, content_type="text/plain"), LONG_SECONDS)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The pages that are worth finding (sitemaps.org 0.9)."""
    response = sitemap_view(request, {"pages": Pages(), "services": Services(), "past": Past()})
    return freshness.public(request, response.render(), LONG_SECONDS)


class _OwnAddress:
    """Addresses as `OUTCRY_SITE_URL` has them, whatever name the asker used."""

    def get_domain(self, site: object = None) -> str:  # noqa: ARG002 - Django's signature
        return urlsplit(settings.ENV.site_url).netloc

    def get_protocol(self, protocol: str | None = None) -> str:  # noqa: ARG002 - Django's signature
        return urlsplit(settings.ENV.site_url).scheme


class Pages(_OwnAddress, Sitemap[str]):
    """Pages that are always there."""

    def items(self) -> Sequence[str]:
        """Their names."""
        return ("home", "outages", "official", "method", "privacy")

    def location(self, item: str) -> str:
        """The path of one."""
        return reverse(item)


class Services(_OwnAddress, Sitemap[Service]):
    """The page of each Service."""

    changefreq = "always"

    def items(self) -> QuerySet[Service]:
        """Active ones."""
        return active_services().order_by("slug")

    def location(self, item: Service) -> str:
        """The path of one."""
        return reverse("service", args=[item.slug])


class Past(_OwnAddress, Sitemap[Outage]):
    """The page of each Outage that stands, the newest first."""

    limit = MOST_OUTAGES

    def items(self) -> QuerySet[Outage]:
        """Those that were not retracted."""
        found = Outage.objects.filter(retracted_at=None).order_by("-started_at", "-id")
        return found[:MOST_OUTAGES]

    def location(self, item: Outage) -> str:
        """The path of one."""
        return reverse("outage", args=[item.pk])

    def lastmod(self, item: Outage) -> datetime:
        """When it last moved, as far as its row tells."""
        return item.ended_at or item.confirmed_at or item.detected_at


def _numbers(usual: Usual) -> str:
    return _("%(reports)s in 15 minutes, usual %(least)d–%(most)d") % {  # noqa: RUF001 - a range
        "reports": reports(usual.count),
        "least": usual.least,
        "most": usual.most,
    }


def _png(request: HttpRequest, card: Card) -> HttpResponseBase:
    response = HttpResponse(draw_card(card), content_type="image/png")
    return freshness.public(request, response, CARD_SECONDS)
