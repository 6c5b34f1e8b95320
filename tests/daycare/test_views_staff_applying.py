"""A family comes with paper or telephones: registered, written down, signed, accepted, inside (AD-18 – AD-20)."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import UserAccount
from app.daycare import service
from app.daycare.models import ApplicationChild, DaycareApplication
from app.daycare.queries import own_applications
from app.daycare.rules.application import DECISIONS
from app.documents.models import Paper, Signature, Upload
from app.documents.print_runs import PART
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.work import Work
from app.messaging.models import Message
from app.people.models import Child, Consent, Guardian
from app.people.service import guardian_joined
from app.tenancy.rules import Service
from tests.booking.parents import words
from tests.cast import make_family, offer
from tests.cast_accounts import make_user, sign_in
from tests.daycare import house
from tests.daycare.conftest import As
from tests.daycare.house import ADDRESS, Family, House, found_house, ink

SLUG = "/gwacheon"
START = f"{SLUG}/room/applications"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
MOTHER = {
    "relation_1": "모",
    "name_1": "한지원",
    "phone_1": "010-7777-1234",
    "birth_1": "1990-01-31",
    "address_1": ADDRESS,
}
AUNT = {
    "relation_3": "이모",
    "name_3": "한지수",
    "phone_3": "010-7777-9999",
    "birth_3": "1993-02-01",
    "address_3": ADDRESS,
}
HEALTHY = {
    "qualification": "HOME",
    "disease": "no",
    "allergy": "no",
    "medicine": "no",
    "habits": "이불을 꼭 쥐고 자요",
}
YES = dict.fromkeys(DECISIONS, "yes")


def hidden(page: TestResponse) -> dict[str, str]:
    found = {
        name: re.findall(rf'name="{name}" value="(\w+)"', page.text) for name in ("request_id", "version")
    }
    return {name: values[0] for name, values in found.items() if values}


def newcomer(**changed: object) -> dict[str, object]:
    """A mother with her first child, as the form asks."""
    return {
        "request_id": secrets.token_hex(16),
        "channel": "VISIT",
        "legal_consent": "y",
        "guardian_name": "한지원",
        "phone": "010-7777-1234",
        "relation": "PARENT",
        "name": "윤서담",
        "birth_date": "2023-05-05",
        "sex": "FEMALE",
        "schooling": "no",
        "address": ADDRESS,
        "disability": "NONE",
        **changed,
    }


def register(desk: FlaskClient, **changed: object) -> str:
    """A family comes for the first time; the address of its draft."""
    answer = desk.post(f"{START}/family", data=newcomer(**changed))
    assert answer.status_code == 303, words(answer)
    return str(answer.location).partition("?")[0].removesuffix("/write")


def sheet(page: TestResponse, most: int = 1, **changed: object) -> dict[str, object]:
    """Everything of the paper, for the first children of the family."""
    refs = re.findall(r'name="children" value="(\w+)"', page.text)[:most]
    answers = {f"c{n}_{key}": value for n in range(1, most + 1) for key, value in HEALTHY.items()}
    return {
        "children": refs,
        **answers,
        **MOTHER,
        "purpose": "double_income",
        "purpose_words": "",
        **YES,
        **hidden(page),
        **changed,
    }


def save(desk: FlaskClient, draft: str, **changed: object) -> TestResponse:
    return desk.post(f"{draft}/write", data=sheet(desk.get(f"{draft}/write"), **changed))  # type: ignore[arg-type]


def scan(name: str = "신청서.png", content: bytes = PNG, **changed: object) -> dict[str, object]:
    return {
        "way": "scan",
        "signer": "한지원",
        "signed_on": "2026-10-12",
        "file": (io.BytesIO(content), name),
        **changed,
    }


def sign(desk: FlaskClient, draft: str, data: Mapping[str, Any], page: str = "sign") -> TestResponse:
    return desk.post(f"{draft}/{page}", data={**hidden(desk.get(f"{draft}/{page}")), **data})


def written(desk: FlaskClient, **changed: object) -> str:
    """A draft with everything but the signature."""
    draft = register(desk)
    answer = save(desk, draft, step="sign", **changed)
    assert answer.status_code == 303, words(answer)
    return draft


def row_of(home: House, draft: str) -> DaycareApplication:
    with home.unit() as uow:
        return uow.session.scalars(
            select(DaycareApplication).where(DaycareApplication.ref == draft.rpartition("/")[2])
        ).one()


def registered_elsewhere(home: House, phone: str = "01077771234", *, account: bool = False) -> str:
    """A child of the municipality that this daycare does not know."""
    with home.unit() as uow:
        parent, child = make_family(
            uow, guardian="한지원", child="윤서담", birth=date(2023, 5, 5), grade=None, phone=phone
        )
        if account:
            parent.user_id = make_user(uow, house.Role.GUARDIAN, name="한지원").id
        return str(child.ref)


class TestFromThePaperToTheBed:
    @pytest.mark.rule("AD-18")
    @pytest.mark.rule("GC-24")
    def test_a_new_family_is_registered_written_down_scanned_accepted_booked_and_inside(
        self, home: House, desk: FlaskClient
    ) -> None:
        assert "종이 신청서 옮겨 적기" in desk.get(START).text
        nobody = desk.post(f"{START}/new", data={"phone": "7777-1234"})
        assert "아는 가정이 없어요" in words(nobody)
        draft = register(desk)
        page = desk.get(f"{draft}/write")
        assert 'value="한지원"' in page.text
        assert 'value="010-7777-1234"' in page.text
        assert save(desk, draft, step="sign").location.endswith("/sign")
        answer = sign(desk, draft, scan())
        assert answer.status_code == 303, words(answer)
        assert answer.location.endswith(draft)
        row = row_of(home, draft)
        assert (row.state, row.channel) == ("SUBMITTED", "VISIT")
        with home.unit() as uow:
            paper = uow.session.get_one(Paper, row.paper_id)
            hand = uow.session.scalars(select(Signature)).one()
            upload = uow.session.get_one(Upload, hand.upload_id)
            consent = uow.session.scalars(select(Consent)).one()
        assert (paper.state, paper.data["sign_date"], paper.data["guardian_name"]) == (
            "ISSUED",
            "2026-10-12",
            "한지원",
        )
        assert (hand.method, hand.signer, hand.user_id) == ("SCAN", "한지원", home.director.user_id)
        assert (upload.on_paper, upload.name, consent.channel) == (True, "신청서.png", "PAPER")
        self._accept_and_use(home, desk, draft)

    def _accept_and_use(self, home: House, desk: FlaskClient, draft: str) -> None:
        page = desk.get(draft)
        assert "서명한 신청서 보기" in page.text
        for kind, paper in (("family", "resident_register"), ("identity", "id_card")):
            more = {"resident": "y", "related": "y"} if kind == "family" else {}
            seen = desk.post(f"{draft}/checks/{kind}", data={f"paper-{kind}": paper, "returned": "y", **more})
            assert seen.status_code == 303
        version = row_of(home, draft).version
        assert desk.post(f"{draft}/accept", data={"version": version}).status_code == 303
        found = desk.post(f"{SLUG}/room/bookings/new", data={"phone": "1234"})
        order = re.findall(r"/room/bookings/new/\w+", found.text)[0]
        form = {
            "request_id": secrets.token_hex(16),
            "children": re.findall(r'name="children"[^>]*value="(\w+)"', desk.get(f"{SLUG}{order}").text),
            "first_day": "2026-10-13",
            "last_day": "2026-10-13",
            "start": "660",
            "end": "840",
            "run": "daily",
            "contact_phone": "010-7777-1234",
            "channel": "PHONE",
            "step": "book",
        }
        booked = desk.post(f"{SLUG}{order}", data=form)
        assert booked.status_code == 303, words(booked)
        ref = booked.location.rpartition("/")[2]
        home.pay(ref)
        home.enter(ref)
        assert "윤서담" in desk.get(f"{SLUG}/room").text

    @pytest.mark.rule("GC-24")
    @pytest.mark.parametrize(
        ("given", "method"),
        [({"strokes": ink()}, "DRAWN"), ({"typed": "한 지원"}, "TYPED")],
    )
    def test_signed_on_this_screen(
        self, home: House, desk: FlaskClient, given: dict[str, str], method: str
    ) -> None:
        draft = written(desk)
        answer = sign(desk, draft, {"way": "here", "signer": "한지원", **given})
        assert answer.status_code == 303, words(answer)
        with home.unit() as uow:
            hand = uow.session.scalars(select(Signature)).one()
            paper = uow.session.scalars(select(Paper)).one()
        assert (hand.method, paper.data["sign_date"]) == (method, "2026-10-13")

    def test_printed_to_be_signed_by_hand(self, home: House, desk: FlaskClient) -> None:
        draft = written(desk)
        printed = desk.post(f"{draft}/print")
        assert printed.status_code == 303
        assert "/prints/" in printed.location
        assert row_of(home, draft).state == "DRAFT"
        with home.unit() as uow:
            part = uow.session.scalars(select(Work).where(Work.kind == PART)).one()
        [sheet_] = part.payload["sheets"]
        assert (sheet_["mark"], sheet_["data"]["guardian_name"]) == ("서명용", "한지원")
        assert sheet_["data"].get("sign_date") is None  # it is written with the signature

    @pytest.mark.rule("AD-18")
    def test_by_telephone_it_books_at_once_and_is_accepted_when_signed(
        self, home: House, desk: FlaskClient, as_: As
    ) -> None:
        found = desk.post(f"{SLUG}/room/bookings/new", data={"phone": "7777-1234"})
        assert f"{START}/new?then=booking" in found.text
        asked = desk.post(f"{START}/new?then=booking", data={"phone": "010-7777-1234"})
        assert f"{START}/family?then=booking" in asked.text
        form = desk.post(f"{START}/family?then=booking", data={"start": "y", "phone": "010-7777-1234"})
        assert form.status_code == 200
        assert 'value="010-7777-1234"' in form.text
        made = desk.post(f"{START}/family?then=booking", data=newcomer(channel="PHONE"))
        assert made.location.endswith("/write?then=booking")
        draft = made.location.partition("?")[0].removesuffix("/write")
        on = desk.post(f"{draft}/write?then=booking", data=sheet(desk.get(f"{draft}/write"), step="sign"))
        assert on.location.endswith("/sign?then=booking")
        answer = desk.post(
            f"{draft}/sign?then=booking", data={**hidden(desk.get(on.location)), "way": "later"}
        )
        assert re.search(r"/room/bookings/new/\w+$", answer.location), words(answer)
        assert desk.get(answer.location).status_code == 200
        row = row_of(home, draft)
        assert (row.state, row.channel) == ("SUBMITTED", "PHONE")
        page = desk.get(draft)
        assert "보호자 서명이 남았어요" in page.text
        refused = desk.post(f"{draft}/accept", data={"version": row.version})
        assert refused.status_code == 422
        assert "서명을 아직 받지 않았어요" in words(refused)
        with home.unit() as uow:
            paper = uow.session.get_one(Paper, row.paper_id)
            assert uow.session.scalars(select(Consent.channel)).one() == "PHONE"
        scanned = desk.post(
            f"{SLUG}/desk/papers/{paper.ref}/scan",
            data={
                "place": "guardian_signature",
                "signer-guardian_signature": "한지원",
                "file": (io.BytesIO(PNG), "a.png"),
            },
        )
        assert scanned.status_code == 303, words(scanned)
        assert desk.post(f"{draft}/accept", data={"version": row.version}).status_code == 303

    def test_pressed_twice_it_is_one(self, home: House, desk: FlaskClient) -> None:
        once = newcomer()
        first, again = (desk.post(f"{START}/family", data=once) for _ in range(2))
        assert (first.status_code, first.location) == (again.status_code, again.location)
        draft = first.location.removesuffix("/write")
        save(desk, draft, step="sign")
        data = {**hidden(desk.get(f"{draft}/sign")), "way": "here", "signer": "한지원", "typed": "한지원"}
        assert {desk.post(f"{draft}/sign", data=data).location.rpartition("/")[2] for _ in range(2)} == {
            draft.rpartition("/")[2]
        }
        with home.unit() as uow:
            assert [uow.session.scalar(select(func.count(t.id))) for t in (Child, Guardian, Paper)] == [
                1,
                1,
                1,
            ]


class TestWhoItIs:
    @pytest.mark.rule("KB-32")
    def test_who_is_registered_elsewhere_is_offered_and_not_doubled(
        self, home: House, desk: FlaskClient
    ) -> None:
        child = registered_elsewhere(home)
        assert "윤서담" not in desk.post(f"{START}/new", data={"phone": "1234"}).text
        twice = desk.post(f"{START}/family", data=newcomer())
        assert twice.status_code == 422
        assert "이미 등록된 아이 같아요" in words(twice)
        taken = desk.post(f"{START}/family", data=newcomer(use=child))
        assert taken.status_code == 303, words(taken)
        assert child in desk.get(taken.location).text
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count(Child.id))) == 1
        found = desk.post(f"{START}/new", data={"phone": "1234"})
        assert "윤서담" in found.text
        assert "이어서 적기" in found.text

    @pytest.mark.parametrize(
        "changed", [{"phone": "010-7777-1235"}, {"birth_date": "2023-05-06"}, {"name": "윤서당"}]
    )
    @pytest.mark.rule("KB-32")
    def test_who_cannot_say_all_three_does_not_get_the_child(
        self, home: House, desk: FlaskClient, changed: dict[str, str]
    ) -> None:
        child = registered_elsewhere(home)
        assert desk.post(f"{START}/family", data=newcomer(use=child, **changed)).status_code == 404

    def test_a_namesake_is_another_child_when_one_says_so(self, home: House, desk: FlaskClient) -> None:
        registered_elsewhere(home)
        other = newcomer(guardian_name="한지우", confirmed_new="y")
        assert desk.post(f"{START}/family", data=other).status_code == 303
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count(Child.id))) == 2

    @pytest.mark.rule("XX-02")
    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"legal_consent": ""}, "법정대리인의 동의가 먼저"),
            ({"phone": "12"}, "전화번호"),
            ({"birth_date": "2027-01-01"}, "생년월일"),
            ({"guardian_name": ""}, "빈칸이에요"),
            ({"relation": "OTHER", "legal_rep": ""}, "법정대리인의 이름"),
            ({"channel": "ONLINE"}, "확인이 필요해요"),
            ({"request_id": "x"}, "새로고침"),
        ],
    )
    def test_what_is_missing_keeps_what_was_typed(
        self, home: House, desk: FlaskClient, changed: dict[str, str], sentence: str
    ) -> None:
        answer = desk.post(f"{START}/family", data=newcomer(**changed))
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert 'value="윤서담"' in answer.text
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count(Child.id))) == 0

    def test_too_few_digits(self, home: House, desk: FlaskClient) -> None:
        answer = desk.post(f"{START}/new", data={"phone": "12"})
        assert answer.status_code == 422
        assert "네 자리 이상" in words(answer)

    def test_a_draft_the_family_writes_itself_is_not_replaced_unasked(
        self, home: House, desk: FlaskClient
    ) -> None:
        child = registered_elsewhere(home)
        with home.unit() as uow:
            parent = uow.session.scalars(select(Guardian)).one()
            actor = house.Actor(house.Role.GUARDIAN, None, parent.name, guardian_id=parent.id)
        family = Family(parent.ref, parent.phone, child, "윤서담", "", actor)
        with home.unit(actor) as uow:
            draft = service.save_application(uow, house.answers(home.daycare, family, "한지원"))
        assert desk.get(f"{START}/{draft.ref}").status_code == 404
        assert desk.get(f"{START}/{draft.ref}/write").status_code == 404
        shown = desk.post(f"{START}/family", data=newcomer(use=child))
        assert shown.status_code == 200
        assert "가정에서 쓰는 중" in words(shown)
        assert "땅콩" not in shown.text
        begun = desk.post(f"{START}/begin/{parent.ref}")
        page = desk.get(begun.location)
        assert "땅콩" not in page.text
        assert row_of(home, f"/{draft.ref}").channel == "VISIT"

    def test_another_child_of_the_family(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        assert save(desk, draft, step="child").location.endswith("/child")
        baby = {
            "request_id": secrets.token_hex(16),
            "legal_consent": "y",
            "relation": "PARENT",
            "name": "윤서준",
            "birth_date": "2025-12-01",
            "sex": "MALE",
            "schooling": "no",
            "disability": "MILD",
        }
        assert desk.get(f"{draft}/child").status_code == 200
        assert desk.post(f"{draft}/child", data={**baby, "name": ""}).status_code == 422
        answer = desk.post(f"{draft}/child", data=baby)
        assert answer.status_code == 303, words(answer)
        page = desk.get(f"{draft}/write")
        assert page.text.count('name="children"') == 2
        assert "이불을 꼭 쥐고 자요" in page.text  # what was typed before is kept
        again = desk.post(f"{draft}/child", data={**baby, "request_id": secrets.token_hex(16)})
        assert again.status_code == 422
        assert "이미 등록된 아이 같아요" in words(again)
        assert save(desk, draft, most=2, step="sign").status_code == 303


class TestWhatWasRegisteredWrongly:
    @pytest.mark.rule("KB-48")
    def test_number_and_birth_date_are_put_right(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        page = desk.get(f"{draft}/guardian")
        wrong = {"name": "한지원", "phone": "12", "address": ADDRESS, **hidden(page)}
        assert desk.post(f"{draft}/guardian", data=wrong).status_code == 422
        right = {**wrong, "phone": "010-7777-4321"}
        assert desk.post(f"{draft}/guardian", data=right).status_code == 303
        assert desk.post(f"{draft}/guardian", data=right).status_code == 409
        assert "이어서 적기" in desk.post(f"{START}/new", data={"phone": "4321"}).text
        [child] = re.findall(r'name="children" value="(\w+)"', desk.get(f"{draft}/write").text)
        typed = {**newcomer(birth_date="2023-06-05"), **hidden(desk.get(f"{draft}/children/{child}"))}
        assert desk.post(f"{draft}/children/{child}", data={**typed, "name": ""}).status_code == 422
        assert desk.post(f"{draft}/children/{child}", data=typed).status_code == 303
        assert desk.post(f"{draft}/children/{child}", data=typed).status_code == 409
        assert "2023. 6. 5." in desk.get(f"{draft}/write").text
        other = home.family("남의집")
        assert desk.get(f"{draft}/children/{other.child}").status_code == 404

    @pytest.mark.rule("AD-18")
    def test_what_stands_has_to_be_written_anew(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        address = f"{START}/{family.application}"
        page = desk.get(f"{address}/guardian")
        assert "다시 작성 필요" in page.text
        fresh = {"name": "김보호", "phone": "010-7777-4321", "address": ADDRESS, **hidden(page)}
        assert desk.post(f"{address}/guardian", data=fresh).status_code == 303
        assert "다시 작성 필요" in desk.get(address).text
        data = sheet(desk.get(f"{address}/renew"), name_1="김보호")
        done = desk.post(f"{address}/renew", data={**data, **scan(signer="김보호")})
        assert done.status_code == 303, words(done)
        assert row_of(home, done.location).state == "SUBMITTED"


class TestTheSheet:
    def test_kept_half_done_and_found_again(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        kept = save(desk, draft, step="keep", purpose="", first_aid="", c1_allergy="")
        assert kept.status_code == 303
        listed = desk.get(f"{START}?tab=draft")
        assert f"{draft}/write" in listed.text
        assert "한지원" in listed.text
        assert "이불을 꼭 쥐고 자요" in desk.get(f"{draft}/write").text
        assert desk.get(f"{draft}/sign").location.endswith("/write")

    @pytest.mark.rule("AD-18")
    def test_guardians_one_and_three_without_two(self, home: House, desk: FlaskClient) -> None:
        answer = save(desk, register(desk), step="sign", **AUNT)
        assert answer.status_code == 422
        assert words(answer).count("2순위 보호자가 비어 있어요. 순위를 차례대로 채워 주세요.") == 2
        assert 'value="한지수"' in answer.text

    @pytest.mark.rule("AD-18")
    def test_more_than_three_children(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        for name in ("윤둘째", "윤셋째", "윤넷째"):
            child = newcomer(name=name, use="")
            assert desk.post(f"{draft}/child", data=child).status_code == 303
        answer = save(desk, draft, most=4, step="sign")
        assert answer.status_code == 422
        assert "아이 3명까지" in words(answer)
        assert answer.text.count("이불을 꼭 쥐고 자요") == 4
        assert save(desk, draft, most=3, step="sign").status_code == 303

    @pytest.mark.rule("AD-19")
    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"c1_disease": ""}, "윤서담: 있는지"),
            ({"c1_allergy": "yes"}, "알레르기 증상"),
            ({"c1_qualification": ""}, "자격유형"),
            ({"purpose": ""}, "이용목적을 골라 주세요"),
            ({"purpose": "other"}, "기타 이용목적"),
            ({"name_1": ""}, "1순위 보호자의"),
            ({"phone_1": "12"}, "전화번호를 다시"),
            ({"birth_1": "어제"}, "생년월일을"),
            ({"children": []}, "이용할 아이를 골라 주세요"),
        ],
    )
    def test_what_the_paper_lacks(
        self, home: House, desk: FlaskClient, changed: dict[str, object], sentence: str
    ) -> None:
        answer = save(desk, register(desk), step="sign", **{"c1_habits": "곰 인형", **changed})
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert "곰 인형" in answer.text

    @pytest.mark.rule("AD-20")
    @pytest.mark.parametrize("refused", ["rules", "privacy", "going_home"])
    def test_a_refusal_that_ends_it(self, home: House, desk: FlaskClient, refused: str) -> None:
        answer = save(desk, register(desk), step="sign", **{refused: "no"})
        assert answer.status_code == 422
        assert "동의하지 않으면 이용할 수 없어요" in words(answer)

    @pytest.mark.rule("AD-20")
    @pytest.mark.parametrize("refused", ["first_aid", "survey"])
    def test_a_refusal_the_director_decides_on(self, home: House, desk: FlaskClient, refused: str) -> None:
        draft = written(desk, **{refused: "no"})
        typed = {"way": "here", "signer": "한지원", "typed": "한지원"}
        asked = sign(desk, draft, typed)
        assert asked.status_code == 422
        assert f'name="why:daycare.consent_{refused}"' in asked.text
        answer = sign(desk, draft, {**typed, f"why:daycare.consent_{refused}": "보호자와 상의했어요"})
        assert answer.status_code == 303, words(answer)

    def test_somebody_else_was_faster(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        old = sheet(desk.get(f"{draft}/write"), step="keep", c1_habits="나중 사람")
        assert save(desk, draft, step="keep", c1_habits="먼저 사람").status_code == 303
        late = desk.post(f"{draft}/write", data=old)
        assert late.status_code == 409
        assert "나중 사람" in late.text
        again = desk.post(f"{draft}/write", data={**old, **hidden(late)})
        assert again.status_code == 303

    def test_thrown_away_with_its_answers(self, home: House, desk: FlaskClient) -> None:
        draft = register(desk)
        save(desk, draft, step="keep")
        stale = desk.post(f"{draft}/discard", data={"version": 1})
        assert stale.status_code == 409
        gone = desk.post(f"{draft}/discard", data=hidden(desk.get(f"{draft}/write")))
        assert gone.status_code == 303
        assert row_of(home, draft).state == "WITHDRAWN"
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count(ApplicationChild.id))) == 0
        assert desk.get(f"{draft}/write").status_code == 303
        begun = desk.post(f"{START}/new", data={"phone": "1234"})
        assert "윤서담" in begun.text  # the family stays, and can begin anew


class TestTheSignature:
    @pytest.mark.rule("GC-24")
    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({}, "서명을 어떻게 받았는지"),
            ({"way": "magic"}, "서명을 어떻게 받았는지"),
            ({"way": "here", "signer": "한지원"}, "서명이 비어 있어요"),
            ({"way": "here", "signer": "한지원", "typed": "남의이름"}, "서명하는 분(한지원)과 달라요"),
            ({"way": "here", "signer": "한지원", "strokes": json.dumps([[[1, 1]]])}, "너무 짧아요"),
            ({"way": "here", "signer": "한지원", "strokes": "x"}, "읽지 못했어요"),
            ({"way": "here", "signer": "지나가던 사람", "typed": "지나가던 사람"}, "누가 서명했는지"),
            ({"way": "scan", "signer": "한지원", "signed_on": "2026-10-12"}, "올릴 파일을 골라 주세요"),
        ],
    )
    def test_without_one_nothing_is_handed_in(
        self, home: House, desk: FlaskClient, given: dict[str, str], sentence: str
    ) -> None:
        draft = written(desk)
        answer = sign(desk, draft, given)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert row_of(home, draft).state == "DRAFT"
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count(Paper.id))) == 0

    @pytest.mark.rule("GC-24")
    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("신청서.hwp", b"HWP Document File", "사진(JPG, PNG)이나 PDF"),
            ("신청서.png", b"no picture", "내용이 달라요"),
            ("신청서.pdf", b"", "빈 파일이에요"),
        ],
    )
    def test_what_is_no_scan(
        self, home: House, desk: FlaskClient, name: str, content: bytes, sentence: str
    ) -> None:
        draft = written(desk)
        answer = sign(desk, draft, scan(name, content))
        assert answer.status_code in (413, 422)
        assert sentence in words(answer)
        assert row_of(home, draft).state == "DRAFT"

    def test_not_signed_tomorrow(self, home: House, desk: FlaskClient) -> None:
        draft = written(desk)
        for day in ("2026-10-14", "어제", ""):
            assert "오늘까지" in words(sign(desk, draft, scan(signed_on=day)))
        assert sign(desk, draft, scan(signed_on="2026-10-13")).status_code == 303


class TestRenewed:
    @pytest.mark.rule("AD-18")
    def test_a_change_on_paper(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        address = f"{START}/{family.application}"
        page = desk.get(f"{address}/renew")
        data = sheet(page, c1_habits="이제 혼자 자요", **{"name_1": "김보호", "phone_1": family.phone})
        unsigned = desk.post(f"{address}/renew", data=data)
        assert unsigned.status_code == 422
        assert "이제 혼자 자요" in unsigned.text
        assert row_of(home, address).state == "ACCEPTED"
        assert desk.post(f"{address}/print", data=data).status_code == 303
        done = desk.post(f"{address}/renew", data={**data, **scan(signer="김보호")})
        assert done.status_code == 303, words(done)
        assert row_of(home, done.location).state == "SUBMITTED"
        assert row_of(home, address).state == "OUTDATED"  # as it was accepted, until the new one is
        assert "이제 혼자 자요" in desk.get(done.location).text
        stale = desk.post(
            f"{address}/renew", data={**data, **scan(signer="김보호"), "request_id": secrets.token_hex(16)}
        )
        assert stale.status_code == 409

    def test_an_outdated_one_is_written_anew(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        with home.unit() as uow:
            uow.session.scalars(select(DaycareApplication)).one().state = "OUTDATED"
        address = f"{START}/{family.application}"
        data = sheet(desk.get(f"{address}/renew"), **{"name_1": "김보호", "phone_1": family.phone})
        done = desk.post(
            f"{address}/renew", data={**data, "way": "here", "signer": "김보호", "typed": "김보호"}
        )
        assert done.status_code == 303, words(done)
        assert family.application not in done.location
        assert row_of(home, done.location).state == "SUBMITTED"

    def test_a_returned_one_is_mended(self, home: House, desk: FlaskClient) -> None:
        family = home.family(accepted=False)
        address = f"{START}/{family.application}"
        version = row_of(home, address).version
        desk.post(f"{address}/return", data={"version": version, "reason": "주소가 빠졌어요"})
        assert "고친 종이 옮겨 적기" in desk.get(address).text
        assert "주소가 빠졌어요" in desk.get(f"{address}/write").text
        assert save(desk, address, step="sign", name_1="김보호").status_code == 303
        assert sign(desk, address, scan(signer="김보호")).status_code == 303


class TestWhoMay:
    def test_a_teacher_only_looks(self, home: House, desk: FlaskClient, teacher: FlaskClient) -> None:
        draft = register(desk)
        for page in (
            "new",
            "family",
            f"{draft.rpartition('/')[2]}/write",
            f"{draft.rpartition('/')[2]}/sign",
        ):
            assert teacher.get(f"{START}/{page}").status_code == 403
        assert teacher.post(f"{draft}/discard").status_code == 403
        assert teacher.post(f"{START}/family", data=newcomer()).status_code == 403
        looked = teacher.get(draft)
        assert looked.status_code == 200
        assert "종이 신청서 옮겨 적기" not in teacher.get(START).text
        assert "이어서 옮겨 적기" not in looked.text

    def test_another_daycare_and_another_municipality_find_nothing(
        self, home: House, desk: FlaskClient, as_: As, seoul: TenantRef
    ) -> None:
        draft = register(desk)
        ref = draft.rpartition("/")[2]
        with home.unit() as uow:
            guardian = uow.session.scalars(select(Guardian.ref)).one()
        other = found_house(home.place, "달빛어린이집")
        elsewhere = as_(other.director)
        for page in ("write", "sign", "renew", "child"):
            assert elsewhere.get(f"{START}/{ref}/{page}").status_code == 404
            assert elsewhere.post(f"{START}/{ref}/{page}").status_code == 404
        for press in (f"{ref}/discard", f"{ref}/print", f"{ref}/invite", f"begin/{guardian}"):
            assert elsewhere.post(f"{START}/{press}").status_code == 404
        assert "윤서담" not in elsewhere.post(f"{START}/new", data={"phone": "1234"}).text
        offer(seoul, Service.DAYCARE)
        client = as_(home.director)
        with unit_of_work(seoul, SYSTEM) as uow:
            city = found_house(seoul, "한강어린이집")
            sign_in(client, uow, uow.session.get_one(UserAccount, city.director.user_id))
        assert client.get(f"/seoul/room/applications/{ref}/write").status_code == 404
        assert "윤서담" not in client.post("/seoul/room/applications/new", data={"phone": "1234"}).text

    def test_a_guardian_with_an_account_sees_it_and_goes_on(
        self, home: House, desk: FlaskClient, as_: As
    ) -> None:
        child = registered_elsewhere(home, account=True)
        begun = desk.post(f"{START}/family", data=newcomer(use=child))
        draft = begun.location.removesuffix("/write")
        save(desk, draft, step="keep")
        with home.unit() as uow:
            parent = uow.session.scalars(select(Guardian)).one()
        mother = as_(house.Actor(house.Role.GUARDIAN, parent.user_id, "한지원", guardian_id=parent.id))
        ref = draft.rpartition("/")[2]
        assert f"/daycare/applications/{ref}" in mother.get(f"{SLUG}/daycare/applications").text
        page = mother.get(f"{SLUG}/daycare/applications/{ref}")
        assert "어린이집이 신청서를 옮겨 적고 있어요" in words(page)
        signing = mother.get(f"{SLUG}/daycare/applications/{ref}/sign")
        done = mother.post(
            f"{SLUG}/daycare/applications/{ref}/sign", data={**YES, "typed": "한지원", **hidden(signing)}
        )
        assert done.status_code == 303, words(done)
        assert row_of(home, draft).state == "SUBMITTED"
        assert "회원가입 안내" not in desk.get(draft).text

    @pytest.mark.rule("KB-33")
    @pytest.mark.parametrize(
        ("name", "phone", "days", "theirs"),
        [
            ("한지원", "01077771234", 0, True),
            ("한지원", "01077771234", 14, True),
            ("한지원", "01077771234", 15, False),
            ("한지수", "01077771234", 0, False),
            ("한지원", "01077771235", 0, False),
        ],
    )
    def test_a_guardian_without_an_account_is_invited_to_what_was_written_down(
        self,
        home: House,
        desk: FlaskClient,
        morning: time_machine.Coordinates,
        name: str,
        phone: str,
        days: int,
        theirs: bool,
    ) -> None:
        draft = written(desk)
        sign(desk, draft, scan())
        assert "회원가입 안내 보내기" in desk.get(draft).text
        assert desk.post(f"{draft}/invite").status_code == 303
        with home.unit() as uow:
            [told] = uow.session.scalars(select(Message)).all()
        assert told.to == "01077771234"
        assert "윤서담" in told.body
        morning.move_to(house.NOW + timedelta(days=days))
        with home.unit() as uow:
            user = make_user(uow, house.Role.GUARDIAN, name=name, phone=phone)
            user.phone_verified_at = uow.now
            guardian_joined(uow, user)
            family = uow.session.scalars(select(Guardian).where(Guardian.user_id == user.id)).one()
        mother = house.Actor(house.Role.GUARDIAN, user.id, name, guardian_id=family.id)
        with home.unit(mother) as uow:
            assert [row.ref for row in own_applications(uow)] == (
                [draft.rpartition("/")[2]] if theirs else []
            )
        assert row_of(home, draft).state == "SUBMITTED"
