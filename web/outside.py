"""What other sites and programs show of us: feeds, badges, the card."""

from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from aggregator import freshness
from aggregator.models.picture import Verdict
from aggregator.selectors.outages import NEWEST_FIRST, Wanted, outages
from aggregator.selectors.scene import MOST
from aggregator.selectors.services import services_with_status
from reports import site_settings
from reports.models import Category, Region, Service
from web.answers import JSON, open_to_machines
from web.formats import badge as badges
from web.formats.feeds import TYPE, Channel, Form, feed
from web.pages.home import usual
from web.pages.service import known
from web.wording import WORD

FEED_SECONDS = 60
BADGE_SECONDS = 60
# shields.io asks at most every five minutes.
SHIELD_SECONDS = 300
# The card may stand on any page; it runs nothing and loads nothing but its sheet.
CARD_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"
SVG = "image/svg+xml; charset=utf-8"


@open_to_machines(FEED_SECONDS)
def site_feed(_request: HttpRequest, *, form: Form) -> HttpResponse:
    """All Outages."""
    return _feed(form, Wanted(), site_settings.current().name, "/")


@open_to_machines(FEED_SECONDS)
def service_feed(_request: HttpRequest, slug: str, *, form: Form) -> HttpResponse:
    """The Outages of a Service."""
    found = known(Service.objects.filter(is_active=True), slug)
    page = f"/services/{slug}/"
    return _feed(form, Wanted(service=slug), found.name, page)


@open_to_machines(FEED_SECONDS)
def category_feed(_request: HttpRequest, slug: str, *, form: Form) -> HttpResponse:
    """The Outages of a Category's Services."""
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    page = f"/outages/?category={slug}"
    return _feed(form, Wanted(category=slug), found.name, page, own=f"/categories/{slug}/")


@open_to_machines(FEED_SECONDS)
def region_feed(_request: HttpRequest, code: str, *, form: Form) -> HttpResponse:
    """The Outages that touch a Region."""
    found = Region.objects.filter(code=code).first() if code else None
    if found is None:
        raise Http404
    return _feed(form, Wanted(region=code), found.name, f"/regions/{code}/")


@open_to_machines(BADGE_SECONDS)
def badge(_request: HttpRequest, slug: str) -> HttpResponse:
    """A Service's badge as SVG."""
    return HttpResponse(badges.drawing(_badge(slug)), content_type=SVG)


@open_to_machines(BADGE_SECONDS)
def shield(_request: HttpRequest, slug: str) -> HttpResponse:
    """The same for shields.io's endpoint badge."""
    told = badges.shield(_badge(slug), SHIELD_SECONDS)
    return HttpResponse(msgspec.json.encode(told), content_type=JSON)


@xframe_options_exempt
@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A small page for a frame on somebody else's."""
    found = known(services_with_status(), slug)
    status = getattr(found, "status", None)
    verdict = status.verdict if status else Verdict.UNKNOWN
    context = {
        "service": found,
        "status": status,
        "verdict": verdict,
        "word": WORD[verdict],
        "usual": usual(status),
        "page": f"{settings.ENV.site_url}/services/{found.slug}/",
    }
    response = render(request, "web/card.html", context)
    response.headers["Content-Security-Policy"] = CARD_POLICY
    return freshness.public(request, response, BADGE_SECONDS)


def _feed(form: Form, wanted: Wanted, name: str, page: str, *, own: str = "") -> HttpResponse:
    env = settings.ENV
    first = Service.objects.order_by("created_at").first()
    rows = outages(wanted).filter(service__is_active=True).order_by(*NEWEST_FIRST.fields)
    channel = Channel(
        title=f"{name}: outages reported by people" if page != "/" else f"{name}: outages",
        page=env.site_url + page,
        address=f"{env.site_url}{own or urlsplit(page).path}history.{form}",
        site_url=env.site_url,
        since=first.created_at if first else timezone.now(),
    )
    found = list(rows.prefetch_related("events__cause")[:MOST])
    return HttpResponse(feed(form, channel, found), content_type=TYPE[form])


def _badge(slug: str) -> badges.Badge:
    found = known(services_with_status(), slug)
    status = getattr(found, "status", None)
    verdict = Verdict(status.verdict) if status else Verdict.UNKNOWN
    return badges.Badge(found.name, verdict)
