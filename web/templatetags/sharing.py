"""What other sites and search engines read of a page: its title, its words, what it is about."""

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString

register = template.Library()
# Neither a tag nor an entity can begin inside the block.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_block_tag
def titled(content: str) -> SafeString:
    """The page's title, once for its window and once for those who show a link to it."""
    return SafeString(
        f'<title>{content}</title>\n<meta property="og:title" content="{_quoted(content)}">'
    )


@register.simple_block_tag
def described(content: str) -> SafeString:
    """What the page says in a sentence, once for search engines and once for links to it."""
    text = _quoted(content)
    return SafeString(
        f'<meta name="description" content="{text}">\n'
        f'<meta property="og:description" content="{text}">'
    )


@register.simple_tag
def structured(kind: str, **fields: object) -> SafeString:
    """One thing of a schema.org type as JSON-LD; empty properties are left out.

    It is a data block: no script runs, so the content policy has nothing against it.

    >>> "</script>x" in structured("WebPage", name="</script>x", about="")
    False
    """
    thing = {
        "@context": "https://schema.org",
        "@type": kind,
        **{name: value for name, value in fields.items() if value not in ("", None)},
    }
    text = json.dumps(thing, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def _quoted(content: str) -> str:
    """Text that templates have escaped already, fit for an attribute."""
    return content.strip().replace('"', "&quot;")
