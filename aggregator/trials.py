"""Messages that only try a target, when its owner asks; sent by the worker, once."""

from contextlib import closing
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from aggregator import push_keys
from aggregator.channels import Delivered, Outcome, open_channels
from aggregator.channels.message import TEST, News
from aggregator.messages import message_to
from aggregator.models import Subscription
from aggregator.outage_json import EventDocument, OutageDocument
from aggregator.sending import send_all
from reports import site_settings

# One target is not to be flooded by its button.
AGAIN_AFTER = timedelta(minutes=1)
BATCH = 50
UNDER_WAY, ARRIVED = "under way", "delivered"


def ask(subscription_id: int, now: datetime) -> bool:
    """Have a test message sent; False: one was asked for within the last minute."""
    free = Q(trial_asked_at=None) | Q(trial_asked_at__lt=now - AGAIN_AFTER)
    mine = Subscription.objects.filter(free, id=subscription_id)
    return mine.update(trial_asked_at=now, trial_told="") == 1


def send_asked(now: datetime) -> int:
    """Send what was asked for; gives how many. Who dies meanwhile leaves it unsent."""
    with transaction.atomic():
        asked = Subscription.objects.filter(trial_asked_at__isnull=False, trial_told="")
        taken = list(asked.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        keys = [one.pk for one in taken]
        Subscription.objects.filter(pk__in=keys).update(trial_told=UNDER_WAY)
    if not taken:
        return 0
    channels = open_channels(push_keys.private_key())
    messages = {
        message.id: (one, message)
        for one in taken
        for message in [message_to(one, uuid4(), [_news(one, now)], now)]
    }
    pairs = [(channels[one.channel], message) for one, message in messages.values()]
    with closing(send_all(pairs)) as answers:
        for message_id, outcome in answers:
            subscription, _message = messages[message_id]
            Subscription.objects.filter(pk=subscription.pk).update(trial_told=_told(outcome))
    return len(taken)


def _told(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not sent in time"
    return ARRIVED if isinstance(outcome, Delivered) else outcome.error


def _news(subscription: Subscription, now: datetime) -> News:
    """An Outage that is none, in the form of one."""
    service = subscription.service
    event = EventDocument(
        id=0,
        kind=TEST,
        from_state=None,
        to_state="over",
        at=now,
        region=None,
        regions=[],
        reason="",
        numbers={},
    )
    outage = OutageDocument(
        id=0,
        service=service.slug if service else "test",
        region=None,
        regions=[],
        state="over",
        started_at=now,
        detected_at=now,
        confirmed_at=None,
        ended_at=now,
        retracted_at=None,
        peak_count=0,
        expected_at_peak=0.0,
        problem_types=[],
        cause=None,
        official=None,
        url=f"{settings.ENV.site_url}/",
    )
    name = service.name if service else site_settings.current().name
    return News(event=event, outage=outage, service_name=name, places=())
