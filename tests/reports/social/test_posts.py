"""What Bluesky and Mastodon send, and which of it is a person's own new post."""

import json
from datetime import UTC, datetime

import pytest

from reports.social.posts import of_jetstream, of_mastodon
from tests.reports.social.streams import bluesky, mastodon

AT = datetime(2026, 3, 18, 14, 0, 1, 500_000, tzinfo=UTC)
LINKED = {"index": {}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x"}]}
TAGGED = {"index": {}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "claude"}]}


def test_a_new_post_of_bluesky_is_read() -> None:
    message = of_jetstream(
        bluesky(
            "Claude is down", "ada", AT, facets=[TAGGED], embed={"$type": "app.bsky.embed.images"}
        )
    )
    assert message.at == AT
    assert message.post is not None
    assert message.post.author == "did:plc:ada"
    assert (message.post.text, message.post.languages) == ("Claude is down", ("en",))
    assert message.post.key.startswith("at://did:plc:ada/app.bsky.feed.post/3l3qo")


@pytest.mark.parametrize(
    "record",
    [
        {"reply": {"root": {}, "parent": {}}},
        {"embed": {"$type": "app.bsky.embed.record", "record": {}}},
        {"embed": {"$type": "app.bsky.embed.recordWithMedia"}},
        {"embed": {"$type": "app.bsky.embed.external"}},
        {"facets": [TAGGED, LINKED]},
    ],
)
def test_replies_quotations_and_links_of_bluesky_are_not_taken(record: dict[str, object]) -> None:
    message = of_jetstream(bluesky("Claude is down", "ada", AT, **record))
    assert (message.at, message.post) == (AT, None)


@pytest.mark.parametrize(
    "change",
    [{"operation": "update"}, {"operation": "delete"}, {"collection": "app.bsky.feed.like"}],
)
def test_edits_deletions_and_other_records_of_bluesky_are_not_taken(change: dict[str, str]) -> None:
    event = json.loads(bluesky("Claude is down", at=AT))
    event["commit"] |= change
    assert of_jetstream(json.dumps(event)).post is None


def test_other_events_of_bluesky_tell_their_instant_alone() -> None:
    event = {"did": "did:plc:a", "time_us": 1_725_516_665_234_703, "kind": "identity"}
    message = of_jetstream(json.dumps({**event, "identity": {"handle": "a.example"}}))
    assert message.at is not None
    assert message.post is None


def test_a_new_post_of_mastodon_is_read_as_text() -> None:
    tag = '<a href="https://m.example/tags/claude" class="mention hashtag">#<span>Claude</span></a>'
    post = of_mastodon(mastodon(f"{tag} is<br />down &amp; out", language=None)).post
    assert post is not None
    assert post.text.split() == ["#Claude", "is", "down", "&", "out"]
    assert post.languages == ()
    assert post.author.startswith("https://mastodon.example/@a")


@pytest.mark.parametrize(
    "status",
    [
        {"in_reply_to_id": "1"},
        {"reblog": {"id": "1"}},
        {"quote": {"state": "accepted"}},
        {"card": {"url": "https://news.example"}},
        {"poll": {"id": "1"}},
        {"spoiler_text": "work"},
        {"visibility": "unlisted"},
        {"account": {"url": "https://mastodon.example/@status", "bot": True}},
        {"content": '<p>Claude is down <a href="https://news.example">news</a></p>'},
    ],
)
def test_what_is_no_persons_own_word_on_mastodon_is_not_taken(status: dict[str, object]) -> None:
    message = of_mastodon(mastodon("Claude is down", **status))
    assert message.at is not None
    assert message.post is None


@pytest.mark.parametrize("event", ["delete", "status.update", "filters_changed"])
def test_edits_and_deletions_of_mastodon_are_not_taken(event: str) -> None:
    assert (
        of_mastodon(json.dumps({"stream": ["public"], "event": event, "payload": "106"})).post
        is None
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "[]",
        "{}",
        '{"did": 1, "time_us": 2}',
        '{"did": "a", "time_us": 99999999999999999999}',
    ],
)
def test_what_is_no_event_of_bluesky_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words
        of_jetstream(text)


@pytest.mark.parametrize("text", ["", "[]", '{"event": "update", "payload": "1"}'])
def test_what_is_no_event_of_mastodon_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own words
        of_mastodon(text)
