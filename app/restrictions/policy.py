"""The figures in force in a municipality, and for one of its daycares."""

from __future__ import annotations

from datetime import date

from app.kernel.db import UnitOfWork
from app.restrictions.parameters import FIGURES
from app.restrictions.rules.policy import RestrictionPolicy
from app.tenancy import settings


def policy_of(
    uow: UnitOfWork, on: date | None = None, place: settings.Place = settings.TENANT_WIDE
) -> RestrictionPolicy:
    """The terms in force on a day (default: today)."""
    day = on or uow.today
    return RestrictionPolicy(
        **{name: settings.value(uow, parameter, day, place) for name, parameter in FIGURES.items()}
    )
