"""Atom and RSS of Outages, in the words and markup of Statuspage's own feeds. Pure.

An entry's id is made of the site's host and the Outage's id alone: it never changes, whichever
feed it stands in and whatever becomes of the Outage.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from urllib.parse import urlsplit

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.xmlutils import SimplerXMLGenerator

from aggregator.models import Outage
from aggregator.outage_json import outage_url
from web.formats.statuspage_outages import incident_name, moved_at, update_of

# What XML 1.0 can't hold at all (2.2, Char).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(StrEnum):
    """The two kinds of feed."""

    ATOM = "atom"
    RSS = "rss"


TYPE = {
    Form.ATOM: "application/atom+xml; charset=utf-8",
    Form.RSS: "application/rss+xml; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed is of.

    Attributes:
        title: its name.
        page: address of the page that says the same to people.
        address: its own address.
        site_url: the site's address without a slash at its end.
        since: when it was last changed if it has no entries, aware.
    """

    title: str
    page: str
    address: str
    site_url: str
    since: datetime


class _Atom(Atom1Feed):
    """Puts what happened into `content`, where Statuspage's readers look for it."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        """The elements of one entry."""
        text, item["description"] = str(item["description"]), None
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", text, {"type": "html"})


def feed(form: Form, channel: Channel, outages: Sequence[Outage]) -> str:
    """The feed of some Outages with Service, Region and moves loaded, in their order."""
    kind: type[SyndicationFeed] = _Atom if form is Form.ATOM else Rss201rev2Feed
    made = kind(
        title=_plain(channel.title),
        link=channel.page,
        description=_plain(channel.title),
        language="en",
        feed_url=channel.address,
        feed_guid=tag(channel.site_url, urlsplit(channel.address).path),
        author_name=_plain(channel.title),
    )
    for one in outages:
        link = outage_url(one.pk, channel.site_url)
        made.add_item(
            title=_plain(incident_name(one)),
            link=link,
            description=_plain(_content(one)),
            unique_id=tag(channel.site_url, f"Incident/{one.pk}"),
            unique_id_is_permalink=False,
            pubdate=one.detected_at,
            updateddate=moved_at(one),
        )
    changed = max(map(moved_at, outages), default=channel.since)
    # An empty feed would else be dated now, and so be another one at every look.
    made.latest_post_date = lambda: changed  # type: ignore[method-assign]
    text: str = made.writeString("utf-8")
    return text


def tag(site_url: str, what: str) -> str:
    """An id that is nobody's address (RFC 4151).

    >>> tag("https://outcry.example:8443", "Incident/7")
    'tag:outcry.example,2005:Incident/7'
    """
    return f"tag:{urlsplit(site_url).hostname},2005:{what}"


def _content(outage: Outage) -> str:
    """The moves as Statuspage marks them up, the newest first."""
    return "".join(
        f"<p><small>{at:%b} <var data-var='date'>{at.day}</var>,"
        f" <var data-var='time'>{at:%H:%M}</var> UTC</small><br>"
        f"<strong>{told.status.capitalize()}</strong> - {escape(told.body)}</p>"
        for event in reversed(outage.events.all())
        for at, told in [(event.at.astimezone(UTC), update_of(event, ""))]
    )


def _plain(text: str) -> str:
    return _NO_XML.sub("", text)
