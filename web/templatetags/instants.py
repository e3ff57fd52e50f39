"""Instants in pages."""

from datetime import UTC, datetime

from django import template
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def instant(at: datetime, style: str = "time") -> SafeString:
    """An instant in UTC as a `<time>` element.

    Args:
        at: aware.
        style: `time` for hours and minutes only, `date` with the day before them.

    >>> instant(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))
    '<time datetime="2026-03-18T14:05:00Z">14:05 UTC</time>'
    >>> instant(datetime(2026, 3, 18, 14, 5, tzinfo=UTC), "date")
    '<time datetime="2026-03-18T14:05:00Z">18 March 2026, 14:05 UTC</time>'
    """
    utc = at.astimezone(UTC)
    shown = format_date(utc, "j F Y, H:i" if style == "date" else "H:i")
    machine = f"{utc:%Y-%m-%dT%H:%M:%SZ}"
    return format_html('<time datetime="{}">{} UTC</time>', machine, shown)
