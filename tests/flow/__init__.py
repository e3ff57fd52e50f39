"""Tests that drive several processes, as a user would."""
