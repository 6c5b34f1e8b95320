"""The figures in force for one daycare, as the rules want them."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.daycare.parameters import FIGURES
from app.daycare.rules.policy import DaycarePolicy
from app.kernel.db import UnitOfWork
from app.tenancy import settings
from app.tenancy.settings import Place


def policy_at(uow: UnitOfWork, place: Place, on: date | None = None) -> DaycarePolicy:
    """In force on a day (default: today)."""
    day = on or uow.today
    return settings.made_once(uow, ("daycare policy", place, day), lambda: _policy_at(uow, place, day))


def _policy_at(uow: UnitOfWork, place: Place, on: date) -> DaycarePolicy:
    figures: dict[str, Any] = {
        name: settings.value(uow, parameter, on, place) for name, parameter in FIGURES.items()
    }
    lists = {name: tuple(value) for name, value in figures.items() if isinstance(value, list)}
    return DaycarePolicy(**{**figures, **lists})
