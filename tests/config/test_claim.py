"""The claim: one server a data directory, and nothing left of a killed one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.claim import Claim, ClaimedError, start_time


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_second_claim_is_refused_and_says_who_holds_it(tmp_path: Path) -> None:
    with (
        Claim(tmp_path, "http://127.0.0.1:8000") as _,
        pytest.raises(ClaimedError, match=r"process \d+, http://127.0.0.1:8000"),
        Claim(tmp_path, "http://127.0.0.1:9000"),
    ):
        pass


def test_a_claim_that_was_given_back_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with Claim(tmp_path, "http://127.0.0.1:8000"):
            pass


def test_what_a_killed_server_left_running_is_ended(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    left_behind(tmp_path, sleeper.pid, start_time(sleeper.pid))

    with Claim(tmp_path, "http://127.0.0.1:8000"):
        assert start_time(sleeper.pid) is None


def test_a_stranger_with_the_same_number_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    started = start_time(sleeper.pid)
    assert started is not None
    left_behind(tmp_path, sleeper.pid, started - 3600)

    with Claim(tmp_path, "http://127.0.0.1:8000"):
        assert sleeper.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"processes": 3}'])
def test_notes_that_a_crash_left_broken_are_no_hindrance(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)

    with Claim(tmp_path, "http://127.0.0.1:8000") as claim:
        claim.note([1])


def left_behind(data_dir: Path, pid: int, start: float | None) -> None:
    notes = {"pid": 1, "address": "http://127.0.0.1:8000", "processes": [[pid, start]]}
    (data_dir / "server.json").write_text(json.dumps(notes))
