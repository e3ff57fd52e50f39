"""The back office shows what failed and tries it again, and shows no secret."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregator.alerting import enqueue
from aggregator.models import Alert
from aggregator.models.alert import AlertState
from tests.factories import SIGNING_SECRET, make_event, make_outage, make_subscription

pytestmark = pytest.mark.django_db

ALERTS = "admin:aggregator_alert_changelist"
SUBSCRIPTIONS = "admin:aggregator_subscription_changelist"


@pytest.fixture
def failed() -> Alert:
    """An Alert after its last try."""
    make_subscription()
    enqueue(make_event(make_outage()))
    Alert.objects.update(state=AlertState.FAILED, attempts=10, last_error="HTTP 500")
    return Alert.objects.get()


@pytest.fixture
def viewer() -> Client:
    """Somebody who may look, and nothing else."""
    user = User.objects.create_user("vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


def test_a_failed_alert_is_listed_with_its_reason(admin_client: Client, failed: Alert) -> None:
    page = admin_client.get(reverse(ALERTS), {"state__exact": "failed"}).content.decode()
    assert str(failed.id) in page
    assert "HTTP 500" in page


def test_try_again_makes_it_due(admin_client: Client, failed: Alert) -> None:
    form = {"action": "try_again", "_selected_action": [str(failed.id)]}
    page = admin_client.post(reverse(ALERTS), form, follow=True).content.decode()
    assert "1 alerts are due again." in page
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (AlertState.PENDING, 0)
    assert failed.due_at <= datetime.now(UTC)


def test_a_viewer_changes_nothing(viewer: Client, failed: Alert) -> None:
    form = {"action": "try_again", "_selected_action": [str(failed.id)]}
    viewer.post(reverse(ALERTS), form)
    failed.refresh_from_db()
    assert failed.state == AlertState.FAILED


def test_end_ends_a_subscription_and_names_who_did(admin_client: Client) -> None:
    subscription = make_subscription()
    form = {"action": "end", "_selected_action": [str(subscription.pk)]}
    admin_client.post(reverse(SUBSCRIPTIONS), form)
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.disabled_reason) == (False, "ended by admin")


@pytest.mark.parametrize("name", ["changelist", "change"])
def test_no_page_shows_a_secret(admin_client: Client, name: str) -> None:
    key = [make_subscription().pk] if name == "change" else []
    page = admin_client.get(reverse(f"admin:aggregator_subscription_{name}", args=key))
    assert page.status_code == 200
    assert SIGNING_SECRET not in page.content.decode()


def test_the_list_costs_as_much_for_many(admin_client: Client) -> None:
    make_subscription()
    enqueue(make_event(make_outage("noise")))
    one = list_cost(admin_client)
    for _ in range(5):
        make_subscription()
    enqueue(make_event(make_outage()))
    assert list_cost(admin_client) == one


def list_cost(client: Client) -> int:
    """How many queries the list of Alerts takes."""
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(ALERTS))
    return len(queries)
