"""Tests of the write API."""
