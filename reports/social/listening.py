"""Listening to public streams: one thread a stream, each made anew for as long as it takes.

Bluesky's stream goes on where it was left, by the instant of the last message less some seconds;
Mastodon's has no past. What is older than a few minutes is no news: a Report counts when it comes
in, and an hour's posts at once would look like a crowd. A start begins a minute ago, so a process
that was restarted misses nothing, and nothing is kept for it: who reported already is known by
fingerprint.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog
from django.db import Error, connection
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from reports import metrics
from reports.social.addresses import Address, Source
from reports.social.posts import POSTS, Message, of_jetstream, of_mastodon
from reports.social.taking import LostError, Outcome, Taker

LATEST = timedelta(minutes=5)
FIRST_LOOK_BACK = timedelta(minutes=1)
OVERLAP = timedelta(seconds=5)
# A post of 300 characters with all of its facets; what is larger says more than we read.
LARGEST_EVENT = 65_536
LARGEST_MESSAGE = 2**20
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
# A connection that lived this long was a good one: what failed before it is forgiven.
GOOD_SECONDS = 30.0

log = structlog.get_logger(__name__)

_READ: dict[Source, Callable[[bytes | str], Message]] = {
    Source.BLUESKY: of_jetstream,
    Source.MASTODON: of_mastodon,
}


def pause_after(failures: int, spread: float) -> float:
    """Seconds to wait after so many failures in a row, doubling up to a minute.

    Args:
        failures: at least 1.
        spread: from 0 to 1, drawn anew each time, so that listeners that were cut off together
            do not come back together; takes up to half off.

    >>> [pause_after(failures, 0.0) for failures in (1, 2, 3, 9)], pause_after(3, 1.0)
    ([1.0, 2.0, 4.0, 60.0], 2.0)
    """
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (failures - 1))
    return longest * (1.0 - spread / 2)


def listen(streams: Sequence[Address], stop: threading.Event) -> None:
    """Listen to all streams until told to stop; returns when all of them have been left."""
    listeners = [Listener(one) for one in streams]
    threads = [
        threading.Thread(target=one.run, args=[stop], name=f"listener-{number}")
        for number, one in enumerate(listeners)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Listener:
    """One stream. For one thread."""

    def __init__(self, address: Address, now: Callable[[], datetime] | None = None) -> None:
        """Nothing is opened yet.

        Args:
            address: where the stream is.
            now: the clock, aware, UTC.
        """
        self._address = address
        self._now = now or (lambda: datetime.now(UTC))
        self._until = self._now() - FIRST_LOOK_BACK
        self._taker = Taker()
        self._read = _READ[address.source]

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop; whatever happens to a connection, make it anew."""
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._listen(stop)
            except (OSError, WebSocketException, Error, LostError) as error:
                self._note("lost")
                status = error.response.status_code if isinstance(error, InvalidStatus) else None
                kind = type(error).__name__
                log.warning("stream.lost", source=self._address.source, error=kind, status=status)
            except Exception as error:  # noqa: BLE001 - the thread must live, whatever comes
                self._note("lost")
                # Not the traceback: its message may hold what somebody wrote.
                kind = type(error).__name__
                log.error("stream.failed", source=self._address.source, error=kind)  # noqa: TRY400
            finally:
                self._taker.close()
                connection.close()
            failures = 1 if time.monotonic() - began > GOOD_SECONDS else failures + 1
            stop.wait(pause_after(failures, random.random()))  # noqa: S311 - spreads load

    def _listen(self, stop: threading.Event) -> None:
        token = self._address.token
        with connect(
            self._url(),
            additional_headers={"Authorization": f"Bearer {token}"} if token else {},
            user_agent_header="Outcry",
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            max_size=LARGEST_MESSAGE,
        ) as stream:
            self._note("opened")
            while not stop.is_set():
                try:
                    message = stream.recv(LOOK_SECONDS)
                except TimeoutError:
                    continue
                self._hear(message)

    def _url(self) -> str:
        """The stream's address, from where it was left."""
        parts = urlsplit(self._address.url)
        asked = dict(parse_qsl(parts.query))
        if self._address.source is Source.MASTODON:
            asked["stream"] = asked.get("stream", "public")
        else:
            begin = max(self._until - OVERLAP, self._now() - LATEST)
            asked |= {
                "wantedCollections": POSTS,
                "maxMessageSizeBytes": str(LARGEST_EVENT),
                "cursor": str(int(begin.timestamp() * 1_000_000)),
            }
        return urlunsplit(parts._replace(query=urlencode(asked)))

    def _hear(self, message: bytes | str) -> None:
        try:
            read = self._read(message)
        except ValueError:
            read = Message()
        outcome = self._take(read)
        metrics.SOCIAL_POSTS.labels(self._address.source.value, outcome.value).inc()
        # Only now: what was lost on the way is asked for again.
        if read.at is not None:
            self._until = max(self._until, read.at)
            metrics.SOCIAL_HEARD.labels(self._address.source.value).set(self._until.timestamp())

    def _take(self, read: Message) -> Outcome:
        now = self._now()
        if read.at is None or read.post is None:
            return Outcome.PASSED_OVER
        if read.at < now - LATEST:
            return Outcome.LATE
        try:
            return self._taker.take(read.post, now)
        finally:
            # It holds no connection while it waits for the next one.
            connection.close()

    def _note(self, outcome: str) -> None:
        metrics.SOCIAL_CONNECTIONS.labels(self._address.source.value, outcome).inc()
