"""Formats that other software speaks: Statuspage v2, Atom, RSS, badges. Pure: values to text."""
