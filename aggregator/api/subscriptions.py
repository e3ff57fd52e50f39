"""Subscriptions of a program: kept with an API key, seen by that key alone."""

from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import ValidationError as Refused
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aggregator import signups, subscriptions, trials
from aggregator.api.reading import FrozenRenderer, listing, question
from aggregator.api.schema import list_of
from aggregator.api.shapes import Paged
from aggregator.models import Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.selectors.pages import Order
from aggregator.subscriptions import Manner, Wish
from reports.api import keys
from reports.api.schema import problems
from reports.models import ApiKey
from reports.models.access import Scope
from reports.throttles import ThrottledError

BY_ID = Order(("id",), tuple[int])
MOST_OF_A_KEY = 1_000
CHANNELS = (SubscriptionChannel.WEBHOOK, SubscriptionChannel.CHAT, SubscriptionChannel.EMAIL)
BEARER: Any = [{"bearer": []}]  # drf-spectacular types it as a list of names
BAD = (400, 401, 403, 406, 429, 503)


class SubscriptionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a program wants to be told, and where.

    Attributes:
        channel: `webhook`, `chat` or `email`; a mail address has to be confirmed by its owner.
        target: an https:// address, a chat service's address, or a mail address.
        service: a slug; empty: all services.
        category: a slug; empty: all categories.
        region: a region's code; null: everywhere.
        least_state: `possible` or `confirmed`.
        language: of the texts.
        time_zone: an IANA name; of quiet hours and daily messages.
        cadence: `instant`, `hourly` or `daily`; webhooks are told at once.
        quiet_from: local time, with `quiet_until`; null: no quiet hours.
        quiet_until: their end.
        style: a webhook's body: `outcry`, `statuspage`, `component` (Statuspage too),
            `alertmanager` or `cap`.
    """

    channel: str
    target: str
    service: str = ""
    category: str = ""
    region: str | None = None
    least_state: str = "confirmed"
    language: str = "en"
    time_zone: str = "UTC"
    cadence: str = "instant"
    quiet_from: time | None = None
    quiet_until: time | None = None
    style: str = "outcry"


class SubscriptionEntry(msgspec.Struct, frozen=True):
    """A subscription of the key that asks.

    Attributes:
        id: stays the same.
        is_active: whether anything is told.
        disabled_reason: why it ended by itself; empty: it did not.
        failures: failed tries in a row.
        test: what came of the last test message; empty: none, or it is on its way.
        secret: signs webhooks; only when it was just made, else null.
    """

    id: int
    channel: str
    target: str
    service: str | None
    category: str | None
    region: str | None
    least_state: str
    language: str
    time_zone: str
    cadence: str
    quiet_from: time | None
    quiet_until: time | None
    style: str
    is_active: bool
    disabled_reason: str
    failures: int
    test: str
    created_at: datetime
    secret: str | None = None


class Awaiting(msgspec.Struct, frozen=True):
    """That something happens later.

    Attributes:
        state: `confirmation`: the mail address's owner has to confirm; `delivery`: a test is sent.
    """

    state: str


class InvalidSubscription(exceptions.APIException):
    """A body that is JSON but no subscription; `errors` says why, by field."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "Invalid subscription"
    default_code = "invalid_subscription"


class KeyView(APIView):
    """Base of what a key opens; no answer is kept by anybody."""

    renderer_classes = [FrozenRenderer]

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """How to identify oneself (RFC 6750); without it, DRF answers 403 instead of 401."""
        return "Bearer"

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """The response, kept by nobody."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Cache-Control"] = "no-store"
        return final

    @staticmethod
    def key(request: Request) -> ApiKey:
        """The sender's key."""
        return keys.holder(request._request, Scope.SUBSCRIBE, datetime.now(UTC))  # noqa: SLF001 - DRF's way to the request as Django has it

    def own(self, request: Request, subscription_id: int) -> Subscription:
        """One of the key's own.

        Raises:
            NotFound: when it is none of them.
        """
        rows = Subscription.objects.filter(owner=self.key(request))
        found = rows.select_related("service", "category").filter(pk=subscription_id).first()
        if found is None:
            raise exceptions.NotFound(f"This key has no subscription {subscription_id}.")
        return found


class SubscriptionsView(KeyView):
    """The subscriptions of a key."""

    @extend_schema(
        operation_id="list_subscriptions",
        summary="Your key's subscriptions",
        parameters=[Paged],  # type: ignore[list-item]  # by StructSchema
        responses={200: list_of(SubscriptionEntry, "SubscriptionList"), **problems(*BAD)},
        auth=BEARER,
    )
    def get(self, request: Request) -> Response:
        """What was subscribed with this key, oldest first."""
        rows = Subscription.objects.filter(owner=self.key(request))
        rows = rows.select_related("service", "category")
        return listing(
            request, rows, BY_ID, question(request, Paged), lambda found: list(map(entry, found))
        )

    @extend_schema(
        operation_id="subscribe",
        summary="Subscribe to outages",
        request=SubscriptionRequest,
        responses={201: SubscriptionEntry, 202: Awaiting, **problems(*BAD, 415, 422)},
        auth=BEARER,
    )
    def post(self, request: Request) -> Response:
        """A new webhook's `secret` is in this answer alone. Told are public addresses only."""
        key = self.key(request)
        wish = _wish(request.data)
        try:
            if wish.channel == SubscriptionChannel.EMAIL:
                signups.sign_up(wish, request.META, datetime.now(UTC))
                return Response(Awaiting("confirmation"), HTTPStatus.ACCEPTED)
            if Subscription.objects.filter(owner=key).count() >= MOST_OF_A_KEY:
                raise InvalidSubscription({"target": f"A key has {MOST_OF_A_KEY} at most."})
            made = subscriptions.create(wish, owner=key)
        except Refused as error:
            faults = {name: " ".join(words) for name, words in error.message_dict.items()}
            raise InvalidSubscription(faults) from error
        except ThrottledError as error:
            raise exceptions.Throttled(error.wait) from error
        return Response(entry(made, secret=made.secret or None), HTTPStatus.CREATED)


class SubscriptionView(KeyView):
    """One subscription of a key."""

    @extend_schema(
        operation_id="get_subscription",
        summary="One of your key's subscriptions",
        responses={200: SubscriptionEntry, **problems(*BAD, 404)},
        auth=BEARER,
    )
    def get(self, request: Request, subscription_id: int) -> Response:
        """How it stands: whether it is told, and what came of the last test."""
        return Response(entry(self.own(request, subscription_id)))

    @extend_schema(
        operation_id="unsubscribe",
        summary="End a subscription",
        responses={204: None, **problems(*BAD, 404)},
        auth=BEARER,
    )
    def delete(self, request: Request, subscription_id: int) -> Response:
        """Delete it, with its target and what was told to it."""
        subscriptions.forget(self.own(request, subscription_id).pk)
        return Response(status=HTTPStatus.NO_CONTENT)


class TestView(KeyView):
    """Tests of a subscription."""

    @extend_schema(
        operation_id="test_subscription",
        summary="Send a test",
        request=None,
        responses={202: Awaiting, **problems(*BAD, 404)},
        auth=BEARER,
    )
    def post(self, request: Request, subscription_id: int) -> Response:
        """Send a message of type `outage.test`, once a minute at most; `test` tells how it went."""
        found = self.own(request, subscription_id)
        if not trials.ask(found.pk, datetime.now(UTC)):
            raise exceptions.Throttled(int(trials.AGAIN_AFTER.total_seconds()))
        return Response(Awaiting("delivery"), HTTPStatus.ACCEPTED)


class SecretView(KeyView):
    """The signing secret of a subscription."""

    @extend_schema(
        operation_id="rotate_secret",
        summary="Give a webhook a new secret",
        request=None,
        responses={200: SubscriptionEntry, **problems(*BAD, 404)},
        auth=BEARER,
    )
    def post(self, request: Request, subscription_id: int) -> Response:
        """The new `secret` is in this answer alone; the one before signs too for a day."""
        found = self.own(request, subscription_id)
        if found.channel != SubscriptionChannel.WEBHOOK:
            raise exceptions.NotFound("Only webhooks have a secret.")
        return Response(entry(found, secret=subscriptions.rotate(found.pk)))


def entry(row: Subscription, *, secret: str | None = None) -> SubscriptionEntry:
    """What is shown of a subscription.

    Args:
        row: with its Service and Category loaded.
        secret: just made; else it is not shown.
    """
    return SubscriptionEntry(
        id=row.pk,
        channel=row.channel,
        target=row.target,
        service=row.service.slug if row.service else None,
        category=row.category.slug if row.category else None,
        region=row.region_id,
        least_state=row.least_state,
        language=row.language,
        time_zone=row.time_zone,
        cadence=row.cadence,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        style=row.style,
        is_active=row.is_active,
        disabled_reason=row.disabled_reason,
        failures=row.failures,
        test=row.trial_told,
        created_at=row.created_at,
        secret=secret,
    )


def _wish(body: object) -> Wish:
    try:
        asked = msgspec.convert(body, SubscriptionRequest)
    except msgspec.ValidationError as error:
        text, _, place = str(error).rpartition(" - at `$.")
        raise InvalidSubscription({place.rstrip("`"): text} if text else str(error)) from error
    if asked.channel not in CHANNELS:
        raise InvalidSubscription({"channel": f"One of {', '.join(CHANNELS)}."})
    return Wish(
        channel=asked.channel,
        target=asked.target,
        service=asked.service,
        category=asked.category,
        region=asked.region,
        least_state=asked.least_state,
        manner=Manner(
            language=asked.language,
            time_zone=asked.time_zone,
            cadence=asked.cadence,
            quiet_from=asked.quiet_from,
            quiet_until=asked.quiet_until,
            style=asked.style,
        ),
    )
