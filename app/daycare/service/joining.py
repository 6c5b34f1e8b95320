"""A child still inside when its own next stay begins: one stay that goes on, no no-show and no second bed (AD-17)."""

from __future__ import annotations

from sqlalchemy import select

from app.daycare import beds
from app.daycare.models import DaycareClass, DaycareStay
from app.daycare.queries.place import DaycareRow
from app.daycare.rules.states import StayState
from app.daycare.service import money
from app.daycare.service.case import Case, case_in
from app.daycare.service.changing import cancel_for_place
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_


def inside_now(uow: UnitOfWork, daycare: DaycareRow, child_id: int) -> DaycareStay | None:
    return uow.session.scalars(
        select(DaycareStay).where(
            DaycareStay.daycare_id == daycare.id,
            DaycareStay.child_id == child_id,
            DaycareStay.state == StayState.INSIDE,
        )
    ).first()


def join(
    uow: UnitOfWork, daycare: DaycareRow, inside: DaycareStay, case: Case, following: DaycareStay
) -> None:
    """The stay under way takes over the bed, the class and the hours of the one that begins; what was paid for that
    is a credit of its booking. Whoever calls holds the gate."""
    end, class_id = beds.planned_period(following).end, following.class_id
    cancel_for_place(uow, case, N_("아이가 아직 어린이집에 있어 앞 이용에 이어 붙임"), [following])
    before = beds.planned_period(inside).end
    change: dict[str, list[str]] = {}
    if inside.class_id != class_id:
        names = [uow.session.get_one(DaycareClass, one).name for one in (inside.class_id, class_id)]
        change["class"], inside.class_id = names, class_id
    beds.move_end(uow, inside, end)
    uow.session.flush()
    change["end"] = [before.isoformat(), end.isoformat()]
    audit.record(uow, "daycare.joined", "daycare_stay", inside.id, diff=change)
    going_on = case_in(uow, daycare, inside.booking_id)
    money.settle(uow, going_on, following.operating_day, N_("다음 이용과 이어짐"))
