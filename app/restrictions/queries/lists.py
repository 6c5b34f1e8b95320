"""The board of cases, one case with all that is known of it, and the events behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from app.accounts.models import UserAccount
from app.kernel import audit
from app.kernel.actor import REGIONAL_STAFF, Role
from app.kernel.audit import AuditLog
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import kst, kst_date
from app.kernel.texts import day_text, moment_text
from app.people.models import Child, Guardian
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.restrictions.queries.people import child_names
from app.restrictions.rules.kinds import BINDING, HEARD, UNDECIDED, EventKind, Family, Ground, Level, State
from app.restrictions.rules.next_step import Standing, Step, deadline_words, next_step
from app.restrictions.rules.states import seen_state
from app.restrictions.statements import statements_of
from app.tenancy.models import Institution

PAGE = 50
EVENTS_PAGE = 100
TONES = {
    State.REPORTED: "warning",
    State.FACT_CHECK: "warning",
    State.STATEMENT: "info",
    State.DECIDED: "info",
    State.NOTIFIED: "primary",
    State.ACTIVE: "danger",
    State.SHORTENED: "danger",
}
OPEN_QUESTION = or_(
    Restriction.state.in_([*UNDECIDED, State.DECIDED]),
    and_(
        Restriction.objection_at.is_not(None),
        Restriction.objection_decided_at.is_(None),
        Restriction.state.in_(HEARD),
    ),
    and_(Restriction.lift_proposed_by.is_not(None), Restriction.state.in_(BINDING)),
)
"""Somebody has to do something."""


def tabs_on(today: date) -> dict[str, ColumnElement[bool]]:
    """Which cases lie in which tab, by their dates: no case runs on because the clock has not (AS-22)."""
    running = and_(
        Restriction.state.in_(BINDING), or_(Restriction.ends_on.is_(None), Restriction.ends_on >= today)
    )
    return {
        "todo": OPEN_QUESTION,
        "running": running,
        "over": and_(~running, Restriction.state.not_in([*UNDECIDED, State.DECIDED])),
    }


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a board."""

    id: int
    ref: str
    number: str
    version: int
    name: str
    phone: str
    children: tuple[str, ...]
    place: str
    family: Family
    ground: Ground
    level: Level
    months: int | None
    state: State
    tone: str
    step: Step
    deadline: str
    starts_on: date | None
    ends_on: date | None

    @property
    def length(self) -> str:
        """3개월, 영구; empty while nobody has decided."""
        if self.level is Level.PERMANENT:
            return self.level.label
        return f"{self.months}개월" if self.months else ""


def standing_of(case: Restriction, today: date) -> Standing:
    """As its dates say today, whether or not the clock has run (AS-22)."""
    return Standing(
        state=seen_state(State(case.state), case.starts_on, case.ends_on, today),
        statement_given=case.statement_at is not None,
        statement_due=case.statement_due,
        first_decided=case.state == State.STATEMENT and case.decided_by is not None,
        objection_open=case.objection_at is not None and case.objection_decided_at is None,
        lift_proposed=case.lift_proposed_by is not None,
        starts_on=case.starts_on,
        ends_on=case.ends_on,
    )


def reach(uow: UnitOfWork) -> ColumnElement[bool]:
    """The city all, the regional centre what is of 언제나돌봄, a daycare its own (XX-05)."""
    actor = uow.actor
    if actor.role is Role.CITY_OFFICER:
        return Restriction.id.is_not(None)
    if actor.role in REGIONAL_STAFF:
        return Restriction.service == Family.ANYTIME
    if actor.role is Role.DAYCARE_DIRECTOR:
        return and_(Restriction.service == Family.DAYCARE, Restriction.institution_id == actor.scope)
    raise NotFound("restriction")


def board(uow: UnitOfWork, tab: str, page: int = 1) -> tuple[list[CaseRow], dict[str, int]]:
    """One page of a tab, those that wait longest in front; and how many each tab holds. The read is logged."""
    tabs = tabs_on(uow.today)
    counts = {name: _count(uow, condition) for name, condition in tabs.items()}
    newest = tab == "over"
    order = Restriction.id.desc() if newest else Restriction.id
    rows = uow.session.execute(
        _with_people()
        .where(tabs.get(tab, OPEN_QUESTION), reach(uow))
        .order_by(order)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    audit.record_access(uow, "restriction.board", "restriction", None, row_count=len(rows))
    return _rows(uow, rows), counts


def _count(uow: UnitOfWork, condition: ColumnElement[bool]) -> int:
    return uow.session.scalar(select(func.count()).select_from(Restriction).where(condition, reach(uow))) or 0


def _with_people() -> Select[Any, Any, Any]:
    return (
        select(Restriction, Guardian, Institution.name)
        .outerjoin(Guardian, Guardian.id == Restriction.guardian_id)
        .outerjoin(Institution, Institution.id == Restriction.institution_id)
    )


def _rows(uow: UnitOfWork, found: Sequence[Row[Any, Any, Any]]) -> list[CaseRow]:
    children = child_names(uow, [guardian.id for _, guardian, _ in found if guardian])
    return [
        _row(uow, case, guardian, place, tuple(children.get(guardian.id, ())) if guardian else ())
        for case, guardian, place in found
    ]


def _row(
    uow: UnitOfWork,
    case: Restriction,
    guardian: Guardian | None,
    place: str | None,
    children: tuple[str, ...],
) -> CaseRow:
    standing = standing_of(case, uow.today)
    return CaseRow(
        id=case.id,
        ref=case.ref,
        number=case.number,
        version=case.version,
        name=guardian.name if guardian else "",
        phone=guardian.phone if guardian else case.phone,
        children=children,
        place=place or "",
        family=Family(case.service),
        ground=Ground(case.ground),
        level=Level(case.level),
        months=case.months,
        state=standing.state,
        tone=TONES.get(standing.state, ""),
        step=next_step(standing, uow.today),
        deadline=deadline_words(standing, uow.today),
        starts_on=case.starts_on,
        ends_on=case.ends_on,
    )


def case_row(uow: UnitOfWork, case: Restriction) -> CaseRow:
    """The same of one case."""
    found = uow.session.execute(_with_people().where(Restriction.id == case.id)).all()
    return _rows(uow, found)[0]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; ``counted``: nobody excused it."""

    ref: str
    version: int
    kind: EventKind
    service: str
    occurred_at: datetime
    who: str
    phone: str
    child: str
    place: str
    note: str
    excused: str
    cases: tuple[str, ...]
    upload_id: int | None

    @property
    def counted(self) -> bool:
        return not self.excused

    @property
    def when(self) -> str:
        """11월 3일(화) 18:10; without the time when nobody gave one."""
        day = kst_date(self.occurred_at)
        return day_text(day) if self.occurred_at == kst(day) else moment_text(self.occurred_at)


def events_of_case(uow: UnitOfWork, case_id: int) -> list[EventRow]:
    inside = select(RestrictionGround.event_id).where(RestrictionGround.restriction_id == case_id)
    return _events(uow, RestrictionEvent.id.in_(inside), newest=False)


def newest_events(uow: UnitOfWork, page: int = 1) -> tuple[list[EventRow], int]:
    """A page of what was written down last, and how many there are: an office sees 언제나돌봄's, a daycare its own.

    The read is logged.
    """
    daycare = uow.actor.role is Role.DAYCARE_DIRECTOR
    wanted = RestrictionEvent.institution_id == uow.actor.scope if daycare else RestrictionEvent.id > 0
    total = uow.session.scalar(select(func.count()).select_from(RestrictionEvent).where(wanted)) or 0
    rows = _events(uow, wanted, newest=True, page=page)
    audit.record_access(uow, "restriction.events", "restriction_event", None, row_count=len(rows))
    return rows, total


def _events(uow: UnitOfWork, wanted: ColumnElement[bool], *, newest: bool, page: int = 1) -> list[EventRow]:
    moment = RestrictionEvent.occurred_at
    rows = uow.session.execute(
        select(RestrictionEvent, Guardian.name, Guardian.phone, Child.name, Institution.name)
        .outerjoin(Guardian, Guardian.id == RestrictionEvent.guardian_id)
        .outerjoin(Child, Child.id == RestrictionEvent.child_id)
        .outerjoin(Institution, Institution.id == RestrictionEvent.institution_id)
        .where(wanted)
        .order_by(moment.desc() if newest else moment, RestrictionEvent.id)
        .limit(EVENTS_PAGE)
        .offset((page - 1) * EVENTS_PAGE)
    ).all()
    numbers: dict[int, list[str]] = {}
    for event_id, number in uow.session.execute(
        select(RestrictionGround.event_id, Restriction.number)
        .join(Restriction, Restriction.id == RestrictionGround.restriction_id)
        .where(RestrictionGround.event_id.in_([event.id for event, *_ in rows]))
        .order_by(Restriction.id)
    ):
        numbers.setdefault(event_id, []).append(number)
    return [
        EventRow(
            event.ref,
            event.version,
            EventKind(event.kind),
            event.service,
            event.occurred_at,
            name or "",
            phone or event.phone,
            child or "",
            place or "",
            event.note,
            event.excused_reason,
            tuple(numbers.get(event.id, ())),
            event.upload_id,
        )
        for event, name, phone, child, place in rows
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as an office reads it; ``who``: role and name of whoever wrote it down."""

    at: datetime
    channel: str
    who: str
    text: str


def said(uow: UnitOfWork, case: Restriction) -> list[Said]:
    """What the household said, oldest first."""
    rows = statements_of(case)
    writers = {row.user_id for row in rows if row.user_id is not None}
    names = dict(
        uow.session.execute(select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(writers))).all()
    )
    return [
        Said(
            row.at, row.channel.label, f"{row.role.label} {names.get(row.user_id or 0, '')}".strip(), row.text
        )
        for row in rows
    ]


DONE = {
    "restriction.reported": "접수",
    "restriction.fact_check": "사실확인 시작",
    "restriction.hold": "결정까지 새 신청 미룸",
    "restriction.statement": "소명 요청",
    "restriction.heard": "소명",
    "restriction.decided_first": "첫 번째 결정",
    "restriction.sent_back": "다시 살피게 함",
    "restriction.decided": "결정",
    "restriction.dismissed": "제한하지 않음",
    "restriction.daycare": "어린이집이 제한",
    "restriction.notified": "통지",
    "restriction.active": "제한 시작",
    "restriction.objection": "이의신청",
    "restriction.upheld": "이의 기각",
    "restriction.shortened": "기간을 줄임",
    "restriction.overturned": "제한 취소",
    "restriction.lift_proposed": "일찍 풀기 제안",
    "restriction.lift_declined": "일찍 풀기에 동의하지 않음",
    "restriction.lifted": "일찍 풀림",
    "restriction.replaced": "더 무거운 제한으로 바뀜",
    "restriction.expired": "기간 끝남",
    "restriction.shaken": "근거가 된 제한이 취소됨",
    "restriction.hollow": "근거가 된 일을 세지 않기로 함",
    "restriction.adopted": "번호가 등록되어 보호자와 이어짐",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a case's history."""

    at: datetime
    what: str
    who: str
    reason: str


def history(uow: UnitOfWork, case_id: int) -> list[Moment]:
    """What was done with a case, oldest first."""
    rows = uow.session.execute(
        select(AuditLog.at, AuditLog.action, AuditLog.role, AuditLog.reason, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == AuditLog.user_id)
        .where(AuditLog.entity == "restriction", AuditLog.entity_id == case_id)
        .order_by(AuditLog.id)
    )
    return [
        Moment(at, DONE.get(action, action), f"{Role(role).label} {name or ''}".strip(), reason or "")
        for at, action, role, reason, name in rows
    ]
