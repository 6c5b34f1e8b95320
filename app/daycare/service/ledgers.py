"""The ledgers of an operating day are issued: numbered, sealed, and no more a picture of the records (AD-21, AD-32)."""

from __future__ import annotations

from datetime import date

from app.daycare import actions
from app.daycare.gate import enter_gate
from app.daycare.ledger_papers import day_ledgers, issue_ledger
from app.daycare.queries.place import daycare_by_ref
from app.daycare.rules.ledgers import REISSUE_REASON
from app.documents.models import Paper
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken


def issue_day(uow: UnitOfWork, daycare_ref: str, day: date, reason: str = "") -> list[Paper]:
    """Hand-over ledger and register of a day that is over: what is not issued yet, and, with a reason, what changed
    since. A second press finds both as they should be and issues nothing. Raises RuleBroken."""
    daycare = daycare_by_ref(uow, daycare_ref)
    actions.ISSUE_LEDGERS.check(uow.actor, daycare.id)
    daycare = enter_gate(uow, daycare.id)
    ledgers = day_ledgers(uow, daycare, day)
    if ledgers.problem:
        raise RuleBroken(ledgers.problem)
    wanted = [one for one in ledgers.both if one.issued is None or one.issued.changed]
    if any(one.issued for one in wanted) and not reason.strip():
        raise RuleBroken(REISSUE_REASON)
    made = [issue_ledger(uow, daycare, one, reason) for one in wanted]
    if made:
        audit.record(
            uow,
            "daycare.ledgers_issued",
            "daycare",
            daycare.id,
            reason=reason.strip()[:300] or None,
            diff={"day": [None, day.isoformat()], "papers": [None, [paper.number for paper in made]]},
        )
    return made
