"""What `script/server` refuses before it starts anything, and what it would run."""

import socket
from pathlib import Path

import pytest

from config import serve
from config.claim import Claim
from config.serve import Plan, ServeError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PORT", "OUTCRY_HOST", "OUTCRY_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OUTCRY_DATA_DIR", str(tmp_path))


def test_the_plan_has_defaults(tmp_path: Path) -> None:
    assert serve.plan(demo=False) == Plan("127.0.0.1", 8000, tmp_path, demo=False)


def test_the_demo_has_a_data_directory_of_its_own(tmp_path: Path) -> None:
    assert serve.plan(demo=True).data_dir == tmp_path / "demo"


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.0"])
def test_a_port_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(ServeError, match="no port number"):
        serve.plan(demo=False)


def test_the_demo_never_writes_into_a_named_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_DATABASE_URL", "postgresql://db/real")

    with pytest.raises(ServeError, match="OUTCRY_DATABASE_URL"):
        serve.plan(demo=True)


def test_a_taken_port_is_told_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        status = serve.main([])

    assert status == 1
    assert f"Port {port} of 127.0.0.1 can't be had" in capsys.readouterr().err
    assert not (tmp_path / "postgres").exists()


def test_a_second_server_of_a_data_directory_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with Claim(tmp_path, "http://127.0.0.1:8000"):
        status = serve.main([])

    assert status == 1
    assert "runs already: process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - compared, not bound
        ("::", "http://[::1]:8000"),
        ("outcry.example", "http://outcry.example:8000"),
    ],
)
def test_the_address_told_can_be_opened_here(host: str, address: str) -> None:
    assert Plan(host, 8000, Path("var"), demo=False).address == address


def test_the_worker_is_the_last_to_stop(tmp_path: Path) -> None:
    stages = {p.name: p.stage for p in serve.programs(serve.plan(demo=False))}

    assert stages["worker"] > max(stages["web"], stages["clock"])


def test_a_listener_runs_only_where_the_operator_names_a_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def names() -> list[str]:
        return [program.name for program in serve.programs(serve.plan(demo=False))]

    monkeypatch.delenv("OUTCRY_SOCIAL_STREAMS", raising=False)
    assert "listener" not in names()
    monkeypatch.setenv("OUTCRY_SOCIAL_STREAMS", "wss://jet.example/subscribe")
    assert "listener" in names()
