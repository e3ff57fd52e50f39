"""Sending many at a time: what dies with its sender was sent and not marked, and is little."""

import threading
from dataclasses import dataclass, field, replace
from uuid import UUID

from aggregator.channels.message import Channel, Delivered, Message, Outcome
from aggregator.sending import SENDERS, send_all
from tests.aggregator.test_webhook import make_message


@dataclass
class Counting:
    """A channel that counts what it sent."""

    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, _message: Message) -> Outcome:
        """One more."""
        with self.lock:
            self.sent += 1
        return Delivered()


def message(number: int) -> Message:
    return replace(make_message(), id=UUID(int=number))


def test_all_are_sent_once() -> None:
    channel = Counting()
    pairs: list[tuple[Channel, Message]] = [(channel, message(number)) for number in range(100)]
    told = dict(send_all(pairs))
    assert told == {UUID(int=number): Delivered() for number in range(100)}
    assert channel.sent == 100


def test_senders_do_not_run_ahead_of_who_marks() -> None:
    channel = Counting()
    outcomes = send_all([(channel, message(number)) for number in range(500)])
    for _ in range(40):
        next(outcomes)
    # Fast as they are, they wait for the marks: he who dies here leaves so many unmarked.
    outcomes.close()
    assert channel.sent <= 40 + SENDERS
