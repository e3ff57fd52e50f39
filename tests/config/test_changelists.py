"""Every list of the back office costs the same number of queries, however many rows it has.

The lists are taken from the site itself: one that no maker fills fails a test.
"""

import json
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model, TextField
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregator.alerting import enqueue
from aggregator.models import Outage, Subscription
from aggregator.models.outage import State
from tests.factories import make_event, make_outage, make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MANY = 100_000
# As many as there can be: the tree of places is fixed, its codes are short.
MANY_REGIONS = 999
MOST_QUERIES = 10

SERVICES = """
INSERT INTO reports_service
    (slug, name, category_id, homepage, official_url, official_kind, is_active, created_at)
SELECT 'many-' || i, 'Many ' || i, (SELECT min(id) FROM reports_category), '', '', '', true, now()
FROM generate_series(1, %(many)s) AS i
"""
ROWS = {
    "reports.service": SERVICES,
    "aggregator.tunedservice": SERVICES,
    "reports.category": """
        INSERT INTO reports_category (slug, name, position)
        SELECT 'many-' || i, 'Many', i %% 30000 FROM generate_series(1, %(many)s) AS i""",
    "reports.problemtype": """
        INSERT INTO reports_problemtype (service_id, slug, name, position, is_active)
        SELECT (SELECT id FROM reports_service WHERE slug = 'claude'),
            'many-' || i, 'Many', i %% 30000, true
        FROM generate_series(1, %(many)s) AS i""",
    "reports.region": """
        INSERT INTO reports_region
            (code, name, kind, parent_id, latitude, longitude, time_zone, weight)
        SELECT 'US-' || i, 'Many', 'subdivision', 'US', 0, 0, 'UTC', 1
        FROM generate_series(1, %(many)s) AS i""",
    "reports.report": """
        INSERT INTO reports_report
            (id, received_at, service_id, region_id, region_source, channel, fingerprint, network)
        SELECT gen_random_uuid(), now(),
            (SELECT id FROM reports_service WHERE slug = 'claude'), 'US', 'user', 'api',
            uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid())
        FROM generate_series(1, %(many)s)""",
    "reports.moderationentry": """
        INSERT INTO reports_moderationentry (act, at, by_id, reason, subject, reports, before)
        SELECT 'reject', now(), (SELECT min(id) FROM auth_user), 'why', 'claude', i, '{}'
        FROM generate_series(1, %(many)s) AS i""",
    "reports.servicesuggestion": """
        INSERT INTO reports_servicesuggestion
            (key, name, homepage, state, asked, first_at, last_at, service_id)
        SELECT 'many' || i, 'Many', '', 'accepted', i, now(), now(),
            (SELECT id FROM reports_service WHERE slug = 'claude')
        FROM generate_series(1, %(many)s) AS i""",
    "reports.apikey": """
        INSERT INTO reports_apikey (name, prefix, digest, scopes, per_minute, created_at)
        SELECT 'many', 'prefix', uuid_send(gen_random_uuid()), '{report}', 60, now()
        FROM generate_series(1, %(many)s)""",
    "aggregator.declaration": """
        INSERT INTO aggregator_declaration
            (service_id, kind, starts_at, ends_at, note, made_at, made_by_id)
        SELECT (SELECT id FROM reports_service WHERE slug = 'claude'),
            'hold', now(), now() + interval '1 hour', '', now(), (SELECT min(id) FROM auth_user)
        FROM generate_series(1, %(many)s)""",
    "auth.group": """
        INSERT INTO auth_group (name) SELECT 'many ' || i FROM generate_series(1, %(many)s) AS i""",
    "auth.user": """
        WITH made AS (
            INSERT INTO auth_user (username, password, first_name, last_name, email, is_staff,
                is_active, is_superuser, date_joined)
            SELECT 'many-' || i, '', '', '', '', true, true, false, now()
            FROM generate_series(1, %(many)s) AS i RETURNING id
        )
        INSERT INTO auth_user_groups (user_id, group_id)
        SELECT made.id, (SELECT min(id) FROM auth_group) FROM made""",
}


def copy(model: type[Model], many: int) -> None:
    """Write the only row of a table so many times more."""
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    columns, table = ", ".join(f'"{name}"' for name in names), model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns})"  # noqa: S608 - names of our columns
            f" SELECT {columns} FROM {table}, generate_series(1, %s)",
            [many],
        )


def subscriptions(many: int) -> None:
    make_subscription("https://hooks.example/", slug="claude", region="US")
    copy(Subscription, many)
    # Who has several is told once.
    Subscription.objects.update(target=Concat("target", Cast("pk", TextField())))


def alerts(many: int) -> None:
    subscriptions(many)
    enqueue(make_event(make_outage()))


def past_outages(many: int) -> None:
    make_outage(state=State.OVER, regions=["US"])
    copy(Outage, many)


MAKERS: dict[str, Callable[[int], None]] = {
    "aggregator.outage": past_outages,
    "aggregator.subscription": subscriptions,
    "aggregator.alert": alerts,
}
LISTS = sorted(model._meta.label_lower for model in admin.site._registry)


def fill(label: str, many: int) -> None:
    if label in MAKERS:
        MAKERS[label](many)
        return
    with connection.cursor() as cursor:
        cursor.execute(ROWS[label], {"many": many})


def cost(office: Client, label: str) -> list[str]:
    """The queries of a list's first page."""
    with CaptureQueriesContext(connection) as captured:
        answer = office.get(reverse(f"admin:{label.replace('.', '_')}_changelist"))
    assert answer.status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_every_list_has_a_maker_of_its_rows() -> None:
    assert set(LISTS) == {*ROWS, *MAKERS}


@pytest.mark.parametrize("label", LISTS)
def test_a_list_costs_the_same_for_any_number_of_rows(label: str) -> None:
    office = Client()
    office.force_login(User.objects.create_superuser("maria"))
    cost(office, label)
    few = cost(office, label)
    fill(label, MANY_REGIONS if label == "reports.region" else MANY)
    many = cost(office, label)
    assert len(many) <= max(len(few), MOST_QUERIES), json.dumps(many, indent=1)
    # A row that is shown may bring one query for all of its kind, not one each.
    assert len(many) <= len(few) + 2, json.dumps(many, indent=1)
