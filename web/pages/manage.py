"""`/subscriptions/…/` and `/unsubscribe/…/`: what somebody gets, changed by a signed link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aggregator import alerting, refusals, subscriptions, trials
from aggregator.manage_links import managed, stopped
from aggregator.models import Alert, Subscription
from aggregator.models.alert import SubscriptionChannel
from web.origin import is_own
from web.pages.answer import private_page
from web.pages.subscribe import go_on
from web.subscribe_forms import MannerForm, manner_form, trim

MOST_TOLD = 20
GONE = "web/subscribing/gone.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """One Subscription on the page."""

    subscription: Subscription
    form: MannerForm
    alerts: list[Alert]
    is_webhook: bool


@csrf_exempt  # by a cookie; the signed link is the permission, and `is_own` asks the browser
@require_http_methods(["GET", "HEAD", "POST"])
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """What the holder of a link gets, and what was told; a POST changes it.

    Raises:
        BadRequest: for an act that there is not.
        PermissionDenied: when another site's page sent it.
    """
    try:
        first = managed(token)
    except Subscription.DoesNotExist:
        return private_page(request, GONE, {}, HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        return _page(request, subscriptions.siblings(first))
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    chosen = _chosen(subscriptions.siblings(first), request.POST.get("subscription", ""))
    act = request.POST.get("act", "")
    if act == "save":
        return _save(request, first, chosen)
    if act not in _ACTS:
        raise BadRequest
    is_left = _ACTS[act](chosen, request.POST)
    if is_left and act == "never":
        return go_on(reverse("unsubscribed") + "?never")
    if is_left and (act == "stop-all" or chosen.pk == first.pk):
        return go_on(reverse("unsubscribed"))
    return go_on(f"{request.path}?done={act}")


@csrf_exempt  # RFC 8058: mail services send it from their own machines, without cookie or origin
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks; a POST, by its button or a mail program, ends it at once."""
    try:
        found = stopped(token)
    except Subscription.DoesNotExist:
        # Ended already, or no link of ours: either way there is nothing left to end.
        return private_page(request, "web/subscribing/left.html", {}, HTTPStatus.OK)
    if request.method != "POST":
        is_mail = found.channel == SubscriptionChannel.EMAIL
        context = {"subscription": found, "is_mail": is_mail}
        return private_page(request, "web/subscribing/unsubscribe.html", context, HTTPStatus.OK)
    if request.POST.get("act") == "never" and _never(found, request.POST):
        return go_on(reverse("unsubscribed") + "?never")
    subscriptions.forget(found.pk)
    return private_page(request, "web/subscribing/left.html", {}, HTTPStatus.OK)


def unsubscribed(request: HttpRequest) -> HttpResponse:
    """That nothing is left."""
    context = {"never": "never" in request.GET}
    return private_page(request, "web/subscribing/left.html", context, HTTPStatus.OK)


def _chosen(some: list[Subscription], key: str) -> Subscription:
    found = next((one for one in some if str(one.pk) == key), None)
    if found is None:
        raise BadRequest
    return found


def _page(
    request: HttpRequest,
    some: list[Subscription],
    faulty: Mapping[int, MannerForm] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    faulty = faulty or {}
    shown = [
        Shown(
            one,
            faulty.get(one.pk) or manner_form(one),
            subscriptions.latest_alerts(one, MOST_TOLD),
            one.channel == SubscriptionChannel.WEBHOOK,
        )
        for one in some
    ]
    context = {
        "shown": shown,
        "is_new": "new" in request.GET,
        "done": request.GET.get("done", ""),
        "is_mail": some[0].channel == SubscriptionChannel.EMAIL,
    }
    return private_page(request, "web/subscribing/manage.html", context, status)


def _save(request: HttpRequest, first: Subscription, chosen: Subscription) -> HttpResponse:
    form = MannerForm(
        request.POST,
        prefix=str(chosen.pk),
        initial={"least_state": chosen.least_state},
    )
    trim(form, chosen)
    if form.is_valid():
        try:
            subscriptions.change(chosen, form.manner(), form.least())
            return go_on(f"{request.path}?done=save")
        except ValidationError as error:
            form.take_errors(error)
    some = subscriptions.siblings(first)
    return _page(request, some, {chosen.pk: form}, HTTPStatus.UNPROCESSABLE_ENTITY)


# -- acts: whether the Subscription is gone afterwards ----------------------------------------


def _test(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    trials.ask(chosen.pk, timezone.now())
    return False


def _rotate(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    if chosen.channel == SubscriptionChannel.WEBHOOK:
        subscriptions.rotate(chosen.pk)
    return False


def _resume(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    subscriptions.resume(chosen.pk)
    return False


def _replay(chosen: Subscription, sent: Mapping[str, str]) -> bool:
    try:
        alert_id = UUID(sent.get("alert", ""))
    except ValueError as error:
        raise BadRequest from error
    if chosen.alerts.filter(pk=alert_id).exists():
        alerting.replay(alert_id, timezone.now())
    return False


def _stop(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    subscriptions.forget(chosen.pk)
    return True


def _stop_all(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    if chosen.channel == SubscriptionChannel.EMAIL:
        subscriptions.forget_target(chosen)
    else:
        subscriptions.forget(chosen.pk)
    return True


def _never(chosen: Subscription, _sent: Mapping[str, str]) -> bool:
    if chosen.channel != SubscriptionChannel.EMAIL:
        return False
    refusals.refuse(chosen.target)
    return True


_ACTS: Mapping[str, Callable[[Subscription, Mapping[str, str]], bool]] = {
    "test": _test,
    "rotate": _rotate,
    "resume": _resume,
    "replay": _replay,
    "stop": _stop,
    "stop-all": _stop_all,
    "never": _never,
}
