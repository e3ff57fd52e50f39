"""What moderators write in Markdown, as HTML that can do no harm."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# What a note needs; no pictures, which would tell a third party who reads.
TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
SCHEMES = {"http", "https", "mailto"}

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})


def rendered(text: str) -> SafeString:
    """A note as HTML; tags in it are shown as they were typed.

    >>> rendered("It was a **test**.")
    '<p>It was a <strong>test</strong>.</p>'
    >>> rendered("<script>alert(1)</script> [x](javascript:alert(1))")
    '<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>'
    """
    html = nh3.clean(
        _markdown.render(text), tags=TAGS, url_schemes=SCHEMES, link_rel="nofollow noopener"
    )
    return mark_safe(html.strip())  # noqa: S308 - tags were escaped, then everything was sanitised
