"""Every setting is described once, and shown in the example."""

import ast
import re

from config.env import PROJECT_ROOT

# Read by the scripts, the server or docker-compose.yml, not by config/env.py's `read`.
OUTSIDE = {
    "PORT",
    "OUTCRY_HOST",
    "OUTCRY_DATA_DIR",
    "OUTCRY_PYTHON",
    "OUTCRY_CHROMIUM",
    "OUTCRY_DATABASE_PASSWORD",
    "OUTCRY_PORT",
}


def names_read() -> set[str]:
    """The variables that `config.env.read` asks for."""
    tree = ast.parse((PROJECT_ROOT / "config" / "env.py").read_text())
    return {
        f"OUTCRY_{call.args[0].value!s}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.func.attr not in {"add_parser", "seal"}
        and isinstance(call.args[0], ast.Constant)
    }


def names_described() -> list[str]:
    text = (PROJECT_ROOT / "docs" / "settings.md").read_text()
    return re.findall(r"^### (\w+)$", text, re.MULTILINE)


def names_in_the_example() -> list[str]:
    text = (PROJECT_ROOT / ".env.example").read_text()
    return re.findall(r"^#?(PORT|OUTCRY_\w+)=", text, re.MULTILINE)


def test_settings_are_found_in_the_code() -> None:
    assert {"OUTCRY_DATABASE_URL", "OUTCRY_SITE_URL", "OUTCRY_EMAIL_URL"} <= names_read()


def test_every_setting_is_described_once() -> None:
    assert sorted(names_described()) == sorted(names_read() | OUTSIDE)


def test_every_setting_is_in_the_example_once() -> None:
    assert sorted(names_in_the_example()) == sorted(names_read() | OUTSIDE)


def test_what_compose_insists_on_is_left_to_be_filled_in() -> None:
    compose = (PROJECT_ROOT / "docker-compose.yml").read_text()
    example = (PROJECT_ROOT / ".env.example").read_text()

    for name in set(re.findall(r"\$\{(\w+):\?", compose)):
        assert f"\n{name}=\n" in example
