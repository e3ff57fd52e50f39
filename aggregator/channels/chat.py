"""Chat and push services, through `apprise`.

`apprise` makes its own requests, so nothing here can pin an address. Strangers may therefore name
only services whose host is fixed in the library's code; the operator may name any, his own hosts
too. Options in the address are refused to strangers: some of them read local files or hold a
sender for long.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.common import PersistentStoreMode
from django.utils import translation

from aggregator.channels.message import Delivered, GaveUp, Message, Outcome, Retry
from aggregator.channels.wording import headline, lines

CONNECT_SECONDS, READ_SECONDS = 4.0, 10.0
SERVICES = "Slack, Discord, Teams, Telegram, Google Chat, Matrix (t2bot.io), ntfy.sh, Pushover"
# By the library's class: whether what it was given leads to a host that nobody can choose.
_FIXED = {"NotifyDiscord", "NotifySlack", "NotifyTelegram", "NotifyGoogleChat", "NotifyPushover"}
_MODES = {"NotifyNtfy": "cloud", "NotifyMatrix": "t2bot"}
_TEAMS_HOSTS = (".logic.azure.com", ".api.powerplatform.com")
# What the services themselves write into the addresses they hand out.
_THEIR_OPTIONS = {"api-version", "sp", "sv", "sig", "key", "token"}
_KINDS = {
    "closed": NotifyType.SUCCESS,
    "retracted": NotifyType.SUCCESS,
    "opened": NotifyType.WARNING,
    "confirmed": NotifyType.FAILURE,
}


class NotAChatError(ValueError):
    """The address is none of a service, or of one that its sender may not name."""


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """Sends short plain text.

    Attributes:
        site_name: shown by services that name the sender.
        site_url: linked by those.
    """

    site_name: str
    site_url: str

    def send(self, message: Message) -> Outcome:
        """Hand the text to the service; it has no way to tell a repeat."""
        try:
            service = service_of(message.target, self._asset(), is_trusted=message.is_trusted)
        except NotAChatError:
            return GaveUp("the address is not one of a service that may be used")
        with translation.override(message.language):
            title, body = headline(message), "\n".join([*lines(message), _link(message)])
        kind = _KINDS.get(message.event.kind, NotifyType.INFO)
        sent = service.notify(
            body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT
        )
        return Delivered() if sent else Retry("the service did not take it")

    def _asset(self) -> AppriseAsset:
        return AppriseAsset(
            app_id=self.site_name,
            app_desc=self.site_name,
            app_url=self.site_url,
            image_url_mask="",
            image_url_logo="",
            storage_mode=PersistentStoreMode.MEMORY,
            allow_templates=False,
            http_redirects=False,
        )


def service_of(target: str, asset: AppriseAsset | None = None, *, is_trusted: bool) -> NotifyBase:
    """The service behind an address of `apprise`, or of the service's own form.

    Args:
        target: like `discord://…` or `https://hooks.slack.com/services/…`.
        asset: how the library is to behave.
        is_trusted: whether it may lead to any host.

    Raises:
        NotAChatError: when it is none, or none that may be named.
    """
    if not is_trusted and set(parse_qs(urlsplit(target).query)) - _THEIR_OPTIONS:
        raise NotAChatError
    service = Apprise.instantiate(target, asset=asset, suppress_exceptions=True)
    if not isinstance(service, NotifyBase) or not (is_trusted or _has_fixed_host(service)):
        raise NotAChatError
    service.socket_connect_timeout = CONNECT_SECONDS
    service.socket_read_timeout = READ_SECONDS
    return service


def _has_fixed_host(service: NotifyBase) -> bool:
    name = type(service).__name__
    if name == "NotifyWorkflows":
        return str(service.host).endswith(_TEAMS_HOSTS)
    return name in _FIXED or _MODES.get(name) == getattr(service, "mode", "")


def _link(message: Message) -> str:
    return "" if message.is_test else message.outage.url
