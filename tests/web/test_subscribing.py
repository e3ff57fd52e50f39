"""Subscribing by the pages: confirmed by mail, changed and ended by signed links."""

import re
from datetime import timedelta
from email.message import Message
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY

from aggregator import refusals, signups, trials
from aggregator.alerting import enqueue
from aggregator.manage_links import manage_token, stop_token
from aggregator.models import Alert, Refusal, SignUp, Subscription
from aggregator.models.alert import AlertState, Cadence, SubscriptionChannel
from aggregator.models.outage import State
from tests.aggregator.test_push import browser_keys
from tests.factories import make_event, make_outage, make_subscription

pytestmark = pytest.mark.django_db
ANN = "ann@mail.example"
CHAT = "discord://123456789012345678/" + "a" * 60
FORM = {"target": ANN, "service": "claude"}


def ask(client: Client, **more: str) -> int:
    """Send the form; the status of its answer."""
    return client.post("/subscribe/", {**FORM, **more}).status_code


def mailed_link() -> str:
    """The path to confirm, in the last mail that went out."""
    signups.send_due(timezone.now())
    found = re.search(r"https?://\S+/subscribe/confirm/\S+", str(mail.outbox[-1].body))
    assert found
    return urlsplit(found[0]).path


def test_a_mail_address_is_subscribed_only_by_the_button_behind_its_link(client: Client) -> None:
    answer = client.post(
        "/subscribe/", {**FORM, "least_state": "possible", "time_zone": "Asia/Tokyo"}
    )
    assert (answer.status_code, answer["Location"]) == (303, "/subscribe/sent/")
    assert not Subscription.objects.exists()
    link = mailed_link()
    assert mail.outbox[0].to == [ANN]
    assert ANN not in link
    # A mail scanner follows the link.
    page = client.get(link)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert not Subscription.objects.exists()
    assert client.post(link).status_code == 303
    made = Subscription.objects.get()
    assert (made.channel, made.target, made.least_state) == ("email", ANN, "possible")
    assert (made.service and made.service.slug, made.time_zone) == ("claude", "Asia/Tokyo")
    assert not made.by_operator


def test_confirming_twice_subscribes_once_and_keeps_no_wish(client: Client) -> None:
    ask(client)
    link = mailed_link()
    first, second = client.post(link), client.post(link)
    assert first["Location"] == second["Location"]
    assert Subscription.objects.count() == 1
    assert SignUp.objects.get().wish is None


def test_sign_ups_are_counted_by_what_became_of_them(client: Client) -> None:
    def counted(outcome: str) -> float:
        labels = {"channel": "email", "outcome": outcome}
        return REGISTRY.get_sample_value("outcry_signups_total", labels) or 0.0

    before = [counted(outcome) for outcome in ("taken", "confirmed", "held_back")]
    ask(client)
    client.post(mailed_link())
    refusals.refuse("bob@mail.example")
    ask(client, target="bob@mail.example")
    after = [counted(outcome) for outcome in ("taken", "confirmed", "held_back")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


@pytest.mark.parametrize("token", ["x", "a:b:c", "0" * 32, "%00"])
def test_a_forged_link_confirms_nothing(client: Client, token: str) -> None:
    assert client.post(f"/subscribe/confirm/{token}/").status_code == 410


def test_a_link_expires_and_its_address_is_deleted(client: Client) -> None:
    ask(client)
    link = mailed_link()
    later = timezone.now() + signups.LINK_LASTS + timedelta(minutes=1)
    assert signups.retire(later) == 1
    assert client.post(link).status_code == 410
    assert not Subscription.objects.exists()


def test_the_answer_is_the_same_for_known_and_unknown_addresses(client: Client) -> None:
    make_subscription(ANN, slug="claude")
    known = client.post("/subscribe/", FORM)
    unknown = client.post("/subscribe/", {**FORM, "target": "bob@mail.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert known.content == unknown.content
    signups.send_due(timezone.now())
    assert sorted(sent.to[0] for sent in mail.outbox) == [ANN, "bob@mail.example"]


def test_an_address_is_mailed_three_times_a_day_at_most_and_nobody_can_tell(client: Client) -> None:
    spellings = [ANN, "Ann@Mail.example", "ann+a@mail.example", "ann+b@mail.example", ANN]
    assert [ask(client, target=one) for one in spellings] == [303] * 5
    signups.send_due(timezone.now())
    assert len(mail.outbox) == 3
    SignUp.objects.update(made_at=timezone.now() - timedelta(days=1, minutes=1))
    ask(client)
    signups.send_due(timezone.now())
    assert len(mail.outbox) == 4


def test_a_network_asks_twenty_times_an_hour_at_most(client: Client) -> None:
    answers = [ask(client, target=f"ann{number}@mail.example") for number in range(21)]
    assert answers == [303] * 20 + [429]
    other = client.post("/subscribe/", FORM, headers={"X-Forwarded-For": "198.51.100.7"})
    assert other.status_code == 303


def test_deleting_what_was_made_lets_nobody_ask_more_often(client: Client) -> None:
    for number in range(20):
        ask(client, channel="webhook", target=f"https://hooks.example/{number}")
    Subscription.objects.all().delete()
    assert ask(client) == 429


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"target": "ann"}, "valid email"),
        ({"target": ""}, "required"),
        ({"service": "nothing"}, "not one of"),
        ({"region": "Atlantis"}, "Atlantis"),
        ({"time_zone": "Mars/Olympus"}, "no such time zone"),
        ({"time_zone": "../../etc/passwd"}, "no such time zone"),
        ({"quiet_from": "22:00"}, "beginning and an end"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "end when they begin"),
        ({"cadence": "yearly"}, "not one of"),
        ({"channel": "push"}, "not one of"),
        ({"channel": "webhook", "target": "http://127.0.0.1/"}, "public internet"),
        ({"channel": "webhook", "target": "https://h.example/", "cadence": "daily"}, "at any hour"),
        ({"channel": "chat", "target": "json://example.com/"}, "one of these"),
        ({"channel": "chat", "target": "ntfys://10.0.0.1/topic"}, "one of these"),
        ({"channel": "chat", "target": CHAT + "?template=/etc/passwd"}, "one of these"),
        ({"target": "ann@mail.example\nBcc: eve@mail.example"}, "valid email"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    client: Client, wrong: dict[str, str], words: str
) -> None:
    answer = client.post("/subscribe/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not SignUp.objects.exists()


def test_another_sites_page_subscribes_nobody(client: Client) -> None:
    for path in ("/subscribe/", "/subscribe/browser"):
        answer = client.post(path, FORM, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    ("channel", "target"), [("webhook", "https://hooks.example/x"), ("chat", CHAT)]
)
def test_webhooks_and_chats_are_subscribed_at_once_and_lead_to_their_page(
    client: Client, channel: str, target: str
) -> None:
    answer = client.post("/subscribe/", {**FORM, "channel": channel, "target": target})
    made = Subscription.objects.get()
    assert answer["Location"] == f"/subscriptions/{manage_token(made.pk)}/?new"
    page = client.get(answer["Location"]).content.decode()
    assert (made.secret in page) if channel == "webhook" else (target not in page)


# -- the page of a link -----------------------------------------------------------------------


def path_of(subscription: Subscription) -> str:
    """Where its holder manages it."""
    return f"/subscriptions/{manage_token(subscription.pk)}/"


def act(client: Client, first: Subscription, name: str, **more: str) -> Message:
    """Press a button of the page."""
    form = {"act": name, "subscription": str(first.pk), **more}
    return client.post(path_of(first), form)  # type: ignore[return-value]  # read by its status


def test_a_mail_address_sees_all_that_is_its_own_and_nothing_else(client: Client) -> None:
    mine, other = make_subscription(ANN, slug="claude"), make_subscription(ANN, slug="github")
    make_subscription("bob@mail.example", slug="aws")
    page = client.get(path_of(mine)).content.decode()
    assert "Claude, everywhere" in page
    assert "Github, everywhere" in page
    assert "Aws" not in page.split("<main")[1].split("<select")[0]
    assert ANN not in page
    assert page.count('class="subscription"') == 2
    assert act(client, mine, "stop", subscription=str(other.pk)).status_code == 303  # type: ignore[attr-defined]
    assert list(Subscription.objects.filter(target=ANN)) == [mine]


def test_the_holder_of_a_webhooks_link_does_not_see_others_of_the_same_address(
    client: Client,
) -> None:
    mine, other = make_subscription(), make_subscription()
    page = client.get(path_of(mine)).content.decode()
    assert page.count('class="subscription"') == 1
    form = {"act": "stop", "subscription": str(other.pk)}
    assert client.post(path_of(mine), form).status_code == 400
    assert Subscription.objects.count() == 2


@pytest.mark.parametrize("token", ["1", "1:x", "x:y", stop_token(1)])
def test_a_forged_link_shows_nothing(client: Client, token: str) -> None:
    make_subscription(ANN)
    assert client.get(f"/subscriptions/{token}/").status_code == 404


def test_saving_changes_how_one_is_told(client: Client) -> None:
    mine = make_subscription(ANN)
    chosen = {
        "cadence": "daily",
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "least_state": "confirmed",
    }
    form = {f"{mine.pk}-{name}": value for name, value in chosen.items()}
    assert act(client, mine, "save", **form).status_code == 303  # type: ignore[attr-defined]
    mine.refresh_from_db()
    assert (mine.cadence, mine.language, mine.time_zone) == (Cadence.DAILY, "de", "Europe/Berlin")
    assert mine.quiet_from is not None
    assert (mine.quiet_from.hour, mine.least_state) == (22, State.CONFIRMED)
    bad = act(client, mine, "save", **{**form, f"{mine.pk}-time_zone": "Mars"})
    assert bad.status_code == 422  # type: ignore[attr-defined]


def test_the_page_tells_what_was_told_and_sends_it_again_with_the_same_id(client: Client) -> None:
    mine = make_subscription("https://hooks.example/x")
    enqueue(make_event(make_outage()))
    alert = Alert.objects.get()
    long_ago = timezone.now() - timedelta(hours=1)
    Alert.objects.update(
        state=AlertState.FAILED, attempts=10, last_error="HTTP 500", due_at=long_ago
    )
    page = client.get(path_of(mine)).content.decode()
    assert "HTTP 500" in page
    assert "Claude: opened" in page
    act(client, mine, "replay", alert=str(alert.pk))
    again = Alert.objects.get()
    assert (again.pk, again.state, again.attempts) == (alert.pk, AlertState.PENDING, 0)


def test_an_alert_of_somebody_else_is_not_sent_again(client: Client) -> None:
    mine = make_subscription("https://hooks.example/x", slug="github")
    make_subscription("https://hooks.example/y", slug="claude")
    enqueue(make_event(make_outage()))
    Alert.objects.update(state=AlertState.SENT, due_at=timezone.now() - timedelta(hours=1))
    act(client, mine, "replay", alert=str(Alert.objects.get().pk))
    assert Alert.objects.get().state == AlertState.SENT


def test_a_test_is_sent_once_a_minute_and_its_outcome_is_shown(client: Client) -> None:
    mine = make_subscription(ANN)
    act(client, mine, "test")
    act(client, mine, "test")
    assert trials.send_asked(timezone.now()) == 1
    assert trials.send_asked(timezone.now()) == 0
    assert len(mail.outbox) == 1
    assert mail.outbox[0].subject.startswith("Test: alerts about")
    assert "delivered" in client.get(path_of(mine)).content.decode()


def test_an_ended_webhook_says_why_and_begins_again(client: Client) -> None:
    mine = make_subscription(is_active=False)
    Subscription.objects.update(disabled_reason="HTTP 410")
    assert "HTTP 410" in client.get(path_of(mine)).content.decode()
    act(client, mine, "resume")
    mine.refresh_from_db()
    assert mine.is_active


def test_another_sites_page_changes_nothing(client: Client) -> None:
    mine = make_subscription(ANN)
    form = {"act": "stop", "subscription": str(mine.pk)}
    answer = client.post(path_of(mine), form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert Subscription.objects.exists()


# -- leaving ----------------------------------------------------------------------------------


def test_one_click_of_a_mail_program_deletes_the_subscription(client: Client) -> None:
    mine, other = make_subscription(ANN, slug="claude"), make_subscription(ANN, slug="github")
    path = f"/unsubscribe/{stop_token(mine.pk)}/"
    assert client.get(path).status_code == 200
    assert Subscription.objects.count() == 2
    # As RFC 8058 has it: from the mail service's machine, a form of one field.
    click = {"List-Unsubscribe": "One-Click"}
    answer = client.post(path, click, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert Subscription.objects.get() == other
    assert client.post(path, click).status_code == 200


def test_ending_all_deletes_the_address_everywhere(client: Client) -> None:
    mine = make_subscription(ANN, slug="claude")
    make_subscription(ANN, slug="github", is_active=False)
    bob = make_subscription("bob@mail.example")
    act(client, mine, "stop-all")
    assert Subscription.objects.get() == bob


def test_an_address_that_wants_nothing_more_gets_nothing_and_nobody_can_tell(
    client: Client,
) -> None:
    mine = make_subscription(ANN, slug="claude")
    make_subscription("Ann+x@MAIL.example", slug="github")
    bob = make_subscription("bob@mail.example")
    path = f"/unsubscribe/{stop_token(mine.pk)}/"
    assert "Never write" in client.get(path).content.decode()
    left = client.post(path, {"act": "never"})["Location"]
    assert "never writes to this address again" in client.get(left).content.decode()
    assert Subscription.objects.get() == bob

    known = client.post("/subscribe/", {**FORM, "target": "ANN+y@mail.example"})
    assert (known.status_code, known["Location"]) == (303, "/subscribe/sent/")
    signups.send_due(timezone.now())
    assert not mail.outbox
    assert ANN not in str(Refusal.objects.values())
    with pytest.raises(CommandError, match="wants no mail"):
        call_command("subscribe", "--email", ANN)

    call_command("allow_mail", ANN)
    ask(client)
    signups.send_due(timezone.now())
    assert mail.outbox
    with pytest.raises(CommandError, match="refused nothing"):
        call_command("allow_mail", ANN)


def test_somebody_who_never_asked_refuses_by_the_link_to_confirm(client: Client) -> None:
    ask(client)
    link = mailed_link()
    assert "Never write" in client.get(link).content.decode()
    assert client.post(link, {"act": "never"})["Location"] == "/unsubscribed/?never"
    assert client.post(link).status_code == 410
    assert not Subscription.objects.exists()
    assert SignUp.objects.get().wish is None
    ask(client)
    signups.send_due(timezone.now())
    assert len(mail.outbox) == 1


def test_a_mail_that_waits_is_not_sent_after_a_refusal(client: Client) -> None:
    ask(client)
    refusals.refuse(ANN)
    signups.send_due(timezone.now())
    assert not mail.outbox


def test_a_webhook_has_no_address_to_refuse(client: Client) -> None:
    hook = make_subscription("https://hooks.example/x")
    path = f"/unsubscribe/{stop_token(hook.pk)}/"
    assert "Never write" not in client.get(path).content.decode()
    client.post(path, {"act": "never"})
    assert not Refusal.objects.exists()
    assert not Subscription.objects.exists()


def test_the_managing_page_refuses_for_its_address(client: Client) -> None:
    mine = make_subscription(ANN)
    assert act(client, mine, "never")["Location"] == "/unsubscribed/?never"
    assert not Subscription.objects.exists()
    assert refusals.is_refused(ANN)


def test_an_unsubscribe_link_manages_nothing(client: Client) -> None:
    mine = make_subscription(ANN)
    assert client.get(f"/subscriptions/{stop_token(mine.pk)}/").status_code == 404
    client.post(f"/unsubscribe/{manage_token(mine.pk)}/")
    assert Subscription.objects.exists()


# -- browsers and forms on other pages --------------------------------------------------------


def test_the_worker_is_served_from_the_root_as_a_script(client: Client) -> None:
    answer = client.get("/worker.js")
    assert answer["Content-Type"] == "text/javascript"
    assert b"showNotification" in answer.content


def test_a_browser_with_keys_is_subscribed_and_without_is_refused(client: Client) -> None:
    entered = {
        "endpoint": "https://push.example/send/1",
        "keys": browser_keys()[0],
        "service": "claude",
        "time_zone": "Asia/Tokyo",
    }
    for wrong in ({"keys": "{}"}, {"endpoint": "https://127.0.0.1/"}, {"endpoint": ""}):
        assert client.post("/subscribe/browser", {**entered, **wrong}).status_code == 422
    answer = client.post("/subscribe/browser", entered)
    made = Subscription.objects.get()
    assert answer.json()["url"].startswith(f"/subscriptions/{manage_token(made.pk)}/")
    assert (made.channel, made.time_zone) == (SubscriptionChannel.PUSH, "Asia/Tokyo")


def test_the_form_is_filled_in_from_the_address(client: Client) -> None:
    page = client.get("/subscribe/?service=claude&region=DE").content.decode()
    assert '<option value="claude" selected>' in page
    assert 'value="Germany"' in page
    assert client.get("/subscribe/?region=Atlantis&service=nothing").status_code == 200


@pytest.mark.parametrize("path", ["/services/claude/", "/?category=ai", "/regions/DE/"])
def test_other_pages_have_a_small_form_that_works(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    form = page.split('class="told"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', form))
    assert hidden
    assert client.post("/subscribe/", {**hidden, "target": ANN}).status_code == 303
    assert mailed_link()
