"""What is made before the first request, by however many processes at once."""

import fcntl
import os
from pathlib import Path
from threading import Thread

from pytest_django.fixtures import Settings

from config import preparation


def test_static_files_are_gathered_by_one_process_at_a_time(
    tmp_path: Path, settings: Settings
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    gathering = Thread(target=preparation.gather_static_files, daemon=True)
    gathering.start()
    gathering.join(timeout=0.5)
    assert not settings.STATIC_ROOT.exists()
    os.close(other)
    gathering.join()
    stamp = settings.STATIC_ROOT / ".gathered"
    assert (settings.STATIC_ROOT / "admin").is_dir()
    written = stamp.stat().st_mtime_ns
    preparation.gather_static_files()
    assert stamp.stat().st_mtime_ns == written
