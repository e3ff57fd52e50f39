"""Asking a vendor's page safely."""

import gzip
import socket
import threading
from contextlib import suppress

import pytest

from aggregator.channels.destination import ForbiddenDestinationError, Resolver
from aggregator.official import fetch
from aggregator.official.fetch import Fetcher, FetchError
from tests.vendor import FEED, VendorPage


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]"])
def test_no_spelling_of_this_machine_is_asked(vendor: VendorPage, host: str) -> None:
    port = vendor.url.rpartition(":")[2]
    with pytest.raises(FetchError, match=r"not a public one|not an address|no connection"):
        Fetcher().get(f"http://{host}:{port}/feed")
    assert vendor.asked == []


def test_a_redirect_inside_is_refused(vendor: VendorPage) -> None:
    port = vendor.url.rpartition(":")[2]
    vendor.broken = (302, {"location": f"http://inside.example:{port}/feed"})
    names = {"inside.example": ["10.0.0.1"], "outside.example": ["127.0.0.1"]}

    def resolve(host: str, _port: int) -> list[str]:
        return names[host]

    def judged(host: str, port: int, resolve: Resolver) -> list[str]:
        if host == "inside.example":
            raise ForbiddenDestinationError("the address is not a public one")
        return resolve(host, port)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetch, "public_addresses", judged)
        with pytest.raises(FetchError, match="not a public one"):
            Fetcher(resolve=resolve).get(f"http://outside.example:{port}/")
    assert len(vendor.asked) == 1


def test_redirects_are_followed_three_times(vendor: VendorPage, fetcher: Fetcher) -> None:
    vendor.broken = (301, {"location": "/again"})
    with pytest.raises(FetchError, match="too many redirects"):
        fetcher.get(vendor.url)
    assert len(vendor.asked) == 4


def test_what_is_too_large_unpacked_is_refused(
    vendor: VendorPage, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.feed = b"0" * (fetch.LARGEST_BYTES + 1)
    assert len(gzip.compress(vendor.feed)) < 10_000
    with pytest.raises(FetchError, match="more than 4000000 bytes"):
        fetcher.get(vendor.url + FEED)
    vendor.feed = b"0" * 1000
    assert fetcher.get(vendor.url + FEED).body == vendor.feed
    monkeypatch.setattr(fetch, "LARGEST_BYTES", 10)
    with pytest.raises(FetchError, match="more than 10 bytes"):
        fetcher.get(vendor.url + FEED)


def test_an_answer_byte_by_byte_is_cut_off(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer, suppress(OSError):
            while not stop.wait(0.05):
                peer.send(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        with pytest.raises(FetchError, match=r"no answer within 0\.5 seconds"):
            fetcher.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        stop.set()
        thread.join()


@pytest.mark.parametrize("address", ["ftp://a.example/", "//a.example", "http://[::1", "x"])
def test_what_is_no_address_is_told(fetcher: Fetcher, address: str) -> None:
    with pytest.raises(FetchError):
        fetcher.get(address)
