"""The aggregator's own commands."""
