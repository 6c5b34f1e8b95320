"""Household evidence comes in only where a booking needs it: regular care, or temporary care that was asked for it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.booking import service
from app.documents.models import Upload
from app.kernel.errors import NotFound, RuleBroken
from app.people.models import Evidence
from app.people.service.evidence import Handed
from tests.booking.desk import As, applied, one
from tests.booking.parents import parent, words
from tests.booking.town import TUESDAY, WEDNESDAY, Family, Town, codes, found_town
from tests.documents.test_uploads import MB, PDF, PNG

JOB = Handed("재직증명서.pdf", PDF)
GROUND, PAPER = "dual_income", "employment_certificate"
PROOF = f"{GROUND}/{PAPER}"


def hand_in(town: Town, family: Family, **by: object) -> Evidence:
    with town.unit(by.get("by", family.actor)) as uow:  # type: ignore[arg-type]
        return service.hand_in_evidence(uow, family.child, GROUND, PAPER, JOB)


def stored(town: Town) -> tuple[int, int]:
    with town.unit() as uow:
        count = (uow.session.scalar(select(func.count()).select_from(table)) for table in (Evidence, Upload))
        return tuple(n or 0 for n in count)  # type: ignore[return-value]


def crowd(small: Town) -> tuple[Family, str]:
    """Two want the only seat; the ref is the first one's booking."""
    family = small.family()
    ref = one(small.temporary(family, TUESDAY))
    small.temporary(small.family("이바다"), TUESDAY)
    return family, ref


@pytest.mark.rule("KB-17")
def test_regular_care_brings_its_paper(town: Town) -> None:
    family = town.family()
    ref = one(town.regular(family))
    hand_in(town, family)
    assert stored(town) == (1, 1)
    with town.unit(family.actor) as uow:
        service.withdraw_booking(uow, ref)
    with pytest.raises(RuleBroken) as refused:
        hand_in(town, family)
    assert codes(refused) == ["decision.evidence_for_nothing"]
    assert stored(town) == (1, 1)


@pytest.mark.rule("KB-19")
def test_temporary_care_keeps_nothing_that_was_not_asked_for(small: Town) -> None:
    family, ref = crowd(small)
    for by in (family.actor, small.teacher, small.director):
        with pytest.raises(RuleBroken) as refused:
            hand_in(small, family, by=by)
        assert codes(refused) == ["decision.evidence_not_asked"]
    assert stored(small) == (0, 0)
    with small.unit(small.teacher) as uow:
        service.ask_evidence(uow, ref)
    hand_in(small, family)
    hand_in(small, family, by=small.teacher)
    assert stored(small) == (2, 2)


@pytest.mark.rule("KB-19")
def test_the_request_of_one_child_opens_nothing_for_another(small: Town) -> None:
    _, ref = crowd(small)
    with small.unit(small.teacher) as uow:
        service.ask_evidence(uow, ref)
    with pytest.raises(RuleBroken, match="evidence_not_asked"):
        hand_in(small, small.families[1])


@pytest.mark.rule("KB-19")
def test_a_request_ends_with_its_booking(small: Town) -> None:
    family, ref = crowd(small)
    with small.unit(small.teacher) as uow:
        service.ask_evidence(uow, ref)
    with small.unit(family.actor) as uow:
        service.withdraw_booking(uow, ref)
    with pytest.raises(RuleBroken, match="evidence_for_nothing"):
        hand_in(small, family)


@pytest.mark.rule("KB-19")
def test_a_centre_takes_papers_for_its_own_bookings_only(town: Town) -> None:
    family = town.family()
    town.temporary(family, TUESDAY)
    elsewhere = found_town(town.place)
    elsewhere.regular(family, first=WEDNESDAY)
    with pytest.raises(RuleBroken, match="evidence_not_asked"):
        hand_in(town, family, by=town.teacher)
    hand_in(town, family, by=elsewhere.teacher)
    hand_in(town, family)
    stranger = town.family("남의집")
    with pytest.raises(NotFound):
        hand_in(town, family, by=stranger.actor)


def test_nobody_but_this_door_keeps_a_paper() -> None:
    """KB-19 holds only while no other command stores evidence."""
    calls = {
        path.as_posix()
        for path in Path("app").rglob("*.py")
        if "keep_evidence(" in path.read_text() or 'kind="evidence"' in path.read_text()
    }
    assert calls == {"app/booking/service/evidence.py", "app/people/service/evidence.py"}


class TestPages:
    @pytest.mark.rule("KB-18")
    @pytest.mark.rule("KB-19")
    def test_the_form_is_there_only_where_a_booking_needs_it(self, app: Flask, small: Town) -> None:
        family, ref = crowd(small)
        mother = parent(app, small, family)
        url = f"/children/{family.child}/evidence"
        page = mother.get(url)
        assert 'name="proof"' not in page.text
        assert "일시돌봄에는 증빙서류를 내지 않아요" in words(page)
        refused = mother.post(url, proof=PROOF, file=(io.BytesIO(PDF), "재직.pdf"))
        assert refused.status_code == 422
        assert "일시돌봄에는 증빙서류를 내지 않아요" in words(refused)
        assert stored(small) == (0, 0)
        with small.unit(small.teacher) as uow:
            service.ask_evidence(uow, ref)
        assert 'name="proof"' in mother.get(url).text
        assert mother.post(url, proof=PROOF, file=(io.BytesIO(PDF), "재직.pdf")).status_code == 303
        assert stored(small) == (1, 1)

    @pytest.mark.rule("KB-17")
    def test_before_any_application_the_page_says_what_comes_first(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        page = words(mother.get(f"/children/{mother.family.child}/evidence"))
        assert "먼저 정기돌봄을 신청해 주세요" in page

    @pytest.mark.rule("KB-39")
    def test_from_the_phone_to_the_desk(self, app: Flask, town: Town, as_: As) -> None:
        mother, teacher = parent(app, town), as_(town.teacher)
        town.regular(mother.family)
        other = found_town(town.place)
        colleague = as_(other.teacher)
        url = f"/children/{mother.family.child}/evidence"
        for data in (
            {},
            {"proof": "x/y"},
            {"proof": PROOF},
            {"proof": PROOF, "file": (io.BytesIO(PNG), "거짓.pdf")},
            {"proof": PROOF, "file": (io.BytesIO(b"MZ"), "a.exe")},
        ):
            assert mother.post(url, **data).status_code == 422
        assert mother.post(url, proof=PROOF, file=(io.BytesIO(PDF), "재직.pdf")).status_code == 303
        with town.unit() as uow:
            ref = uow.session.scalars(select(Evidence.ref)).one()
        assert teacher.get(f"/seoul/evidence/{ref}/file").data == PDF
        assert colleague.get(f"/seoul/evidence/{ref}/file").status_code == 404
        assert "김하늘" in teacher.get("/seoul/desk/evidence").text
        assert "김하늘" not in colleague.get("/seoul/desk/evidence").text
        self.decided(mother.client, teacher, colleague, f"/seoul/desk/evidence/{ref}")
        assert "확인됨" in words(mother.get(url))

    def decided(self, mother: FlaskClient, teacher: FlaskClient, colleague: FlaskClient, decide: str) -> None:
        verify = {"decision": "verify", "version": "1"}
        assert colleague.post(decide, data=verify).status_code == 404
        assert mother.post(decide, data=verify).status_code == 403
        assert teacher.post(decide, data={"decision": "reject", "version": "1"}).status_code == 422
        assert teacher.post(decide, data={**verify, "version": "9"}).status_code == 409
        assert teacher.post(decide, data=verify).status_code == 303
        late = teacher.post(decide, data=verify)
        assert (late.status_code, "이미 처리된 요청" in late.text) == (422, True)

    @pytest.mark.rule("XX-19")
    def test_eleven_megabytes_get_a_korean_answer(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        town.regular(mother.family)
        # A body made by hand: the test client leaves its temporary files open.
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.pdf"\r\n\r\n'
        answer = mother.client.post(
            f"/seoul/children/{mother.family.child}/evidence",
            data=head + PDF + b"\0" * (11 * MB) + b"\r\n--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code == 422

    @pytest.mark.rule("XX-05")
    def test_whose_page_it_is(self, app: Flask, town: Town, as_: As) -> None:
        applied(town)
        family = town.families[0]
        url = f"/seoul/children/{family.child}/evidence"
        stranger = parent(app, town).client
        colleague = as_(found_town(town.place).teacher)
        expected = {stranger: 404, colleague: 404, as_(town.teacher): 200, as_(town.city): 403}
        for client, status in expected.items():
            assert client.get(url).status_code == status
