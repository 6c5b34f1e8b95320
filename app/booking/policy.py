"""The figures in force for one centre, as the rules want them: parameters and the centre's own record together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.booking import parameters
from app.booking.rules.policy import BookingPolicy, WaitBase
from app.booking.rules.priority import PriorityOrder, read_order
from app.centres import queries as centres
from app.centres.parameters import SHORT_QUARTER
from app.centres.queries import CentreRow
from app.centres.rules import CentrePolicy
from app.kernel.db import UnitOfWork
from app.kernel.parameters import Parameter
from app.people.rules import EligibilityPolicy
from app.tenancy import settings

FIGURES = {
    "regular_min_days": parameters.REGULAR_MIN_DAYS,
    "short_quarter_waiver": parameters.SHORT_QUARTER_WAIVER,
    "quarter_end_waiver": parameters.QUARTER_END_WAIVER,
    "temp_window_days": parameters.TEMP_WINDOW,
    "slot_minutes": parameters.SLOT_MINUTES,
    "counselling_required_regular": parameters.COUNSELLING,
    "teacher_may_approve_temp": parameters.TEACHER_MAY_APPROVE,
    "guardian_self_cancel": parameters.SELF_CANCEL,
    "auto_start_new": parameters.AUTO_START,
    "low_grade_max": parameters.LOW_GRADE_MAX,
    "demand_weeks": parameters.DEMAND_WEEKS,
    "demand_ratio": parameters.DEMAND_RATIO,
    "temp_multiple": parameters.WAIT_TEMP_MULTIPLE,
    "regular_multiple": parameters.WAIT_REGULAR_MULTIPLE,
    "offer_hours_regular": parameters.OFFER_HOURS_REGULAR,
    "offer_hours_temp": parameters.OFFER_HOURS_TEMP,
    "quiet_hours": parameters.OFFER_QUIET_HOURS,
}
"""Field of ``BookingPolicy`` → the parameter that fills it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a centre goes by on one day."""

    booking: BookingPolicy
    eligibility: EligibilityPolicy
    centre: CentrePolicy
    order: PriorityOrder
    auto_offer: bool


def terms_of(uow: UnitOfWork, centre: CentreRow, on: date | None = None) -> Terms:
    """The terms in force on a day (default: today)."""
    day = on or uow.today
    own = (centre.sick_care, centre.sick_seats, centre.allow_preschool_sibling)
    key = ("terms", centre.place, day, *own, centre.preschool_sibling_min_age)
    return settings.made_once(uow, key, lambda: _terms_of(uow, centre, day))


def _terms_of(uow: UnitOfWork, centre: CentreRow, on: date) -> Terms:
    def value(parameter: Parameter) -> Any:
        return settings.value(uow, parameter, on, centre.place)

    from_centre = {
        "short_quarter_days": value(SHORT_QUARTER),
        "temp_base": WaitBase(value(parameters.WAIT_TEMP_BASE)),
        "sick_care": centre.sick_care,
        "sick_seats": centre.sick_seats,
    }
    return Terms(
        booking=BookingPolicy(**{name: value(key) for name, key in FIGURES.items()}, **from_centre),
        eligibility=EligibilityPolicy(
            age_min=value(parameters.AGE_MIN),
            age_max=value(parameters.AGE_MAX),
            pupil_extends_age=value(parameters.PUPIL_EXTENDS),
            preschool_sibling=centre.allow_preschool_sibling,
            preschool_sibling_min_age=centre.preschool_sibling_min_age,
        ),
        centre=centres.centre_policy(uow, centre, on),
        order=read_order(value(parameters.PRIORITY_ORDER)),
        auto_offer=value(parameters.AUTO_OFFER),
    )
