"""Structured data for search engines (schema.org as JSON-LD). A data block: no script runs."""

from collections.abc import Mapping

import msgspec
from django import template
from django.utils.safestring import SafeString

register = template.Library()
# Neither a tag nor an entity can begin inside the block.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_tag
def structured(kind: str, **fields: object) -> SafeString:
    """One thing of a schema.org type with its properties; empty ones are left out.

    >>> structured("WebPage", name="</script>", about="")
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"WebPage","name":"\\\\u003c/script\\\\u003e"}</script>'
    """
    thing: Mapping[str, object] = {
        "@context": "https://schema.org",
        "@type": kind,
        **{name: value for name, value in fields.items() if value not in ("", None)},
    }
    text = msgspec.json.encode(thing).decode().translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{text}</script>')
