"""`manage.py simulate`: a crowd against an HTTP server, and what it refuses."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command

from reports.simulation import player, scenarios
from reports.simulation.crowd import Voice

FLOOD = """
title: A short flood
minutes: 2
waves: [{service: claude, rate: 60, networks: 50, regions: {US: 1}, problem_types: {api: 1}}]
"""


class Door(BaseHTTPRequestHandler):
    """Takes every report; the server keeps what came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """202, or what the server was told to answer."""
        assert isinstance(self.server, Site)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came.append((self.path, body, self.headers["X-Forwarded-For"]))
        answer = json.dumps({"id": str(uuid.uuid4())}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """A site that only remembers."""

    def __init__(self) -> None:
        """On any free port."""
        super().__init__(("127.0.0.1", 0), Door)
        self.came: list[tuple[str, dict[str, str], str]] = []
        self.status = 202

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "load", lambda name: scenarios.parse(name, FLOOD))


def test_the_crowd_reports_through_the_public_api(
    site: Site, flood: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("simulate", "flood", url=site.url, speed=1000)

    assert {path for path, _, _ in site.came} == {"/api/v1/reports"}
    assert {tuple(sorted(body.items())) for _, body, _ in site.came} == {
        (("problem_type", "api"), ("region", "US"), ("service", "claude"))
    }
    senders = {address for _, _, address in site.came}
    assert len(senders) == len(site.came) > 80
    assert f"{len(site.came)} answered 202" in capsys.readouterr().out


def test_a_server_that_does_not_trust_this_machine_is_explained(
    site: Site, flood: None, capsys: pytest.CaptureFixture[str]
) -> None:
    site.status = 429

    call_command("simulate", "flood", url=site.url, speed=1000)

    assert "OUTCRY_TRUSTED_PROXIES" in capsys.readouterr().out


def test_nobody_at_the_address_ends_it_soon(flood: None) -> None:
    with pytest.raises(CommandError, match="Nobody answers at"):
        call_command("simulate", "flood", url="http://127.0.0.1:9", speed=1000)


def test_somebody_elses_server_is_refused() -> None:
    with pytest.raises(CommandError, match="--yes-i-run-this-server"):
        call_command("simulate", "spam-flood", url="http://192.0.2.1")


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError, match="claude-2026-03-18"):
        call_command("simulate", "nothing", url="http://127.0.0.1:9")


@pytest.mark.parametrize("speed", [0, -1, 1001])
def test_a_speed_without_sense_is_refused(speed: float) -> None:
    with pytest.raises(CommandError, match="--speed"):
        call_command("simulate", "spam-flood", url="http://127.0.0.1:9", speed=speed)


def test_voices_are_sent_at_their_times(site: Site) -> None:
    """A minute of the crowd at speed 120 is half a second."""
    crowd = [Voice(minute, "claude", "", "", 1, "198.18.0.1") for minute in (0.0, 1.0)]
    tally = player.Tally()

    player.play(crowd, site.url, speed=120, tally=tally)

    assert tally.played == 2
    assert tally.statuses[202] == 2
    assert tally.late_seconds >= 0
