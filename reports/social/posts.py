"""What Bluesky and Mastodon send, read into Posts (pure).

Only what people write anew is of use: no replies, quotations, repetitions or edits, no link, no
program's posts. All else is read as far as its instant, and dropped. A deletion is left alone: who
takes a post back may have done so for its wording, and its Report names nobody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec

POSTS = "app.bsky.feed.post"
_MEDIA = frozenset({"app.bsky.embed.images", "app.bsky.embed.video"})
_LINK = "app.bsky.richtext.facet#link"
_NOTHING = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class Post:
    """One public post of a person. Its text is read once and neither kept nor logged.

    Attributes:
        key: what no other post has.
        author: the author's own permanent name; only ever hashed.
        text: plain.
        languages: codes of the languages that the author's program says it is in.
    """

    key: str
    author: str
    text: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream: its instant (aware, UTC) if it has one, its Post if it has one."""

    at: datetime | None = None
    post: Post | None = None


# -- Bluesky: Jetstream, https://github.com/bluesky-social/jetstream ----------------------------


class _Feature(msgspec.Struct):
    type: str = msgspec.field(name="$type", default="")


class _Facet(msgspec.Struct):
    features: list[_Feature] = []


class _Record(msgspec.Struct):
    text: str = ""
    langs: list[str] | None = None
    reply: msgspec.Raw = _NOTHING
    embed: _Feature | None = None
    facets: list[_Facet] | None = None


class _Commit(msgspec.Struct):
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: _Record | None = None


class _Event(msgspec.Struct):
    did: str
    time_us: int
    kind: str = ""
    commit: _Commit | None = None


_jetstream = msgspec.json.Decoder(_Event)


def of_jetstream(message: bytes | str) -> Message:
    """Read an event of Jetstream.

    Raises:
        ValueError: when it is none.

    >>> of_jetstream(b'{"did": "did:plc:a", "time_us": 1725911162329308, "kind": "account"}').at
    datetime.datetime(2024, 9, 9, 19, 46, 2, 329308, tzinfo=datetime.timezone.utc)
    """
    event = _jetstream.decode(message)
    try:
        at = datetime.fromtimestamp(event.time_us / 1_000_000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError from error
    commit = event.commit
    if commit is None or commit.operation != "create" or commit.collection != POSTS:
        return Message(at)
    record = commit.record
    if record is None or _is_there(record.reply) or _refers(record):
        return Message(at)
    key = f"at://{event.did}/{POSTS}/{commit.rkey}"
    return Message(at, Post(key, event.did, record.text, tuple(record.langs or ())))


def _refers(record: _Record) -> bool:
    """Whether it quotes, or links to something."""
    if record.embed is not None and record.embed.type not in _MEDIA:
        return True
    return any(one.type == _LINK for facet in record.facets or () for one in facet.features)


# -- Mastodon: https://docs.joinmastodon.org/methods/streaming/ ---------------------------------


class _Account(msgspec.Struct):
    url: str
    bot: bool = False


class _Status(msgspec.Struct):
    uri: str
    created_at: datetime
    content: str
    account: _Account
    visibility: str = ""
    language: str | None = None
    spoiler_text: str = ""
    in_reply_to_id: str | None = None
    reblog: msgspec.Raw = _NOTHING
    quote: msgspec.Raw = _NOTHING
    card: msgspec.Raw = _NOTHING
    poll: msgspec.Raw = _NOTHING


class _Update(msgspec.Struct):
    event: str = ""
    # Text that holds the document; for a deletion the post's id alone.
    payload: str = ""


_mastodon = msgspec.json.Decoder(_Update)
_status = msgspec.json.Decoder(_Status)


def of_mastodon(message: bytes | str) -> Message:
    """Read an event of Mastodon's streaming API.

    Raises:
        ValueError: when it is none.
    """
    update = _mastodon.decode(message)
    if update.event != "update":
        return Message()
    status = _status.decode(update.payload)
    at = status.created_at
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if status.visibility != "public" or status.account.bot or status.spoiler_text:
        return Message(at)
    others = (status.reblog, status.quote, status.card, status.poll)
    if status.in_reply_to_id is not None or any(map(_is_there, others)):
        return Message(at)
    page = _Text()
    page.feed(status.content)
    page.close()
    if page.has_link:
        return Message(at)
    languages = (status.language,) if status.language else ()
    # The account's own address is the same on every server that hands its posts on; its id is not.
    return Message(at, Post(status.uri, status.account.url, "".join(page.parts), languages))


def _is_there(value: msgspec.Raw) -> bool:
    return bytes(value) not in {b"", b"null"}


class _Text(HTMLParser):
    """The text of a post's markup, and whether it links to more than a tag or a person."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.has_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p"}:
            self.parts.append(" ")
        if tag == "a":
            kinds = (dict(attrs).get("class") or "").split()
            self.has_link |= not {"mention", "hashtag"} & set(kinds)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
