"""Vendors' feeds as AWS, Google Cloud, Azure and Statuspage write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.official import feeds, statuspage
from aggregator.official.reading import BadAnswerError

STATUSPAGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:status.vendor.example,2005:/history</id>
  <link rel="alternate" type="text/html" href="https://status.vendor.example"/>
  <title>Vendor Status - Incident History</title><updated>2026-03-18T15:10:00Z</updated>
  <author><name>Vendor</name></author>
  <entry>
    <id>tag:status.vendor.example,2005:Incident/101</id>
    <published>2026-03-18T14:20:00Z</published><updated>2026-03-18T15:10:00Z</updated>
    <link rel="alternate" type="text/html" href="https://status.vendor.example/incidents/101"/>
    <title>Elevated API errors</title>
    <content type="html">&lt;p&gt;&lt;small&gt;Mar &lt;var data-var='date'&gt;18&lt;/var&gt;&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; - Done.&lt;/p&gt;&lt;p&gt;&lt;strong&gt;Investigating&lt;/strong&gt; - Hm.&lt;/p&gt;</content>
  </entry>
  <entry>
    <id>tag:status.vendor.example,2005:Incident/102</id>
    <published>2026-03-18T15:00:00Z</published><updated>2026-03-18T15:00:00Z</updated>
    <title>Database work</title>
    <content type="html">&lt;p&gt;&lt;strong&gt;Scheduled&lt;/strong&gt; - Tomorrow.&lt;/p&gt;</content>
  </entry>
</feed>"""  # noqa: E501 - as they write it
AWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Amazon EC2 (N. Virginia) Service Status</title>
<link>https://status.aws.amazon.com/</link><description>d</description>
<item><title><![CDATA[Service is operating normally: [RESOLVED] Increased Error Rates]]></title>
<link>https://status.aws.amazon.com/</link><pubDate>Wed, 18 Mar 2026 09:30:00 PDT</pubDate>
<guid isPermaLink="false">https://status.aws.amazon.com/#ec2-us-east-1_1773851400</guid>
<description>The issue has been resolved.</description></item>
<item><title><![CDATA[Service impact: Increased Error Rates]]></title>
<link>https://status.aws.amazon.com/</link><pubDate>Wed, 18 Mar 2026 08:00:00 PDT</pubDate>
<guid isPermaLink="false">https://status.aws.amazon.com/#ec2-us-east-1_1773846000</guid>
<description>We are investigating increased error rates.</description></item>
</channel></rss>"""
GOOGLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:status.cloud.google.com,2026:feed</id>
<title>Google Cloud Service Health Updates</title><updated>2026-03-18T16:00:00+00:00</updated>
<entry><title>UPDATE: Networking degraded in europe-west1</title>
<id>tag:status.cloud.google.com,2026:feed:abc123.two</id>
<link href="https://status.cloud.google.com/incidents/abc123"/>
<updated>2026-03-18T16:00:00+00:00</updated><summary type="html">Work goes on.</summary></entry>
<entry><title>Networking degraded in europe-west1</title>
<id>tag:status.cloud.google.com,2026:feed:abc123.one</id>
<link href="https://status.cloud.google.com/incidents/abc123"/>
<updated>2026-03-18T15:00:00+00:00</updated><summary type="html">We look into it.</summary></entry>
</feed>"""
AZURE = b"""<?xml version="1.0" encoding="utf-8"?>
<rss xmlns:a10="http://www.w3.org/2005/Atom" version="2.0"><channel><title>Azure Status</title>
<link>https://azure.status.microsoft/en-us/status/</link><description>d</description>%s
</channel></rss>"""
AZURE_ITEM = b"""<item><guid isPermaLink="false">2LZ0-3DG</guid>
<link>https://azure.status.microsoft/en-us/status/</link>
<title>Azure Front Door - Connectivity issues</title>
<description>&lt;p&gt;Customers may see latency.&lt;/p&gt;</description>
<pubDate>Wed, 18 Mar 2026 16:00:00 Z</pubDate></item>"""


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 18, hour, minute, tzinfo=UTC)


def test_statuspage_entry_is_one_incident_with_its_newest_state() -> None:
    done, planned = feeds.read(STATUSPAGE).incidents
    assert (done.name, done.status, done.declared_at) == (
        "Elevated API errors",
        "resolved",
        at(14, 20),
    )
    assert done.resolved_at == at(15, 10)
    assert done.url == "https://status.vendor.example/incidents/101"
    assert planned.is_maintenance
    assert feeds.read(STATUSPAGE).indicator == "none"


def test_aws_items_of_one_trouble_are_one_incident() -> None:
    (incident,) = feeds.read(AWS).incidents
    assert incident.name == "Increased Error Rates"
    assert (incident.declared_at, incident.resolved_at) == (at(15), at(16, 30))
    assert [update.status for update in incident.updates] == ["investigating", "resolved"]


def test_google_entries_of_one_trouble_are_one_incident_that_lasts() -> None:
    reading = feeds.read(GOOGLE)
    (incident,) = reading.incidents
    assert (incident.key, incident.declared_at) == (
        "tag:status.cloud.google.com,2026:feed:abc123",
        at(15),
    )
    assert (incident.resolved_at, reading.indicator) == (None, "minor")
    assert len(incident.updates) == 2


def test_azure_is_well_when_its_feed_is_empty() -> None:
    empty = feeds.read(AZURE % b"")
    assert (empty.indicator, empty.incidents) == ("none", ())
    (incident,) = feeds.read(AZURE % AZURE_ITEM).incidents
    assert (incident.key, incident.declared_at) == ("2LZ0-3DG", at(16))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body>Down for maintenance</body></html>", AWS[:600], b"{}", b"\0\xff"],
)
def test_what_is_no_feed_is_a_fault(body: bytes) -> None:
    with pytest.raises(BadAnswerError):
        feeds.read(body)


def test_a_time_that_cannot_be_is_a_fault() -> None:
    with pytest.raises(BadAnswerError, match="year 1601"):
        feeds.read(AZURE % AZURE_ITEM.replace(b"2026", b"1601"))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    for read in (feeds.read, statuspage.read):
        try:
            read(body)
        except BadAnswerError:
            continue


def test_a_vendors_nul_and_endless_text_are_cut() -> None:
    body = (
        b'{"status": {"indicator": "none", "description": "a\\u0000b"},'
        b'"components": [{"id": "1", "name": "' + b"x" * 9000 + b'", "status": "operational"}]}'
    )
    reading = statuspage.read(body)
    assert reading.description == "ab"
    assert len(reading.components[0].name) == 500
