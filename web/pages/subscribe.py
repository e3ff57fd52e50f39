"""`/subscribe/`: asking to be told, and confirming it."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aggregator import push_keys, signups
from aggregator.manage_links import manage_token
from aggregator.models.alert import SubscriptionChannel
from aggregator.models.outage import State
from aggregator.signups import ExpiredError
from aggregator.subscriptions import Manner, Wish, is_time_zone
from reports.geography import UnknownRegionError, code_of
from reports.throttles import ThrottledError
from web.origin import is_own
from web.pages.answer import page, private_page
from web.pages.place import name_of
from web.subscribe_forms import SubscribeForm

FORM = "web/subscribing/subscribe.html"
FOLLOWS = ("service", "category", "region")


@csrf_exempt  # by a cookie; `is_own` asks the browser instead, so that pages need none
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponseBase:
    """The form; a POST takes it. The answer tells nobody whether an address is known here.

    Raises:
        PermissionDenied: when another site's page sent it.
    """
    if request.method != "POST":
        form = SubscribeForm(initial=_asked(request))
        return page(request, FORM, {"form": form, "push_key": push_keys.public_key()})
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    form = SubscribeForm(request.POST)
    if not form.is_valid():
        return _again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        made = signups.sign_up(form.wish(), request.META, timezone.now())
    except ValidationError as error:
        form.take_errors(error)
        return _again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ThrottledError as error:
        form.add_error(None, _("Your network asked very often. Please try again in an hour."))
        response = _again(request, form, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(error.wait)
        return response
    if made is None:
        return go_on(reverse("subscribe-sent"))
    return go_on(reverse("subscription", args=[manage_token(made.pk)]) + "?new")


@require_safe
def sent(request: HttpRequest) -> HttpResponseBase:
    """What to do next, after a mail address was given; the same for every address."""
    return page(request, "web/subscribing/sent.html", {})


@csrf_exempt  # as above; the signed link is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks; only its button confirms, since mail scanners follow links."""
    try:
        if request.method == "POST":
            if not is_own(request.headers, request.get_host()):
                raise PermissionDenied
            if request.POST.get("act") == "never":
                signups.refuse(token)
                return go_on(reverse("unsubscribed") + "?never")
            made = signups.confirm(token)
            return go_on(reverse("subscription", args=[manage_token(made.pk)]) + "?new")
        wish = signups.wish_of(signups.awaiting(token))
    except ExpiredError:
        return private_page(request, "web/subscribing/expired.html", {}, HTTPStatus.GONE)
    return private_page(request, "web/subscribing/confirm.html", {"wish": wish}, HTTPStatus.OK)


@csrf_exempt  # as above
@require_POST
def subscribe_browser(request: HttpRequest) -> HttpResponse:
    """Take a browser's push subscription; the answer is where its owner finds it again.

    Raises:
        PermissionDenied: when another site's page sent it.
    """
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    entered = request.POST
    zone = entered.get("time_zone", "")
    try:
        wish = Wish(
            channel=SubscriptionChannel.PUSH,
            target=entered.get("endpoint", ""),
            browser_keys=entered.get("keys", ""),
            service=entered.get("service", ""),
            category=entered.get("category", ""),
            region=code_of(entered["region"]) if entered.get("region") else None,
            least_state=entered.get("least_state") or State.CONFIRMED,
            manner=Manner(
                language=get_language() or "en", time_zone=zone if is_time_zone(zone) else "UTC"
            ),
        )
        made = signups.sign_up(wish, request.META, timezone.now())
    except (ValidationError, UnknownRegionError):
        return JsonResponse({}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ThrottledError:
        return JsonResponse({}, status=HTTPStatus.TOO_MANY_REQUESTS)
    where = reverse("subscription", args=[manage_token(made.pk)]) if made else ""
    return JsonResponse({"url": f"{where}?new"}, headers={"Cache-Control": "no-store"})


@require_safe
def worker(_request: HttpRequest) -> HttpResponseBase:
    """The service worker: shows what is pushed. At the root, so that it may."""
    response = HttpResponse(
        render_to_string("web/subscribing/worker.js"), content_type="text/javascript"
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def go_on(address: str) -> HttpResponse:
    """Leads on with GET, whatever led here (303)."""
    response = HttpResponse(status=HTTPStatus.SEE_OTHER)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-store"
    return response


def _again(request: HttpRequest, form: SubscribeForm, status: HTTPStatus) -> HttpResponse:
    context = {"form": form, "push_key": push_keys.public_key()}
    return private_page(request, FORM, context, status)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What an address like `?service=claude&region=DE` fills in."""
    asked = {name: request.GET.get(name, "") for name in FOLLOWS}
    try:
        asked["region"] = name_of(code_of(asked["region"])) if asked["region"] else ""
    except UnknownRegionError:
        asked["region"] = ""
    return {**asked, "language": get_language() or "", "time_zone": "UTC"}
