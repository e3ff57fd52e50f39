"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from web.pages.home import home, home_live, suggestions
from web.pages.outages import archive, outage
from web.pages.place import place
from web.pages.report import report, works
from web.pages.service import service, service_live, thanks
from web.pages.texts import method, privacy

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("live/", home_live, name="home-live"),
    path("find/", suggestions, name="suggestions"),
    path("place/", place, name="place"),
    path("services/<slug:slug>/live/", service_live, name="service-live"),
    path("services/<slug:slug>/", service, name="service"),
    path("services/<slug:slug>/report", report, name="report"),
    path("services/<slug:slug>/works", works, name="works"),
    path("services/<slug:slug>/thanks/", thanks, name="thanks"),
    path("outages/", archive, name="outages"),
    path("outages/<int:outage_id>/", outage, name="outage"),
    path("api/v2/", include("web.faces")),
    path("services/<slug:slug>/api/v2/", include("web.faces")),
    path("method/", method, name="method"),
    path("privacy/", privacy, name="privacy"),
]
