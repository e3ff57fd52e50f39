"""Lighthouse's scores of the public pages, in its mobile profile, against a running server.

`python -m benchmarks.lighthouse [--json] [--url URL] [PATH ...]`: Chromium and Node.js are needed;
npm fetches Lighthouse once. Wanted are 95 or more everywhere. Exit status 1 when one is below.
Start a server first, best with `script/server --demo` during its outage.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

LIGHTHOUSE = "lighthouse@12"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PATHS = ("/", "/services/claude/", "/outages/", "/map/", "/method/")
WANTED = 95
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 180


def browser() -> str:
    """The path of a Chromium.

    Raises:
        SystemExit: when there is none.
    """
    found = os.environ.get("OUTCRY_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found or not shutil.which("npx"):
        sys.exit("Chromium (or OUTCRY_CHROMIUM) and npx, of Node.js, are needed.")
    return found


def scores(address: str) -> dict[str, int]:
    """The score of a page in each category, 0 to 100.

    Raises:
        SystemExit: when Lighthouse could not read the page.
    """
    command = [
        *("npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json"),
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={FLAGS}",
    ]
    done = subprocess.run(  # noqa: S603 - our own words and the caller's own address
        command,
        check=False,
        capture_output=True,
        env={**os.environ, "CHROME_PATH": browser()},
        timeout=SECONDS,
    )
    if done.returncode:
        sys.exit(f"{address}: {done.stderr.decode()[-2000:]}")
    found = json.loads(done.stdout)["categories"]
    return {name: round(100 * (found[name]["score"] or 0)) for name in CATEGORIES}


def main() -> int:
    """Print the table; 1 when a score is below what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=PATHS)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    print(f"{'page':28}", *(f"{name:>15}" for name in CATEGORIES))
    found = {}
    for path in asked.paths:
        found[path] = scores(asked.url.rstrip("/") + path)
        print(f"{path:28}", *(f"{score:15}" for score in found[path].values()), flush=True)
    if asked.json:
        print(json.dumps(found))
    return int(any(score < WANTED for page in found.values() for score in page.values()))


if __name__ == "__main__":
    sys.exit(main())
