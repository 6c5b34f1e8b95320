"""What a day's records are issued as: numbered, sealed, printed from the store, void when they are put right."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.daycare import papers, service
from app.daycare.models import DaycareBooking, DaycareStay, Journal
from app.daycare.rules.ledgers import check_issue, says_the_same
from app.daycare.rules.states import StayState
from app.documents.models import Paper, Signature
from app.documents.print_runs import BATCH, PART
from app.documents.service.issuing import void_paper
from app.documents.service.reissuing import reissue_paper
from app.kernel.actor import Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.files import files
from app.kernel.work import Work
from tests.cast_accounts import make_user
from tests.daycare.conftest import As
from tests.daycare.house import INK, NOW, OTHER_INK, WEDNESDAY, Family, House, found_house
from tests.documents.municipal import give_key, work_off

SLUG = "/gwacheon"
LEDGERS = f"{SLUG}/room/ledgers"
DAY = f"?day={WEDNESDAY}"
WORDS = {"activities": "그림책 읽기", "evaluation": "편안히 지냄"}


@pytest.fixture
def family(home: House) -> Family:
    return home.family()


@pytest.fixture
def night(home: House, family: Family, morning: time_machine.Coordinates) -> Iterator[House]:
    """In on Wednesday 20:10, out on Thursday 07:35, which is a new operating day."""
    give_key(home.place)
    ref = home.book(family, 1200, 1890, first=WEDNESDAY)
    morning.move_to(NOW.replace(day=14, hour=20, minute=10))
    stay = home.enter(ref)
    morning.move_to(NOW.replace(day=15, hour=7, minute=35))
    home.leave(stay)
    return home


def of_form(home: House, form_id: str) -> list[Paper]:
    with home.unit() as uow:
        return list(uow.session.scalars(select(Paper).where(Paper.form_id == form_id).order_by(Paper.id)))


def last_sheets(home: House) -> list[dict[str, Any]]:
    """Of the last print run, as the worker is asked to make them."""
    with home.unit() as uow:
        rows = select(Work.payload).where(Work.kind == PART).order_by(Work.id.desc())
        payload = uow.session.scalars(rows).first()
    return list(payload["sheets"]) if payload else []


def correct(home: House) -> None:
    """What the family still has to get is another sum than was issued."""
    with home.unit() as uow:
        [ref] = uow.session.scalars(select(DaycareBooking.ref))
    with home.unit(home.director) as uow:
        service.correct_charge(uow, secrets.token_hex(16), ref, amount=-3000, reason="한 시간을 빼 주기로 함")


class TestLedgers:
    def issue(self, client: FlaskClient, day: str = DAY, **form: str) -> TestResponse:
        return client.post(f"{LEDGERS}/issue{day}", data=form)

    @pytest.mark.rule("AD-21")
    @pytest.mark.rule("AD-32")
    def test_issued_once_with_the_signatures_of_the_door(self, night: House, as_: As) -> None:
        desk = as_(night.director)
        assert "이 날 대장 발급" in desk.get(LEDGERS + DAY).text
        for _ in range(2):  # pressed twice
            assert self.issue(desk).status_code == 303
        [handover], [register] = of_form(night, papers.HANDOVER), of_form(night, papers.REGISTER)
        assert handover.state == register.state == "ISSUED"
        assert handover.number
        assert handover.number != register.number
        with night.unit() as uow:
            hands = {
                row.field: row
                for row in uow.session.scalars(select(Signature).where(Signature.paper_id == handover.id))
            }
        arrival = hands["handovers.0.arrival_guardian_signature"]
        leaving = hands["handovers.0.leaving_guardian_signature"]
        assert (arrival.signer, leaving.signer) == ("김보호", "김보호")
        assert arrival.signed_at < leaving.signed_at <= handover.issued_at
        assert arrival.strokes != leaving.strokes
        assert hands["director_signature"].signer == "원다정"
        [line] = register.data["stays"]
        assert (line["child_name"], line["guardian"]) == ("김하늘", "김보호")
        assert (line["in_time"], line["out_time"], line["hours"]) == ("20:10", "10.15. 07:35", 11)
        assert (line["fee"], line["paid"], line["balance"]) == (33000, 36000, -3000)
        page = desk.get(LEDGERS + DAY).text
        assert handover.number in page
        assert "발급 뒤 바뀐" not in page
        assert "이 날 대장 발급" not in page

    @pytest.mark.rule("AD-32")
    def test_printing_gives_the_stored_paper(self, night: House, as_: As) -> None:
        desk = as_(night.director)
        self.issue(desk)
        work_off(night.place)
        [handover], [register] = of_form(night, papers.HANDOVER), of_form(night, papers.REGISTER)
        for paper, url in ((handover, "print"), (register, "print/register")):
            assert paper.sealed_at
            assert paper.verify_code
            with night.unit() as uow:
                assert b"/ByteRange" in files().read(uow.tenant, paper.pdf_sha256)
            assert as_(night.teacher).post(f"{LEDGERS}/{url}{DAY}").status_code == 303
            assert last_sheets(night) == [{"no": 1, "person": "", "paper": paper.id}]
        month = desk.post(f"{LEDGERS}/register/issued?month=2026-10")
        assert month.status_code == 303
        assert [sheet["paper"] for sheet in last_sheets(night)] == [register.id]
        work_off(night.place)
        with night.unit() as uow:
            results = uow.session.scalars(select(Work.result).where(Work.kind == BATCH)).all()
        assert [(result["rows"], result["left_out"]) for result in results] == [(1, [])] * 3

    def test_before_that_a_marked_copy_without_signatures(self, night: House, as_: As) -> None:
        teacher = as_(night.teacher)
        assert "발급은 원장이 해요" in teacher.get(LEDGERS + DAY).text
        places = {
            "print": ["handovers.0.arrival_guardian_signature", "handovers.0.leaving_guardian_signature"],
            "print/register": ["stays.0.arrival_signature", "stays.0.leaving_signature"],
        }
        for url, signed in places.items():
            assert teacher.post(f"{LEDGERS}/{url}{DAY}").status_code == 303
            [sheet] = last_sheets(night)
            assert sheet["mark"] == "열람용"
            assert sheet["signatures"] == dict.fromkeys(signed, "서명함")
        assert teacher.post(f"{LEDGERS}/register/print?month=2026-10").status_code == 303
        assert last_sheets(night)[0]["mark"] == "열람용"
        assert teacher.post(f"{LEDGERS}/register/issued?month=2026-10").status_code == 404
        work_off(night.place)
        assert of_form(night, papers.HANDOVER) == []

    @pytest.mark.rule("AD-32")
    @pytest.mark.parametrize(
        ("hour", "minute", "out", "words"),
        [
            (7, 29, False, "운영일이 끝난 뒤"),
            (7, 30, False, "아직 나가지 않은 아이"),
            (7, 30, True, ""),
        ],
    )
    def test_only_when_the_day_is_over_and_everybody_out(
        self,
        home: House,
        family: Family,
        as_: As,
        morning: time_machine.Coordinates,
        hour: int,
        minute: int,
        out: bool,
        words: str,
    ) -> None:
        ref = home.book(family, 1200, 1890, first=WEDNESDAY)
        morning.move_to(NOW.replace(day=14, hour=20))
        stay = home.enter(ref)
        morning.move_to(NOW.replace(day=15, hour=hour, minute=minute))
        if out:
            home.leave(stay)
        answer = self.issue(as_(home.director))
        assert answer.status_code == (422 if words else 303)
        assert words in answer.text
        assert len(of_form(home, papers.HANDOVER)) == (0 if words else 1)

    @pytest.mark.parametrize("day", ["?day=2026-10-13", "?day=2027-01-01", "?day=nonsense", ""])
    def test_days_without_anything_to_issue(self, night: House, as_: As, day: str) -> None:
        """An empty day, a day ahead, no day: the running one."""
        assert self.issue(as_(night.director), day).status_code == 422

    @pytest.mark.rule("AD-32")
    def test_a_correction_is_shown_and_issued_anew(self, night: House, as_: As) -> None:
        desk = as_(night.director)
        self.issue(desk)
        [before] = of_form(night, papers.REGISTER)
        correct(night)
        page = desk.get(LEDGERS + DAY).text
        assert "발급 뒤 바뀐 것이 있어요" in page
        bare = self.issue(desk)
        assert bare.status_code == 422
        assert "다시 발급하는 까닭" in bare.text
        assert self.issue(desk, reason="이용료를 바로잡음").status_code == 303
        old, new = of_form(night, papers.REGISTER)
        assert (old.id, old.state, old.void_reason) == (before.id, "VOID", "이용료를 바로잡음")
        assert (new.state, new.replaces_id) == ("ISSUED", old.id)
        assert new.number != old.number
        assert new.data["stays"][0]["balance"] == -6000
        assert len(of_form(night, papers.HANDOVER)) == 1, "what did not change stays"
        assert "발급 뒤 바뀐" not in desk.get(LEDGERS + DAY).text
        with night.unit() as uow:
            logs = uow.session.scalars(
                select(AuditLog).where(AuditLog.action == "daycare.ledgers_issued").order_by(AuditLog.id)
            ).all()
        assert [log.reason for log in logs] == [None, "이용료를 바로잡음"]

    def test_a_void_paper_is_issued_again(self, night: House, as_: As) -> None:
        desk = as_(night.director)
        self.issue(desk)
        [paper] = of_form(night, papers.HANDOVER)
        with night.unit(night.director) as uow:
            void_paper(uow, paper.ref, "잘못 눌렀음")
        assert "이 날 대장 발급" in desk.get(LEDGERS + DAY).text
        assert self.issue(desk).status_code == 303
        old, new = of_form(night, papers.HANDOVER)
        assert (old.state, new.state, new.replaces_id) == ("VOID", "ISSUED", old.id)

    def test_what_was_begun_in_its_place_elsewhere_gives_way(self, night: House, as_: As) -> None:
        """The general page for papers begins one that waits for the guardians; the records know who signed."""
        desk = as_(night.director)
        self.issue(desk)
        [paper] = of_form(night, papers.HANDOVER)
        with night.unit(night.director) as uow:
            begun = reissue_paper(uow, paper.ref, "다시 받으려고")
            assert begun.state == "TO_SIGN"
        assert self.issue(desk).status_code == 303
        old, begun, new = of_form(night, papers.HANDOVER)
        assert (old.state, begun.state, new.state) == ("VOID", "VOID", "ISSUED")
        assert (begun.replaces_id, new.replaces_id) == (None, old.id)

    def test_who_may(self, night: House, as_: As) -> None:
        assert self.issue(as_(night.teacher)).status_code == 403
        other = found_house(night.place, "달빛어린이집")
        theirs = as_(other.director)
        assert self.issue(theirs).status_code == 422  # their own day, on which nobody came
        assert of_form(night, papers.HANDOVER) == []
        self.issue(as_(night.director))
        [paper] = of_form(night, papers.HANDOVER)
        assert theirs.get(f"{SLUG}/papers/{paper.ref}").status_code == 404
        assert as_(night.teacher).get(f"{SLUG}/papers/{paper.ref}").status_code == 200

    def test_the_city_reads_a_working_copy(self, night: House, as_: As) -> None:
        self.issue(as_(night.director))
        with night.unit() as uow:
            user = make_user(uow, Role.CITY_OFFICER, None, name="공무원")
        city = as_(Actor(Role.CITY_OFFICER, user.id, "공무원"))
        page = city.get(f"{LEDGERS}{DAY}&daycare={night.daycare}")
        assert page.status_code == 200
        assert of_form(night, papers.HANDOVER)[0].number in page.text
        assert self.issue(city).status_code == 403
        assert city.post(f"{LEDGERS}/print{DAY}&daycare={night.daycare}").status_code == 303
        assert last_sheets(night)[0]["mark"] == "열람용"


class TestJournal:
    def url(self, home: House, step: str = "") -> str:
        return f"{SLUG}/room/journal/{home.class_ref}/{WEDNESDAY}{step}"

    def stored(self, home: House) -> Journal:
        with home.unit() as uow:
            return uow.session.scalars(select(Journal)).one()

    def step(self, client: FlaskClient, home: House, verb: str, **form: str) -> TestResponse:
        row = self.stored(home)
        return client.post(
            self.url(home, f"/{verb}"), data={"journal": row.ref, "version": row.version, **form}
        )

    def close(self, home: House, as_: As, **words: str) -> None:
        teacher = as_(home.teacher)
        with home.unit() as uow:
            version = uow.session.scalar(select(Journal.version)) or 0
        sent = {**WORDS, **words, "version": str(version)}
        assert teacher.post(self.url(home), data=sent).status_code == 303
        assert self.step(teacher, home, "sign").status_code == 303
        assert self.step(as_(home.director), home, "close").status_code == 303

    @pytest.mark.rule("AD-24")
    def test_closing_issues_and_printing_gives_that(self, night: House, as_: As) -> None:
        self.close(night, as_)
        [paper] = of_form(night, papers.JOURNAL)
        assert (paper.state, paper.id) == ("ISSUED", self.stored(night).paper_id)
        work_off(night.place)
        [paper] = of_form(night, papers.JOURNAL)
        assert paper.pdf_sha256
        assert paper.sealed_at
        with night.unit() as uow:
            rows = uow.session.scalars(select(Signature).where(Signature.paper_id == paper.id)).all()
        assert {row.field: row.signer for row in rows} == {
            "teacher_signature": "문하준",
            "director_signature": "원다정",
        }
        page = as_(night.teacher).get(self.url(night)).text
        assert paper.number in page
        assert "발급 뒤 바뀐" not in page
        sent = {"day": str(WEDNESDAY), "class": night.class_ref}
        assert as_(night.teacher).post(f"{SLUG}/room/journal/print", data=sent).status_code == 303
        assert last_sheets(night) == [{"no": 1, "person": "햇살반", "paper": paper.id}]

    @pytest.mark.rule("AD-24")
    def test_opened_again_with_a_reason_and_issued_anew(self, night: House, as_: As) -> None:
        self.close(night, as_)
        desk = as_(night.director)
        bare = self.step(desk, night, "reopen")
        assert bare.status_code == 422
        assert "다시 여는 까닭" in bare.text
        assert self.step(as_(night.teacher), night, "reopen", reason="x").status_code == 403
        stale = {"journal": self.stored(night).ref, "version": "1", "reason": "x"}
        assert desk.post(self.url(night, "/reopen"), data=stale).status_code == 409
        assert [paper.state for paper in of_form(night, papers.JOURNAL)] == ["ISSUED"]
        assert self.step(desk, night, "reopen", reason="활동을 빠뜨림").status_code == 303
        [old] = of_form(night, papers.JOURNAL)
        assert (old.state, old.void_reason) == ("VOID", "활동을 빠뜨림")
        row = self.stored(night)
        assert (row.state, row.signed_by, row.closed_by) == ("OPEN", "", "")
        self.close(night, as_, activities="그림책 읽기, 낙엽 줍기")
        old, new = of_form(night, papers.JOURNAL)
        assert (old.state, new.state, new.replaces_id) == ("VOID", "ISSUED", old.id)
        assert "낙엽" in new.data["activities"]
        assert self.stored(night).paper_id == new.id

    def test_a_record_that_comes_later_is_shown(self, night: House, as_: As) -> None:
        self.close(night, as_)
        with night.unit() as uow:
            stay = uow.session.scalars(select(DaycareStay)).one()
            stay.note = "손등을 살짝 긁힘"
        assert "발급 뒤 바뀐 것이 있어요" in as_(night.teacher).get(self.url(night)).text

    def test_a_void_journal_is_issued_by_a_press(self, night: House, as_: As) -> None:
        self.close(night, as_)
        [paper] = of_form(night, papers.JOURNAL)
        with night.unit(night.director) as uow:
            void_paper(uow, paper.ref, "잘못 눌렀음")
        desk = as_(night.director)
        assert "지금 쓰이는 발급 문서가 없어요" in desk.get(self.url(night)).text
        assert self.step(as_(night.teacher), night, "issue").status_code == 403
        for _ in range(2):
            assert self.step(desk, night, "issue").status_code == 303
        old, new = of_form(night, papers.JOURNAL)
        assert (old.state, new.state, new.replaces_id) == ("VOID", "ISSUED", old.id)

    def test_an_open_page_is_printed_as_a_marked_copy(self, night: House, as_: As) -> None:
        teacher = as_(night.teacher)
        assert teacher.post(self.url(night), data={**WORDS, "version": "0"}).status_code == 303
        assert self.step(as_(night.director), night, "issue").status_code == 422
        assert self.step(teacher, night, "sign").status_code == 303
        assert teacher.post(f"{SLUG}/room/journal/print", data={"day": str(WEDNESDAY)}).status_code == 303
        [sheet] = last_sheets(night)
        assert (sheet["mark"], sheet["signatures"]) == ("열람용", {"teacher_signature": "서명함"})


def test_hands_at_the_door_are_drawn_or_typed() -> None:
    assert [hand.strokes for hand in papers.at_door("a", "김보호(모)", NOW, INK)] == [INK]
    assert [(hand.signer, hand.strokes) for hand in papers.at_door("a", "김보호(모)", NOW, ["김보호"])] == [
        ("김보호", None)
    ]
    assert papers.at_door("a", "김보호(모)", None, OTHER_INK) == []
    assert papers.at_door("a", "김보호(모)", NOW, None) == []


@pytest.mark.parametrize(
    ("issued", "now", "same"),
    [
        ({"a": 1, "rows": [{"x": 1}]}, {"a": 1, "rows": [{"x": 1}]}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"a": None}, False),
        ({"rows": [{"x": 1}]}, {"rows": [{"x": 1}, {"x": 2}]}, False),
        ({"rows": [{"x": 1}]}, {"rows": [{"x": 2}]}, False),
        ({"rows": [{"x": 1}]}, {"rows": None}, False),
        ({"rows": [{"x": 1}]}, {"rows": [{"x": 1, "new": 3}]}, True),  # the form asks for more by now
        ({"gone": 1, "a": 1}, {"a": 1}, True),
    ],
)
def test_what_counts_as_changed(issued: dict[str, Any], now: dict[str, Any], same: bool) -> None:
    assert says_the_same(issued, now) is same


@pytest.mark.rule("AD-32")
@pytest.mark.parametrize(
    ("day", "states", "problem"),
    [
        (14, {StayState.LEFT}, ""),
        (15, {StayState.LEFT}, "daycare.day_runs"),
        (16, {StayState.LEFT}, "daycare.day_runs"),
        (14, {StayState.LEFT, StayState.INSIDE}, "daycare.still_inside"),
        (14, set(), "daycare.nobody_came"),
    ],
)
def test_when_a_day_may_be_issued(day: int, states: set[StayState], problem: str) -> None:
    found = check_issue(date(2026, 10, day), date(2026, 10, 15), states)
    assert (found.code if found else "") == problem
