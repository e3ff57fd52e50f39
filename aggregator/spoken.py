"""Lengths of time and leads as people say them, in the language that is active."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def duration(length: timedelta) -> str:
    """A length of time, in minutes below two hours, else in hours.

    >>> duration(timedelta(minutes=1)), duration(timedelta(minutes=150))
    ('1 minute', '2.5 hours')
    """
    minutes = max(1, round(length / timedelta(minutes=1)))
    if minutes < 120:  # noqa: PLR2004 - the docstring names it
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("%(n)s hours") % {"n": f"{minutes / 60:.1f}".removesuffix(".0")}


def lead_words(lead: timedelta | None) -> str:
    """Who was first, and by how much; empty for an Outage that was not confirmed.

    >>> lead_words(timedelta(minutes=22)), lead_words(timedelta(minutes=-10))
    ('22 minutes after people here had confirmed it', '10 minutes before people here confirmed it')
    """
    if lead is None:
        return ""
    said = {"length": duration(abs(lead))}
    if lead > timedelta():
        return _("%(length)s after people here had confirmed it") % said
    return _("%(length)s before people here confirmed it") % said
