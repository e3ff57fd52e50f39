"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest

from web.languages import addresses


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, its address, and whether what it shows is simulated."""
    env = settings.ENV
    return {
        "site_name": env.site_name,
        "site_url": env.site_url,
        "is_demo": env.demo,
        "languages": addresses(request),
    }
