"""The ways an Alert can travel, one module each; a new one is a class with `send` and a line."""

from email.utils import parseaddr

from django.conf import settings

from aggregator.channels.bodies import Site
from aggregator.channels.chat import ChatChannel
from aggregator.channels.email import EmailChannel
from aggregator.channels.message import Channel, Delivered, GaveUp, Message, Outcome, Retry
from aggregator.channels.push import PushChannel
from aggregator.channels.webhook import WebhookChannel
from aggregator.models.alert import SubscriptionChannel
from reports import site_settings

__all__ = ["Channel", "Delivered", "GaveUp", "Message", "Outcome", "Retry", "open_channels"]


def open_channels(push_key: str) -> dict[str, Channel]:
    """Every channel by the name a Subscription gives it, as the settings want them.

    Args:
        push_key: the site's private key for web push, PEM.
    """
    env = settings.ENV
    name = site_settings.current().name
    site = Site(name, env.site_url)
    return {
        SubscriptionChannel.WEBHOOK: WebhookChannel(env.webhook_allowed_networks, site=site),
        SubscriptionChannel.EMAIL: EmailChannel(sender=env.email_from, site_name=name),
        SubscriptionChannel.CHAT: ChatChannel(name, env.site_url),
        SubscriptionChannel.PUSH: PushChannel(push_key, f"mailto:{parseaddr(env.email_from)[1]}"),
    }
