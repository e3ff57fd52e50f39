"""Every setting, read from the environment once, typed, with all faults told together.

A variable `OUTCRY_NAME` may also be given as `OUTCRY_NAME_FILE`, the path of a mounted secret.
`docs/settings.md` describes each one; a test holds the two together.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv, validate

from config.mail import email_settings
from reports.social.addresses import Address, addresses

PROJECT_ROOT = Path(__file__).resolve().parent.parent
Network = IPv4Network | IPv6Network
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Env:
    """The settings of one process.

    Durations carry their unit in the name; addresses are URLs.
    """

    database_url: str
    database_pool_size: int
    redis_url: str
    secret_key: str
    debug: bool
    demo: bool
    site_url: str
    site_name: str
    allowed_hosts: tuple[str, ...]
    service_domain: str
    trusted_proxies: tuple[Network, ...]
    data_dir: Path
    dedupe_window_minutes: int
    report_retention_days: int
    minute_retention_days: int
    open_data_days: int
    counting_interval_seconds: float
    reports_per_minute: int
    mmdb_path: Path | None
    email_url: str
    email_from: str
    webhook_allowed_networks: tuple[Network, ...]
    official_interval_seconds: int
    official_allow_private: bool
    sensitivity: str
    social_streams: tuple[Address, ...]
    staff_two_factor: bool
    log_level: str
    log_format: str


def data_directory() -> Path:
    """The folder of the embedded engines and other local state, absolute."""
    return Path(os.environ.get("OUTCRY_DATA_DIR") or PROJECT_ROOT / "var").resolve()


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _address(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        message = "not an http:// or https:// address"
        raise ValueError(message)
    return text.rstrip("/")


def _mail_server(text: str) -> str:
    email_settings(text)
    return text


def _sensitivity(text: str) -> str:
    steps = r"(low|normal|high)"
    classes = [int(least) for least in re.findall(r"[0-9]+", text)]
    is_ascending = classes == sorted(set(classes)) and 0 not in classes
    if not re.fullmatch(rf"{steps}(, ?[0-9]+: ?{steps})*", text) or not is_ascending:
        message = "not low, normal or high, nor like normal,1000:low with ascending classes"
        raise ValueError(message)
    return text


def _collected(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The same parser with its faults as environs collects them: it lets a ValueError through."""

    def collected(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise EnvError(str(error)) from error

    return collected


def read() -> Env:
    """All settings from the process environment.

    Raises:
        environs.EnvValidationError: with every missing or malformed variable in one message.
    """
    env = FileAwareEnv(prefix="OUTCRY_", eager=False, strip_whitespace=True)
    env.add_parser("networks", _collected(_networks))
    env.add_parser("address", _collected(_address))
    env.add_parser("mail_server", _collected(_mail_server))
    env.add_parser("sensitivity", _collected(_sensitivity))
    env.add_parser("streams", _collected(addresses))
    positive = validate.Range(min=1)
    # Faulty values are None here; seal() tells of all of them before anyone sees the result.
    result = Env(
        database_url=env.str("DATABASE_URL"),
        database_pool_size=env.int("DATABASE_POOL_SIZE", 8, validate=positive),
        redis_url=env.str("REDIS_URL"),
        secret_key=env.str("SECRET_KEY", validate=validate.Length(min=32)),
        debug=env.bool("DEBUG", False),
        demo=env.bool("DEMO", False),
        site_url=env.address("SITE_URL", "http://localhost:8000"),
        site_name=env.str("SITE_NAME", "Outcry"),
        allowed_hosts=tuple(env.list("ALLOWED_HOSTS", [])),
        service_domain=env.str("SERVICE_DOMAIN", "").strip(".").lower(),
        trusted_proxies=env.networks("TRUSTED_PROXIES", ""),
        data_dir=data_directory(),
        dedupe_window_minutes=env.int(
            "DEDUPE_WINDOW_MINUTES", 60, validate=validate.Range(min=1, max=1440)
        ),
        report_retention_days=env.int("REPORT_RETENTION_DAYS", 30, validate=positive),
        minute_retention_days=env.int("MINUTE_RETENTION_DAYS", 90, validate=positive),
        open_data_days=env.int("OPEN_DATA_DAYS", 365, validate=validate.Range(min=0)),
        counting_interval_seconds=env.float(
            "COUNTING_INTERVAL_SECONDS", 2.0, validate=validate.Range(min=0.2, max=30)
        ),
        reports_per_minute=env.int("REPORTS_PER_MINUTE", 30, validate=positive),
        mmdb_path=env.path("MMDB_PATH", None),
        email_url=env.mail_server("EMAIL_URL", "console://"),
        email_from=env.str("EMAIL_FROM", "outcry@localhost"),
        webhook_allowed_networks=env.networks("WEBHOOK_ALLOWED_NETWORKS", ""),
        official_interval_seconds=env.int(
            "OFFICIAL_INTERVAL_SECONDS", 60, validate=validate.Range(min=0, max=3600)
        ),
        official_allow_private=env.bool("OFFICIAL_ALLOW_PRIVATE", False),
        sensitivity=env.sensitivity("SENSITIVITY", "normal"),
        social_streams=env.streams("SOCIAL_STREAMS", ""),
        staff_two_factor=env.bool("STAFF_TWO_FACTOR", True),
        log_level=env.str("LOG_LEVEL", "INFO"),
        log_format=env.str("LOG_FORMAT", "json", validate=validate.OneOf(["json", "console"])),
    )
    env.seal()
    return result
