"""Days on which the ordinary week does not hold (KQ-11, KQ-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.centres import actions, rules
from app.centres.models import SpecialDay
from app.centres.queries import (
    CentreRow,
    centre_by_id,
    centre_by_ref,
    lock_gate,
    opening_of,
)
from app.centres.rules import SpecialDayKind
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import TimeSpan, minute_text
from app.tenancy.queries import holidays

IN_THE_PAST = Problem(
    "special_day.past",
    N_("지난 날은 바꿀 수 없어요. 오늘이나 그 뒤의 날을 고르세요."),
    rule="KQ-11",
    field="day",
)
NO_QUARTER = Problem(
    "special_day.no_quarter",
    N_("{day}은 어느 분기에도 들지 않아요. 분기를 먼저 정해 주세요."),
    rule="KQ-06",
    field="day",
)
DECLARED_ALREADY = Problem(
    "special_day.twice",
    N_("{day}은 이미 정해 두었어요. 아래 목록에서 지운 뒤 다시 정해 주세요."),
    rule="KQ-11",
    field="day",
)


@dataclass(frozen=True, slots=True)
class NewSpecialDay:
    """``hours`` and ``heads`` (essential staff throughout) belong to an extra opening."""

    day: date
    kind: SpecialDayKind
    hours: TimeSpan | None = None
    heads: int = 0
    note: str = ""

    @property
    def special(self) -> rules.SpecialDay:
        """Only an extra opening has hours of its own: the others follow the quarter and the rules."""
        if self.kind is not SpecialDayKind.EXTRA_OPEN or self.hours is None:
            return rules.SpecialDay(self.kind)
        staff = ((self.hours, self.heads),) if self.heads > 0 else ()
        return rules.SpecialDay(self.kind, self.hours, staff)


@dataclass(frozen=True, slots=True)
class SpecialDayChange:
    """The centre, the day, and its opening before and after: bookings of that day may need refitting."""

    centre: CentreRow
    day: date
    before: rules.Opening
    after: rules.Opening


def declare_special_day(uow: UnitOfWork, centre_ref: str, new: NewSpecialDay) -> SpecialDayChange:
    """KQ-11, KQ-12. The caller refits the bookings of the day in the same unit."""
    centre = centre_by_ref(uow, centre_ref)
    actions.SPECIAL_DAYS.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    before = opening_of(uow, centre, new.day)
    problems = _problems(uow, new, before)
    if problems:
        raise RuleBroken(problems)
    _insert(uow, centre, new)
    after = opening_of(uow, centre, new.day)
    return SpecialDayChange(centre, new.day, before, after)


def check_declaring(uow: UnitOfWork, centre: CentreRow, new: NewSpecialDay) -> None:
    """What would refuse the declaration, asked before its effect is shown; writes and locks nothing."""
    taken = select(SpecialDay.id).where(SpecialDay.centre_id == centre.id, SpecialDay.day == new.day)
    if uow.session.scalar(taken) is not None:
        raise RuleBroken(DECLARED_ALREADY.of(day=new.day.isoformat()))
    problems = _problems(uow, new, opening_of(uow, centre, new.day))
    if problems:
        raise RuleBroken(problems)


def remove_special_day(uow: UnitOfWork, ref: str) -> SpecialDayChange:
    """Back to the ordinary week; what happened stays as it was, so a past day cannot be taken back."""
    found = uow.session.execute(
        select(SpecialDay.id, SpecialDay.centre_id, SpecialDay.day, SpecialDay.kind).where(
            SpecialDay.ref == ref
        )
    ).first()
    if found is None:
        raise NotFound("special_day")
    centre = centre_by_id(uow, found.centre_id)
    actions.SPECIAL_DAYS.check(uow.actor, centre.id, centre.district_id)
    if found.day < uow.today:
        raise RuleBroken(IN_THE_PAST)
    lock_gate(uow, centre.id)
    before = opening_of(uow, centre, found.day)
    uow.session.execute(delete(SpecialDay).where(SpecialDay.id == found.id))
    audit.record(
        uow, "special_day.remove", "special_day", found.id, diff={str(found.day): [found.kind, None]}
    )
    return SpecialDayChange(centre, found.day, before, opening_of(uow, centre, found.day))


def _problems(uow: UnitOfWork, new: NewSpecialDay, before: rules.Opening) -> list[Problem]:
    if new.day < uow.today:
        return [IN_THE_PAST]
    if before.reason is rules.ClosedReason.NO_QUARTER:
        return [NO_QUARTER.of(day=new.day.isoformat())]
    return rules.check_special_day(new.day, new.special, holidays(uow))


def _insert(uow: UnitOfWork, centre: CentreRow, new: NewSpecialDay) -> None:
    special = new.special
    row = SpecialDay(
        centre_id=centre.id,
        day=new.day,
        kind=new.kind,
        hours=_pair(special.hours),
        staff=[[*_pair(span), heads] for span, heads in special.staff] or None,
        note=new.note.strip(),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
            uow.session.flush()
    except IntegrityError as error:
        raise RuleBroken(DECLARED_ALREADY.of(day=new.day.isoformat())) from error
    audit.record(uow, "special_day.declare", "special_day", row.id, diff={str(new.day): [None, new.kind]})


def _pair(span: TimeSpan | None) -> list[str]:
    return [minute_text(span.start), minute_text(span.end)] if span else []
