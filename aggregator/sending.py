"""Sending many messages at a time, outside any transaction."""

import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import islice
from uuid import UUID

import structlog

from aggregator.channels import Channel, Message, Outcome, Retry

# What is not begun by then is given back: the rest of the lease is for the tries under way.
BEGIN_SECONDS = 30
SENDERS = 16

log = structlog.get_logger(__name__)


def send_all(
    pairs: list[tuple[Channel, Message]],
) -> Generator[tuple[UUID, Outcome | None], None, None]:
    """Send many at a time; outcomes as they come, None for what was not begun in time.

    One more is begun when an outcome was taken: who dies leaves no more than `SENDERS` that were
    sent and not marked. When closed before its end it begins no more: what can't be marked would
    be sent twice.
    """
    begin_until = time.monotonic() + BEGIN_SECONDS
    waiting = iter(pairs)
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="sender") as senders:
        under_way: dict[Future[Outcome | None], UUID] = {}
        while True:
            for channel, message in islice(waiting, SENDERS - len(under_way)):
                sent = senders.submit(_send, channel, message, begin_until)
                under_way[sent] = message.id
            if not under_way:
                return
            done = next(as_completed(under_way))
            yield under_way.pop(done), done.result()


def _send(channel: Channel, message: Message, begin_until: float) -> Outcome | None:
    if time.monotonic() > begin_until:
        return None
    try:
        return channel.send(message)
    except Exception as error:
        # A fault of ours in one message must not hold up the others.
        log.exception("alert.send_broke", alert_id=str(message.id))
        return Retry(f"internal error ({type(error).__name__})")
