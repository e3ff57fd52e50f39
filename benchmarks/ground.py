"""The ground a benchmark stands on: engines of its own, durable as in production, and empty tables.

Import it before anything of Django: it sets the environment that the settings read.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from rich.console import Console
from rich.table import Table

from config import engines

DATA_DIR = Path(__file__).resolve().parent.parent / "var" / "benchmark"


def prepare() -> None:
    """Start the engines, make an empty database with all tables, and set Django up.

    The database is the benchmark's own, so nothing of a running site is touched or measured.

    Raises:
        SystemExit: when the environment names a database, since this one is emptied.
    """
    if {"OUTCRY_DATABASE_URL", "OUTCRY_DATABASE_URL_FILE"} & set(os.environ):
        sys.exit("A benchmark empties its database: unset OUTCRY_DATABASE_URL, it brings its own.")
    engines.set_environment(DATA_DIR)
    os.environ.setdefault("OUTCRY_LOG_LEVEL", "WARNING")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with psycopg.connect(os.environ["OUTCRY_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    django.setup()
    call_command("migrate", verbosity=0)


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table of figures."""
    table = Table(title=title, title_justify="left")
    for name in header:
        table.add_column(name, justify="right" if name != header[0] else "left")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    Console(file=sys.stdout).print(table)


def finish(figures: Mapping[str, object]) -> None:
    """With `--json` among the arguments, print the figures as one JSON object on the last line."""
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(figures, sort_keys=True) + "\n")


def _text(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) else str(value)
