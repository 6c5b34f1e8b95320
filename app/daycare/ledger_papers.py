"""인수인계대장 (서식10) and 이용대장 of an operating day as papers (AD-21, AD-32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.daycare import papers
from app.daycare.issued import DAY, Issued, issued_of, last_paper
from app.daycare.queries.ledgers import HandoverRow, handover_rows, register_of
from app.daycare.queries.place import DaycareRow, policy_of
from app.daycare.rules.days import operating_day
from app.daycare.rules.ledgers import check_issue
from app.daycare.rules.states import StayState
from app.documents.models import Paper
from app.documents.service.recording import Given, issue_record
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.tenancy.queries import holidays

DIRECTOR = "director_signature"


@dataclass(frozen=True, slots=True)
class Ledger:
    """One of a day's two ledgers as it would be issued now. ``issued``: what is in force; ``former``: the last one."""

    form_id: str
    data: papers.Data
    hands: list[Given]
    former: Paper | None
    issued: Issued | None

    @property
    def lines(self) -> int:
        return len(self.data.get("handovers") or self.data.get("stays") or ())


@dataclass(frozen=True, slots=True)
class DayLedgers:
    """``problem``: why nothing can be issued yet."""

    handover: Ledger
    register: Ledger
    problem: Problem | None

    @property
    def both(self) -> tuple[Ledger, ...]:
        """Those with a line: nobody is handed over on a day in the middle of somebody's stay."""
        return tuple(one for one in (self.handover, self.register) if one.lines)

    @property
    def changed(self) -> bool:
        return any(one.issued is not None and one.issued.changed for one in self.both)

    @property
    def is_issued(self) -> bool:
        return all(one.issued is not None for one in self.both)


def day_ledgers(
    uow: UnitOfWork, daycare: DaycareRow, day: date, rows: Sequence[HandoverRow] | None = None
) -> DayLedgers:
    """``rows``: the day's hand-overs, when they were read already."""
    handed = handover_rows(uow, daycare, day) if rows is None else rows
    stays = register_of(uow, daycare, day)
    states = {StayState.LEFT if row.out_at or row.goes_on else StayState.INSIDE for row in stays}
    handover, hands = papers.handover(daycare.name, day, handed)
    register, signed = papers.usage_register(
        daycare.name, day, stays, policy_of(uow, daycare, day), holidays(uow), day=day
    )
    return DayLedgers(
        _ledger(uow, daycare, day, papers.HANDOVER, handover, hands),
        _ledger(uow, daycare, day, papers.REGISTER, register, signed),
        check_issue(day, operating_day(uow.now), states),
    )


def _ledger(
    uow: UnitOfWork, daycare: DaycareRow, day: date, form_id: str, data: papers.Data, hands: list[Given]
) -> Ledger:
    last = last_paper(uow, daycare.id, form_id, day)
    return Ledger(form_id, data, hands, last, issued_of(last, data))


def issue_ledger(uow: UnitOfWork, daycare: DaycareRow, ledger: Ledger, reason: str) -> Paper:
    """With the director's signature, which is the press itself."""
    director = Given(DIRECTOR, uow.actor.name, uow.now, user_id=uow.actor.user_id)
    return issue_record(
        uow,
        ledger.form_id,
        ledger.data,
        [*ledger.hands, director],
        subject=DAY,
        subject_id=daycare.id,
        institution_id=daycare.id,
        former=ledger.former,
        reason=reason,
    )
