"""The process group: what dies comes back, what is hopeless is told, and the order of the end."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from config import supervisor
from config.supervisor import Program, Supervisor

PATIENCE_SECONDS = 20.0


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def run_until(
    condition: Callable[[], bool], *programs: Program, stop: Callable[[], None] | None = None
) -> int:
    """Run a group until something holds, then ask it to stop."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    stops = [stop or (lambda: os.kill(os.getpid(), signal.SIGTERM))]

    def look(_: Supervisor) -> None:
        assert time.monotonic() < deadline, "the condition never held"
        if stops and condition():
            stops.pop()()

    return Supervisor(programs, tick=look).run()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def writer(path: Path, name: str, seconds: float = 0.0) -> Program:
    """A program that writes a line when it is up, and one when it has stopped."""
    code = f"""
        import signal, sys, time
        def tell(word):
            with open({str(path)!r}, "a") as file: file.write(word + "\\n")
        def end(*_):
            time.sleep({seconds})
            tell("{name} gone")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        tell("{name} up")
        while True: time.sleep(0.05)
    """
    return Program(name, python(code))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "LOOP_SECONDS", 0.02)


def test_a_program_that_dies_is_started_again(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"""
        import time
        with open({str(told)!r}, "a") as file: file.write("up\\n")
        time.sleep(0.1)
    """

    status = run_until(lambda: len(lines(told)) >= 3, Program("mortal", python(code)))

    assert status == 0


def test_a_program_that_always_dies_at_once_ends_the_group_with_its_last_lines(
    capfd: pytest.CaptureFixture[str],
) -> None:
    hopeless = Program("web", python("print('no such module'); raise SystemExit(3)"))

    status = Supervisor([hopeless]).run()

    assert status == 1
    told = capfd.readouterr().err
    assert "web ended 5 times in a row" in told
    assert "    no such module" in told


def test_a_program_that_runs_once_is_not_started_again(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"open({str(told)!r}, 'a').write('x\\n')"
    other = tmp_path / "other"

    run_until(
        lambda: bool(lines(told)) and bool(lines(other)),
        Program("once", python(code), once=True),
        writer(other, "other"),
    )

    assert lines(told) == ["x"]


def test_stages_stop_one_after_the_other(tmp_path: Path) -> None:
    told = tmp_path / "told"
    web = writer(told, "web", seconds=0.3)
    worker = writer(told, "worker")
    worker = Program(worker.name, worker.command, stage=1)

    run_until(lambda: len(lines(told)) == 2, worker, web)

    assert lines(told)[2:] == ["web gone", "worker gone"]


def test_a_program_that_does_not_stop_is_killed_after_its_grace(tmp_path: Path) -> None:
    told = tmp_path / "told"
    slow = writer(told, "slow", seconds=600)

    status = run_until(lambda: bool(lines(told)), Program("slow", slow.command, grace_seconds=0.2))

    assert status == 0
    assert lines(told) == ["slow up"]


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    told = tmp_path / "told"
    slow = writer(told, "slow", seconds=600)

    def stop_twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    run_until(
        lambda: bool(lines(told)),
        Program("slow", slow.command, grace_seconds=600),
        stop=stop_twice,
    )

    assert lines(told) == ["slow up"]


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"""
        import pathlib, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(told)!r}).write_text(str(child.pid))
        time.sleep(600)
    """

    run_until(lambda: bool(lines(told)), Program("parent", python(code), grace_seconds=5))

    child = int(told.read_text())
    wait_until(lambda: is_gone(child))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = writer(told, "web")
    code = f"""
        from config.supervisor import Program, Supervisor
        Supervisor([Program("web", {list(program.command)!r})]).run()
    """
    group = subprocess.Popen(python(code))  # noqa: S603 - our own words
    wait_until(lambda: lines(told) == ["web up"])

    group.kill()
    group.wait()

    wait_until(lambda: lines(told) == ["web up", "web gone"])


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.02)
