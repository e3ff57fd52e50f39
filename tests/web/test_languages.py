"""Languages: who gets which, that caches can tell them apart, and that none lacks a word."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_script_prefix

from aggregator.models.picture import Verdict
from config.env import PROJECT_ROOT
from tests.readable import make_count, make_outage, make_place, make_status
from web.languages import DEFAULT, NAMES

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def outage() -> None:
    found = make_outage("claude", NOW - timedelta(hours=1), regions=["DE"])
    make_status("claude", Verdict.MAJOR, observed=34, outage=found)
    make_place("claude", "DE", 90)
    make_place("claude", "DE-BE", 60)
    make_count("claude", NOW - timedelta(minutes=20), 40, problem_type="chat", region="DE-BE")


def text(client: Client, address: str, accept: str = "") -> str:
    response = client.get(address, headers={"Accept-Language": accept} if accept else {})
    assert response.status_code == 200
    return response.content.decode()


def test_no_word_is_left_untranslated_and_what_the_program_reads_is_fresh() -> None:
    """Mend with `script/translations.py update`, translate, and `compile`."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, PROJECT_ROOT / "script" / "translations.py", "check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_settings_and_pages_name_the_same_languages() -> None:
    assert list(NAMES) == [code for code, _ in settings.LANGUAGES]


@pytest.mark.parametrize(
    ("accept", "language", "question"),
    [
        ("de-AT,de;q=0.9", "de", "Ist Claude gestört?"),
        ("ja", "ja", "Claude は止まっていますか？"),  # noqa: RUF001 - a full-width sign
        ("pt-BR", "pt", "Claude está fora do ar?"),
        ("it,es;q=0.5", "es", "¿Está caído Claude?"),
        ("fr", "fr", "Claude est-il en panne ?"),
        ("it", "en", "Is Claude down?"),
        ("*", "en", "Is Claude down?"),
    ],
)
def test_browser_gets_its_language_and_caches_are_told(
    client: Client, accept: str, language: str, question: str
) -> None:
    response = client.get("/services/claude/", headers={"Accept-Language": accept})
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    assert question in page
    assert "Accept-Language" in response["Vary"]
    assert not response.cookies


def test_address_with_a_language_is_the_same_for_every_browser(client: Client) -> None:
    response = client.get("/de/services/claude/", headers={"Accept-Language": "ja"})
    page = response.content.decode()
    assert '<html lang="de">' in page
    assert "Accept-Language" not in response.get("Vary", "")
    # Its links stay in the language, and what is not a page has one address.
    assert 'href="/de/outages/"' in page
    assert 'data-live="/de/services/claude/live/"' in page
    assert 'action="/de/services/claude/report"' in page
    assert "/de/static/" not in page
    assert "/de/maps/" not in page
    assert get_script_prefix() == "/"


def test_page_names_itself_in_every_language(client: Client) -> None:
    page = text(client, "/es/outages/?state=over", "fr")
    for code, name in NAMES.items():
        assert f'<link rel="alternate" hreflang="{code}"' in page
        assert f'<a href="/{code}/outages/?state=over" hreflang="{code}" lang="{code}"' in page
        assert name in page


def test_names_of_places_and_problems_are_translated(client: Client) -> None:
    page = text(client, "/fr/services/claude/")
    assert "Allemagne" in page
    assert "Germany" not in page
    assert '<option value="Allemagne">' in page
    assert "Berlin" in page
    # The catalogue's own words; unknown ones stay as they are.
    assert "IA" in page
    assert text(client, "/ja/regions/DE/").count("ドイツ") > 2


def test_machines_are_answered_in_english_whoever_asks(client: Client) -> None:
    response = client.get("/api/v1/services/nobody", headers={"Accept-Language": "de"})
    assert "Accept-Language" not in response.get("Vary", "")
    assert client.get("/de/api/v1/services").status_code == 404
    assert client.get("/de/admin/").status_code == 404


@pytest.mark.parametrize("accept", ["", ",", ";q=", "de;q=x", "x" * 5000, "de" + ",de" * 900])
def test_strange_wishes_do_no_harm(client: Client, accept: str) -> None:
    assert f'<html lang="{DEFAULT}"' in text(client, "/", accept) or "de" in accept
