"""Measurements of Outcry, each run by ``python -m benchmarks.NAME``."""
