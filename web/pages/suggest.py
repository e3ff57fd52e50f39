"""`/suggest/`: somebody misses a service."""

from http import HTTPStatus

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reports import suggestions
from reports.bans import BannedError
from reports.submission import UnavailableError
from reports.throttles import ThrottledError
from web.origin import is_own
from web.pages.answer import page, private_page
from web.pages.subscribe import go_on

LONGEST_NAME = 80


class SuggestForm(forms.Form):
    """A name, and where the service is found."""

    name = forms.CharField(label=gettext_lazy("Its name"), max_length=LONGEST_NAME)
    homepage = forms.URLField(
        label=gettext_lazy("Its website (optional)"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )
    # People do not see it; programs that fill in forms do.
    surname = forms.CharField(required=False)

    def clean_homepage(self) -> str:
        """Web addresses only.

        Raises:
            ValidationError: for another scheme.
        """
        homepage = str(self.cleaned_data["homepage"])
        if homepage and not homepage.startswith(("http://", "https://")):
            raise forms.ValidationError(_("Give an address that starts with https://."))
        return homepage


@csrf_exempt  # by a cookie; `is_own` asks the browser instead, so that pages need none
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest) -> HttpResponseBase:
    """The form, with `?q=` filled in and `?thanks` said; a POST takes it.

    Raises:
        PermissionDenied: when another site's page sent it, or a banned sender.
    """
    if request.method != "POST":
        form = SuggestForm(initial={"name": request.GET.get("q", "")[:LONGEST_NAME]})
        return page(request, "web/suggest.html", {"form": form, "thanks": "thanks" in request.GET})
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    form = SuggestForm(request.POST)
    if not form.is_valid():
        return _again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _taken(request, form)


def _taken(request: HttpRequest, form: SuggestForm) -> HttpResponse:
    """Store it and lead on to the thanks, or say why not."""
    entered = form.cleaned_data
    thanks = go_on(reverse("suggest") + "?thanks")
    if entered["surname"]:
        return thanks
    try:
        suggestions.suggest(entered["name"], entered["homepage"], request.META, timezone.now())
    except suggestions.OnSiteError as error:
        return go_on(reverse("service", args=[error.slug]))
    except suggestions.NoNameError:
        form.add_error("name", _("Give a name with letters or digits."))
        return _again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except BannedError as error:
        raise PermissionDenied from error
    except ThrottledError as error:
        form.add_error(None, _("That was too much at once. Please try again in a minute."))
        return _again(request, form, HTTPStatus.TOO_MANY_REQUESTS, error.wait)
    except UnavailableError as error:
        form.add_error(
            None, _("This can't be stored right now. Please try again in a few seconds.")
        )
        return _again(request, form, HTTPStatus.SERVICE_UNAVAILABLE, error.RETRY_SECONDS)
    return thanks


def _again(
    request: HttpRequest, form: SuggestForm, status: HTTPStatus, wait: int = 0
) -> HttpResponse:
    response = private_page(request, "web/suggest.html", {"form": form}, status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response
