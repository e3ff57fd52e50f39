"""Tests of the pure detector."""
