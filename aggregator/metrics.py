"""What the aggregator tells Prometheus; `docs/metrics.md` describes each one."""

from prometheus_client import Counter

OFFICIAL_POLLS = Counter(
    "outcry_official_polls_total",
    "Looks at vendors' own status pages, by outcome.",
    ["outcome"],
)
