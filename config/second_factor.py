"""The second factor of the staff: a code from a device of theirs, or one of ten spare ones.

Who has given their password, and only they, come here: to link a device once, then to give its
code at every login. django-otp slows down guessing, each device for itself.
"""

from base64 import b32encode, b64encode
from collections.abc import Mapping
from typing import Any

import django_otp
import qrcode
from django.contrib import admin, auth
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

SPARE_CODES = 10
NAME = "second factor"


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a code; first, if there is no device yet, link one."""
    user = request.user
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return HttpResponseRedirect(reverse("admin:login"))
    if "leave" in request.POST:
        auth.logout(request)
        return HttpResponseRedirect(reverse("admin:login"))
    if is_verified(user):
        return HttpResponseRedirect(_next(request))
    if django_otp.user_has_device(user, confirmed=True):
        return _check(request, user)
    return _link(request, user)


def is_verified(user: Any) -> bool:  # noqa: ANN401 - django-otp adds the method to any user
    """Whether this session gave its second factor."""
    return bool(user.is_verified())


def _check(request: HttpRequest, user: User) -> HttpResponse:
    error = ""
    if request.method == "POST":
        device = django_otp.match_token(user, request.POST.get("code", "").strip())
        if device is not None:
            django_otp.login(request, device)
            return HttpResponseRedirect(_next(request))
        error = _("This code is not right, or was used already. After a wrong one, wait a moment.")
    return _page(request, "admin/second_factor.html", {"error": error})


def _link(request: HttpRequest, user: User) -> HttpResponse:
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    if device is None:
        device = TOTPDevice.objects.create(user=user, name=NAME, confirmed=False)
    error = ""
    if request.method == "POST":
        codes = _linked(device, request.POST.get("code", "").strip())
        if codes:
            django_otp.login(request, device)
            return _page(request, "admin/spare_codes.html", {"codes": codes})
        error = _("This code is not right. Is the clock of your device? Then try the next one.")
    context = {
        "error": error,
        "picture": _picture(device.config_url),
        "secret": b32encode(device.bin_key).decode(),
    }
    return _page(request, "admin/link_device.html", context)


@transaction.atomic
def _linked(device: TOTPDevice, code: str) -> list[str]:
    """Take a device into use if its code is right; the spare codes made with it, else none."""
    if not device.verify_token(code):
        return []
    device.confirmed = True
    device.save()
    StaticDevice.objects.filter(user=device.user).delete()
    spare = StaticDevice.objects.create(user=device.user, name="spare codes")
    codes = [StaticToken.random_token() for _number in range(SPARE_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=spare, token=code) for code in codes])
    return codes


def _picture(address: str) -> str:
    """An address as a QR code, as a `data:` address of an SVG."""
    image = qrcode.make(address, image_factory=SvgPathImage)
    return "data:image/svg+xml;base64," + b64encode(image.to_string()).decode()


def _page(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    return render(
        request,
        template,
        {**admin.site.each_context(request), **context, "next": _next(request), "title": ""},
        status=200 if not context.get("error") else 422,
    )


def _next(request: HttpRequest) -> str:
    """Where they wanted to go, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")
