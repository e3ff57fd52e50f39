#!/usr/bin/env python
"""Outcry's commands: `manage.py help` lists them."""

import os
import secrets
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable

from config import engines
from config.env import data_directory

# These use neither database nor broker, so none is started for them.
WITHOUT_ENGINES = {
    *("help", "--help", "-h", "version", "--version"),
    *("replay", "simulate", "gather_static"),
}


def main() -> None:
    """Run one command, joining the embedded engines when no others are named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) < 2 or sys.argv[1] in WITHOUT_ENGINES:  # noqa: PLR2004 - program and command
        os.environ.setdefault("OUTCRY_DATABASE_URL", "postgresql:///unused")
        os.environ.setdefault("OUTCRY_REDIS_URL", "redis://unused")
        os.environ.setdefault("OUTCRY_SECRET_KEY", secrets.token_urlsafe(48))
    else:
        try:
            engines.set_environment(data_directory())
        except engines.EngineError as error:
            sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        sys.exit(f"The database did not answer: {error}".rstrip())
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        sys.exit("The database has no tables yet: run `manage.py prepare` first.")


if __name__ == "__main__":
    main()
