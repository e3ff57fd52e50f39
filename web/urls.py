"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from web.pages import map as maps
from web.pages.archive import archive
from web.pages.crawlers import favicon, robots, service_card, site_card, sitemap
from web.pages.flag import flag
from web.pages.home import home, home_live, suggestions
from web.pages.logo import logo
from web.pages.method import method
from web.pages.official import official
from web.pages.outages import outage
from web.pages.own_code import own_code
from web.pages.place import place
from web.pages.region import region, region_live
from web.pages.report import report, works
from web.pages.service import service, service_live, thanks
from web.pages.suggest import suggest
from web.pages.texts import privacy

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("web.machine_urls")),
    path("", include("web.subscribe_urls")),
    path("", home, name="home"),
    path("live/", home_live, name="home-live"),
    path("find/", suggestions, name="suggestions"),
    path("suggest/", suggest, name="suggest"),
    path("place/", place, name="place"),
    path("services/<slug:slug>/live/", service_live, name="service-live"),
    path("services/<slug:slug>/", service, name="service"),
    path("services/<slug:slug>/share.png", service_card, name="service-card"),
    path("services/<slug:slug>/report", report, name="report"),
    path("services/<slug:slug>/works", works, name="works"),
    path("services/<slug:slug>/comments/<uuid:comment_id>/flag", flag, name="flag"),
    path("services/<slug:slug>/thanks/", thanks, name="thanks"),
    path("outages/", archive, name="outages"),
    path("outages/<int:outage_id>/", outage, name="outage"),
    path("official/", official, name="official"),
    path("map/", maps.world, name="map"),
    path("map/live/", maps.live, name="map-live"),
    path("map/<str:code>/", maps.country, name="map-of"),
    path("map/<str:code>/live/", maps.live, name="map-of-live"),
    path("maps/<str:name>-<str:digest>.svg", maps.sheet, name="sheet"),
    path("regions/<str:code>/", region, name="region"),
    path("regions/<str:code>/live/", region_live, name="region-live"),
    path("logos/<str:digest>.png", logo, name="logo"),
    path("share.png", site_card, name="site-card"),
    path("favicon.ico", favicon, name="favicon"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("method/", method, name="method"),
    path("privacy/", privacy, name="privacy"),
    path("privacy/code/", own_code, name="own-code"),
]
