"""Names of things and places in the reader's language."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from aggregator.prose import rendered
from web.mapping import place_name

register = template.Library()


@register.filter
def spoken(name: str) -> str:
    """The name of a Category or a problem type in the reader's language, where it has one."""
    # The empty text stands for a catalogue's heading.
    return gettext(name) if name else ""


@register.filter
def prose(text: str) -> SafeString:
    """What a moderator wrote in Markdown, as HTML."""
    return rendered(text)


@register.filter
def placed(name: str, code: str) -> str:
    """The name of the Region with a code in the reader's language, where it has one."""
    return place_name(code, name)
