"""The addresses that programs ask: faces, feeds, badges, files."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path

from web.data import data, file, index
from web.formats.feeds import Form
from web.outside import (
    badge,
    card,
    category_feed,
    region_feed,
    service_feed,
    shield,
    site_feed,
)
from web.pages.official import leads_file

_FEEDS: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("", site_feed, "feed"),
    ("services/<slug:slug>/", service_feed, "service-feed"),
    ("categories/<slug:slug>/", category_feed, "category-feed"),
    ("regions/<str:code>/", region_feed, "region-feed"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", include("web.faces")),
    path("services/<slug:slug>/api/v2/", include("web.faces")),
    *(
        path(f"{where}history.{form}", view, {"form": form}, name=f"{name}-{form}")
        for where, view, name in _FEEDS
        for form in Form
    ),
    path("official/leads.csv", leads_file, name="leads-file"),
    path("data/", data, name="data"),
    path("data/index.json", index, name="data-index"),
    path("data/<str:name>", file, name="data-file"),
    path("services/<slug:slug>/badge.svg", badge, name="badge"),
    path("services/<slug:slug>/badge.json", shield, name="shield"),
    path("services/<slug:slug>/card/", card, name="card"),
]
