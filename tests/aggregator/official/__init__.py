"""Tests of what vendors say themselves."""
