"""What must hold before the first request: tables, regions, catalogue, partitions, static files."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from aggregator import sensitivities
from config import roles
from reports import catalogue, catalogue_file, partitions
from reports.regions import load_regions
from reports.simulation import history

PARTITIONED = ("reports_report", "reports_comment", "reports_vote", "aggregator_minutecount")


def prepare_database() -> None:
    """Bring tables, Regions, catalogue and partitions up to date.

    Several hosts may start at once: they take turns, and who comes later finds it done.
    """
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
        roles.give()
        load_regions()
        # An operator's own catalogue is never overwritten by the one that ships.
        catalogue.load_first(catalogue_file.read(catalogue_file.SHIPPED))
        now = datetime.now(UTC)
        sensitivities.take_site_default(settings.ENV.sensitivity, now)
        for table in PARTITIONED:
            partitions.ensure_ahead(table, now)


def prepare_demo() -> None:
    """Write the demo's simulated past, unless there are Reports already."""
    with _alone():
        history.write(datetime.now(UTC))


def gather_static_files() -> None:
    """Gather the static files under their hashed names, unless none has changed since.

    Processes that start at once take turns, or one would clear away what another compresses.
    """
    root = Path(settings.STATIC_ROOT)
    stamp, wanted = root / ".gathered", _static_fingerprint()
    with _alone_in(root.parent):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(wanted)


def _static_fingerprint() -> str:
    """A digest of the name, size and age of every static file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            facts = f"{name} {storage.size(name)} {storage.get_modified_time(name).timestamp()}\n"
            digest.update(facts.encode())
    return digest.hexdigest()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; it goes with the process that dies, and leaves no file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock that lets one process at a time change the tables."""
    key = "outcry prepare"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
