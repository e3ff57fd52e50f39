"""CAP bodies against OASIS's own schema of CAP 1.2, and the rules that a schema can't say.

`cap-1.2.xsd` is the schema of https://docs.oasis-open.org/emergency/cap/v1.2/, section 3.4.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from xmlschema import XMLSchema

from aggregator.channels.bodies import body_of
from aggregator.channels.message import TEST
from aggregator.models.outage import EventKind
from aggregator.outage_json import kind_name
from tests.aggregator.test_bodies import CAP, ENDED, SITE
from tests.aggregator.test_webhook import EVENT, OUTAGE, make_message

# Section 3.2.1: no spaces, commas or restricted characters.
IDENTIFIER = re.compile(r"[^\s,<&]+")
MOVES = [*(kind_name(kind) for kind in EventKind), TEST]


@cache
def schema() -> XMLSchema:
    """OASIS's."""
    return XMLSchema(Path(__file__).with_name("cap-1.2.xsd"))


def body(kind: str, *, language: str = "en", name: str = "Claude") -> bytes:
    """The body of one move."""
    is_end = kind in {"closed", "retracted"}
    return body_of(
        replace(
            make_message(),
            style="cap",
            event=msgspec.structs.replace(EVENT, kind=kind),
            outage=ENDED if is_end else OUTAGE,
            language=language,
            service_name=name,
        ),
        SITE,
    )[1]


@pytest.mark.parametrize("kind", MOVES)
@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_every_move_is_valid_by_the_schema_and_the_rules_beside_it(
    kind: str, language: str
) -> None:
    written = body(kind, language=language)
    schema().validate(written)
    told = {one.tag.removeprefix(CAP): one.text or "" for one in ET.fromstring(written)}  # noqa: S314 - our own
    assert IDENTIFIER.fullmatch(told["identifier"])
    assert IDENTIFIER.fullmatch(told["sender"])
    if told["msgType"] != "Alert":
        sender, identifier, sent = told["references"].split(",")
        assert IDENTIFIER.fullmatch(sender)
        assert IDENTIFIER.fullmatch(identifier)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", sent)


@pytest.mark.parametrize("name", ["a<b>&c", "\x00\x0b\ufffe", "\U0001f600", "x" * 5_000])
def test_whatever_a_service_is_called_the_body_is_valid(name: str) -> None:
    schema().validate(body("opened", name=name))


def test_the_schema_refuses_what_is_out_of_order() -> None:
    broken = body("opened").replace(b"<urgency>Immediate</urgency>", b"")
    assert not schema().is_valid(broken)
