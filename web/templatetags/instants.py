"""Instants in pages: UTC as sent, the reader's own zone once `site.js` has seen them."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

FORMS = {"time": "H:i", "your": "H:i", "date": "j F Y, H:i", "day": "j M", "axis": "H:i"}
# Where many stand side by side, the zone is said once for all.
BARE = {"day", "axis"}


# What began longer ago is told with its day.
RECENT = timedelta(hours=20)
# Numbers that were not renewed for longer are old; `site.js` has the same bound.
OLD = timedelta(minutes=3)
MINUTE = timedelta(minutes=1)


@register.filter
def since(at: datetime) -> SafeString:
    """An instant as `instant` tells it: with its day when that may be another than today's."""
    return instant(at, "time" if timezone.now() - at < RECENT else "date")


@register.filter
def aged(at: datetime | None, words: str) -> str:
    """That numbers of an instant are old: words with `%s` for the minutes; empty when they are not.

    >>> aged(timezone.now() - timedelta(minutes=5), "%s minutes old"), aged(None, "%s old")
    ('5 minutes old', '')
    """
    passed = timezone.now() - at if at else timedelta()
    return words.replace("%s", str(passed // MINUTE)) if passed > OLD else ""


@register.filter
def instant(at: datetime, style: str = "time") -> SafeString:
    """An instant in UTC as a `<time>` element.

    Args:
        at: aware.
        style: `time` for hours and minutes only; `your` for the same, to be called the reader's
            own once it is; `date` with the day before them; `day` for the day alone and `axis`
            for hours and minutes alone, without the zone.

    >>> instant(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))
    '<time datetime="2026-03-18T14:05:00Z">14:05 UTC</time>'
    >>> instant(datetime(2026, 3, 18, 14, 5, tzinfo=UTC), "date")
    '<time datetime="2026-03-18T14:05:00Z" data-as="date">18 March 2026, 14:05 UTC</time>'
    """
    utc = at.astimezone(UTC)
    shown = format_date(utc, FORMS[style])
    machine = f"{utc:%Y-%m-%dT%H:%M:%SZ}"
    if style == "time":
        return format_html('<time datetime="{}">{} UTC</time>', machine, shown)
    words = shown if style in BARE else f"{shown} UTC"
    return format_html('<time datetime="{}" data-as="{}">{}</time>', machine, style, words)
