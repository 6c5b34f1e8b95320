"""A guardian who joins later asks for a child that a centre registered; the centre confirms (KB-34)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from app.documents.service.preparing import hand_over_papers
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.messaging.service import plan_message
from app.people.actions import ASK_LINK, DECIDE_LINK
from app.people.messages import LINK_REFUSED, LINKED
from app.people.models import Child, Guardian, GuardianChild, LinkRequest
from app.people.problems import (
    ALREADY_YOURS,
    CENTRE_MISSING,
    CHILD_NOT_CHOSEN,
    DECIDED_ALREADY,
    LINK_ASKED,
    OWN_CASE,
    PHONE_UNVERIFIED,
    REASON_MISSING,
    RELATION_MISSING,
    clean_line,
)
from app.people.queries import LinkRow, child_for, guardians_of, known_to
from app.people.rules import LinkRecord, Relation, check_child, clean_name, may_link, same_child
from app.people.service.children import know_child
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

OPEN = ("REQUESTED", "REVIEW")


def ask_link(
    uow: UnitOfWork, *, child_name: str, birth_date: date, relation: Relation | None, centre_ref: str
) -> LinkRequest:
    """Ask a centre for a child it registered. The answer never says whether it knows such a child."""
    ASK_LINK.reach(uow.actor.role)
    guardian = uow.session.get(Guardian, uow.actor.guardian_id or 0)
    if guardian is None:
        raise NotFound("guardian")
    problems = check_child(child_name, birth_date, uow.today)
    centre = uow.session.scalars(
        select(Institution).where(
            Institution.ref == centre_ref, Institution.kind == InstitutionKind.KIUM_CENTRE, Institution.active
        )
    ).first()
    if centre is None:
        problems.append(CENTRE_MISSING)
    if relation is None:
        problems.append(RELATION_MISSING)
    if guardian.phone_verified_at is None:
        problems.append(PHONE_UNVERIFIED)
    if problems or centre is None or relation is None:
        raise RuleBroken(problems)
    asked = Child(name=clean_name(child_name), birth_date=birth_date)
    _refuse_repeats(uow, guardian, asked)
    match = _matching(uow, guardian, asked, centre.id)
    row = LinkRequest(
        guardian_id=guardian.id,
        child_id=match.id if match else None,
        centre_id=centre.id,
        child_name=clean_name(child_name),
        birth_date=birth_date,
        relation=relation,
        state="REQUESTED" if match else "REVIEW",
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "link.asked", "link_request", row.id, to_state=row.state)
    return row


def decide_link(
    uow: UnitOfWork, ref: str, *, version: int, child_ref: str = "", reason: str = ""
) -> tuple[Child, int | None]:
    """The centre says yes. A matched request needs no more; otherwise staff choose the child and say why.

    The guardian without an account that the number belonged to steps back: its link and papers go to the account.
    Returns the child and that guardian's id, so that higher rooms can follow.
    """
    row = _to_decide(uow, ref, version)
    guardian = uow.session.get_one(Guardian, row.guardian_id)
    child, words = _child_to_link(uow, row, child_ref, reason)
    record = LinkRecord(child.name, child.birth_date, [g.phone for g in guardians_of(uow, child.id)])
    problem = may_link(row.child_name, row.birth_date, guardian.phone, record, confirmed_by_centre=True)
    if problem and not words:
        raise RuleBroken([problem, REASON_MISSING])
    old = _replaced(uow, child.id, guardian)
    _link(uow, child.id, guardian.id, row, old)
    row.child_id, row.decision_reason = child.id, words
    _close(uow, row, "LINKED", words)
    if row.centre_id is not None:
        know_child(uow, child.id, row.centre_id)
    plan_message(
        uow, LINKED, guardian.phone, {"child": child.name}, subject="link_request", subject_id=row.id
    )
    return child, old.guardian_id if old else None


def refuse_link(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> None:
    """The centre says no; the guardian is told why."""
    words = clean_line(reason, 200, "reason")
    row = _to_decide(uow, ref, version)
    if not words:
        raise RuleBroken(REASON_MISSING)
    row.decision_reason = words
    _close(uow, row, "REFUSED", words)
    guardian = uow.session.get_one(Guardian, row.guardian_id)
    centre = uow.session.get(Institution, row.centre_id or 0)
    plan_message(
        uow,
        LINK_REFUSED,
        guardian.phone,
        {"child": row.child_name, "reason": words, "centre": centre.name if centre else ""},
        subject="link_request",
        subject_id=row.id,
    )


def link_requests(uow: UnitOfWork) -> list[LinkRow]:
    """A centre's open requests, oldest first; a guardian's own, newest first."""
    own = uow.actor.guardian_id is not None and not uow.actor.is_staff
    wanted = select(LinkRequest, Guardian).join(Guardian, Guardian.id == LinkRequest.guardian_id)
    if own:
        ASK_LINK.reach(uow.actor.role)
        wanted = wanted.where(LinkRequest.guardian_id == uow.actor.guardian_id).order_by(
            LinkRequest.id.desc()
        )
    else:
        DECIDE_LINK.reach(uow.actor.role)
        wanted = wanted.where(LinkRequest.centre_id == uow.actor.scope, LinkRequest.state.in_(OPEN)).order_by(
            LinkRequest.id
        )
    return [
        LinkRow(
            row.ref,
            row.version,
            row.child_name,
            row.birth_date,
            Relation(row.relation),
            guardian.name,
            guardian.phone,
            row.created_at,
            row.child_id is not None and row.state == "REQUESTED",
            row.state,
            row.decision_reason,
        )
        for row, guardian in uow.session.execute(wanted)
    ]


def _matching(uow: UnitOfWork, guardian: Guardian, asked: Child, centre_id: int) -> Child | None:
    """The one child of the centre whose name, birth date and guardian's number agree."""
    children = uow.session.scalars(
        select(Child)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .join(Guardian, Guardian.id == GuardianChild.guardian_id)
        .where(
            Child.birth_date == asked.birth_date,
            Guardian.phone == guardian.phone,
            Guardian.id != guardian.id,
            known_to(centre_id),
        )
        .distinct()
    )
    found = [child for child in children if same_child(child, asked)]
    return found[0] if len(found) == 1 else None


def _refuse_repeats(uow: UnitOfWork, guardian: Guardian, asked: Child) -> None:
    mine = uow.session.scalars(
        select(Child)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(GuardianChild.guardian_id == guardian.id, Child.birth_date == asked.birth_date)
    )
    if any(same_child(child, asked) for child in mine):
        raise RuleBroken(ALREADY_YOURS)
    waiting = uow.session.scalars(
        select(LinkRequest).where(
            LinkRequest.guardian_id == guardian.id,
            LinkRequest.birth_date == asked.birth_date,
            LinkRequest.child_name == asked.name,
            LinkRequest.state.in_(OPEN),
        )
    ).first()
    if waiting is not None:
        raise RuleBroken(LINK_ASKED)


def _to_decide(uow: UnitOfWork, ref: str, version: int) -> LinkRequest:
    DECIDE_LINK.reach(uow.actor.role)
    row = uow.session.scalars(
        select(LinkRequest)
        .where(LinkRequest.ref == ref, LinkRequest.centre_id == uow.actor.scope)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("link request")
    if row.state not in OPEN:
        raise RuleBroken(DECIDED_ALREADY)
    if row.version != version:
        raise StaleVersion("link request")
    guardian = uow.session.get_one(Guardian, row.guardian_id)
    if guardian.user_id is not None and guardian.user_id == uow.actor.user_id:
        raise RuleBroken(OWN_CASE)
    return row


def _child_to_link(uow: UnitOfWork, row: LinkRequest, child_ref: str, reason: str) -> tuple[Child, str]:
    if row.child_id is not None:
        return uow.session.get_one(Child, row.child_id, with_for_update=True), clean_line(
            reason, 200, "reason"
        )
    problems: list[Problem] = []
    words = clean_line(reason, 200, "reason")
    if not child_ref:
        problems.append(CHILD_NOT_CHOSEN)
    if not words:
        problems.append(REASON_MISSING)
    if problems:
        raise RuleBroken(problems)
    return child_for(uow, child_ref, lock=True), words


def _replaced(uow: UnitOfWork, child_id: int, guardian: Guardian) -> GuardianChild | None:
    """The link of the same number's guardian without an account."""
    return uow.session.scalars(
        select(GuardianChild)
        .join(Guardian, Guardian.id == GuardianChild.guardian_id)
        .where(
            GuardianChild.child_id == child_id,
            Guardian.user_id.is_(None),
            Guardian.phone == guardian.phone,
            Guardian.id != guardian.id,
        )
        .order_by(GuardianChild.emergency_order)
        .limit(1)
    ).first()


def _link(
    uow: UnitOfWork, child_id: int, guardian_id: int, row: LinkRequest, old: GuardianChild | None
) -> None:
    linked = uow.session.scalar(
        select(GuardianChild.id).where(
            GuardianChild.child_id == child_id, GuardianChild.guardian_id == guardian_id
        )
    )
    if linked is not None:
        return
    if old is not None:
        uow.session.execute(
            update(GuardianChild)
            .where(GuardianChild.id == old.id)
            .values(guardian_id=guardian_id, relation=row.relation)
            .execution_options(synchronize_session=False)
        )
        hand_over_papers(uow, child_id, old.guardian_id, guardian_id)
        return
    uow.session.add(
        GuardianChild(
            guardian_id=guardian_id,
            child_id=child_id,
            relation=row.relation,
            emergency_order=len(guardians_of(uow, child_id)) + 1,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
    )
    uow.session.flush()


def _close(uow: UnitOfWork, row: LinkRequest, state: str, reason: str) -> None:
    before, row.state = row.state, state
    row.decided_by, row.decided_at = uow.actor.user_id, uow.now
    row.version += 1
    uow.session.flush()
    audit.record(
        uow, "link.decided", "link_request", row.id, from_state=before, to_state=state, reason=reason or None
    )
