"""The production files say what the tests run, hold no secret, and parse."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from config import commands
from config.env import PROJECT_ROOT

COMPOSE = PROJECT_ROOT / "docker-compose.yml"
DOCKERFILE = PROJECT_ROOT / "Dockerfile"
NGINX = PROJECT_ROOT / "deploy" / "nginx.conf"
PARTS = {"web", "worker", "beat", "listener", "migrate", "postgres", "redis", "proxy"}
OURS = PARTS - {"postgres", "redis", "proxy"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, object]]:
    parts = yaml.safe_load(COMPOSE.read_text())["services"]
    assert isinstance(parts, dict)
    return parts


def dockerfile(word: str) -> list[str]:
    """The rest of every instruction of one kind, continued lines joined."""
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def test_compose_has_all_parts(services: dict[str, dict[str, object]]) -> None:
    assert set(services) == PARTS


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("web", commands.web("0.0.0.0", 8000)),  # noqa: S104 - inside a container
        ("worker", commands.worker()),
        ("beat", commands.beat()),
        ("listener", commands.listen()),
        ("migrate", commands.prepare()),
    ],
)
def test_compose_runs_the_commands_of_the_process_group(
    services: dict[str, dict[str, object]], name: str, command: commands.Command
) -> None:
    assert services[name]["command"] == list(command)


def test_the_image_runs_the_web_server() -> None:
    web = commands.web("0.0.0.0", 8000)  # noqa: S104 - inside a container

    assert json.loads(dockerfile("CMD")[-1]) == list(web)


def test_the_image_gathers_static_files_with_our_command() -> None:
    assert " ".join(commands.gather_static()) in dockerfile("RUN")


def test_the_image_does_not_run_as_root_and_leaves_the_build_behind() -> None:
    assert dockerfile("USER") == ["outcry"]
    assert len(dockerfile("FROM")) == 2
    assert not any("apt-get" in line for line in dockerfile("RUN"))


def test_every_part_is_checked_or_says_that_it_is_not(
    services: dict[str, dict[str, object]],
) -> None:
    unchecked = {name for name, part in services.items() if "healthcheck" not in part}

    # The image has web's.
    assert unchecked == {"web"}
    assert dockerfile("HEALTHCHECK")


def test_our_parts_run_with_as_little_as_possible(
    services: dict[str, dict[str, object]],
) -> None:
    for name in OURS:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]


def test_compose_has_no_default_secret() -> None:
    secrets = re.findall(r"\$\{(OUTCRY_(?:\w*PASSWORD|SECRET_KEY))(.{2})", COMPOSE.read_text())

    assert secrets
    assert {mark for _, mark in secrets} == {":?"}


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode  # noqa: S607
    != 0,
    reason="no docker compose here",
)
def test_compose_file_is_accepted(tmp_path: Path) -> None:
    told = {
        "OUTCRY_SECRET_KEY": "x" * 50,
        "OUTCRY_DATABASE_PASSWORD": "secret",
        "OUTCRY_SITE_URL": "https://outcry.example",
        "OUTCRY_ALLOWED_HOSTS": "outcry.example",
    }
    file = tmp_path / "env"
    file.write_text("\n".join(f"{name}={value}" for name, value in told.items()))

    subprocess.run(  # noqa: S603 - our own words
        ["docker", "compose", "--env-file", file, "-f", COMPOSE, "config", "-q"],  # noqa: S607
        check=True,
    )


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    # The folders of its container, moved.
    text = NGINX.read_text().replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - replaced
    config.write_text(text.replace("/var/cache/nginx", str(tmp_path)))

    found = subprocess.run(  # noqa: S603 - our own words
        ["nginx", "-t", "-c", config],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.returncode == 0, found.stderr
