"""Issued, void, issued anew: numbers, codes, successors; seal pictures where the form wants them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.filetypes import MIB
from app.documents.issued import issue_facts
from app.documents.models import Paper, Upload
from app.documents.pictures import Picture, look_at
from app.documents.queries import signatures_of
from app.documents.rules.papers import PaperState
from app.documents.rules.sealing import Sealer
from app.documents.rules.verifying import ALPHABET, CODE_LENGTH
from app.documents.seals import TOWN, current_seal, hand_in_seal, owner_of, put_seal_away, seal_pictures
from app.documents.service.drafts import drop_draft
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import prepare_paper
from app.documents.service.reissuing import reissue_paper
from app.documents.service.signing import sign_paper
from app.documents.sheets import sheet_of
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, Problem, RuleBroken
from app.kernel.ranges import kst
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.cast import make_centre
from tests.documents.papers import sample

LIST, NOTICE, PRIVACY = "kium-waiting-list", "kium-decision-notice", "kium-consent-privacy"
PARENT = Actor(Role.GUARDIAN, user_id=11, name="한지원", guardian_id=90_007)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@pytest.fixture
def director(seoul: TenantRef) -> Actor:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
    return Actor(Role.CENTRE_DIRECTOR, user_id=21, name="이센터", scope=centre.id)


def district_of(place: TenantRef, director: Actor) -> int:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(Institution, director.scope).parent_id or 0


def issue(place: TenantRef, who: Actor, form_id: str = LIST, **more: Any) -> Paper:
    given = {"data": sample(load(form_id)), "institution_id": who.scope, **more}
    with unit_of_work(place, who) as uow:
        return prepare_paper(uow, form_id, given.pop("data"), subject="centre", subject_id=None, **given)


def png(width: int = 200, height: int = 200, *, alpha: bool = True, bits: int = 8) -> bytes:
    """A red square."""
    kind, pixel = (6, b"\xc0\x20\x20\xff") if alpha else (2, b"\xc0\x20\x20")
    rows = (b"\0" + pixel * width) * height
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def jpeg(width: int = 200, height: int = 200, channels: int = 3) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, channels) + b"\1\x11\0" * channels
    return b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + b"\xff\xd9"


@pytest.mark.rule("GC-17")
def test_numbers_count_up_and_codes_are_random(seoul: TenantRef, director: Actor) -> None:
    papers = [issue(seoul, director) for _ in range(3)]
    assert [p.number for p in papers] == ["D2026-000001", "D2026-000002", "D2026-000003"]
    codes = {p.verify_code for p in papers}
    assert len(codes) == 3
    assert all(code and len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) for code in codes)


@pytest.mark.rule("GC-18")
def test_a_paper_issued_anew_replaces_the_old_one(seoul: TenantRef, director: Actor) -> None:
    old = issue(seoul, director)
    with unit_of_work(seoul, director) as uow:
        new = reissue_paper(uow, old.ref, "이름을 잘못 적음", {"centre_name": "오류동 키움센터"})
        assert (new.state, new.number, new.replaces_id) == ("ISSUED", "D2026-000002", old.id)
        assert new.data == {**old.data, "centre_name": "오류동 키움센터"}
        assert new.verify_code != old.verify_code
        before = uow.session.get_one(Paper, old.id)
        assert (before.state, before.void_reason, before.number) == (
            "VOID",
            "이름을 잘못 적음",
            "D2026-000001",
        )
        facts, later = issue_facts(uow, before), issue_facts(uow, new)
        assert facts is not None
        assert later is not None
        assert facts.successor is not None
        assert facts.successor.number == "D2026-000002"
        assert later.replaces is not None
        assert later.replaces.number == "D2026-000001"
        logged = uow.session.scalars(select(AuditLog).where(AuditLog.action == "paper.reissued")).one()
        assert (logged.reason, logged.diff) == ("이름을 잘못 적음", {"replaces": [None, "D2026-000001"]})


def test_only_one_paper_takes_the_place_of_another(seoul: TenantRef, director: Actor) -> None:
    old = issue(seoul, director)
    with unit_of_work(seoul, director) as uow:
        new = reissue_paper(uow, old.ref, "잘못됨")
        with pytest.raises(RuleBroken, match="replaced_already"):
            reissue_paper(uow, old.ref, "또")
        assert reissue_paper(uow, new.ref, "다시 잘못됨").number == "D2026-000003"


def test_a_void_paper_can_be_issued_anew_and_an_issued_one_only_with_a_reason(
    seoul: TenantRef, director: Actor
) -> None:
    old, other = issue(seoul, director), issue(seoul, director)
    with unit_of_work(seoul, director) as uow:
        void_paper(uow, old.ref, "잘못됨")
        assert reissue_paper(uow, old.ref, "").replaces_id == old.id
        with pytest.raises(RuleBroken, match="reason_missing"):
            reissue_paper(uow, other.ref, "  ")
        assert uow.session.get_one(Paper, other.id).state == PaperState.ISSUED


@pytest.mark.rule("GC-24")
def test_signatures_are_given_anew(seoul: TenantRef, director: Actor) -> None:
    paper = issue(seoul, director, PRIVACY, guardian_id=90_007)
    with unit_of_work(seoul, director) as uow, pytest.raises(RuleBroken, match="not_issued"):
        reissue_paper(uow, paper.ref, "아직 서명 전")
    with unit_of_work(seoul, PARENT) as uow:
        sign_paper(uow, paper.ref, "guardian_signature", signer="한지원", typed="한지원")
    with unit_of_work(seoul, director) as uow:
        new = reissue_paper(uow, paper.ref, "주소가 바뀜")
        assert (new.state, new.number, new.guardian_id) == ("TO_SIGN", None, 90_007)
        assert signatures_of(uow, new.id) == []
        assert len(signatures_of(uow, paper.id)) == 1


@pytest.mark.parametrize("how", ["void", "drop"])
def test_a_draft_to_correct_that_is_given_up_lets_another_take_the_place(
    seoul: TenantRef, director: Actor, how: str
) -> None:
    old = issue(seoul, director)
    with unit_of_work(seoul, director) as uow:
        draft = reissue_paper(uow, old.ref, "고쳐야 함", draft=True)
        assert draft.state == PaperState.DRAFT
        facts = issue_facts(uow, uow.session.get_one(Paper, old.id))
        assert facts is not None
        assert facts.successor is not None
        if how == "void":
            void_paper(uow, draft.ref, "그만둠")
        else:
            drop_draft(uow, draft.ref)
        facts = issue_facts(uow, uow.session.get_one(Paper, old.id))
        assert facts is not None
        assert facts.successor is None
        new = reissue_paper(uow, old.ref, "")
        assert new.replaces_id == old.id
        assert uow.session.get_one(Paper, draft.id).replaces_id is None


@pytest.mark.rule("XX-05")
def test_only_staff_of_the_house_issue_anew(seoul: TenantRef, director: Actor) -> None:
    paper = issue(seoul, director, guardian_id=90_007)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        reissue_paper(uow, paper.ref, "내 마음")
    stranger = Actor(Role.CENTRE_DIRECTOR, user_id=99, scope=(director.scope or 0) + 500)
    with unit_of_work(seoul, stranger) as uow, pytest.raises(NotFound):
        reissue_paper(uow, paper.ref, "남의 것")


@pytest.mark.rule("GC-24")
def test_the_head_s_seal_is_drawn_on_what_is_issued_from_then_on(seoul: TenantRef, director: Actor) -> None:
    paper = issue(seoul, director, NOTICE)
    with unit_of_work(seoul, director) as uow:
        assert seal_pictures(uow, paper) == {}
        row = hand_in_seal(uow, "직인.png", png())
        assert (row.owner, row.owner_id, row.kind) == ("institution", director.scope, "seal")
        assert seal_pictures(uow, paper) == {"head_seal": png()}
        assert sheet_of(uow, paper, "").signatures == {"head_seal": png()}
        hand_in_seal(uow, "새 직인.png", png(300, 300))
        assert seal_pictures(uow, paper) == {"head_seal": png(300, 300)}
        paper.state = PaperState.TO_SIGN
        assert sheet_of(uow, paper, "").signatures == {}
        paper.state = PaperState.ISSUED
        put_seal_away(uow)
        assert seal_pictures(uow, paper) == {}
        with pytest.raises(NotFound):
            put_seal_away(uow)
        uow.session.flush()
        logged = uow.session.scalars(select(AuditLog.action).where(AuditLog.action.like("seal.%"))).all()
        assert sorted(logged) == ["seal.changed", "seal.changed", "seal.put_away"]


@pytest.mark.rule("GC-24")
def test_each_house_has_its_own_seal(seoul: TenantRef, director: Actor) -> None:
    district = district_of(seoul, director)
    officer = Actor(Role.DISTRICT_OFFICER, user_id=31, scope=district)
    city = Actor(Role.SEOUL_ADMIN, user_id=41)
    for actor, side in ((director, 200), (officer, 300), (city, 400)):
        with unit_of_work(seoul, actor) as uow:
            hand_in_seal(uow, "직인.png", png(side, side))
    with unit_of_work(seoul, SYSTEM) as uow:
        sizes = []
        for owner in (("institution", director.scope or 0), ("institution", district), TOWN):
            row = current_seal(uow, owner)
            assert row is not None
            sizes.append(row.size)
        assert sizes == [len(png(side, side)) for side in (200, 300, 400)]


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize("role", [Role.CARE_TEACHER, Role.TEAM_LEADER, Role.GUARDIAN])
def test_nobody_but_the_head_hands_in_a_seal(seoul: TenantRef, director: Actor, role: Role) -> None:
    with unit_of_work(seoul, Actor(role, user_id=5, scope=director.scope)) as uow:
        with pytest.raises(Forbidden):
            hand_in_seal(uow, "직인.png", png())
        assert uow.session.scalars(select(Upload).where(Upload.kind == "seal")).all() == []


def test_a_district_s_field_takes_the_seal_of_the_centre_s_district(
    seoul: TenantRef, director: Actor
) -> None:
    district = district_of(seoul, director)
    with unit_of_work(seoul, SYSTEM) as uow:
        assert owner_of(uow, Sealer.DISTRICT, director.scope) == ("institution", district)
        assert owner_of(uow, Sealer.DISTRICT, district) == ("institution", district)
        assert owner_of(uow, Sealer.MUNICIPALITY, director.scope) == TOWN
        assert owner_of(uow, Sealer.OWN, None) == TOWN
        assert owner_of(uow, Sealer.NONE, director.scope) is None
        assert owner_of(uow, Sealer.REGIONAL, director.scope) is None
        hub = Institution(kind=InstitutionKind.REGIONAL_CENTRE, name="아동돌봄센터")
        uow.session.add(hub)
        uow.session.flush()
        assert owner_of(uow, Sealer.REGIONAL, director.scope) == ("institution", hub.id)
        uow.session.add(Institution(kind=InstitutionKind.REGIONAL_CENTRE, name="아동돌봄센터 2"))
        uow.session.flush()
        assert owner_of(uow, Sealer.REGIONAL, director.scope) is None


@pytest.mark.parametrize(
    ("content", "clear"),
    [
        (png(), True),
        (png(alpha=False), False),
        (png(100, 2000), True),
        (jpeg(), False),
        (jpeg(channels=1), False),
    ],
)
def test_a_picture_is_measured(content: bytes, clear: bool) -> None:
    found = look_at(content)
    assert isinstance(found, Picture)
    assert found.clear is clear


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a" + b"\0" * 99, "seal.type"),
        (b"<svg onload=alert(1)>", "seal.type"),
        (png(99, 200), "seal.size"),
        (png(2001, 100), "seal.size"),
        (jpeg(99, 200), "seal.size"),
        (jpeg(60_000, 60_000), "seal.size"),
        (png()[:-20], "seal.broken"),
        (png().replace(b"IDAT", b"IDAX", 1), "seal.broken"),
        (png()[:60] + b"\1" + png()[61:], "seal.broken"),
        (b"\x89PNG\r\n\x1a\n", "seal.broken"),
        (jpeg()[:-2], "seal.broken"),
        (b"\xff\xd8\xff\xd9", "seal.broken"),
        (jpeg(channels=4), "seal.for_press"),
        (png() + b"\0" * MIB, "seal.too_big"),
    ],
)
def test_what_cannot_be_a_seal_is_refused_in_words(content: bytes, code: str) -> None:
    found = look_at(content)
    assert isinstance(found, Problem)
    assert found.code == code


def test_a_picture_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * 200_000_000, 9)
    head = struct.pack(">IIBBBBB", 200, 200, 8, 6, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", bomb), (b"IEND", b""))
    )
    found = look_at(content)
    assert isinstance(found, Problem)
    assert found.code == "seal.broken"
