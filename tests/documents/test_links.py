"""A link to the signer's own phone: sent, opened, proven by a code, signed once, ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.parameters import IDLE_GUARDIAN
from app.documents.models import Paper, Signature, SignLink
from app.documents.parameters import SIGN_LINK_DAYS
from app.documents.rules.links import LINK_PAUSE, WRONG_CODES_MAX, LinkState
from app.documents.rules.papers import PaperState
from app.documents.service import links
from app.documents.service.issuing import void_paper
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.documents.signers import signatures_recorded, signers_of, suggested
from app.kernel.actor import SYSTEM, VISITOR, Actor, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import kst
from app.messaging.models import Message
from tests.cast_accounts import last_code, last_message
from tests.documents.test_uploads import PDF
from tests.documents.to_sign import DRAWN, FIELD, PARENT, prepared

PHONE = "01055556666"
START = kst(date(2026, 11, 20), 600)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@pytest.fixture
def paper(seoul: TenantRef, teacher: Actor) -> Paper:
    return prepared(seoul, teacher)


def invite(place: TenantRef, actor: Actor, paper: Paper, field: str = FIELD, phone: str = PHONE) -> str:
    """Send a link; returns its token as the message holds it."""
    with unit_of_work(place, actor) as uow:
        links.invite_signer(
            uow, paper.ref, field, signer="한지원", phone=phone, address=lambda token: f"https://x.kr/{token}"
        )
    found = re.search(r"https://x\.kr/([\w-]{32})$", last_message(place, phone).body)
    assert found is not None
    return found[1]


def prove(place: TenantRef, token: str) -> str:
    """What somebody with the phone in their hand gets for the cookie."""
    with unit_of_work(place, VISITOR) as uow:
        links.ask_code(uow, token)
    with unit_of_work(place, VISITOR) as uow:
        proof, problem = links.prove_phone(uow, token, last_code(place, PHONE))
    assert (bool(proof), problem) == (True, None)
    return proof


def sign(place: TenantRef, token: str, proof: str, **more: object) -> Paper:
    with unit_of_work(place, Actor(Role.VISITOR, ip="203.0.113.80")) as uow:
        seen = links.visit(uow, token).paper.data_sha256
        return links.sign_by_link(uow, token, proof, **{"strokes": DRAWN, "seen": seen, **more})  # type: ignore[arg-type]


def state(place: TenantRef, token: str) -> LinkState:
    with unit_of_work(place, VISITOR) as uow:
        return links.visit(uow, token).state


def refused(place: TenantRef, token: str, typed: str) -> str:
    """Type a code; the problem's code."""
    with unit_of_work(place, VISITOR) as uow:
        proof, problem = links.prove_phone(uow, token, typed)
    assert proof == ""
    assert problem is not None
    return problem.code


@pytest.mark.rule("GC-24")
def test_the_signer_proves_the_phone_reads_and_signs_once(
    seoul: TenantRef, teacher: Actor, paper: Paper
) -> None:
    token = invite(seoul, teacher, paper)
    proof = prove(seoul, token)
    with unit_of_work(seoul, VISITOR) as uow:
        assert links.read_by_link(uow, token, proof).paper.ref == paper.ref
    done = sign(seoul, token, proof)
    assert done.state == PaperState.ISSUED
    with unit_of_work(seoul, teacher) as uow:
        row, link = uow.session.scalars(select(Signature)).one(), uow.session.scalars(select(SignLink)).one()
        assert (row.signer, row.method, row.user_id, row.link_id) == ("한지원", "DRAWN", None, link.id)
        assert (row.data_sha256, row.ip) == (paper.data_sha256, "203.0.113.80")
        assert (link.ended_as, link.phone) == ("SIGNED", PHONE)
        assert signatures_recorded(uow, paper)[0].phone == PHONE
        trace = uow.session.scalars(select(AccessLog).where(AccessLog.what == "paper.read")).one()
        assert (trace.subject_id, trace.role, trace.reason) == (paper.id, "visitor", f"서명 링크 {link.ref}")
        actions = uow.session.scalars(
            select(AuditLog.action).where(AuditLog.role == "visitor", AuditLog.entity == "paper")
        ).all()
        assert actions == ["sign_link.phone_proven", "paper.signed", "paper.issued"]
    with pytest.raises(RuleBroken, match=r"link\.ended"):
        sign(seoul, token, proof)


def test_the_token_stands_in_the_message_only(seoul: TenantRef, teacher: Actor, paper: Paper) -> None:
    token = invite(seoul, teacher, paper)
    with unit_of_work(seoul, SYSTEM) as uow:
        link = uow.session.scalars(select(SignLink)).one()
        assert token not in (link.token_hash, link.ref)
        assert re.fullmatch(r"[0-9a-f]{64}", link.token_hash)
        assert not [row for row in uow.session.scalars(select(AuditLog)) if token in str(row.diff)]
        message = uow.session.scalars(select(Message)).one()
        assert "온수동 키움센터" in message.body
        assert paper.title in message.body
        assert "윤서담" not in message.body


@pytest.mark.rule("GC-24")
def test_a_link_ends_with_its_days(
    seoul: TenantRef, teacher: Actor, paper: Paper, clock: time_machine.Coordinates
) -> None:
    token = invite(seoul, teacher, paper)
    end = START + timedelta(days=SIGN_LINK_DAYS.default)
    clock.move_to(end - timedelta(seconds=1))
    proof = prove(seoul, token)
    assert state(seoul, token) is LinkState.OPEN
    clock.move_to(end)
    assert state(seoul, token) is LinkState.EXPIRED
    with pytest.raises(RuleBroken, match=r"link\.ended"):
        sign(seoul, token, proof)
    with unit_of_work(seoul, VISITOR) as uow, pytest.raises(RuleBroken, match=r"link\.ended"):
        links.ask_code(uow, token)
    assert refused(seoul, token, "000000") == "link.ended"


@pytest.mark.rule("XX-14")
def test_a_proof_lasts_as_long_as_a_guardians_session(
    seoul: TenantRef, teacher: Actor, paper: Paper, clock: time_machine.Coordinates
) -> None:
    token = invite(seoul, teacher, paper)
    proof = prove(seoul, token)
    end = START + timedelta(minutes=IDLE_GUARDIAN.default)
    for moment, good in ((end - timedelta(seconds=1), True), (end, False)):
        clock.move_to(moment)
        with unit_of_work(seoul, VISITOR) as uow:
            assert links.proven(uow, links.visit(uow, token).link, proof) is good
    with pytest.raises(Forbidden):
        sign(seoul, token, proof)


def test_a_code_opens_its_own_link_and_a_proof_its_own_paper(
    seoul: TenantRef, teacher: Actor, paper: Paper
) -> None:
    mine, other = invite(seoul, teacher, paper), prepared(seoul, teacher)
    theirs = invite(seoul, teacher, other, phone="01077778888")
    with unit_of_work(seoul, VISITOR) as uow:
        links.ask_code(uow, theirs)
        links.ask_code(uow, mine)
    of_theirs, of_mine = last_code(seoul, "01077778888"), last_code(seoul, PHONE)
    if of_theirs != of_mine:
        assert refused(seoul, mine, of_theirs) == "wrong_code"
    proof = prove_with(seoul, mine, of_mine)
    for wrong in (proof[:-1], "", "x" * 64, "가"):
        with unit_of_work(seoul, VISITOR) as uow, pytest.raises(Forbidden):
            links.read_by_link(uow, mine, wrong)
    with unit_of_work(seoul, VISITOR) as uow, pytest.raises(Forbidden):
        links.read_by_link(uow, theirs, proof)
    with pytest.raises(Forbidden):
        sign(seoul, theirs, proof)
    assert refused(seoul, mine, of_mine) == "code_spent"


def prove_with(place: TenantRef, token: str, code: str) -> str:
    with unit_of_work(place, VISITOR) as uow:
        return links.prove_phone(uow, token, code)[0]


@pytest.mark.rule("GC-21")
def test_a_link_of_another_municipality_leads_nowhere(
    seoul: TenantRef, gwacheon: TenantRef, teacher: Actor, paper: Paper
) -> None:
    token = invite(seoul, teacher, paper)
    for place, wrong in ((gwacheon, token), (seoul, token[:-1]), (seoul, ""), (seoul, "x" * 500)):
        with unit_of_work(place, VISITOR) as uow, pytest.raises(NotFound):
            links.visit(uow, wrong)


@pytest.mark.rule("KP-08")
def test_guessing_codes_closes_the_link(
    seoul: TenantRef, teacher: Actor, paper: Paper, clock: time_machine.Coordinates
) -> None:
    token = invite(seoul, teacher, paper)
    assert refused(seoul, token, "000000") == "wrong_code"  # nothing was sent yet: no try is counted
    for tries in range(WRONG_CODES_MAX):
        if tries % 5 == 0:
            clock.shift(timedelta(minutes=1))
            with unit_of_work(seoul, VISITOR) as uow:
                links.ask_code(uow, token)
        right = last_code(seoul, PHONE)
        answer = refused(seoul, token, "000000" if right != "000000" else "111111")
        last = tries == WRONG_CODES_MAX - 1
        assert answer == ("link.ended" if last else "code_spent" if tries % 5 == 4 else "wrong_code")
    assert state(seoul, token) is LinkState.LOCKED
    assert refused(seoul, token, last_code(seoul, PHONE)) == "link.ended"
    clock.shift(LINK_PAUSE)
    assert state(seoul, invite(seoul, teacher, paper)) is LinkState.OPEN


def test_codes_cannot_be_asked_for_without_end(
    seoul: TenantRef, teacher: Actor, paper: Paper, clock: time_machine.Coordinates
) -> None:
    token = invite(seoul, teacher, paper)
    for expected in [None] * 5 + ["code_too_many"]:
        with unit_of_work(seoul, VISITOR) as uow:
            if expected is None:
                links.ask_code(uow, token)
            else:
                with pytest.raises(RuleBroken, match=expected):
                    links.ask_code(uow, token)
        clock.shift(timedelta(seconds=30))


def test_a_newer_link_ends_the_older(
    seoul: TenantRef, teacher: Actor, paper: Paper, clock: time_machine.Coordinates
) -> None:
    first = invite(seoul, teacher, paper)
    clock.shift(LINK_PAUSE - timedelta(seconds=1))
    with pytest.raises(RuleBroken, match="too_soon"):
        invite(seoul, teacher, paper)
    clock.shift(timedelta(seconds=1))
    second = invite(seoul, teacher, paper)
    assert (state(seoul, first), state(seoul, second)) == (LinkState.REPLACED, LinkState.OPEN)
    with unit_of_work(seoul, teacher) as uow:
        line = signers_of(uow, paper)[0]
        assert (line.invited, suggested(paper, line)) == (True, ("한지원", PHONE))


def test_staff_take_a_link_back(seoul: TenantRef, teacher: Actor, paper: Paper) -> None:
    token = invite(seoul, teacher, paper)
    proof = prove(seoul, token)
    with unit_of_work(seoul, SYSTEM) as uow:
        ref = uow.session.scalars(select(SignLink.ref)).one()
    stranger = Actor(Role.CARE_TEACHER, user_id=99, scope=(teacher.scope or 0) + 1)
    with unit_of_work(seoul, stranger) as uow, pytest.raises(NotFound):
        links.withdraw_link(uow, ref)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        links.withdraw_link(uow, ref)
    with unit_of_work(seoul, teacher) as uow:
        links.withdraw_link(uow, ref)
    assert state(seoul, token) is LinkState.WITHDRAWN
    with pytest.raises(RuleBroken, match=r"link\.ended"):
        sign(seoul, token, proof)
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match=r"link\.ended"):
        links.withdraw_link(uow, ref)


def test_what_happens_meanwhile_ends_in_one_clear_answer(
    seoul: TenantRef, teacher: Actor, paper: Paper
) -> None:
    token = invite(seoul, teacher, paper)
    proof = prove(seoul, token)
    with pytest.raises(StaleVersion):
        sign(seoul, token, proof, seen="0" * 64)
    with unit_of_work(seoul, teacher) as uow:
        scan_paper(uow, paper.ref, {FIELD: "한지원"}, Scan("동의서.pdf", PDF))
    assert state(seoul, token) is LinkState.OVERTAKEN
    with pytest.raises(RuleBroken, match=r"link\.ended"):
        sign(seoul, token, proof)
    other = prepared(seoul, teacher)
    token = invite(seoul, teacher, other)
    with unit_of_work(seoul, teacher) as uow:
        void_paper(uow, other.ref, "잘못 만들었어요")
    assert state(seoul, token) is LinkState.VOID
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="is_void"):
        links.invite_signer(uow, other.ref, FIELD, signer="한지원", phone=PHONE, address=str)


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"strokes": [[[5, 5]]]}, "only_a_dot"),
        ({"strokes": None, "typed": "😀"}, "other_name"),
        ({"strokes": None, "typed": "한지완"}, "other_name"),
        ({"strokes": None, "typed": ""}, "nothing_signed"),
        ({"strokes": None}, "nothing_signed"),
        ({"strokes": None, "typed": " 한 지원"}, None),
    ],
)
def test_the_invited_person_signs_under_the_invited_name(
    seoul: TenantRef, teacher: Actor, paper: Paper, given: dict[str, object], problem: str | None
) -> None:
    token = invite(seoul, teacher, paper)
    proof = prove(seoul, token)
    if problem is None:
        assert sign(seoul, token, proof, **given).state == PaperState.ISSUED
        with unit_of_work(seoul, SYSTEM) as uow:
            row = uow.session.scalars(select(Signature)).one()
            assert (row.signer, row.method, row.strokes) == ("한지원", "TYPED", None)
        return
    with pytest.raises(RuleBroken, match=problem):
        sign(seoul, token, proof, **given)
    assert state(seoul, token) is LinkState.OPEN


@pytest.mark.parametrize(
    ("signer", "phone", "problems"),
    [
        ("한지원", "02-2600-1234", ["link.bad_phone"]),
        ("", "010-123", ["paper.signer_missing", "link.bad_phone"]),
        ("😀", "010-1234-5678", ["paper.signer_missing"]),
        ("한지원", "", ["link.bad_phone"]),
    ],
)
def test_an_invitation_needs_a_name_and_a_mobile_phone(
    seoul: TenantRef, teacher: Actor, paper: Paper, signer: str, phone: str, problems: list[str]
) -> None:
    with unit_of_work(seoul, teacher) as uow:
        with pytest.raises(RuleBroken) as error:
            links.invite_signer(uow, paper.ref, FIELD, signer=signer, phone=phone, address=str)
        assert [problem.code for problem in error.value.problems] == problems


def test_who_may_invite(seoul: TenantRef, teacher: Actor, paper: Paper) -> None:
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        links.invite_signer(uow, paper.ref, FIELD, signer="한지원", phone=PHONE, address=str)
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="no_such_place"):
        links.invite_signer(uow, paper.ref, "nothing", signer="한지원", phone=PHONE, address=str)
    assert state(seoul, invite(seoul, SYSTEM, paper)) is LinkState.OPEN


@pytest.mark.rule("GC-24")
def test_a_later_signer_is_invited_when_the_turn_has_come(seoul: TenantRef, teacher: Actor) -> None:
    log = prepared(seoul, teacher, "kium-vehicle-log", guardian_id=None, child_id=None)
    with pytest.raises(RuleBroken, match="not_the_turn"):
        invite(seoul, teacher, log, "head_signature")
    with unit_of_work(seoul, teacher) as uow:
        sign_paper(uow, log.ref, "staff_signature", signer="이선생", strokes=DRAWN)
    token = invite(seoul, teacher, log, "head_signature")
    assert sign(seoul, token, prove(seoul, token)).state == PaperState.ISSUED
