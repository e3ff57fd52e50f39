"""The roof's own commands."""
