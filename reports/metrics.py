"""What intake tells Prometheus; `docs/metrics.md` describes each one."""

from prometheus_client import Counter, Gauge, Histogram

REPORTS_ACCEPTED = Counter(
    "outcry_reports_accepted_total",
    "Reports answered with a receipt, by channel and whether they were new.",
    ["channel", "outcome"],
)
REPORTS_REFUSED = Counter(
    "outcry_reports_refused_total",
    "Reports that were well-formed but not taken, by reason.",
    ["reason"],
)
BATCH_SIZE = Histogram(
    "outcry_intake_batch_reports",
    "Reports written by one commit.",
    buckets=[1, 2, 5, 10, 20, 50, 100, 200, 500],
)
THROTTLE_FAILURES = Counter(
    "outcry_throttle_failures_total",
    "Reports let through without a throttle because Redis did not answer.",
)
VOTES = Counter(
    "outcry_votes_total",
    "Votes that a service works, by whether they were new.",
    ["outcome"],
)
SOCIAL_POSTS = Counter(
    "outcry_social_posts_total",
    "Messages of public streams, by what became of them.",
    ["source", "outcome"],
)
SOCIAL_CONNECTIONS = Counter(
    "outcry_social_connections_total",
    "Connections to public streams that were opened and that were lost.",
    ["source", "outcome"],
)
SOCIAL_HEARD = Gauge(
    "outcry_social_heard_timestamp_seconds",
    "When the newest message of a public stream was made, in seconds since 1970.",
    ["source"],
    multiprocess_mode="max",
)
