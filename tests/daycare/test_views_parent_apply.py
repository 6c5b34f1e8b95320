"""이용신청서 on the phone: page by page, signed, returned and handed in again, renewed when something changed."""

from __future__ import annotations

import json
import secrets
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.daycare import service
from app.daycare.models import DaycareApplication
from app.daycare.rules.application import CONSENTS
from app.documents.models import Paper, Signature
from app.people.models import Child
from tests.cast_daycare import ADDRESS, DaycareTown
from tests.daycare.parents import Parent, hidden, make_parent, new_family, words

HEALTHY = {
    "c1_qualification": "HOME",
    "c1_disease": "no",
    "c1_allergy": "no",
    "c1_medicine": "no",
    "c1_habits": "이불을 꼭 쥐고 자요",
}
MOTHER = {
    "relation_1": "모",
    "name_1": "박보호",
    "phone_1": "010-1234-0000",
    "birth_1": "1991-03-04",
    "address_1": ADDRESS,
}
UNCLE = {
    "relation_3": "외삼촌",
    "name_3": "최삼촌",
    "phone_3": "010-9999-0000",
    "birth_3": "1985-01-01",
    "address_3": ADDRESS,
}
YES = dict.fromkeys(CONSENTS, "yes")
SIGNED = json.dumps([[[10, 10], [200, 80], [300, 40]]])


@pytest.fixture
def father(app: Flask, town: DaycareTown) -> Parent:
    return new_family(app, town)[0]


def begun(parent: Parent, children: list[str] | None = None) -> str:
    """The first page is kept; returns the draft's address."""
    answer = parent.post(f"/daycare/apply/{parent.town.daycare}", {"children": children or [parent.child]})
    assert answer.status_code == 303, words(answer)
    return answer.location.partition("/gwacheon")[2].removesuffix("/health")


def step(parent: Parent, draft: str, name: str, data: dict[str, object]):
    return parent.post(f"{draft}/{name}", {**data, **hidden(parent.get(f"{draft}/{name}"))})


def drafted(parent: Parent) -> str:
    draft = begun(parent)
    for name, data in (("health", HEALTHY), ("guardians", MOTHER), ("purpose", {"purpose": "double_income"})):
        answer = step(parent, draft, name, data)
        assert answer.status_code == 303, words(answer)
    return draft


class TestJourney:
    def test_five_pages_and_a_signature_make_a_paper(self, father: Parent) -> None:
        draft = drafted(father)
        page = father.get(f"{draft}/sign")
        assert "언제나 어린이집의 운영규정을 확인하였으며" in words(page)
        assert "필요하면 119에 연락하고" in words(page)
        answer = father.post(f"{draft}/sign", {**YES, "strokes": SIGNED, **hidden(page)})
        assert answer.status_code == 303, words(answer)
        text = words(father.get(draft))
        assert "제출" in text
        assert "기다리는 동안에도 예약할 수 있어요" in text
        with father.town.unit() as uow:
            row = uow.session.scalars(select(DaycareApplication)).one()
            paper = uow.session.get_one(Paper, row.paper_id)
            assert uow.session.scalars(select(Signature)).one().method == "DRAWN"
        assert paper.data["guardians"][0]["name"] == "박보호"
        assert paper.data["consent_survey"] == "yes"
        assert father.get(f"/papers/{paper.ref}").status_code == 200

    def test_a_typed_name_signs_too(self, father: Parent) -> None:
        draft = drafted(father)
        answer = step(father, draft, "sign", {**YES, "typed": father.name})
        assert answer.status_code == 303, words(answer)

    @pytest.mark.rule("AD-18")
    def test_nobody_signs_in_anothers_name(self, father: Parent) -> None:
        draft = drafted(father)
        answer = step(father, draft, "sign", {**YES, "typed": "남의이름"})
        assert answer.status_code == 422
        assert f"서명하는 분({father.name})과 달라요" in words(answer)
        spaced = " ".join(father.name.replace(" ", ""))
        assert step(father, draft, "sign", {**YES, "typed": spaced}).status_code == 303

    def test_without_a_signature_nothing_is_handed_in(self, father: Parent) -> None:
        draft = drafted(father)
        answer = step(father, draft, "sign", YES)
        assert answer.status_code == 422
        with father.town.unit() as uow:
            assert uow.session.scalars(select(DaycareApplication.state)).one() == "DRAFT"

    def test_one_goes_on_where_one_stopped(self, father: Parent) -> None:
        draft = begun(father)
        assert f"{draft}/health" in father.get(draft).get_data(as_text=True)
        again = father.get(f"/daycare/apply/{father.town.daycare}")
        assert again.location.endswith(draft)

    def test_after_it_one_can_book(self, father: Parent) -> None:
        step(father, drafted(father), "sign", {**YES, "typed": father.name})
        assert father.check().status_code == 200


class TestWhatIsMissing:
    def test_no_child(self, father: Parent) -> None:
        answer = father.post(f"/daycare/apply/{father.town.daycare}", {})
        assert answer.status_code == 422
        assert "이용할 아이를 골라 주세요." in words(answer)

    @pytest.mark.rule("AD-18")
    def test_a_fourth_child(self, app: Flask, town: DaycareTown) -> None:
        many, refs = new_family(app, town, children=4)
        answer = many.post(f"/daycare/apply/{town.daycare}", {"children": refs})
        assert answer.status_code == 422
        assert "아이 3명까지" in words(answer)
        begun(many, refs[:3])

    @pytest.mark.rule("AD-19")
    def test_an_unanswered_question_names_the_child_and_keeps_the_words(self, father: Parent) -> None:
        draft = begun(father)
        answer = step(father, draft, "health", {**HEALTHY, "c1_allergy": ""})
        assert answer.status_code == 422
        assert "박새롬: 있는지 없는지 골라 주세요(식품 알레르기)." in words(answer)
        assert "이불을 꼭 쥐고 자요" in answer.get_data(as_text=True)

    @pytest.mark.rule("AD-19")
    def test_an_allergy_needs_its_words(self, father: Parent) -> None:
        answer = step(father, begun(father), "health", {**HEALTHY, "c1_allergy": "yes"})
        assert answer.status_code == 422
        assert "알레르기 증상" in words(answer)

    @pytest.mark.rule("AD-18")
    def test_guardians_one_and_three_without_two(self, father: Parent) -> None:
        draft = begun(father)
        step(father, draft, "health", HEALTHY)
        answer = step(father, draft, "guardians", {**MOTHER, **UNCLE})
        assert answer.status_code == 422
        assert words(answer).count("2순위 보호자가 비어 있어요. 순위를 차례대로 채워 주세요.") == 2
        assert "최삼촌" in answer.get_data(as_text=True)  # typed words stay

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"phone_1": "12"}, "전화번호를 다시 확인해 주세요"),
            ({"birth_1": "어제"}, "생년월일을 1990-01-31처럼"),
            ({"birth_1": "2126-01-01"}, "생년월일을 1990-01-31처럼"),  # no year of ours
            ({"birth_1": "2027-01-01"}, "만 14세 이상인 분만"),
            ({"birth_1": "2012-11-17"}, "만 14세 이상인 분만"),  # fourteen tomorrow
            ({"birth_1": "1906-11-15"}, "생년월일을 확인해 주세요"),
            ({"name_1": "가" * 41}, "이름은 40자까지"),
            ({"address_1": "가" * 201}, "주소는 200자까지"),
            ({"phone_1": "0" * 21}, "연락처는 20자까지"),
            ({"address_1": ""}, "1순위 보호자의 관계, 이름, 생년월일, 연락처, 주소를 모두"),
        ],
    )
    def test_a_guardians_line(self, father: Parent, changed: dict[str, str], sentence: str) -> None:
        answer = step(father, begun(father), "guardians", {**MOTHER, **changed})
        assert answer.status_code == 422
        assert sentence in words(answer)
        [typed] = changed.values()
        kept = typed in answer.get_data(as_text=True)
        assert kept or "1990-01-31처럼" in sentence, "nothing typed is lost that a field can show"

    def test_fourteen_today(self, father: Parent) -> None:
        answer = step(father, begun(father), "guardians", {**MOTHER, "birth_1": "2012-11-16"})
        assert answer.status_code == 303

    def test_words_behind_a_no_are_not_kept(self, father: Parent) -> None:
        draft = begun(father)
        step(father, draft, "health", {**HEALTHY, "c1_disease_words": "천식"})
        assert "천식" not in father.get(f"{draft}/health").get_data(as_text=True)

    def test_other_purposes_need_words(self, father: Parent) -> None:
        answer = step(father, begun(father), "purpose", {"purpose": "other"})
        assert answer.status_code == 422
        assert "기타 이용목적을 적어 주세요." in words(answer)

    @pytest.mark.rule("AD-20")
    @pytest.mark.parametrize(
        ("refused", "taken"),
        [("first_aid", True), ("survey", True), ("going_home", False), ("rules", False), ("privacy", False)],
    )
    def test_which_refusal_ends_it(self, father: Parent, refused: str, taken: bool) -> None:
        draft = drafted(father)
        answer = step(father, draft, "sign", {**YES, refused: "no", "typed": father.name})
        assert answer.status_code == (303 if taken else 422)
        if not taken:
            assert "동의하지 않으면 이용할 수 없어요" in words(answer)

    def test_another_familys_application_is_not_found(
        self, app: Flask, town: DaycareTown, father: Parent
    ) -> None:
        home = town.family("남의아이")
        assert father.get(f"/daycare/applications/{home.application}").status_code == 404
        assert father.get(f"/daycare/applications/{home.application}/renew").status_code == 404
        answer = father.post(f"/daycare/apply/{town.daycare}", {"children": [home.child]})
        assert answer.status_code == 422  # not one of one's own: nothing was chosen


class TestMeanwhile:
    """Changed in another window: what was typed stands on the page again, on top of what is there now."""

    def test_a_page_of_the_draft(self, father: Parent) -> None:
        draft = begun(father)
        seen = hidden(father.get(f"{draft}/guardians"))
        assert step(father, draft, "health", HEALTHY).status_code == 303
        answer = father.post(f"{draft}/guardians", {**MOTHER, **seen})
        assert answer.status_code == 409
        assert "그 사이 다른 화면에서 이 신청서를 고쳤어요" in words(answer)
        assert 'value="박보호"' in answer.get_data(as_text=True)
        assert father.post(f"{draft}/guardians", {**MOTHER, **hidden(answer)}).status_code == 303

    def test_the_signature(self, father: Parent) -> None:
        draft = drafted(father)
        seen = hidden(father.get(f"{draft}/sign"))
        assert step(father, draft, "purpose", {"purpose": "moving"}).status_code == 303
        answer = father.post(f"{draft}/sign", {**YES, "typed": father.name, **seen})
        assert answer.status_code == 409
        assert f'value="{father.name}"' in answer.get_data(as_text=True)
        signed = {**YES, "typed": father.name, **hidden(answer)}
        assert father.post(f"{draft}/sign", signed).status_code == 303

    def test_the_whole_form_and_taking_back(self, app: Flask, town: DaycareTown) -> None:
        mother = make_parent(app, town)
        [home] = [home for home in town.homes if home.child == mother.child]
        path = f"/daycare/applications/{home.application}"
        seen = hidden(mother.get(f"{path}/renew"))
        data = {"children": [mother.child], **HEALTHY, **MOTHER, "purpose": "moving", **YES}
        typed = {**data, "typed": mother.name, "c1_habits": "노래를 좋아해요"}
        answer = mother.post(f"{path}/renew", {**typed, **seen, "version": "0"})
        assert answer.status_code == 409
        assert "노래를 좋아해요" in answer.get_data(as_text=True)
        late = mother.post(f"{path}/withdraw", {"version": "0"})
        assert late.status_code == 409
        assert "그 사이 이 신청서가 바뀌었어요" in words(late)
        assert mother.post(f"{path}/renew", {**typed, **hidden(answer)}).status_code == 303


class TestReturnedAndRenewed:
    def test_the_reason_stands_on_the_page_and_it_can_be_handed_in_again(self, father: Parent) -> None:
        draft = drafted(father)
        step(father, draft, "sign", {**YES, "typed": father.name})
        ref = draft.rpartition("/")[2]
        with father.town.unit(father.town.director) as uow:
            version = uow.session.scalars(select(DaycareApplication.version)).one()
            service.return_application(uow, ref, "보호자 생년월일이 달라요", version=version)
        assert "보호자 생년월일이 달라요" in words(father.get(draft))
        assert "이용신청서를 고쳐 주세요" in words(father.get("/"))
        assert step(father, draft, "guardians", {**MOTHER, "birth_1": "1991-03-05"}).status_code == 303
        assert step(father, draft, "sign", {**YES, "typed": father.name}).status_code == 303
        assert "제출" in words(father.get(draft))

    def test_something_changed_is_handed_in_at_once(self, app: Flask, town: DaycareTown) -> None:
        mother = make_parent(app, town)
        [home] = [home for home in town.homes if home.child == mother.child]
        path = f"/daycare/applications/{home.application}/renew"
        page = mother.get(path)
        assert "고치지 않은 것은 그대로 두세요" in words(page)
        data = {
            "children": [mother.child],
            **HEALTHY,
            "c1_allergy": "yes",
            "c1_allergy_food": "땅콩",
            "c1_allergy_symptom": "두드러기",
            "c1_allergy_substitute": "씨앗",
            **MOTHER,
            "purpose": "moving",
            **YES,
            **hidden(page),
        }
        assert mother.post(path, data).status_code == 422  # not signed: what stands stays
        assert "접수" in words(mother.get(f"/daycare/applications/{home.application}"))
        answer = mother.post(path, {**data, "typed": mother.name})
        assert answer.status_code == 303, words(answer)
        assert "바뀐 내용 확인 중" in words(mother.client.get(answer.location))
        again = mother.post(path, {**data, "typed": mother.name})
        assert again.location == answer.location  # the same press twice
        other_tab = mother.post(path, {**data, "typed": mother.name, "request_id": "e" * 32})
        assert other_tab.status_code == 409
        assert 'value="땅콩"' in other_tab.get_data(as_text=True)
        assert answer.location.rpartition("/")[2] in other_tab.get_data(as_text=True)
        accepted = words(mother.get(f"/daycare/applications/{home.application}"))
        assert "접수됨" in accepted
        assert "바뀐 것이 있어요" not in accepted
        both = words(mother.get("/daycare/applications"))
        assert "접수됨" in both
        assert "바뀐 내용 확인 중" in both

    def test_an_outdated_one_is_renewed_with_what_it_said(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        with town.unit() as uow:
            row = uow.session.scalars(select(DaycareApplication)).one()
            row.state = "OUTDATED"
        mother = make_parent(app, town, home)
        assert "이용신청서를 다시 써 주세요" in words(mother.get("/"))
        path = f"/daycare/applications/{home.application}/renew"
        page = mother.get(path)
        data = {
            "children": [mother.child],
            **HEALTHY,
            **MOTHER,
            "purpose": "moving",
            **YES,
            "typed": mother.name,
            **hidden(page),
        }
        answer = mother.post(path, data)
        assert answer.status_code == 303, words(answer)
        assert home.application not in answer.location
        assert mother.check().status_code == 200

    def test_it_can_be_taken_back(self, father: Parent) -> None:
        draft = drafted(father)
        answer = father.post(f"{draft}/withdraw", hidden(father.get(draft)))
        assert answer.status_code == 303
        assert "철회" in words(father.get(draft))


class TestRegistering:
    def test_a_baby_is_registered_without_a_school(self, app: Flask, father: Parent) -> None:
        page = father.get("/children/new")
        assert "초등학교에 다니면" in words(page)
        answer = father.post(
            "/children/new",
            {
                "name": "박아기",
                "birth_date": "2026-03-01",
                "sex": "MALE",
                "schooling": "no",
                "disability": "MILD",
                "address": ADDRESS,
                "relation": "PARENT",
                "legal_consent": "y",
                "request_id": secrets.token_hex(16),
            },
        )
        assert answer.status_code == 303, words(answer)
        with father.town.unit() as uow:
            baby = uow.session.scalars(select(Child).where(Child.name == "박아기")).one()
        assert (baby.birth_date, baby.disability, baby.in_school) == (date(2026, 3, 1), "MILD", False)
        assert "8개월" in words(father.get("/"))

    def test_where_it_is_not_asked_what_is_known_stays(self, app: Flask, father: Parent) -> None:
        with father.town.unit() as uow:
            kid = uow.session.scalars(select(Child).where(Child.ref == father.child)).one()
            kid.disability = "SEVERE"
        page = father.get(f"/children/{father.child}/edit")
        answer = father.post(
            f"/children/{father.child}/edit",
            {
                "name": "박새롬",
                "birth_date": "2024-11-01",
                "sex": "FEMALE",
                "schooling": "no",
                **hidden(page),
            },
        )
        assert answer.status_code == 303, words(answer)
        with father.town.unit() as uow:
            assert (
                uow.session.scalars(select(Child.disability).where(Child.ref == father.child)).one()
                == "SEVERE"
            )
