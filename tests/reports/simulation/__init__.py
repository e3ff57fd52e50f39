"""Tests of the made-up crowds."""
