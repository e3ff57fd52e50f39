"""Tests of the formats that other software speaks."""
