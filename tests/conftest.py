"""Fixtures for all tests: the base data, committed tests, and the environment of subprocesses."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import override_settings, setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from reports import bans, daily_keys, partitions, site_settings, submission, words
from reports.copies import Copy
from reports.models import Region, Service
from reports.service_index import services
from reports.social import taking
from tests import factories

# A busy machine is no fault of the code: no test fails by the clock.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

# What is partitioned by day.
TABLES = ("reports_report", "reports_comment", "reports_vote", "aggregator_minutecount")

STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# What a test starts from and must leave behind.
BASE_MODELS = {
    "reports.region",
    # Services name them: emptied, it would take those along.
    "reports.logo",
    "reports.category",
    "reports.service",
    "reports.problemtype",
    "reports.servicealias",
    "reports.servicedependency",
    "contenttypes.contenttype",
    "auth.permission",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a parallel run, one process drives all sites: two at once would starve each other."""
    for item in items:
        if item.get_closest_marker("flow"):
            item.add_marker(pytest.mark.xdist_group("flow"))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database with its base data: a small tree of Regions and a small catalogue.

    It replaces the plugin's own fixture, which makes none for tests without its mark.
    """
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        factories.make_base_data()
        for table in TABLES:
            partitions.ensure_ahead(table, datetime.now(UTC))
    yield
    with django_db_blocker.unblock():
        submission.stop()
        # A thread or subprocess that a test left behind must not keep the database.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database for tests whose rows other connections must see; emptied afterwards."""
    with django_db_blocker.unblock():
        cache.clear()
        yield
        # Its connection would stay, and what it remembers would outlive the rows.
        submission.stop()
        daily_keys.forget()
        services.forget()
        words.forget()
        bans.forget()
        taking.forget()
        empty_tables()
        # Threads that a test left keep their connections: the next test gets a pool of its own.
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone


def empty_tables() -> None:
    """Remove every row that is not base data.

    Most tables are empty after most tests, and to truncate them all (with their partitions and
    indexes) takes far longer than to look which ones are not. The lock waits for writers that a
    test left behind, whose rows could not be seen yet.
    """
    kept = {apps.get_model(label)._meta.db_table for label in BASE_MODELS}
    every = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    names = [f'"{name}"' for name in sorted(every - kept)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(names)}")
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608 - names of our tables
                for name in names
            )
        )
        used = [name for (name,) in cursor.fetchall()]
        if used:
            # The trail is not emptied by mistake; see its trigger.
            cursor.execute("SELECT set_config('outcry.emptying', 'on', false)")
            cursor.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
            cursor.execute("SELECT set_config('outcry.emptying', 'off', false)")
    Service.objects.exclude(slug__in=factories.BASE_SERVICES).delete()


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment for a subprocess that shall use the test database."""
    options = connection.settings_dict
    url = f"postgresql://{options['USER']}@/{options['NAME']}?host={options['HOST']}"
    return {**os.environ, "OUTCRY_DATABASE_URL": url}


@pytest.fixture
def claude(django_db_setup: None) -> Service:
    """A Service of the base data, with the problem types `api` and `chat`."""
    return factories.service("claude")


@pytest.fixture
def california(django_db_setup: None) -> Region:
    """A Region of the base data, in the United States."""
    return factories.region("US-CA")


@pytest.fixture(autouse=True)
def site_as_the_environment_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the site is set, and none is read: pages cost the same number of queries."""
    monkeypatch.setattr(site_settings, "_rows", Copy(dict, "nothing"))


@pytest.fixture
def settable_site(site_as_the_environment_has_it: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that sets something: read anew at every look."""
    monkeypatch.setattr(site_settings, "_rows", Copy(site_settings.chosen, "site settings"))
    monkeypatch.setattr(site_settings, "FRESH_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def database_never_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that could not read a copy leaves no waiting to the next one."""
    monkeypatch.setattr(Copy, "failed_at", float("-inf"))


@pytest.fixture(autouse=True)
def quick_settings() -> Iterator[None]:
    """Static files by their own names, and passwords by a hash that costs nothing to make."""
    with override_settings(STORAGES=STORAGES, PASSWORD_HASHERS=PASSWORD_HASHERS):
        yield
