"""The back office as a whole: who may come in, and its menu."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from aggregator import admin_privacy
from config import second_factor, start
from config.preview import preview
from reports import admin_site, site_settings
from reports.desk import requests as desk_requests
from reports.desk import views as desk_views


class OfficeSite(UnfoldAdminSite):  # type: ignore[misc]  # Unfold ships no types
    """The pages under `/admin/`."""

    def get_urls(self) -> list[URLPattern]:
        """Unfold's and Django's own, and those of our pages."""
        desk = (
            path(route, self.admin_view(view), name=name)
            for route, view, name in (
                *desk_views.PAGES,
                *admin_site.PAGES,
                *admin_privacy.PAGES,
            )
        )
        return [
            path("second-factor/", second_factor.second_factor, name="second-factor"),
            path("preview/<slug:slug>/", self.admin_view(preview), name="service-preview"),
            *desk,
            *super().get_urls(),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may come in: staff, with their second factor where it is required."""
        return bool(super().has_permission(request)) and not _is_asked(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """The door; who gave their password is led on to the second factor."""
        if request.method == "GET" and super().has_permission(request) and _is_asked(request):
            wanted = urlencode({"next": request.GET.get("next", "")})
            return HttpResponseRedirect(reverse("admin:second-factor") + "?" + wanted)
        response: HttpResponseBase = super().login(request, extra_context)
        return response

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponseBase:
        """The start page."""
        now, may_look = datetime.now(UTC), request.user.has_perm(desk_requests.MAY_LOOK)
        more = {
            "title": _("Start"),
            "needs": start.needs(request.user),
            "drawings": start.drawings(now) if may_look else (),
        }
        response: HttpResponseBase = super().index(request, {**more, **(extra_context or {})})
        return response

    def search(self, _request: HttpRequest, *_: object) -> HttpResponse:
        """Unfold's own search is off: it fails on odd input and keeps what was asked in Redis.

        Raises:
            Http404: always.
        """
        raise Http404


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu: shown to those who may see the model's list.

    Attributes:
        title: what it says.
        icon: a name of the Material Symbols.
        model: `app.model`; "" for a page that is no model's list.
        page: the name of that page's address.
        permission: who may see that page.
    """

    title: str | Promise
    icon: str
    model: str = ""
    page: str = ""
    permission: str = ""

    def entry(self) -> dict[str, object]:
        """As Unfold wants it."""
        app, _dot, model = self.model.partition(".")
        page = self.page or f"{app}_{model}_changelist"
        permission = self.permission or f"{app}.view_{model}"
        return {
            "title": self.title,
            "icon": self.icon,
            "link": reverse_lazy(f"admin:{page}"),
            "permission": lambda request: request.user.has_perm(permission),
        }


# The menu. Whoever adds a list to the back office adds its line here.
MENU: tuple[tuple[str | Promise, tuple[Item, ...]], ...] = (
    (
        _("Moderation"),
        (
            Item(_("Queue"), "inbox", page="queue", permission=desk_requests.MAY_LOOK),
            Item(_("Reports"), "campaign", page="find-reports", permission=desk_requests.MAY_LOOK),
            Item(_("Listed words"), "block", page="words", permission=desk_requests.MAY_LOOK),
            Item(_("Outages"), "bolt", "aggregator.outage"),
            Item(_("Declarations"), "construction", "aggregator.declaration"),
            Item(_("Trail"), "history", "reports.moderationentry"),
        ),
    ),
    (
        _("Alerts"),
        (
            Item(_("Alerts"), "notifications", "aggregator.alert"),
            Item(_("Subscriptions"), "mail", "aggregator.subscription"),
        ),
    ),
    (
        _("Catalogue"),
        (
            Item(_("Services"), "dns", "reports.service"),
            Item(_("Sensitivity"), "tune", "aggregator.tunedservice"),
            Item(_("Suggestions"), "lightbulb", "reports.servicesuggestion"),
            Item(_("Categories"), "category", "reports.category"),
            Item(_("Problem types"), "report_problem", "reports.problemtype"),
            Item(_("Regions"), "public", "reports.region"),
        ),
    ),
    (
        _("People"),
        (
            Item(_("Staff"), "group", "auth.user"),
            Item(_("Roles"), "badge", "auth.group"),
            Item(_("API keys"), "key", "reports.apikey"),
            Item(_("Settings"), "tune", page="site-settings", permission=admin_site.MAY_SET),
            Item(_("Privacy"), "shield", page="privacy", permission=admin_privacy.MAY_FORGET),
        ),
    ),
)


def navigation(request: HttpRequest) -> Iterable[dict[str, object]]:
    """The menu for one person: a heading only over what they may see."""
    first = {"title": _("Start"), "icon": "home", "link": reverse_lazy("admin:index")}
    groups: list[dict[str, object]] = [{"items": [first]}]
    for title, items in MENU:
        shown = [entry for entry in (item.entry() for item in items) if _is_seen(entry, request)]
        if shown:
            groups.append({"title": title, "separator": True, "items": shown})
    return groups


def _is_asked(request: HttpRequest) -> bool:
    """Whether the second factor is required and not given yet."""
    return settings.STAFF_TWO_FACTOR and not second_factor.is_verified(request.user)


def _is_seen(entry: dict[str, object], request: HttpRequest) -> bool:
    permission = entry["permission"]
    return callable(permission) and bool(permission(request))


def site_name(_request: HttpRequest) -> str:
    """What the site calls itself."""
    return site_settings.current().name


def icon(_request: HttpRequest) -> str:
    """The site's own icon, for the browser's tab."""
    return static("web/icon.svg")
