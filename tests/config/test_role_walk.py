"""Every address and every action of the back office, for every role: who may, and nobody else.

The addresses are taken from the site itself: a page that is not in a table here fails a test, so
that nobody adds one without saying whose it is.
"""

from collections.abc import Iterable, Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from config import roles

pytestmark = pytest.mark.django_db

Roles = frozenset[str]
NOBODY: Roles = frozenset()
ADMINISTER: Roles = frozenset({roles.ADMINISTRATOR})
OPERATE: Roles = ADMINISTER | {roles.OPERATOR}
MODERATE: Roles = OPERATE | {roles.MODERATOR}

# Somebody of the staff without a role.
NOVICE = "nobody's role"
STAFF = [*sorted(MODERATE), NOVICE]

# Pages of our own, by the name of their address.
PAGES: dict[str, Roles] = {
    "queue": MODERATE,
    "burst": MODERATE,
    "find-reports": MODERATE,
    "words": MODERATE,
    "queue-doings": MODERATE,
    "queue-undo": MODERATE,
    "service-preview": MODERATE,
    "reports_catalogue_import": OPERATE,
    "reports_catalogue_export": MODERATE,
    "reports_trail_csv": MODERATE,
    "reports_trail_ndjson": MODERATE,
    "site-settings": ADMINISTER,
    "privacy": ADMINISTER,
    "privacy-export": ADMINISTER,
}
# What is everybody's who came in, or asks for the right by itself.
DOOR = {
    "second-factor",
    "search",
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
}
# The lists, by app.model: all of the staff with a role see them but these.
SEEN = {"reports.apikey": ADMINISTER, "auth.user": ADMINISTER, "auth.group": ADMINISTER}
ADDED = {
    "aggregator.declaration": MODERATE,
    "aggregator.outage": MODERATE,
    "reports.category": OPERATE,
    "reports.service": OPERATE,
    "reports.apikey": ADMINISTER,
    "auth.user": ADMINISTER,
}
CHANGED = {
    # Shows itself to whoever looks, whatever they send; its own test says who changes something.
    "aggregator.tunedservice": MODERATE,
    "aggregator.declaration": MODERATE,
    "aggregator.outage": MODERATE,
    "reports.category": OPERATE,
    "reports.service": OPERATE,
    "reports.servicesuggestion": MODERATE,
    "auth.user": ADMINISTER,
}
# Acts on chosen rows of a list.
ACTIONS: dict[str, dict[str, Roles]] = {
    "aggregator.alert": {"try_again": OPERATE, "send_again": OPERATE},
    "aggregator.subscription": {"end": OPERATE, "send_test": OPERATE, "begin_again": OPERATE},
    "reports.apikey": {"revoke": ADMINISTER},
    "reports.moderationentry": {"undo": MODERATE},
    "reports.servicesuggestion": {"decline": MODERATE},
}
ARGUMENTS = {"slug": "claude", "burst_id": 1, "object_id": "1"}


@pytest.fixture(autouse=True)
def rights(db: None) -> None:
    """The roles have their rights, as after a start."""
    roles.give()


def patterns(found: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


def pages() -> dict[str, Roles]:
    """Whose each named page of the back office is, by the tables above."""
    whose = dict(PAGES)
    for model in admin.site._registry:
        label = model._meta.label_lower
        start = label.replace(".", "_")
        whose[f"{start}_changelist"] = SEEN.get(label, MODERATE)
        whose[f"{start}_change"] = SEEN.get(label, MODERATE)
        whose[f"{start}_add"] = ADDED.get(label, NOBODY)
        whose[f"{start}_delete"] = NOBODY
    return whose


def browser(role: str) -> Client:
    user = User.objects.create_user("vera", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


def address(pattern: URLPattern) -> str:
    names = pattern.pattern.regex.groupindex
    return reverse(f"admin:{pattern.name}", kwargs={name: ARGUMENTS[name] for name in names})


def ours() -> list[URLPattern]:
    """All that is not the door, nor the history of a row, which shows a row to its viewers."""
    named = [one for one in patterns(admin.site.get_urls()) if one.name is not None]
    return [one for one in named if one.name not in DOOR and not str(one.name).endswith("_history")]


def test_every_page_says_whose_it_is() -> None:
    assert {str(one.name) for one in ours()} - pages().keys() == set()
    assert pages().keys() - {str(one.name) for one in ours()} == set()


@pytest.mark.slow
@pytest.mark.parametrize("role", STAFF)
def test_every_page_opens_for_those_whose_it_is_alone(role: str) -> None:
    client = browser(role)
    whose = pages()
    for one in ours():
        is_theirs = role in whose[str(one.name)]
        status = client.get(address(one)).status_code
        assert (status != 403) == is_theirs, (one.name, status)
        assert status < 500, one.name


@pytest.mark.slow
@pytest.mark.parametrize("role", STAFF)
def test_every_form_is_taken_from_those_whose_it_is_alone(role: str) -> None:
    client = browser(role)
    whose = pages() | {
        f"{model._meta.label_lower.replace('.', '_')}_change": CHANGED.get(
            model._meta.label_lower, NOBODY
        )
        for model in admin.site._registry
    }
    for one in ours():
        is_theirs = role in whose[str(one.name)]
        status = client.post(address(one), {}).status_code
        assert (status != 403) == is_theirs, (one.name, status)
        assert status < 500, one.name


@pytest.mark.slow
def test_who_did_not_come_in_is_led_to_the_door() -> None:
    for one in ours():
        for answer in (Client().get(address(one)), Client().post(address(one), {})):
            assert answer.status_code == 302, one.name
            assert answer["Location"].startswith("/admin/login/"), one.name


@pytest.mark.parametrize("role", STAFF)
def test_every_action_is_offered_to_those_whose_it_is_alone(role: str) -> None:
    browser(role)
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(username="vera")
    for model, office in admin.site._registry.items():
        known = ACTIONS.get(model._meta.label_lower, {})
        offered = set(office.get_actions(request)) if office.has_view_permission(request) else set()
        allowed = {name for name, whose in known.items() if role in whose}
        assert offered == allowed, model
        assert {str(one) for one in office.actions or ()} <= known.keys(), model
