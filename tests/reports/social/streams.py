"""Streams played by a real websocket server, in the shapes that Bluesky and Mastodon document."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from urllib.parse import parse_qs, urlsplit

from websockets.sync.server import ServerConnection, serve

from reports.social.addresses import Address, addresses

_numbers = count(1)
JETSTREAM, MASTODON = "/subscribe", "/api/v1/streaming"


@dataclass
class Played:
    """A server's side of a stream.

    Attributes:
        address: where it is.
        messages: what each new connection is sent; the connection then stays open.
        asked: the query of each connection, in order.
        tokens: its Authorization header.
        cut_after: connections that end after so many messages, by their number from 0.
    """

    address: Address
    messages: list[str] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    cut_after: Mapping[int, int] = field(default_factory=dict)


@contextmanager
def playing(path: str, *, token: str = "") -> Iterator[Played]:
    """A server of one stream on a free port of this machine."""
    done = threading.Event()

    def play(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        number = len(played.asked)
        played.asked.append(parse_qs(urlsplit(request.path).query))
        played.tokens.append(request.headers.get("Authorization"))
        for message in played.messages[: played.cut_after.get(number)]:
            connection.send(message)
        if number not in played.cut_after:
            done.wait()

    with serve(play, "127.0.0.1", 0) as server:
        port = server.socket.getsockname()[1]
        before = f":{token}@" if token else ""
        played = Played(addresses(f"ws://{before}127.0.0.1:{port}{path}")[0])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield played
        finally:
            done.set()
            server.shutdown()
            thread.join()


def bluesky(text: str, author: str = "", at: datetime | None = None, **record: object) -> str:
    """A new post as Jetstream sends it, each by somebody else when no author is given."""
    number = next(_numbers)
    made = at or datetime.now(UTC)
    return json.dumps(
        {
            "did": f"did:plc:{author or number}",
            "time_us": int(made.timestamp() * 1_000_000),
            "kind": "commit",
            "commit": {
                "rev": "3l3qo2vutsw2b",
                "operation": "create",
                "collection": "app.bsky.feed.post",
                "rkey": f"3l3qo{number}",
                "record": {
                    "$type": "app.bsky.feed.post",
                    "createdAt": made.isoformat(),
                    "langs": ["en"],
                    "text": text,
                    **record,
                },
                "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi",
            },
        }
    )


def mastodon(words: str, **status: object) -> str:
    """A new post as Mastodon's streaming API sends it, each by somebody else."""
    number = next(_numbers)
    account = {"id": str(number), "acct": f"a{number}", "bot": False}
    document = {
        "id": str(number),
        "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://mastodon.example/users/a/statuses/{number}",
        "content": f"<p>{words}</p>",
        "reblog": None,
        "account": {**account, "url": f"https://mastodon.example/@a{number}"},
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "card": None,
        "poll": None,
        **status,
    }
    return json.dumps({"stream": ["public"], "event": "update", "payload": json.dumps(document)})
