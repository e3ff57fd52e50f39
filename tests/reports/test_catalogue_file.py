"""The catalogue file: what it may say, and what is told when it is wrong."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.catalogue_file import (
    SHIPPED,
    CatalogueFileError,
    CategoryEntry,
    ProblemTypeEntry,
    ServiceEntry,
    parse,
    read,
)

CATEGORIES = "categories: {ai: {name: AI, problem_types: {chat: Chat, api: API}}}\n"


def faults(text: bytes | str) -> list[str]:
    with pytest.raises(CatalogueFileError) as error:
        parse(text, "my.yaml")
    return str(error.value).splitlines()


def service(lines: str) -> str:
    """A catalogue with one Service, whose own lines begin at line 5."""
    indented = "\n".join(f"    {line}" for line in lines.splitlines())
    return f"{CATEGORIES}services:\n  claude:\n    name: Claude\n{indented}\n"


def test_file_becomes_entries_with_the_category_s_problem_types() -> None:
    catalogue = parse(
        CATEGORIES
        + """
services:
  aws: {name: Amazon, category: ai, problem_types: {console: Console}}
  claude:
    name: Claude
    category: ai
    homepage: https://claude.ai
    status: {kind: statuspage, url: "https://status.claude.com"}
    aliases: [Anthropic]
    depends_on: [aws]
"""
    )

    assert catalogue.categories == (CategoryEntry("ai", "AI"),)
    assert catalogue.services[0].problem_types == (ProblemTypeEntry("console", "Console"),)
    assert catalogue.services[1] == ServiceEntry(
        slug="claude",
        name="Claude",
        category="ai",
        homepage="https://claude.ai",
        official_url="https://status.claude.com",
        official_kind="statuspage",
        aliases=("Anthropic",),
        problem_types=(ProblemTypeEntry("chat", "Chat"), ProblemTypeEntry("api", "API")),
        depends_on=("aws",),
    )


def test_status_page_without_a_kind_is_only_linked() -> None:
    entry = parse(service("category: ai\nstatus: {url: 'https://status.example'}")).services[0]

    assert (entry.official_url, entry.official_kind) == ("https://status.example", "")


@pytest.mark.parametrize(
    ("lines", "place", "message"),
    [
        ("homepag: x", "6: services.claude", 'unknown key "homepag"; did you mean "homepage"?'),
        ("homepage: a.b", "3: services.claude", "is no address; it starts with https://"),
        ("homepage: 'https://[x'", "3: services.claude", "is no address"),
        ("status: {kind: atm, url: 'https://a.b'}", "6: services.claude.status", '"atom"?'),
        ("status: {kind: atom}", "6: services.claude.status", "no url; give the page's address"),
        ("depends_on: [aws]", "3: services.claude", "list it under `services:`"),
        ("depends_on: [claude]", "3: services.claude", "depends on itself: claude ← claude"),
        ("aliases: Anthropic", "6: services.claude.aliases", "expected a list: [one, two]"),
        ("aliases: [ok, 1.5]", "6: services.claude.aliases", "expected a text; quote it"),
        ("aliases:\n- ok\n- 1.5", "8: services.claude.aliases", "expected a text; quote it"),
        ("problem_types: [Chat]", "6: services.claude.problem_types", "one `key: value` a line"),
        ("problem_types: {C: x}", "6: services.claude.problem_types.C", "not a slug; use a-z"),
        ("problem_types: {c: ''}", "6: services.claude.problem_types.c", "is empty"),
        ("category: ai", "6: services.claude", 'key "category" is empty or there twice'),
    ],
)
def test_fault_is_told_with_line_entry_and_remedy(lines: str, place: str, message: str) -> None:
    told = faults(service(f"category: ai\n{lines}"))

    assert len(told) == 1
    assert told[0].startswith(f"my.yaml:{place}: ")
    assert message in told[0]


def test_unknown_category_is_told_with_one_that_comes_near() -> None:
    assert faults(service("category: ais")) == [
        'my.yaml:3: services.claude: unknown category "ais"; did you mean "ai"?'
    ]


def test_all_faults_are_told_at_once_in_the_file_s_order() -> None:
    text = CATEGORIES + "services:\n  A b: {category: ai}\n  b: {name: B, category: c, x: y}\n"

    assert [fault.split(":")[1] for fault in faults(text)] == ["3", "3", "4", "4"]


def test_name_that_means_two_services_is_refused() -> None:
    text = CATEGORIES + (
        "services:\n"
        "  claude: {name: Claude, category: ai}\n"
        "  other: {name: Other, category: ai, aliases: [CLAUDE]}\n"
    )

    assert faults(text) == [
        'my.yaml:4: services.other: "CLAUDE" already means claude; leave it to one of them'
    ]


def test_circle_of_dependencies_is_refused() -> None:
    text = CATEGORIES + (
        "services:\n"
        "  a: {name: A, category: ai, depends_on: [b]}\n"
        "  b: {name: B, category: ai, depends_on: [a]}\n"
    )

    assert len(faults(text)) == 1
    assert "depends on itself" in faults(text)[0]


def test_service_without_any_problem_type_is_refused() -> None:
    text = "categories: {x: {name: X}}\nservices: {y: {name: Y, category: x}}\n"

    assert faults(text) == [
        "my.yaml:2: services.y: no problem types; give `problem_types:` here or in its category"
    ]


def test_more_problem_types_than_a_form_has_room_for_are_refused() -> None:
    types = ", ".join(f"t{n}: T{n}" for n in range(13))

    assert faults(service(f"category: ai\nproblem_types: {{{types}}}")) == [
        "my.yaml:3: services.claude: 13 problem types; a form has room for 12"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "my.yaml:1: expected keys and values: categories, services"),
        ("services: [", "my.yaml:1: not YAML: expected the node content"),
        (b"\xff\xfe\x00", "my.yaml:1: not YAML"),
        ("services: \x07", "my.yaml:1: not YAML"),
        ("services: &a {x: *a}", "my.yaml:1: services.x: unknown key"),
        ("services: 3", "my.yaml:1: services: expected one `key: value` a line"),
    ],
)
def test_text_that_is_no_catalogue_is_refused(text: bytes | str, fault: str) -> None:
    assert faults(text)[0].startswith(fault)


KEYS = st.sampled_from(["services", "categories", "name", "status", "aliases", "a"])
LEAVES = st.text() | st.integers() | st.none()


@given(st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner)))
def test_any_yaml_but_a_catalogue_is_refused_with_faults(content: object) -> None:
    assert faults(json.dumps(content))


def test_file_that_is_missing_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.yaml")


def test_shipped_catalogue_is_free_of_faults_and_broad() -> None:
    catalogue = read(SHIPPED)

    assert len(catalogue.services) >= 75
    assert len({entry.category for entry in catalogue.services}) >= 12
    assert {entry.category for entry in catalogue.services} == {
        entry.slug for entry in catalogue.categories
    }


def test_claude_has_its_parts_as_problem_types() -> None:
    claude = next(entry for entry in read(SHIPPED).services if entry.slug == "claude")

    names = {kind.slug: kind.name for kind in claude.problem_types}
    assert (
        names.items()
        >= {
            "chat": "Chat",
            "api": "API",
            "code": "Code",
            "mobile-app": "Mobile app",
            "opus": "Opus",
            "sonnet": "Sonnet",
        }.items()
    )
    assert "aws" in claude.depends_on


def test_shipped_addresses_are_https() -> None:
    for entry in read(SHIPPED).services:
        assert entry.homepage.startswith("https://")
        assert not entry.official_url or entry.official_url.startswith("https://")
