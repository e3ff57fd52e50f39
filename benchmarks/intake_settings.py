"""The production settings with the addresses of `benchmarks.intake_urls`."""

from config.settings import *  # noqa: F403 - everything but one line is production's

ROOT_URLCONF = "benchmarks.intake_urls"
