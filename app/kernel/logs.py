"""Structured logs in UTC with a request id; numbers that name people are masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.kernel.config import Settings

PHONE = re.compile(r"(?<!\d)(01[016789])-?(\d{3,4})-?(\d{4})(?!\d)")
RESIDENT = re.compile(r"(?<!\d)(\d{6})-?([1-8])\d{6}(?!\d)")


def mask(text: str) -> str:
    """Hide phone and resident numbers."""
    return RESIDENT.sub(r"\1-\2******", PHONE.sub(r"\1-****-\3", text))


def _mask_event(logger: Any, name: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    return {key: mask(value) if isinstance(value, str) else value for key, value in event.items()}


def set_up_logs(settings: Settings) -> None:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.production
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # a rich one prints local variables: secrets
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
