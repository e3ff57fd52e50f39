"""Fixtures of the aggregator's tests."""

from collections.abc import Iterator

import pytest

from tests.receiver import Receiver, listening


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server for webhooks."""
    with listening() as receiver:
        yield receiver
