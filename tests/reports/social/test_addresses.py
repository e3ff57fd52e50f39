"""Streams read from a setting."""

import pytest

from reports.social.addresses import Source, addresses


def test_streams_are_told_apart_by_their_path_and_tokens_taken_out() -> None:
    bluesky, mastodon = addresses(
        "wss://jet.example/subscribe, wss://:s%2Fecret@mastodon.example:8443/api/v1/streaming?a=b,"
    )
    assert (bluesky.source, bluesky.url, bluesky.token) == (
        Source.BLUESKY,
        "wss://jet.example/subscribe",
        "",
    )
    assert mastodon.source is Source.MASTODON
    assert mastodon.url == "wss://mastodon.example:8443/api/v1/streaming?a=b"
    assert mastodon.token == "s/ecret"
    assert "ecret" not in repr(mastodon)


@pytest.mark.parametrize(
    "text",
    [
        "https://jet.example/subscribe",
        "ws://jet.example/subscribe",
        "ws://192.0.2.1/subscribe",
        "wss:///subscribe",
        "wss://jet.example/else",
        "jet.example",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|path|machine"):
        addresses(text)


def test_this_machine_is_reached_without_encryption() -> None:
    found = addresses(
        "ws://127.0.0.1:1/subscribe,ws://[::1]:1/subscribe,ws://localhost:1/subscribe"
    )
    assert len(found) == 3


def test_a_refusal_does_not_repeat_the_token() -> None:
    with pytest.raises(ValueError, match="path") as caught:
        addresses("wss://:secret@mastodon.example/")
    assert "secret" not in str(caught.value)
