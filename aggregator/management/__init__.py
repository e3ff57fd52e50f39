"""The aggregator's commands."""
