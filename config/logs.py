"""Structured logs: one line an event, JSON in production, colours at a terminal."""

import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_config(level: str, form: str) -> dict[str, object]:
    """The standard library's logging configuration; configures structlog on the way.

    Args:
        level: a level's name, like ``INFO``.
        form: ``json`` or ``console``.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        # They write the whole address of each call, and one may hold a token; the last one writes
        # what came, and that is what somebody wrote.
        "loggers": {
            "httpx": {"level": "WARNING"},
            "apprise": {"level": "CRITICAL"},
            "urllib3": {"level": "ERROR"},
            "websockets": {"level": "ERROR"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }
