"""The listener as a process of its own: killed, started again, stopped."""

import signal

import pytest

from config import commands
from tests.flow.site import Site, kill, worker
from tests.flow.waiting import wait_until
from tests.reports.social.streams import JETSTREAM, Played, bluesky, playing

pytestmark = [pytest.mark.flow, pytest.mark.slow]

POSTS = 500


def listener(stream: Played) -> commands.Command:
    """The listener's command with a stream to listen to."""
    return ("env", f"OUTCRY_SOCIAL_STREAMS={stream.address.url}", *commands.listen())


def test_posts_are_counted_once_though_the_listener_is_killed(site: Site) -> None:
    with playing(JETSTREAM) as sky:
        sky.messages += [bluesky(words) for _ in range(POSTS) for words in ("lunch", "Claude down")]
        with site.running(listener(sky)) as (first,):
            wait_until(lambda: posts(site) > POSTS // 5, explain=site.told)
            kill(first)
        assert posts(site) < POSTS
        with site.running(listener(sky), worker("first"), commands.beat()) as (second, *_):
            wait_until(lambda: counted(site) == POSTS, explain=site.told)
            second.send_signal(signal.SIGTERM)
            assert second.wait(10) == 0
    assert posts(site) == POSTS
    assert site.counted() == 0
    assert site.number("SELECT count(*) FROM aggregator_outage") == 0
    site.manage("recount", "--check")


def posts(site: Site) -> int:
    """How many are stored."""
    return site.number("SELECT count(*) FROM reports_report WHERE channel = 'social'")


def counted(site: Site) -> int:
    """How many are counted."""
    return site.number("SELECT coalesce(sum(count), 0) FROM aggregator_socialcount")
