"""The write side of the HTTP API."""
