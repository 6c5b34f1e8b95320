"""The gate: every command that can change who is in a daycare locks its one row first, then the children's.

Never a gate after a child; never lock and count in one statement (its snapshot is older than the lock).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from app.daycare.crowding import follow_children
from app.daycare.models import DaycareGate
from app.daycare.parameters import GROUP_MAX
from app.daycare.queries.place import DaycareRow, daycare_by_id
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import Child
from app.tenancy import settings
from app.tenancy.queries import holidays

_GATE = select(DaycareGate.daycare_id).where(DaycareGate.daycare_id == bindparam("place")).with_for_update()
_CHILDREN = (
    select(Child.id)
    .where(Child.id == any_(bindparam("children", type_=ARRAY(BigInteger))))
    .order_by(Child.id)
    .with_for_update(key_share=True)
)


def enter_gate(uow: UnitOfWork, daycare_id: int, children: Collection[int] = ()) -> DaycareRow:
    """Lock, then read the daycare afresh; its stays follow what their children's records say by now (AD-03).

    Figures and holidays are dated, not guarded: they are read before.
    """
    settings.value(uow, GROUP_MAX)
    holidays(uow)
    if uow.rows(_GATE, place=daycare_id).scalar() is None:
        raise NotFound("daycare")
    if children:
        uow.rows(_CHILDREN, children=sorted(set(children)))
    daycare = daycare_by_id(uow, daycare_id)
    follow_children(uow, daycare)
    return daycare
