"""System checks: settings that are well-formed but unsafe for a public site."""

from django.conf import settings
from django.core import checks


def check_safe_settings(**_kwargs: object) -> list[checks.CheckMessage]:
    """Refuse what must never face the public (`manage.py check --deploy`)."""
    env = settings.ENV
    found: list[checks.CheckMessage] = []
    if env.debug:
        found.append(
            checks.Error("Debug pages are on.", hint="Unset OUTCRY_DEBUG.", id="outcry.E001")
        )
    if not env.allowed_hosts:
        found.append(
            checks.Warning(
                "Only this machine's own names are answered.",
                hint="Set OUTCRY_ALLOWED_HOSTS to the site's host names.",
                id="outcry.W002",
            )
        )
    if any(network.prefixlen == 0 for network in env.trusted_proxies):
        found.append(
            checks.Error(
                "Everybody is trusted to name their own address.",
                hint="Set OUTCRY_TRUSTED_PROXIES to the proxies' addresses only.",
                id="outcry.E003",
            )
        )
    if any(network.prefixlen == 0 for network in env.webhook_allowed_networks):
        found.append(
            checks.Warning(
                "The operator's webhooks may call every address of this machine and its network.",
                hint="Name in OUTCRY_WEBHOOK_ALLOWED_NETWORKS only the networks that they need.",
                id="outcry.W004",
            )
        )
    if not env.staff_two_factor:
        found.append(
            checks.Warning(
                "Staff log in with a password alone.",
                hint="Unset OUTCRY_STAFF_TWO_FACTOR.",
                id="outcry.W005",
            )
        )
    return found
