"""The addresses for machines: up, ready, metrics."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from aggregator.models import CountingMark
from config import health
from tests import factories


@pytest.fixture
def queue_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_queue_parts", lambda: {"broker": "ok", "worker": "ok"})


def mark(age: timedelta, transaction: int = 0) -> None:
    CountingMark.objects.all().delete()
    CountingMark.objects.create(
        transaction=transaction, cluster=0, counted_until=datetime.now(UTC) - age
    )


@pytest.mark.django_db
def test_healthz_asks_no_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert response["Cache-Control"] == "no-store"


def test_healthz_answers_by_any_host_name(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db
def test_readyz_is_ready_when_counting_is_recent(client: Client, queue_well: None) -> None:
    mark(timedelta(seconds=2))

    response = client.get("/readyz")

    assert response.status_code == 200
    assert set(response.json()["parts"].values()) == {"ok"}


@pytest.mark.django_db
def test_readyz_names_the_part_that_lags(client: Client, queue_well: None) -> None:
    mark(timedelta(minutes=10))

    response = client.get("/readyz")

    assert response.status_code == 503
    # On a busy machine some seconds pass before the question.
    assert re.fullmatch(r"6\d\d s behind", response.json()["parts"]["counting"])


@pytest.mark.django_db
def test_readyz_names_the_database_when_it_does_not_answer(
    client: Client, queue_well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> health.Figures:
        raise DatabaseError

    monkeypatch.setattr(health, "figures", fail)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["database"] == "does not answer"


@pytest.mark.django_db
def test_readyz_names_the_worker_when_none_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(timedelta(seconds=2))
    monkeypatch.setattr(health, "WORKER_SECONDS", 0.05)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"] == {
        "database": "ok",
        "counting": "ok",
        "evaluation": "ok",
        "broker": "ok",
        "worker": "none answers",
    }


@pytest.mark.django_db
def test_readyz_names_the_broker_when_it_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(timedelta(seconds=2))
    monkeypatch.setattr(health, "_redis_url", lambda: "unix:///nowhere/redis.sock")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["broker"] == "does not answer"


@pytest.mark.django_db
def test_metrics_tell_how_many_reports_are_uncounted(client: Client) -> None:
    factories.make_report()
    mark(timedelta(seconds=3))

    page = client.get("/metrics").content.decode()

    assert "\noutcry_reports_uncounted 1.0\n" in page
    assert "\noutcry_database_up 1.0\n" in page


@pytest.mark.django_db
def test_metrics_answer_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> health.Figures:
        raise DatabaseError

    monkeypatch.setattr(health, "figures", fail)

    response = client.get("/metrics")

    assert response.status_code == 200
    assert b"\noutcry_database_up 0.0\n" in response.content


def test_other_methods_go_to_the_site(client: Client) -> None:
    assert client.post("/healthz").status_code != 200
