"""The detector: plain values in, verdicts out; no Django, no clock, no database."""
