"""A pytest plugin, loaded first: the tests' own PostgreSQL and Redis, before Django looks.

Every process of a run in parallel (`pytest -n`) has engines of its own: some tests stop them.
"""

import os
from pathlib import Path

from config import engines

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
DATA_DIR = Path(__file__).resolve().parent.parent / "var" / "test" / WORKER

if WORKER and os.environ.pop("OUTCRY_ENGINES_EMBEDDED", ""):
    # These name the engines of the process that started this one.
    del os.environ["OUTCRY_DATABASE_URL"], os.environ["OUTCRY_REDIS_URL"]
elif "OUTCRY_DATABASE_URL" not in os.environ and "OUTCRY_REDIS_URL" not in os.environ:
    os.environ["OUTCRY_ENGINES_EMBEDDED"] = "yes"

# A test's data never outlives its machine's power supply, so nothing waits for the disk.
engines.set_environment(DATA_DIR, durable=False)
os.environ["OUTCRY_TRUSTED_PROXIES"] = "127.0.0.0/8,::1"
os.environ["OUTCRY_REPORTS_PER_MINUTE"] = "1000000"
os.environ["OUTCRY_WEBHOOK_ALLOWED_NETWORKS"] = "127.0.0.0/8,::1/128"
# No test asks the world; those of polling have a server of their own.
os.environ["OUTCRY_OFFICIAL_INTERVAL_SECONDS"] = "0"
os.environ["OUTCRY_OFFICIAL_ALLOW_PRIVATE"] = "true"
os.environ["OUTCRY_STAFF_TWO_FACTOR"] = "false"
os.environ["OUTCRY_LOG_FORMAT"] = "console"
os.environ["OUTCRY_EMAIL_URL"] = "memory://"
# A thread that a test leaves behind takes its connection along; there are enough of them.
os.environ["OUTCRY_DATABASE_POOL_SIZE"] = "60"
