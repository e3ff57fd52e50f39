"""The ways an Alert can travel, one module each; a new one is a class with `send` and a line."""

from django.conf import settings

from aggregator.channels.email import EmailChannel
from aggregator.channels.message import Channel, Delivered, GaveUp, Message, Outcome, Retry
from aggregator.channels.webhook import WebhookChannel
from aggregator.models.alert import SubscriptionChannel

__all__ = ["Channel", "Delivered", "GaveUp", "Message", "Outcome", "Retry", "open_channels"]


def open_channels() -> dict[str, Channel]:
    """Every channel by the name a Subscription gives it, as the settings want them."""
    env = settings.ENV
    return {
        SubscriptionChannel.WEBHOOK: WebhookChannel(allow_private=env.webhook_allow_private),
        SubscriptionChannel.EMAIL: EmailChannel(sender=env.email_from, site_name=env.site_name),
    }
