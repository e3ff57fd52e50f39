"""Fixtures of the aggregator's tests."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from aggregator import evaluation
from tests.receiver import Receiver, listening


@pytest.fixture
def fresh_process() -> Iterator[None]:
    """Each test begins like a worker that has just started."""
    evaluation.forget()
    yield
    evaluation.forget()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server for webhooks."""
    with listening() as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """A second session, which begins a transaction with its first statement."""
    options = connection.settings_dict
    with psycopg.connect(
        dbname=options["NAME"], user=options["USER"], host=options["HOST"]
    ) as session:
        yield session
