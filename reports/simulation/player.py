"""Plays a crowd against a running server, through the public API, in real time or faster."""

import asyncio
import ipaddress
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import psutil

from reports.simulation.crowd import Voice

# So many requests may wait for their answers at once; more would measure the queue, not the site.
MOST_IN_FLIGHT = 64
ANSWER_SECONDS = 15.0
# So many failures in a row, without one answer, mean that nobody is there.
MOST_SILENT = 20
SECONDS_A_MINUTE = 60.0


class PlayerError(RuntimeError):
    """The server can't be played against; the message says why."""


@dataclass(slots=True)
class Tally:
    """What came back.

    Attributes:
        statuses: answers by HTTP status; 0 for requests without one.
        reports: the different reports that the server made of them.
        played: voices sent.
        late_seconds: how far the last one was behind its time.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    reports: set[str] = field(default_factory=set)
    played: int = 0
    late_seconds: float = 0.0

    def lines(self) -> Iterator[str]:
        """The summary, a line at a time.

        >>> list(Tally(Counter({202: 3}), {"a", "b"}, 3).lines())
        ['3 sent', '3 answered 202', '2 different reports, 1 repeats']
        """
        yield f"{self.played} sent"
        for status, count in sorted(self.statuses.items()):
            yield f"{count} answered {status}" if status else f"{count} without an answer"
        accepted = self.statuses[httpx.codes.ACCEPTED]
        if accepted:
            repeats = accepted - len(self.reports)
            yield f"{len(self.reports)} different reports, {repeats} repeats"
        refused = self.statuses[httpx.codes.TOO_MANY_REQUESTS]
        if refused * 2 > self.played:
            yield (
                "Most were too many from one sender: the server must trust this machine to name "
                "its senders' addresses (OUTCRY_TRUSTED_PROXIES=127.0.0.0/8,::1)."
            )


def is_this_machine(url: str) -> bool:
    """Whether every address of a URL's host belongs to this machine.

    >>> is_this_machine("http://127.0.0.1:8000")
    True
    >>> is_this_machine("http://192.0.2.1:8000")
    False
    """
    host = urlsplit(url).hostname or ""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    own = {one.address for several in psutil.net_if_addrs().values() for one in several}
    return bool(found) and all(
        ipaddress.ip_address(address).is_loopback or address in own for address in found
    )


def play(
    crowd: Iterable[Voice],
    url: str,
    *,
    speed: float,
    tally: Tally,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Send every voice at its time; returns when all are answered.

    Args:
        crowd: in the order of time.
        url: the server's root.
        speed: how many of the crowd's minutes pass in one minute of the clock.
        tally: filled on the way, so that it is there also after an interruption.
        progress: told the number of voices played, now and then.

    Raises:
        PlayerError: when nobody answers at the URL.
    """
    asyncio.run(_play(crowd, url, speed, tally, progress))


async def _play(
    crowd: Iterable[Voice],
    url: str,
    speed: float,
    tally: Tally,
    progress: Callable[[int], None],
) -> None:
    places = asyncio.Semaphore(MOST_IN_FLIGHT)
    limits = httpx.Limits(max_connections=MOST_IN_FLIGHT)
    began = time.monotonic()
    async with (
        httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS, limits=limits) as client,
        asyncio.TaskGroup() as group,
    ):
        for voice in crowd:
            due = began + voice.minute * SECONDS_A_MINUTE / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await places.acquire()
            if not tally.reports and tally.statuses[0] >= MOST_SILENT:
                break
            tally.late_seconds = time.monotonic() - due
            tally.played += 1
            group.create_task(_send(client, voice, tally, places))
            progress(tally.played)
    if tally.played and tally.statuses[0] == tally.played:
        message = f"Nobody answers at {url}."
        raise PlayerError(message)


async def _send(
    client: httpx.AsyncClient, voice: Voice, tally: Tally, places: asyncio.Semaphore
) -> None:
    named = {"region": voice.region, "problem_type": voice.problem_type}
    body = {"service": voice.service, **{name: value for name, value in named.items() if value}}
    try:
        answer = await client.post(
            "/api/v1/reports", json=body, headers={"X-Forwarded-For": voice.address}
        )
    except httpx.HTTPError:
        tally.statuses[0] += 1
    else:
        tally.statuses[answer.status_code] += 1
        if answer.status_code == httpx.codes.ACCEPTED:
            tally.reports.add(answer.json()["id"])
    finally:
        places.release()
