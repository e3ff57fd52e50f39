"""Tests on the real engines; the folders mirror the code."""
