"""Who sends a request: the holder of the key in `Authorization: Bearer …`."""

from datetime import datetime

from django.db import Error
from django.http import HttpRequest
from rest_framework import exceptions

from reports import access
from reports.api import answers
from reports.models import ApiKey
from reports.models.access import Scope
from reports.throttles import ThrottledError


def holder(request: HttpRequest, scope: Scope, now: datetime) -> ApiKey:
    """The key's row, if it opens what is asked for; counts the request.

    Args:
        request: as Django has it.
        scope: what the key must open.
        now: aware.

    Raises:
        rest_framework.exceptions.NotAuthenticated: without a key.
        rest_framework.exceptions.AuthenticationFailed: for an unknown, ended or revoked one.
        rest_framework.exceptions.PermissionDenied: for one that does not open this.
        rest_framework.exceptions.Throttled: for one that sends too much.
        reports.api.answers.Unavailable: without the database.
    """
    kind, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() != "bearer":
        raise exceptions.NotAuthenticated("Send `Authorization: Bearer` and your key.")
    try:
        found = access.holder_of(key.strip(), now)
    except Error as error:
        raise answers.Unavailable(answers.UNAVAILABLE) from error
    if found is None:
        raise exceptions.AuthenticationFailed("This key is unknown, expired or revoked.")
    if scope not in found.scopes:
        raise exceptions.PermissionDenied(f"This key does not open `{scope}`.")
    try:
        access.hold_back(found)
    except ThrottledError as error:
        raise exceptions.Throttled(error.wait) from error
    return found
