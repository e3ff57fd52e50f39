"""What moderators say of an Outage is read everywhere, and what they join leads on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from aggregator import outages
from aggregator.models import Outage
from aggregator.models.outage import State
from reports.trail import Doing
from tests.readable import make_outage

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
NOTE = "They say it is *fixed*. <script>alert(1)</script> [no](javascript:alert(2))"


@pytest.fixture
def doing(db: None) -> Doing:
    """A moderator who does something, a while after it all."""
    return Doing(User.objects.create_user("vera"), "Asked.", NOW + HOUR)


@pytest.fixture
def outage(doing: Doing) -> Outage:
    """An Outage with a note."""
    made = make_outage("claude", NOW)
    outages.annotate(made.pk, NOTE, doing)
    return made


def test_note_is_on_the_page_and_can_do_no_harm(client: Client, outage: Outage) -> None:
    page = client.get(f"/outages/{outage.pk}/").content.decode()
    assert "From the moderators" in page
    assert "They say it is <em>fixed</em>." in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_note_is_in_the_api_and_an_update_of_the_incident(client: Client, outage: Outage) -> None:
    (note,) = client.get(f"/api/v1/outages/{outage.pk}").json()["notes"]
    assert note == {"at": (NOW + HOUR).isoformat().replace("+00:00", "Z"), "text": NOTE}
    (incident,) = client.get("/api/v2/incidents.json").json()["incidents"]
    assert len(incident["incident_updates"]) == 3
    newest = incident["incident_updates"][0]
    assert (newest["body"], newest["status"]) == (NOTE, "identified")


def test_address_of_what_was_joined_leads_to_the_whole(client: Client, doing: Doing) -> None:
    first = make_outage("claude", NOW - 3 * HOUR, state=State.OVER)
    second = make_outage("claude", NOW)
    outages.join(first.pk, second.pk, doing)
    response = client.get(f"/outages/{second.pk}/")
    assert (response.status_code, response["Location"]) == (301, f"/outages/{first.pk}/")
    response = client.get(f"/api/v1/outages/{second.pk}")
    assert (response.status_code, response["Location"]) == (301, f"/api/v1/outages/{first.pk}")
    assert [one["id"] for one in client.get("/api/v1/outages").json()["results"]] == [first.pk]
    assert client.get("/outages/999999/").status_code == 404
