"""Reads vendors' Atom and RSS feeds: of Statuspage, AWS, Google Cloud, Azure. Pure.

A feed has no states, only words. An entry is one incident (Statuspage, Azure) or one update of an
incident (AWS, Google Cloud); what belongs together is told by its id and title.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from time import struct_time

import feedparser

from aggregator.official.reading import (
    LONGEST_BODY,
    MOST_INCIDENTS,
    OVER,
    BadAnswerError,
    Incident,
    Reading,
    Update,
    clean,
    instant,
)

MOST_ENTRIES = 500
# Google Cloud: `tag:status.cloud.google.com,2026:feed:<incident>.<update>`.
_GOOGLE = re.compile(r"^(?P<incident>tag:[^:]+:feed:[^.]+)\.")
# AWS: `https://status.aws.amazon.com/#<service>_<unix time of the update>`.
_AWS = re.compile(r"^(?P<place>.*#.+)_\d{9,}$")
# What stands before the name that an incident keeps: "Service impact: [RESOLVED] Errors".
_PREFIX = re.compile(
    r"^\s*(?:(?:service (?:impact|issue|disruption|degradation|is operating normally)"
    r"|informational message|performance issues|update|resolved)\s*:\s*|\[\w+\]\s*)",
    re.IGNORECASE,
)
_STATED = re.compile(r"<strong>\s*([A-Za-z ]+?)\s*</strong>")
_TAG = re.compile(r"<[^>]{0,2000}>")
_MAINTENANCE = {"scheduled", "in progress", "in_progress", "verifying", "completed"}
_WORDS = (
    (
        re.compile(r"\b(?:resolved|mitigated|has been fixed)\b|operating normally", re.IGNORECASE),
        "resolved",
    ),
    (re.compile(r"\bmonitoring\b", re.IGNORECASE), "monitoring"),
    (re.compile(r"\bidentified\b", re.IGNORECASE), "identified"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    group: str
    key: str
    name: str
    status: str
    body: str
    url: str
    first: datetime
    last: datetime


def read(body: bytes) -> Reading:
    """What a feed says; without an open incident all is well as far as it tells.

    Raises:
        BadAnswerError: when it is no well-formed feed.
    """
    feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    fault = feed.get("bozo_exception")
    if fault is not None and not isinstance(fault, feedparser.CharacterEncodingOverride):
        raise BadAnswerError(f"not a feed: {clean(str(fault), 200)}")
    if not feed.get("version"):
        raise BadAnswerError("not a feed")
    entries = [_entry(one) for one in feed.entries[:MOST_ENTRIES]]
    incidents = _incidents(one for one in entries if one)
    is_well = all(one.resolved_at or one.is_maintenance for one in incidents)
    return Reading(
        indicator="none" if is_well else "minor",
        description="",
        incidents=tuple(incidents[:MOST_INCIDENTS]),
    )


def _entry(found: "feedparser.FeedParserDict") -> _Entry | None:
    """An entry; None for one without a time, which says nothing of when."""
    # Asked past its own look-up, which lends a missing time from the other one and warns of it.
    published, updated = dict.get(found, "published_parsed"), dict.get(found, "updated_parsed")
    first = _time(published or updated)
    if first is None:
        return None
    last = _time(updated) or first
    key = clean(found.get("id") or found.get("link") or found.get("title", ""))
    title = clean(unescape(found.get("title", "")))
    contents = found.get("content") or [{"value": found.get("summary", "")}]
    text = str(contents[0].get("value", ""))[:LONGEST_BODY]
    name = _name(title)
    return _Entry(
        group=_group(key, name),
        key=key,
        name=name,
        status=status_of(title, text),
        body=clean(unescape(_TAG.sub(" ", text)), LONGEST_BODY),
        url=clean(found.get("link", "")),
        first=first,
        last=max(first, last),
    )


def status_of(title: str, text: str) -> str:
    """The state an entry tells: what stands first in it counts, the newest being on top.

    >>> status_of("API errors", "<p><strong>Resolved</strong> - Done. <strong>Monitoring</strong>")
    'resolved'
    >>> status_of("Service is operating normally: [RESOLVED] Errors", "")
    'resolved'
    >>> status_of("Errors", "We are looking into it.")
    'investigating'
    """
    stated = _STATED.search(text)
    if stated:
        return stated[1].lower().replace(" ", "_")
    for pattern, word in _WORDS:
        if pattern.search(title):
            return word
    return next((word for pattern, word in _WORDS if pattern.search(text[:300])), "investigating")


def _incidents(entries: Iterable[_Entry]) -> list[Incident]:
    groups: dict[str, list[_Entry]] = {}
    for one in entries:
        groups.setdefault(one.group, []).append(one)
    return [_incident(sorted(group, key=lambda one: one.last)) for group in groups.values()]


def _incident(course: list[_Entry]) -> Incident:
    newest = course[-1]
    return Incident(
        key=newest.group,
        name=newest.name,
        status=newest.status,
        declared_at=min(one.first for one in course),
        url=newest.url,
        is_maintenance=newest.status in _MAINTENANCE,
        resolved_at=newest.last if newest.status in OVER else None,
        updates=tuple(
            # An entry that is one whole incident changes; each state of it is an update.
            Update(f"{one.key} {one.status}", one.status, one.body, one.last)
            for one in course
        ),
    )


def _group(key: str, name: str) -> str:
    if google := _GOOGLE.match(key):
        return google["incident"]
    if aws := _AWS.match(key):
        return f"{aws['place']} {name}"
    return key


def _name(title: str) -> str:
    """The name that stays the same over an incident's entries.

    >>> _name("Service is operating normally: [RESOLVED] Increased Error Rates")
    'Increased Error Rates'
    """
    name = title
    while (shorter := _PREFIX.sub("", name)) != name:
        name = shorter
    return name or title


def _time(parsed: struct_time | None) -> datetime | None:
    """A time as feedparser gives it, in UTC."""
    if parsed is None:
        return None
    try:
        return instant(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise BadAnswerError(f"a time out of range: {error}") from error
