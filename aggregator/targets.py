"""What may be a channel's target. Nothing is looked up here: that is done at every sending."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from aggregator.channels.chat import SERVICES, NotAChatError, service_of
from aggregator.channels.destination import is_public
from aggregator.channels.push import BrowserKeys, check_keys
from aggregator.models.alert import SubscriptionChannel

# In bytes: PostgreSQL indexes no value much longer.
LONGEST_TARGET = 2000


def check_target(channel: str, target: str, *, is_trusted: bool = False) -> None:
    """Refuse what can't be an address of the channel.

    Args:
        channel: a `SubscriptionChannel`; others have no targets to refuse.
        target: the address.
        is_trusted: from the operator, so it may lead inside.

    Raises:
        ValidationError: for the field `target`.
    """
    fault = ""
    if len(target.encode(errors="replace")) > LONGEST_TARGET:
        fault = _("Longer than {count} bytes.").format(count=LONGEST_TARGET)
    elif channel == SubscriptionChannel.EMAIL:
        fault = _mail_fault(target)
    elif channel == SubscriptionChannel.WEBHOOK:
        fault = url_fault(target, is_trusted=is_trusted)
    elif channel == SubscriptionChannel.PUSH:
        fault = url_fault(target, is_trusted=False)
    elif channel == SubscriptionChannel.CHAT:
        fault = _chat_fault(target, is_trusted=is_trusted)
    if fault:
        raise ValidationError({"target": fault})


def check_browser_keys(text: str) -> None:
    """Refuse what are no keys of a browser.

    Raises:
        ValidationError: for the field `target`.
    """
    try:
        check_keys(msgspec.json.decode(text, type=BrowserKeys))
    except (ValueError, msgspec.DecodeError) as error:
        raise ValidationError({"target": _("Not the keys of a browser.")}) from error


def url_fault(text: str, *, is_trusted: bool) -> str:
    """What is wrong with an address on the web; empty: nothing."""
    try:
        url = urlsplit(text)
        host, _port = url.hostname, url.port
    except ValueError:
        return _("Not an address.")
    if url.scheme not in {"https", "http"} or not host or any(c.isspace() for c in text):
        return _("Not an https:// or http:// address.")
    if url.username is not None or url.password is not None:
        return _("A name or password in the address would be seen by others.")
    if not is_trusted and _is_inside(host):
        return _("Not an address on the public internet.")
    return ""


def _mail_fault(target: str) -> str:
    try:
        validate_email(target)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _chat_fault(target: str, *, is_trusted: bool) -> str:
    try:
        service_of(target, is_trusted=is_trusted)
    except NotAChatError:
        return _("Not an address of one of these: {services}.").format(services=SERVICES)
    return ""


def _is_inside(host: str) -> bool:
    """Whether the name alone says so; what it resolves to is judged at every sending."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(str(ip_address(name)))
    except ValueError:
        # A last label that is a number makes the whole an old-style IPv4 address, like 0x7f.1.
        return name.rpartition(".")[2][:1].isdigit()
