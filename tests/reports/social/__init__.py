"""Tests of `reports.social`."""
