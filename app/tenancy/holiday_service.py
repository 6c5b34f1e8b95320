"""The operator's holidays: temporary ones come at short notice and are typed by hand (GC-11)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.tenancy import operators
from app.tenancy.models import PublicHoliday

TYPED = "TEMP_HOLIDAY"
KINDS = {
    "STATUTORY": "법정",
    "SUBSTITUTE": "대체",
    "ELECTION": "선거",
    "TEMP_HOLIDAY": "임시",
    "LABOUR": "노동절",
}
IN_THE_PAST = Problem(
    "holiday_past",
    N_("지난 날과 오늘은 바꿀 수 없습니다. 내일부터의 날을 적어 주세요."),
    rule="GC-11",
    field="day",
)
TOO_FAR = Problem("holiday_far", N_("3년 안의 날을 적어 주세요."), rule="GC-11", field="day")
NO_NAME = Problem("holiday_name", N_("휴일 이름을 1~60자로 적어 주세요."), rule="GC-11", field="name")
KNOWN = Problem("holiday_known", N_("{day}은(는) 이미 휴일입니다."), rule="GC-11", field="day")
NOT_TYPED = Problem("holiday_fixed", N_("임시공휴일만 지울 수 있습니다."), rule="GC-11")


def add_temporary(uow: UnitOfWork, day: date, name: str) -> None:
    """From tomorrow on. Raises RuleBroken."""
    name = " ".join(name.split())
    problems = []
    if day <= uow.today:
        problems.append(IN_THE_PAST)
    elif day.year > uow.today.year + 3:
        problems.append(TOO_FAR)
    if not 1 <= len(name) <= 60:
        problems.append(NO_NAME)
    if problems:
        raise RuleBroken(problems)
    made = uow.session.execute(
        insert(PublicHoliday)
        .values(day=day, name=name, kind=TYPED, closure_key=None)
        .on_conflict_do_nothing()
        .returning(PublicHoliday.day)
    ).scalar()
    if made is None:
        raise RuleBroken(KNOWN.of(day=day.isoformat()))
    uow.memory.pop("holidays", None)
    operators.note(uow, "holiday.add", day.isoformat(), {"name": [None, name]})


def remove_temporary(uow: UnitOfWork, day: date) -> None:
    """Only what was typed by hand, and only before its day. Raises RuleBroken."""
    if day <= uow.today:
        raise RuleBroken(IN_THE_PAST)
    gone = uow.session.execute(
        delete(PublicHoliday)
        .where(PublicHoliday.day == day, PublicHoliday.kind == TYPED)
        .returning(PublicHoliday.name)
    ).scalar()
    if gone is None:
        raise RuleBroken(NOT_TYPED)
    uow.memory.pop("holidays", None)
    operators.note(uow, "holiday.remove", day.isoformat(), {"name": [gone, None]})
