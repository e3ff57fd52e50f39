"""The catalogue in the database."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from reports import catalogue
from reports.catalogue import Summary
from reports.catalogue_file import Catalogue, parse, read
from reports.models import Category, ProblemType, Service, ServiceAlias, ServiceDependency

BEFORE = """
categories: {ai: {name: AI, problem_types: {chat: Chat, api: API}}, cloud: {name: Clouds}}
services:
  aws: {name: AWS, category: cloud, problem_types: {console: Console}}
  claude: {name: Claude, category: ai, aliases: [Anthropic], depends_on: [aws]}
  old: {name: Old, category: ai, aliases: [Ancient]}
"""


@pytest.fixture
def loaded(db: None) -> Catalogue:
    listed = parse(BEFORE)
    catalogue.load(listed)
    return listed


def active(slug: str) -> list[str]:
    types = ProblemType.objects.filter(service__slug=slug, is_active=True)
    return list(types.order_by("position").values_list("slug", flat=True))


def test_load_writes_services_with_all_that_hangs_on_them(loaded: Catalogue) -> None:
    claude = Service.objects.get(slug="claude")

    assert loaded.services[1].name == claude.name
    assert claude.category == Category.objects.get(slug="ai")
    assert active("claude") == ["chat", "api"]
    assert [alias.name for alias in claude.aliases.all()] == ["Anthropic"]
    assert [link.depends_on.slug for link in claude.dependencies.all()] == ["aws"]


def test_load_twice_changes_nothing(loaded: Catalogue) -> None:
    rows = list(ProblemType.objects.order_by("pk").values())

    assert catalogue.load(loaded) == Summary()
    assert list(ProblemType.objects.order_by("pk").values()) == rows


def test_removed_problem_type_is_retired_and_comes_back_as_the_same_row(
    loaded: Catalogue,
) -> None:
    api = ProblemType.objects.get(service__slug="claude", slug="api")
    without = parse(BEFORE.replace(", api: API", ""))

    assert catalogue.load(without).retired == 2  # of claude and of old
    assert active("claude") == ["chat"]
    assert ProblemType.objects.filter(pk=api.pk, is_active=False).exists()
    assert catalogue.load(without) == Summary()

    catalogue.load(loaded)
    assert active("claude") == ["chat", "api"]
    assert ProblemType.objects.get(service__slug="claude", slug="api").pk == api.pk


@pytest.mark.usefixtures("loaded")
def test_removed_service_is_retired_and_gives_its_names_free() -> None:
    text = BEFORE[: BEFORE.index("  old:")].replace("[Anthropic]", "[Ancient]")

    catalogue.load(parse(text))

    assert not Service.objects.get(slug="old").is_active
    assert ServiceAlias.objects.get(name="Ancient").service.slug == "claude"
    assert not ServiceAlias.objects.filter(name="Anthropic").exists()


@pytest.mark.usefixtures("loaded")
def test_changed_entry_is_changed_in_place() -> None:
    key = Service.objects.get(slug="claude").pk
    text = BEFORE.replace("name: Claude", "name: Claude AI").replace(", depends_on: [aws]", "")

    assert catalogue.load(parse(text)) == Summary(changed=1, retired=1)
    assert Service.objects.get(pk=key).name == "Claude AI"
    assert not ServiceDependency.objects.filter(service=key).exists()


@pytest.mark.usefixtures("loaded")
def test_order_of_the_file_is_the_order_of_problem_types() -> None:
    catalogue.load(parse(BEFORE.replace("chat: Chat, api: API", "api: API, chat: Chat")))

    assert active("claude") == ["api", "chat"]


def test_load_first_leaves_an_operator_s_catalogue_alone(loaded: Catalogue) -> None:
    assert catalogue.load_first(loaded) is None

    Service.objects.all().delete()
    assert catalogue.load_first(loaded) is not None


@pytest.mark.django_db
def test_shipped_catalogue_is_loaded_by_the_command() -> None:
    out = StringIO()

    call_command("load_catalogue", stdout=out)

    assert "added" in out.getvalue()
    assert Service.objects.filter(is_active=True).count() == len(read().services)
    call_command("load_catalogue", "--if-none", stdout=out)
    assert out.getvalue().endswith("Catalogue: left as it is.\n")


@pytest.mark.django_db
def test_command_tells_faults_and_loads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("services: {x: {nam: X}}")
    before = list(Service.objects.values())

    with pytest.raises(CommandError, match=r'my\.yaml:1: services\.x: unknown key "nam"'):
        call_command("load_catalogue", str(path))
    assert list(Service.objects.values()) == before


def test_command_names_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.yaml: No such file"):
        call_command("load_catalogue", str(tmp_path / "none.yaml"))


@pytest.mark.usefixtures("committed")
def test_loads_at_once_write_every_row_once() -> None:
    # The base data as it is, and one service more, which the fixture removes.
    types = {service.slug: "" for service in Service.objects.all()} | {"new": "new: New"}
    for kind in ProblemType.objects.select_related("service"):
        types[kind.service.slug] += f"{kind.slug}: {kind.name}, "
    services = "".join(
        f"  {slug}: {{name: {slug.title()}, category: ai, problem_types: {{{kinds}}}}}\n"
        for slug, kinds in types.items()
    ).replace("name: Claude,", "name: Claude, depends_on: [aws],")
    listed = parse(f"categories: {{ai: {{name: AI}}}}\nservices:\n{services}")

    def load(_: int) -> Summary:
        try:
            return catalogue.load(listed)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        summaries = list(threads.map(load, range(4)))

    assert sorted(summary.added for summary in summaries) == [0, 0, 0, 2]
