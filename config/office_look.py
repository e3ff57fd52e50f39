"""How Unfold draws the back office. Names of functions are looked up when a page asks."""

from django.utils.translation import gettext_lazy as _

# The site's own blue in place of Unfold's purple; white text on 600 and 600 on white both have
# more than the 4.5:1 that small text needs (WCAG 2.1, 1.4.3).
BLUE = {
    "50": "#eff7fc",
    "100": "#dceef8",
    "200": "#bfdff1",
    "300": "#8cc7f0",
    "400": "#56a9dc",
    "500": "#2f8cc4",
    "600": "#0b5a8a",
    "700": "#094a72",
    "800": "#0a3e5f",
    "900": "#0c344f",
    "950": "#082236",
}

UNFOLD: dict[str, object] = {
    "SITE_TITLE": "config.office.site_name",
    "SITE_HEADER": "config.office.site_name",
    "SITE_SUBHEADER": _("Back office"),
    "SITE_SYMBOL": "campaign",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.office.icon"}],
    "SHOW_HISTORY": False,
    "COLORS": {"primary": BLUE},
    "SIDEBAR": {"navigation": "config.office.navigation"},
}
