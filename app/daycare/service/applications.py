"""이용신청서: written, handed in, returned or accepted, out of date when what it says has changed (AD-18 – AD-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import delete, select, update

from app.daycare import actions
from app.daycare.accepted import keep, was_accepted
from app.daycare.family import is_outdated, versions_now
from app.daycare.gate import enter_gate
from app.daycare.messages import APPLICATION_ACCEPTED, APPLICATION_RETURNED
from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication, DaycareBooking
from app.daycare.parameters import FREE_CATEGORIES
from app.daycare.queries.place import DaycareRow, daycare_by_id, daycare_by_ref
from app.daycare.rules import eligibility
from app.daycare.rules.application import (
    FAMILY_PAPERS,
    IDENTITY_PAPERS,
    CheckKind,
    check_application,
    check_births,
)
from app.daycare.rules.states import APPLICATION_STEPS, HOLDING, ApplicationState, Channel
from app.daycare.service.application_rows import (
    ApplicationData,
    children_of,
    fill,
    guardian_who_applies,
    homes_of,
    kinship_problems,
    lives_elsewhere,
    new_application,
    phone_problems,
    still_seen,
)
from app.daycare.service.judging import let_pass
from app.daycare.service.opening import open_application
from app.daycare.service.repricing import accept_terms
from app.daycare.service.settling import REASON_MISSING
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.kernel import audit, submission
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.states import WRONG_STEP
from app.messaging.service import plan_message
from app.people.models import Child, Guardian
from app.people.service import know_child

UNKNOWN_PAPER = Problem(
    "daycare.unknown_paper", N_("어떤 서류를 보았는지 골라 주세요."), rule="AD-18", field="paper"
)
NOT_RETURNED = Problem(
    "daycare.not_returned",
    N_("확인한 서류는 그 자리에서 보호자에게 돌려드려 주세요."),
    rule="GC-25",
    field="returned",
)
UNSIGNED = Problem(
    "daycare.application_unsigned",
    N_("보호자의 서명을 아직 받지 않았어요. 서명을 받은 뒤 접수해 주세요."),
    rule="GC-24",
    field="signature",
)
UNKNOWN_FREE = Problem(
    "daycare.unknown_free", N_("이용료를 내지 않는 가정을 목록에서 골라 주세요."), rule="AD-12", field="free"
)
LIVES_ELSEWHERE = Problem(
    "daycare.lives_elsewhere",
    N_("주소가 경기도가 아니에요. 가족관계서류에서 경기도 주민등록을 확인한 뒤 접수해 주세요."),
    rule="AE-17",
    field="paper-family",
)
EDITABLE = frozenset(
    {
        ApplicationState.DRAFT,
        ApplicationState.SUBMITTED,
        ApplicationState.ACCEPTED,
        ApplicationState.RETURNED,
    }
)


def save_application(
    uow: UnitOfWork,
    data: ApplicationData,
    *,
    ref: str | None = None,
    version: int | None = None,
    guardian: str | None = None,
    channel: Channel = Channel.VISIT,
) -> DaycareApplication:
    """Keep a draft as it is, complete or not, but nothing that cannot be. A family has one open one per daycare.

    ``channel``: how it reached the staff who write it down; what a family writes itself keeps its own.
    """
    row, children = _come(uow, data, ref, version, guardian)
    if row.state not in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        raise RuleBroken(WRONG_STEP)
    if wrong := check_births(data.guardians, uow.today):
        raise RuleBroken(wrong)
    row = _afresh(uow, row)
    fill(uow, row, data, children)
    if uow.actor.role is not Role.GUARDIAN:
        row.channel = channel
    return row


def drop_draft(uow: UnitOfWork, ref: str, *, version: int) -> None:
    """Staff throw away what they began to write down; its answers about the children go with it (XX-07)."""
    row = open_application(uow, ref, actions.APPLY, version)
    if row.state != ApplicationState.DRAFT:
        raise RuleBroken(WRONG_STEP)
    for table in (ApplicationChild, ApplicationGuardian):
        uow.session.execute(delete(table).where(table.application_id == row.id))
    row.consents, row.purpose, row.purpose_words = {}, "", ""
    _move(uow, row, ApplicationState.WITHDRAWN, "daycare.application_dropped")


def submit_application(
    uow: UnitOfWork,
    request_id: str,
    data: ApplicationData,
    *,
    ref: str | None = None,
    version: int | None = None,
    guardian: str | None = None,
    channel: Channel = Channel.ONLINE,
    reasons: Mapping[str, str] | None = None,
) -> DaycareApplication:
    """Hand it in. What is missing refuses it; two consents may be refused, then the director decides (AD-20).

    What was accepted is not written over: the changed one has to be accepted too, and until then the door goes by
    the list that was (AD-22). Papers that were seen stay seen, unless the family moved.
    """
    submission.submit_once(uow, request_id)
    row, children = _come(uow, data, ref, version, guardian)
    row = _afresh(uow, row)
    named = [replace(answers, name=children[answers.child].name) for answers in data.children]
    problems = check_application(named, data.guardians, data.purpose, data.purpose_words, data.consents)
    problems += check_births(data.guardians, uow.today)
    problems += phone_problems(data.guardians)
    problems += kinship_problems(uow, row, children)
    decides = uow.actor.role is Role.DAYCARE_DIRECTOR
    given = (reasons or {}) if decides else {}
    row.passed = let_pass(problems, given, may_decide=decides)
    fill(uow, row, data, children)
    row.channel, row.submitted_at = channel, uow.now
    row.checks = {**still_seen(uow, row), "data": versions_now(uow, row)}
    _move(uow, row, ApplicationState.SUBMITTED, "daycare.application_submitted")
    for child in children.values():
        know_child(uow, child.id, row.daycare_id)
    uow.session.execute(
        update(DaycareBooking)
        .where(
            DaycareBooking.daycare_id == row.daycare_id,
            DaycareBooking.guardian_id == row.guardian_id,
            DaycareBooking.state.in_(sorted(HOLDING)),
        )
        .values(application_id=row.id)
    )  # the door asks for the papers of the newest; whom a child is given to: app.daycare.listed
    return row


def accept_application(
    uow: UnitOfWork,
    ref: str,
    *,
    version: int,
    reasons: Mapping[str, str] | None = None,
    free: Mapping[str, str] | None = None,
) -> None:
    """``reasons`` for what was refused of the consents; ``free``: child ref → category whose proof was seen (AD-12).

    What standing bookings cost follows what is accepted (AD-15).
    """
    daycare = _at_gate(uow, ref)
    row = open_application(uow, ref, actions.DECIDE_APPLICATION, version)
    if row.channel != Channel.ONLINE and not _is_signed(uow, row):
        raise RuleBroken(UNSIGNED)
    if lives_elsewhere(uow, row):
        raise RuleBroken(LIVES_ELSEWHERE)
    given = reasons or {}
    passed = [[code, reason or given.get(code, "").strip()] for code, reason in row.passed]
    if open_ := [code for code, reason in passed if not reason]:
        raise RuleBroken([replace(REASON_MISSING, code=code, field=code) for code in open_])
    row.passed = passed
    _set_free(uow, row, free or {})
    _decide(uow, row, "")
    accept_terms(uow, daycare, row)
    _move(uow, row, ApplicationState.ACCEPTED, "daycare.application_accepted")
    _tell(uow, row, APPLICATION_ACCEPTED, children=", ".join(_names(uow, row)))


def return_application(uow: UnitOfWork, ref: str, reason: str, *, version: int) -> None:
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    row = open_application(uow, ref, actions.DECIDE_APPLICATION, version)
    _decide(uow, row, reason.strip())
    _move(uow, row, ApplicationState.RETURNED, "daycare.application_returned", reason=reason.strip())
    _tell(uow, row, APPLICATION_RETURNED, reason=reason.strip())


def withdraw_application(uow: UnitOfWork, ref: str, *, version: int) -> None:
    row = open_application(uow, ref, actions.APPLY, version)
    _move(uow, row, ApplicationState.WITHDRAWN, "daycare.application_withdrawn")


def record_check(
    uow: UnitOfWork,
    ref: str,
    kind: CheckKind,
    paper: str,
    *,
    returned: bool,
    resident: bool | None = None,
    related: bool | None = None,
) -> None:
    """A paper was seen and given back at once; the family document also says residence and kinship (AE-17, AE-19)."""
    row = open_application(uow, ref, actions.CHECK_PAPERS, None)
    if paper not in (FAMILY_PAPERS if kind is CheckKind.FAMILY else IDENTITY_PAPERS):
        raise RuleBroken(UNKNOWN_PAPER)
    if not returned:
        raise RuleBroken(NOT_RETURNED)
    if kind is CheckKind.FAMILY and resident is False:
        raise RuleBroken(eligibility.NOT_RESIDENT.of(field="resident"))
    note = {"paper": paper, "at": uow.now.isoformat(), "by": uow.actor.name, "returned": True}
    if kind is CheckKind.FAMILY:
        note |= {"resident": resident, "related": bool(related) or paper == "family_certificate"}
        note |= {"homes": homes_of(uow, row)}
    row.checks = {**row.checks, kind.value: note}
    row.version += 1
    uow.session.flush()
    audit.record(uow, "daycare.paper_seen", "daycare_application", row.id, diff={kind.value: [None, paper]})


def attach_paper(uow: UnitOfWork, ref: str, paper_id: int) -> None:
    """The signed form of this application."""
    row = open_application(uow, ref, actions.APPLY, None)
    row.paper_id = paper_id
    uow.session.flush()


def _is_signed(uow: UnitOfWork, row: DaycareApplication) -> bool:
    """Its form bears the family's signature: drawn, typed, or on a scanned sheet (GC-24)."""
    paper = uow.session.get(Paper, row.paper_id or 0)
    return paper is not None and paper.state == PaperState.ISSUED


def outdate_applications(uow: UnitOfWork) -> int:
    """Those whose child or guardian was corrected since: they have to be written anew (AD-18). Returns how many."""
    found = 0
    for row in uow.session.scalars(
        select(DaycareApplication)
        .where(DaycareApplication.state.in_([ApplicationState.SUBMITTED, ApplicationState.ACCEPTED]))
        .order_by(DaycareApplication.id)
        .with_for_update()
    ).all():
        if is_outdated(uow, row):
            _move(uow, row, ApplicationState.OUTDATED, "daycare.application_outdated")
            found += 1
    return found


def _come(
    uow: UnitOfWork,
    data: ApplicationData,
    ref: str | None,
    version: int | None,
    guardian_ref: str | None,
) -> tuple[DaycareApplication, dict[str, Child]]:
    """The application to write on (the open one of the family, or a new draft) and the children named in it."""
    daycare = daycare_by_ref(uow, data.daycare)
    actions.APPLY.check(uow.actor, daycare.id)
    guardian = guardian_who_applies(uow, guardian_ref)
    children = children_of(uow, guardian.id, [answers.child for answers in data.children])
    if ref is not None:
        row = open_application(uow, ref, actions.APPLY, version)
        if row.daycare_id != daycare.id or row.guardian_id != guardian.id:
            raise NotFound("daycare_application")
        return row, children
    uow.session.execute(select(Guardian.id).where(Guardian.id == guardian.id).with_for_update(key_share=True))
    row_or_none = uow.session.scalars(
        select(DaycareApplication)
        .where(
            DaycareApplication.daycare_id == daycare.id,
            DaycareApplication.guardian_id == guardian.id,
            DaycareApplication.state.in_(sorted(EDITABLE)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    return row_or_none or new_application(uow, daycare, guardian), children


def _afresh(uow: UnitOfWork, row: DaycareApplication) -> DaycareApplication:
    """The same row, or a new one in the place of what was accepted once: that stays as it was read (AD-18, AD-22)."""
    if not was_accepted(row):
        return row
    _move(uow, row, ApplicationState.OUTDATED, "daycare.application_renewed")
    guardian = uow.session.get_one(Guardian, row.guardian_id)
    return new_application(uow, daycare_by_id(uow, row.daycare_id), guardian)


def _at_gate(uow: UnitOfWork, ref: str) -> DaycareRow:
    """Before the application is locked: bookings hang on it, and whoever books has the gate first."""
    daycare_id = uow.session.scalar(
        select(DaycareApplication.daycare_id).where(DaycareApplication.ref == ref)
    )
    if daycare_id is None:
        raise NotFound("daycare_application")
    actions.DECIDE_APPLICATION.check(uow.actor, daycare_id)
    return enter_gate(uow, daycare_id)


def _set_free(uow: UnitOfWork, row: DaycareApplication, free: Mapping[str, str]) -> None:
    if set(free.values()) - {"", *FREE_CATEGORIES}:
        raise RuleBroken(UNKNOWN_FREE)
    entries = uow.session.execute(
        select(ApplicationChild, Child.ref)
        .join(Child, Child.id == ApplicationChild.child_id)
        .where(ApplicationChild.application_id == row.id)
    )
    for entry, ref in entries:
        entry.free_category = free.get(ref, entry.free_category)


def _move(
    uow: UnitOfWork,
    row: DaycareApplication,
    after: ApplicationState,
    action: str,
    *,
    reason: str | None = None,
) -> None:
    before = ApplicationState(row.state)
    if before is ApplicationState.ACCEPTED:
        keep(uow, row)
    if refused := APPLICATION_STEPS.check(before, after, uow.actor.role.value):
        raise RuleBroken(refused)
    row.state = after
    row.version += 1
    uow.session.flush()
    audit.record(uow, action, "daycare_application", row.id, from_state=before, to_state=after, reason=reason)


def _decide(uow: UnitOfWork, row: DaycareApplication, reason: str) -> None:
    row.decided_by, row.decided_at, row.decision_reason = uow.actor.user_id, uow.now, reason


def _names(uow: UnitOfWork, row: DaycareApplication) -> list[str]:
    return list(
        uow.session.scalars(
            select(Child.name)
            .join(ApplicationChild, ApplicationChild.child_id == Child.id)
            .where(ApplicationChild.application_id == row.id)
            .order_by(ApplicationChild.position)
        )
    )


def _tell(uow: UnitOfWork, row: DaycareApplication, key: str, **values: str) -> None:
    to = uow.session.get_one(Guardian, row.guardian_id).phone
    name = daycare_by_id(uow, row.daycare_id).name
    plan_message(
        uow,
        key,
        to,
        {"daycare": name, **values},
        subject="daycare_application",
        subject_id=row.id,
    )
