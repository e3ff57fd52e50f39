"""What the aggregator tells Prometheus; `docs/metrics.md` describes each one."""

from prometheus_client import Counter

OFFICIAL_POLLS = Counter(
    "outcry_official_polls_total",
    "Looks at vendors' own status pages, by outcome.",
    ["outcome"],
)
SIGN_UPS = Counter(
    "outcry_signups_total",
    "Uses of the public form to subscribe, by channel and what became of them.",
    ["channel", "outcome"],
)
BREAKERS = Counter(
    "outcry_breaker_moves_total",
    "Targets of alerts that were left alone after failures, and that answered again.",
    ["outcome"],
)
