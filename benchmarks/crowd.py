"""A crowd of senders on keep-alive connections: one process, no threads, no libraries.

It costs about 40 µs of CPU a request, so that on a machine shared with the server most of the
time is left to the server.
"""

import select
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

REQUEST = (
    "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: {length}\r\nX-Forwarded-For: {address}\r\nConnection: keep-alive\r\n\r\n"
)
READ_BYTES = 65_536
LAST_ANSWER_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Order:
    """What one process shall send: `connections` at once to `path`, for `seconds`.

    Every request comes from another address, counted up from `first_address` in 10.0.0.0/8.
    """

    port: int
    path: str
    body: str
    connections: int
    seconds: float
    first_address: int
    method: str = "POST"


@dataclass(slots=True)
class Tally:
    """What came of it: answers by HTTP status, and the seconds each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def send(order: Order) -> Tally:
    """Send until the time is over, then wait for the answers that are still due.

    Raises:
        ConnectionError: when the server hangs up.
        TimeoutError: when an answer does not come.
    """
    return _Crowd(order).run()


class _Crowd:
    def __init__(self, order: Order) -> None:
        body = order.body
        wanted = {"method": order.method, "path": order.path, "length": len(body)}
        head = REQUEST.format(**wanted, address="\0").split("\0")
        self._head, self._tail = head[0], head[1] + body
        self._addresses = _addresses(order.first_address)
        self._order = order
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._sent_at: dict[int, float] = {}
        self._parts: dict[int, bytes] = {}
        self._tally = Tally()

    def run(self) -> Tally:
        for _ in range(self._order.connections):
            connection = socket.create_connection(("127.0.0.1", self._order.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection.fileno(), select.EPOLLIN)
        end = perf_counter() + self._order.seconds
        for number in self._sockets:
            self._send(number)
        while self._sent_at:
            ready = self._poll.poll(LAST_ANSWER_SECONDS)
            if not ready:
                raise TimeoutError
            for number, _ in ready:
                if self._receive(number) and perf_counter() < end:
                    self._send(number)
        for connection in self._sockets.values():
            connection.close()
        self._poll.close()
        return self._tally

    def _send(self, number: int) -> None:
        request = f"{self._head}{next(self._addresses)}{self._tail}".encode()
        self._sent_at[number] = perf_counter()
        self._sockets[number].sendall(request)

    def _receive(self, number: int) -> bool:
        """Read what came of an answer; whether it is whole now."""
        read = self._sockets[number].recv(READ_BYTES)
        if not read:
            raise ConnectionError
        answer = self._parts.pop(number, b"") + read
        if not _is_whole(answer):
            self._parts[number] = answer
            return False
        self._tally.seconds.append(perf_counter() - self._sent_at.pop(number))
        self._tally.statuses[int(answer[9:12])] += 1
        return True


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) >= int(length)


def _addresses(first: int) -> Iterator[str]:
    number = first
    while True:
        yield f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        number += 1
