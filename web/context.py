"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest

from reports import site_settings
from web.languages import addresses


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, logo and address, and whether what it shows is simulated."""
    env, now = settings.ENV, site_settings.current()
    return {
        "site_name": now.name,
        "site_logo": now.logo,
        "site_url": env.site_url,
        "is_demo": env.demo,
        "languages": addresses(request),
    }
