"""Signed addresses by which somebody without an account keeps hold of what they subscribed to.

A link names a Subscription by its number and holds nothing about the person. It works for as long
as the Subscription is there and the installation's secret is the same.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer

from aggregator.models import Subscription

_MANAGE = "outcry.subscription.manage"
_STOP = "outcry.subscription.stop"


def manage_token(subscription_id: int) -> str:
    """What lets its holder see and change a Subscription."""
    return Signer(salt=_MANAGE).sign(str(subscription_id))


def stop_token(subscription_id: int) -> str:
    """What lets its holder end a Subscription, and nothing else."""
    return Signer(salt=_STOP).sign(str(subscription_id))


def manage_url(subscription_id: int) -> str:
    """The page that shows a Subscription."""
    return f"{settings.ENV.site_url}/subscriptions/{manage_token(subscription_id)}/"


def stop_url(subscription_id: int) -> str:
    """The page that ends a Subscription; a POST ends it at once (RFC 8058)."""
    return f"{settings.ENV.site_url}/unsubscribe/{stop_token(subscription_id)}/"


def managed(token: str) -> Subscription:
    """The Subscription of a manage link.

    Raises:
        Subscription.DoesNotExist: for a forged link, and when it has ended.
    """
    return _found(token, _MANAGE)


def stopped(token: str) -> Subscription:
    """The Subscription of an unsubscribe link; raises as `managed` does."""
    return _found(token, _STOP)


def _found(token: str, salt: str) -> Subscription:
    try:
        key = Signer(salt=salt).unsign(token)
    except BadSignature:
        raise Subscription.DoesNotExist from None
    return Subscription.objects.select_related("service", "category", "region").get(pk=int(key))
