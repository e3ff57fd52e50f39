"""Verdicts in pages."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from web.wording import WORD

register = template.Library()


@register.simple_tag
def mark(verdict: str) -> SafeString:
    """The shape and colour of a verdict, with its word for ears; long lists are full of them."""
    return _mark(verdict, get_language())


@lru_cache(maxsize=64)
def _mark(verdict: str, _language: str | None) -> SafeString:
    context = {"verdict": verdict, "word": WORD[verdict], "quiet": True}
    return SafeString(render_to_string("web/verdict.html", context))
