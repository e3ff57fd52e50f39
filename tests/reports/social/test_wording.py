"""Which short texts say that a Service fails, in six languages."""

from functools import cache

import pytest
import yaml

from config.env import PROJECT_ROOT
from reports.social.wording import Reader, phrases


@cache
def reader() -> Reader:
    """The names of the shipped catalogue."""
    catalogue = yaml.safe_load((PROJECT_ROOT / "reports/data/catalogue.yaml").read_text())
    pairs = [
        (name, slug)
        for slug, entry in catalogue["services"].items()
        for name in (entry["name"], *(entry.get("aliases") or ()))
    ]
    return Reader(pairs, phrases())


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("is Claude down for anyone else?", "claude"),
        ("Claude\u2019s down again", "claude"),
        ("#ChatGPT and Claude are down", "chatgpt claude"),
        ("GitHub Actions is having issues", "github"),
        ("can't log into Steam", "steam"),
        ("AWS down, N26 also down?", "aws n26"),
        ("Office 365 is down", "microsoft-365"),
        ("Claude ist schon wieder down", "claude"),
        ("geht WhatsApp bei euch gerade nicht?", "whatsapp"),
        ("Störung bei Telekom", "telekom"),
        ("se cayó WhatsApp", "whatsapp"),
        ("WhatsApp está caído otra vez", "whatsapp"),
        ("Netflix est en panne", "netflix"),
        ("Instagram caiu de novo?", "instagram"),
        ("youtube tá fora do ar", "youtube"),
        ("Discordが落ちた", "discord"),
        ("the Signal app is down", "signal"),
        ("l'appli Signal est en panne", "signal"),
        ("LINEアプリ落ちてる", "line"),
    ],
)
def test_a_post_that_says_a_service_fails_names_it(text: str, slugs: str) -> None:
    assert reader().services(text) == set(slugs.split())


@pytest.mark.parametrize(
    "text",
    [
        "claude let me down",
        "if Claude goes down I am lost",
        "Claude was down yesterday",
        "Claude is not down",
        "Claude is back up",
        "Amazon stock is down",
        "Netflix shares are down",
        "Claude ist wieder online, war down",
        "Signal is down",  # the phone's, very likely
        "Both teams are down",
        "X is down",
        "my line is down",
        "Vodafone is down",  # of which country?
        "ClaudeBot is down",
        "Claude has been down for 3 hours",
        "Claude is down https://status.example",
        "Claude is down, details on www.example",
        "@claude is down",
        "Claude, Discord, Spotify, and Netflix are down",
        "Claude is down " + "and I had so much to do today " * 4,
        "",
    ],
)
def test_a_post_that_says_something_else_names_nobody(text: str) -> None:
    assert not reader().services(text)


def test_a_post_in_another_language_is_left_alone_and_a_wrong_label_is_borne() -> None:
    assert not reader().services("Claude is down", ["nl"])
    assert reader().services("Claude geht nicht", ["en-GB"]) == {"claude"}
    assert reader().services("Claude is down", ["nl", "en"]) == {"claude"}


def test_a_catalogue_without_names_finds_nothing() -> None:
    assert not Reader([], phrases()).services("Claude is down")


def test_every_ambiguous_name_is_one_of_the_catalogue() -> None:
    known = reader()._slugs
    assert not sorted(phrases().ambiguous - set(known))
