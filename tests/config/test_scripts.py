"""The two commands before there is a virtual environment: which Python, which message."""

import os
import subprocess
from pathlib import Path

import pytest

from config.env import PROJECT_ROOT

ENVIRONMENT = PROJECT_ROOT / "script" / "_environment.sh"
BASH = "/bin/bash"


def make_python(folder: Path, name: str, *, works: bool = True, with_venv: bool = True) -> Path:
    """A stand-in that answers the questions asked of an interpreter."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(
        "#!/bin/bash\n"
        f"{'true' if works else 'exit 127'}\n"
        f'[[ "$*" == *ensurepip* ]] && exit {0 if with_venv else 1}\n'
        '[[ "$*" == *print* ]] && echo 3.11\n'
        "exit 0\n"
    )
    file.chmod(0o755)
    return file


def find_python(*folders: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(folder) for folder in folders)
    return subprocess.run(  # noqa: S603 - our own script
        [BASH, "-c", f'set -euo pipefail; . "{ENVIRONMENT}"; find_python; echo "$base"'],
        env={"PATH": path, **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_shim_without_its_version_is_passed_over(tmp_path: Path) -> None:
    make_python(tmp_path / "shims", "python3.12", works=False)
    real = make_python(tmp_path / "bin", "python3.12")

    assert find_python(tmp_path / "shims", tmp_path / "bin").stdout.strip() == str(real)


def test_a_python_with_wheels_of_all_parts_comes_first(tmp_path: Path) -> None:
    make_python(tmp_path, "python3.13")
    make_python(tmp_path, "python3")
    best = make_python(tmp_path, "python3.11")

    assert find_python(tmp_path).stdout.strip() == str(best)


def test_a_python_that_can_make_environments_is_preferred(tmp_path: Path) -> None:
    make_python(tmp_path, "python3.11", with_venv=False)
    able = make_python(tmp_path, "python3.13")

    assert find_python(tmp_path).stdout.strip() == str(able)


def test_the_operators_choice_comes_before_all(tmp_path: Path) -> None:
    make_python(tmp_path, "python3.12")
    chosen = make_python(tmp_path, "my python")

    found = find_python(tmp_path, OUTCRY_PYTHON=str(chosen))

    assert found.stdout.strip() == str(chosen)


@pytest.mark.parametrize(
    ("names", "message"),
    [([], "no Python 3.11 or newer here"), (["python3"], "apt-get install python3.11-venv")],
)
def test_what_is_missing_is_named(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        make_python(tmp_path, name, with_venv=False)

    found = find_python(tmp_path)

    assert found.returncode == 1
    assert message in found.stderr


@pytest.mark.parametrize("script", ["script/server", "script/test", "script/check", ".ci/run"])
def test_scripts_are_executable_and_parse(script: str) -> None:
    file = PROJECT_ROOT / script

    assert os.access(file, os.X_OK)
    subprocess.run([BASH, "-n", file], check=True)  # noqa: S603 - our own script
