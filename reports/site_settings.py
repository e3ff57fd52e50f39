"""What the staff may set while the site runs: a row each, over the environment's values.

Every process has a copy that is at most `FRESH_SECONDS` old, so for that long after a change two
processes may differ. For the dedupe window this means: a repeat in those seconds is judged by the
old width or the new one, and no Report is counted twice within the narrower of the two. What is
stored and counted stays: MinuteCount is a function of the Reports, not of any setting. What drops
data reads afresh, and does nothing when it can't.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from reports import geography, trail
from reports.copies import Copy
from reports.models import Logo, ModerationEntry, SiteSetting
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

FRESH_SECONDS = 5.0
LONGEST_NAME = 60
MOST_WINDOW_MINUTES = 1440
MOST_DAYS = 3650
DEFAULT_LANGUAGE = "en"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """The site as it is set now.

    Attributes:
        name: what it calls itself.
        logo: the hash of its logo; empty for the one that ships.
        languages: codes that pages are offered in, English among them.
        countries: codes of those that the form suggests, empty for all; any can be reported.
        dedupe_window_minutes: in this time one person counts once for a Service.
        report_retention_days: after so many days Reports are dropped.
        minute_retention_days: after so many days counts by Minute are dropped.
    """

    name: str
    logo: str
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    dedupe_window_minutes: int
    report_retention_days: int
    minute_retention_days: int

    def offers(self, country: str) -> bool:
        """Whether the form suggests a country, by its code."""
        return not self.countries or country in self.countries


class BadSettingError(ValueError):
    """A value that a setting can't have."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST_NAME:
        raise BadSettingError(f"Give 1 to {LONGEST_NAME} characters.")
    return value.strip()


def _digest(value: object) -> str:
    if not isinstance(value, str) or not Logo.objects.filter(digest=value).exists():
        raise BadSettingError("There is no such logo.")
    return value


def _languages(value: object) -> list[str]:
    known = [code for code, _name in settings.LANGUAGES]
    if not isinstance(value, list) or not set(value) <= set(known):
        raise BadSettingError(f"Known are {', '.join(known)}.")
    return [code for code in known if code in value or code == DEFAULT_LANGUAGE]


def _countries(value: object) -> list[str]:
    countries = {
        code for code, one in geography.regions().items() if one.kind is geography.Kind.COUNTRY
    }
    if not isinstance(value, list) or (unknown := set(value) - countries):
        raise BadSettingError(f"No country has the code {', '.join(sorted(unknown))}.")
    return sorted(set(value))


def _between(least: int, most: int) -> Callable[[object], int]:
    def checked(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadSettingError(f"Give a number from {least} to {most}.")
        return value

    return checked


# What each value must be; it gives the value as it is stored.
RULES: Mapping[str, Callable[[object], object]] = {
    "name": _text,
    "logo": _digest,
    "languages": _languages,
    "countries": _countries,
    "dedupe_window_minutes": _between(1, MOST_WINDOW_MINUTES),
    "report_retention_days": _between(1, MOST_DAYS),
    "minute_retention_days": _between(1, MOST_DAYS),
}


def defaults() -> Site:
    """The site as the environment has it."""
    env = settings.ENV
    return Site(
        name=env.site_name,
        logo="",
        languages=tuple(code for code, _name in settings.LANGUAGES),
        countries=(),
        dedupe_window_minutes=env.dedupe_window_minutes,
        report_retention_days=env.report_retention_days,
        minute_retention_days=env.minute_retention_days,
    )


def current() -> Site:
    """The site as it is set, at most `FRESH_SECONDS` ago. Without a database: the environment's."""
    try:
        return _over(_rows.get(FRESH_SECONDS))
    except Error as error:
        log.warning("site_settings.read_failed", error=type(error).__name__)
        return defaults()


def last_known() -> Site:
    """The site as this process read it last, for threads that must not ask the database."""
    return _over(_rows.last() or {})


def fresh() -> Site:
    """The site as it is set at this moment, for what can't be taken back.

    Raises:
        django.db.Error: when the database can't be asked.
    """
    return _over(_read())


def chosen() -> dict[str, Any]:
    """What differs from the environment, by key, read anew."""
    return _read()


def change(values: Mapping[str, object | None], doing: Doing) -> ModerationEntry | None:
    """Set some settings; None gives one back to the environment. Opens a transaction.

    Args:
        values: by key; those that are not named stay.
        doing: who, why, when.

    Returns:
        The entry of the trail; None when all was like that already.

    Raises:
        BadSettingError: for a value that a setting can't have, or an unknown key.
    """
    if unknown := values.keys() - RULES.keys():
        raise BadSettingError(f"Unknown: {', '.join(sorted(unknown))}.")
    checked = {key: None if value is None else RULES[key](value) for key, value in values.items()}
    return _write(lambda _now: checked, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Give every setting that an act changed its value back. Opens a transaction.

    What a shorter retention dropped meanwhile does not come back.

    Raises:
        NotUndoableError: when one of them was changed again since.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    kept = entry.before["settings"]

    def earlier(now: Mapping[str, object]) -> dict[str, object | None]:
        if any(now.get(key) != new for key, (_old, new) in kept.items()):
            raise NotUndoableError
        return {key: old for key, (old, _new) in kept.items()}

    written = _write(earlier, doing, undoes=entry)
    if written is None:
        raise NotUndoableError
    return written


def forget() -> None:
    """Read again at the next look."""
    _rows.forget()


def _write(
    wish: Callable[[Mapping[str, object]], Mapping[str, object | None]],
    doing: Doing,
    undoes: ModerationEntry | None = None,
) -> ModerationEntry | None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('site settings', 0))")
        now = _read()
        wanted = wish(now)
        changed = {
            key: [now.get(key), value] for key, value in wanted.items() if now.get(key) != value
        }
        if not changed:
            return None
        for key, (_old, value) in changed.items():
            if value is None:
                SiteSetting.objects.filter(key=key).delete()
            else:
                SiteSetting.objects.update_or_create(key=key, defaults={"value": value})
        subject = ", ".join(key.replace("_", " ") for key in changed)
        written = trail.write(Act.SET, subject, doing, before={"settings": changed}, undoes=undoes)
    forget()
    return written


def _read() -> dict[str, Any]:
    return dict(SiteSetting.objects.values_list("key", "value"))


def _over(rows: Mapping[str, Any]) -> Site:
    """The environment's values with the rows over them."""
    plain = {key: tuple(one) if isinstance(one, list) else one for key, one in rows.items()}
    return Site(**{**asdict(defaults()), **plain})


_rows = Copy(_read, "site settings")
