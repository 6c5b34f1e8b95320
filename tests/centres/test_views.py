"""Pages of centres as each person meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.centres.models import CapacityChange, DistrictRule, KiumCentre, Quarter, SpecialDay
from app.centres.queries import centre_by_id
from app.centres.rules import CentreKind
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.tenancy.models import Institution, ParameterValue
from tests.cast import make_centre, make_district, make_quarter
from tests.cast_accounts import sign_in


@dataclass
class World:
    place: TenantRef
    client: FlaskClient
    mine: Institution
    other: Institution
    centre: KiumCentre
    ref: str

    def sign_in(self, role: Role, institution_id: int | None = None) -> int:
        return sign_in(self.client, self.place, role, institution_id)

    def director(self) -> int:
        return self.sign_in(Role.CENTRE_DIRECTOR, self.centre.id)

    def officer(self, district: Institution | None = None) -> int:
        return self.sign_in(Role.DISTRICT_OFFICER, (district or self.mine).id)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/seoul{path}", **more)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(f"/seoul{path}", data={"request_id": token_hex(16), **form})

    def rows(self, model: Any) -> list[Any]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return list(uow.session.scalars(select(model)))


@pytest.fixture
def world(app: Flask, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            mine, other = make_district(uow, "구로구"), make_district(uow, "은평구")
            centre = make_centre(uow, district=mine)
            make_quarter(uow, centre, date(2026, 8, 17), date(2026, 12, 31))
            ref = centre_by_id(uow, centre.id).ref
        yield World(seoul, app.test_client(), mine, other, centre, ref)


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


class TestPublic:
    @pytest.mark.rule("KP-01")
    def test_anyone_may_look_around(self, world: World) -> None:
        for path in ("/centres", f"/centres/{world.ref}", "/help"):
            assert world.get(path).status_code == 200

    @pytest.mark.rule("KP-14")
    def test_search_by_district_kind_and_words(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            make_centre(uow, name="불광 100% 키움센터", kind=CentreKind.FUSION, district=world.other)
        for query, there, absent in (
            ("", ["온수동", "불광"], []),
            (f"district={world.other.ref}", ["불광"], ["온수동"]),
            ("kind=FUSION", ["불광"], ["온수동"]),
            ("kind=nonsense", ["온수동", "불광"], []),
            ("q=온수", ["온수동"], ["불광"]),
            ("q=%25", ["불광"], ["온수동"]),
            ("q=_", [], ["온수동", "불광"]),
            ("page=999", ["온수동"], []),
            ("page=x&district=nowhere", ["찾는 센터가 없어요"], ["온수동"]),
        ):
            page = text(world.get(f"/centres?{query}", headers={"HX-Request": "true"}))
            assert all(word in page for word in there), query
            assert not any(word in page for word in absent), query
            assert "<html" not in page

    def test_a_page_lists_twenty(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            for number in range(20):
                make_centre(uow, name=f"센터 {number:02d}", district=world.other)
        assert text(world.get("/centres")).count('<article class="card"') == 20
        assert text(world.get("/centres?page=2")).count('<article class="card"') == 1

    def test_a_centre_says_what_a_parent_asks(self, world: World) -> None:
        page = text(world.get(f"/centres/{world.ref}"))
        for words in ("11:00–19:00", "02-2600-1234", "20명", "4명", "간식", "2026. 12. 31.", "구로구"):
            assert words in page

    def test_invented_values_are_marked(self, world: World) -> None:
        assert "시연용으로 만든 값" not in text(world.get(f"/centres/{world.ref}"))
        with unit_of_work(world.place, SYSTEM) as uow:
            uow.session.execute(KiumCentre.__table__.update().values(invented=True))
        assert "시연용으로 만든 값" in text(world.get(f"/centres/{world.ref}"))

    def test_a_centre_without_quarters_has_a_page(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            fresh = make_centre(uow, name="새 센터", kind=CentreKind.HUB, district=world.mine)
            ref = centre_by_id(uow, fresh.id).ref
        page = text(world.get(f"/centres/{ref}"))
        assert "아직 운영기간을 정하지 않았어요" in page
        assert "운영기간 밖" in page
        assert "일시돌봄만" in page

    def test_closed_centres_are_not_shown(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            uow.session.execute(Institution.__table__.update().values(active=False))
        assert "온수동" not in text(world.get("/centres"))
        assert world.get(f"/centres/{world.ref}").status_code == 404

    @pytest.mark.rule("KP-16")
    def test_the_help_page_names_the_telephones(self, world: World) -> None:
        page = text(world.get("/help"))
        assert 'href="tel:0221334947"' in page
        assert "02-2133-4817" in page

    @pytest.mark.rule("GC-21")
    def test_another_municipality_does_not_show_it(self, world: World) -> None:
        assert world.client.get(f"/gwacheon/centres/{world.ref}").status_code == 404
        assert "온수동" not in text(world.client.get("/gwacheon/centres"))

    def test_the_search_is_light(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            for number in range(20):
                make_centre(uow, name=f"센터 {number:02d}", district=world.other)
        assert len(world.get("/centres").data) < 25_000


FACILITY = {
    "phone": "02-2600-5678",
    "address": "온수로 1",
    "introduction": "골목 안",
    "version": "1",
    "preschool_sibling_min_age": "5",
}


OWN_PAGES = ["/centre", "/centre/facility", "/centre/quarters", "/centre/days", "/centre/rules"]


class TestOwnCentre:
    @pytest.mark.parametrize("path", OWN_PAGES)
    @pytest.mark.parametrize("role", [Role.CARE_TEACHER, Role.TEAM_LEADER, Role.CENTRE_DIRECTOR])
    def test_staff_see_their_centre(self, world: World, role: Role, path: str) -> None:
        world.sign_in(role, world.centre.id)
        assert world.get(path).status_code == 200

    @pytest.mark.parametrize("path", ["/centre/capacity", "/centre/quarters/new", "/centre/quarters/first"])
    def test_some_pages_are_the_deciders(self, world: World, path: str) -> None:
        world.sign_in(Role.CARE_TEACHER, world.centre.id)
        assert world.get(path).status_code == 403
        assert world.get("/centre/days").status_code == 200

    @pytest.mark.parametrize("path", ["/centre", "/centre/quarters", "/district/centres"])
    def test_guardians_and_visitors_stay_outside(self, world: World, path: str) -> None:
        assert world.get(path).status_code == 303
        world.sign_in(Role.GUARDIAN)
        assert world.get(path).status_code == 403

    @pytest.mark.parametrize("path", OWN_PAGES)
    def test_officers_have_pages_of_their_own(self, world: World, path: str) -> None:
        world.officer()
        assert world.get(path).status_code == 403

    @pytest.mark.rule("KP-06")
    def test_facility_information(self, world: World) -> None:
        world.director()
        assert world.post("/centre/facility", **FACILITY).status_code == 303
        page = text(world.get("/centre"))
        assert "02-2600-5678" in page
        assert "골목 안" in page

    @pytest.mark.parametrize(
        "wrong",
        [
            {"phone": ""},
            {"phone": "전화"},
            {"sick_care": "y"},
            {"sick_seats": "많이"},
            {"address": "가" * 201},
        ],
    )
    def test_a_wrong_facility_form_keeps_what_was_typed(self, world: World, wrong: dict[str, str]) -> None:
        world.director()
        answer = world.post("/centre/facility", **{**FACILITY, **wrong})
        assert answer.status_code == 422
        assert "확인이 필요해요" in text(answer)
        assert "골목 안" in text(answer)

    def test_an_old_facility_form_gets_the_fresh_row(self, world: World) -> None:
        world.director()
        world.post("/centre/facility", **FACILITY)
        answer = world.post("/centre/facility", **{**FACILITY, "introduction": "늦은 글"})
        assert answer.status_code == 409
        assert "골목 안" in text(answer)
        assert "늦은 글" not in text(answer)
        assert 'name="version" value="2"' in text(answer)

    def test_special_days_by_form(self, world: World) -> None:
        world.sign_in(Role.CARE_TEACHER, world.centre.id)
        day = {"day": "2026-12-02", "kind": "DISCRETIONARY_CLOSURE", "note": "온수초 재량휴업"}
        assert world.post("/centre/days", **day).status_code == 303
        assert "12월 2일(수)" in text(world.get("/centre/days"))
        assert "온수초 재량휴업" in text(world.get(f"/centres/{world.ref}"))
        (row,) = world.rows(SpecialDay)
        assert world.post(f"/centre/days/{row.ref}/remove").status_code == 303
        assert world.rows(SpecialDay) == []
        assert world.post(f"/centre/days/{row.ref}/remove").status_code == 404

    @pytest.mark.parametrize(
        "wrong",
        [
            {"day": ""},
            {"day": "2026-11-19"},
            {"day": "2027-03-01"},
            {"kind": "PARTY"},
            {"kind": "EXTRA_OPEN"},
            {"kind": "EXTRA_OPEN", "day": "2026-11-28", "opens": "09:00", "closes": "13:00", "heads": "0"},
            {"kind": "EXTRA_OPEN", "opens": "09:00"},
            {"kind": "EXTRA_OPEN", "opens": "13:00", "closes": "09:00"},
            {"heads": "-1"},
        ],
    )
    def test_a_wrong_special_day(self, world: World, wrong: dict[str, str]) -> None:
        world.director()
        form = {"day": "2026-12-02", "kind": "CENTRE_CLOSED", **wrong}
        answer = world.post("/centre/days", **form)
        assert answer.status_code == 422
        assert "확인이 필요해요" in text(answer)
        assert world.rows(SpecialDay) == []

    @pytest.mark.rule("KB-51")
    def test_operating_rules_need_both_headings(self, world: World) -> None:
        world.director()
        order = re.search(
            r'<textarea[^>]*id="order"[^>]*>(.*?)</textarea>', text(world.get("/centre/rules")), re.S
        )
        assert order is not None
        form = {"priority": "맞벌이부터", "ending": "한 달 무단결석\n이사", "order": order[1], "version": "1"}
        for missing in ("priority", "ending"):
            assert world.post("/centre/rules", **{**form, missing: " "}).status_code == 422
        assert world.post("/centre/rules", **form).status_code == 303
        with unit_of_work(world.place, SYSTEM) as uow:
            written = centre_by_id(uow, world.centre.id).operating_rules
        assert written["ending"] == "한 달 무단결석\n이사"
        assert world.rows(ParameterValue) == []

    @pytest.mark.rule("KB-40")
    @pytest.mark.parametrize(
        ("deliberated_on", "status"),
        [("", 422), ("2026-11-21", 422), ("2026-11-20", 303), ("2026-10-01", 303)],
    )
    def test_an_order_of_one_s_own_names_the_deliberation(
        self, world: World, deliberated_on: str, status: int
    ) -> None:
        world.director()
        own = "취업 한부모\n맞벌이\n다자녀 또는 장애·간병·질병 가구\n초등 저학년\n장시간 근로·통근\n기타"
        form = {"priority": "한부모부터", "ending": "이사", "order": own, "version": "1"}
        answer = world.post("/centre/rules", **form, deliberated_on=deliberated_on)
        assert answer.status_code == status
        stored = [(row.key, row.institution_id) for row in world.rows(ParameterValue)]
        assert stored == ([("kb.priority_order", world.centre.id)] if status == 303 else [])


def week(prefix: str = "", opens: str = "11:00", closes: str = "19:00") -> dict[str, str]:
    found = {}
    for key in ("mon", "tue", "wed", "thu", "fri"):
        found |= {
            f"{prefix}opens_{key}": opens,
            f"{prefix}closes_{key}": closes,
            f"{prefix}staff_{key}": f"{opens}-{closes} 2명",
        }
    return found


SEM2 = {"kind": "SEM2", "year_label": "2026", "first": "2026-08-17", "last": "2026-12-31", "snack": "y"}


class TestQuarters:
    def quarter(self, world: World) -> Quarter:
        return next(row for row in world.rows(Quarter) if row.kind == "SEM2")

    @pytest.mark.rule("KQ-04")
    def test_two_steps_then_saved(self, world: World) -> None:
        world.director()
        url = f"/centre/quarters/{self.quarter(world).ref}"
        form = {**SEM2, **week(), "last": "2026-12-24", "version": "1"}
        shown = world.post(url, **form)
        assert shown.status_code == 200
        assert "아직 저장하지 않았어요" in text(shown)
        assert self.quarter(world).ends_on == date(2026, 12, 31)
        back = world.post(url, **form, step="edit")
        assert 'value="2026-12-24"' in text(back)
        assert world.post(url, **form, step="save").status_code == 303
        assert self.quarter(world).ends_on == date(2026, 12, 24)
        assert world.post(url, **form, step="save").status_code == 409

    def test_the_confirmation_names_the_days_that_change(self, world: World) -> None:
        world.director()
        url = f"/centre/quarters/{self.quarter(world).ref}"
        same = text(world.post(url, **SEM2, **week(), version="1"))
        assert "운영시간과 근무는 그대로예요" in same
        later = {"closes_fri": "20:00", "staff_fri": "11:00-20:00 2명"}
        shown = text(world.post(url, **{**SEM2, **week(), "version": "1", **later}))
        assert "11:00–20:00" in shown
        assert "금요일" in shown
        assert "월요일" not in shown

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"last": "2026-08-16"}, "종료일은 시작일과 같거나"),
            ({"last": ""}, "날짜를 적어 주세요"),
            ({"closes_mon": "18:59"}, "표준시간"),
            ({"opens_mon": "11:01"}, "8시간 이상"),
            ({"opens_fri": ""}, "여는 시각과 닫는 시각"),
            ({"opens_fri": "오전"}, "여는 시각과 닫는 시각"),
            ({"staff_wed": "두 명"}, "근무를"),
            ({"staff_wed": "11:00-19:00 0명"}, "근무를"),
            ({"opens_sat": "09:00", "closes_sat": "13:00"}, "돌봄필수인력이 없어요"),
            ({"vacation_opens": "09:00"}, "학교가 쉬는 날"),
            ({"kind": "AUTUMN"}, ""),
            ({"year_label": "26"}, "네 자리 연도"),
        ],
    )
    def test_what_cannot_be_saved(self, world: World, wrong: dict[str, str], words: str) -> None:
        world.director()
        url = f"/centre/quarters/{self.quarter(world).ref}"
        answer = world.post(url, **{**SEM2, **week(), "version": "1", "step": "save", **wrong})
        assert answer.status_code == 422
        assert "확인이 필요해요" in text(answer)
        assert words in text(answer)
        assert self.quarter(world).version == 1

    def test_a_new_quarter_is_proposed_and_added_once(self, world: World) -> None:
        world.director()
        page = text(world.get("/centre/quarters/new?kind=WINTER&year=2027"))
        assert 'value="2027-01-01"' in page
        form = {**week(opens="09:00", closes="18:00"), "kind": "WINTER", "year_label": "2027"}
        form |= {"first": "2027-01-02", "last": "2027-02-28"}
        shown = text(world.post("/centre/quarters/new", **form))
        assert "어느 분기에도 들지 않아" in shown
        twin = token_hex(16)
        for _ in range(2):
            answer = world.post("/centre/quarters/new", **form, step="save", request_id=twin)
            assert answer.status_code == 303
        assert len(world.rows(Quarter)) == 2
        assert world.post("/centre/quarters/new", **form, step="save").status_code == 422

    @pytest.mark.rule("KQ-03")
    def test_the_first_year_by_form(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            fresh = make_centre(uow, name="새 센터", district=world.mine)
        world.sign_in(Role.CENTRE_DIRECTOR, fresh.id)
        assert "네 분기 정하기" in text(world.get("/centre/quarters"))
        page = text(world.get("/centre/quarters/first?year=2026"))
        fields = dict(re.findall(r'name="((?:first|last)_\w+)"[^>]*value="([^"]+)"', page))
        assert fields["last_SEM1"] == "2026-07-19"
        form = {"year_label": "2026", **fields, **week("sem_"), **week("vac_", "09:00", "18:00")}
        assert world.post("/centre/quarters/first", **{**form, "last_SEM1": "2026-07-20"}).status_code == 422
        assert world.post("/centre/quarters/first", **{**form, "last_SEM1": "2026-02-20"}).status_code == 422
        assert world.post("/centre/quarters/first", **{**form, "vac_closes_tue": "17:59"}).status_code == 422
        assert world.post("/centre/quarters/first", **form).status_code == 303
        assert len(world.rows(Quarter)) == 5
        page = text(world.get("/centre/quarters?year=2026"))
        assert page.count("<rect") == 5
        assert "5주 미만" in page
        assert "style=" not in page

    @pytest.mark.rule("KQ-15")
    def test_delete(self, world: World) -> None:
        world.director()
        url = f"/centre/quarters/{self.quarter(world).ref}/delete"
        assert world.post(url, version="9").status_code == 409
        assert world.post(url, version="1").status_code == 303
        assert world.rows(Quarter) == []

    def test_another_centre_s_quarter_is_unknown(self, world: World) -> None:
        url = f"/centre/quarters/{self.quarter(world).ref}"
        with unit_of_work(world.place, SYSTEM) as uow:
            stranger = make_centre(uow, name="다른 센터", district=world.mine)
        world.sign_in(Role.CENTRE_DIRECTOR, stranger.id)
        assert world.get(url).status_code == 404
        assert world.post(url, **SEM2, **week()).status_code == 404
        assert world.post(f"{url}/delete", version="1").status_code == 404


NEW = {
    "name": "신도림 키움센터",
    "kind": "GENERAL",
    "phone": "02-2600-1234",
    "area": "80.00",
    "capacity": "20",
}
WISH = {"capacity": "24", "area": "96.00", "effective_on": "2026-12-01", "reason": "옆 교실을 더 씀"}


class TestOfficers:
    @pytest.mark.rule("KP-05")
    def test_a_district_registers_a_centre(self, world: World) -> None:
        world.officer()
        assert world.other.name not in text(world.get("/district/centres/new"))
        answer = world.post("/district/centres/new", **NEW, district_ref=world.mine.ref)
        assert answer.status_code == 303
        assert "신도림 키움센터" in text(world.client.get(answer.location))
        for wrong in ({"district_ref": world.other.ref}, {"capacity": "25"}, {"area": "넓음"}, {"name": " "}):
            form = {**NEW, "district_ref": world.mine.ref, **wrong}
            assert world.post("/district/centres/new", **form).status_code == 422

    def test_an_officer_sees_the_own_district_only(self, world: World) -> None:
        for district, status in ((world.mine, 200), (world.other, 404)):
            world.officer(district)
            assert ("온수동" in text(world.get("/district/centres"))) is (status == 200)
            for path in (f"/district/centres/{world.ref}", f"/district/centres/{world.ref}/facility"):
                assert world.get(path).status_code == status
            assert world.post(f"/district/centres/{world.ref}/facility", **FACILITY).status_code == (
                303 if status == 200 else 404
            )
        world.sign_in(Role.SEOUL_ADMIN)
        assert "온수동" in text(world.get("/district/centres"))
        assert world.get(f"/district/centres/{world.ref}").status_code == 200

    @pytest.mark.rule("GC-21")
    def test_a_city_s_administrator_sees_no_other_city(self, world: World, gwacheon: TenantRef) -> None:
        sign_in(world.client, gwacheon, Role.SEOUL_ADMIN)
        assert "온수동" not in text(world.client.get("/gwacheon/district/centres"))
        for path in (f"centres/{world.ref}", f"papers?district={world.mine.ref}"):
            assert world.client.get(f"/gwacheon/district/{path}").status_code == 404

    def test_numbers_open_the_list_behind_them(self, world: World) -> None:
        world.officer()
        assert "온수동" in text(world.get("/district/centres?only=missing"))
        assert "온수동" not in text(world.get("/district/centres?only=waiting"))
        assert "온수동" not in text(world.get("/district/centres?only=short"))

    def ask(self, world: World, **changed: str) -> TestResponse:
        world.director()
        return world.post("/centre/capacity", **{**WISH, **changed})

    @pytest.mark.rule("KC-10")
    def test_a_capacity_request_from_asking_to_deciding(self, world: World) -> None:
        assert self.ask(world).status_code == 303
        assert "승인 요청" in text(world.get("/centre"))
        (row,) = world.rows(CapacityChange)
        url = f"/district/capacity/{row.ref}"
        assert world.get(url).status_code == 403
        world.officer(world.other)
        assert world.get(url).status_code == 404
        assert world.post(url, decision="approve", version="1").status_code == 404
        world.officer()
        assert url in text(world.get("/district/centres?only=waiting"))
        assert "옆 교실을 더 씀" in text(world.get(url))
        assert world.post(url, decision="reject", version="1").status_code == 422
        assert world.post(url, decision="", version="1").status_code == 422
        assert world.post(url, decision="approve", version="5").status_code == 409
        assert world.post(url, decision="approve", version="1").status_code == 303
        assert world.post(url, decision="approve", version="2").status_code == 422
        assert "이미 결정한 요청" in text(world.get(url))
        assert world.rows(CapacityChange)[0].state == "APPROVED"

    @pytest.mark.rule("KC-01")
    @pytest.mark.parametrize(
        "wrong",
        [
            {"capacity": "30"},
            {"capacity": ""},
            {"effective_on": "2026-11-19"},
            {"reason": ""},
            {"area": "0"},
            {"area": "96.001"},
        ],
    )
    def test_a_wrong_request_stays_on_the_page(self, world: World, wrong: dict[str, str]) -> None:
        answer = self.ask(world, **wrong)
        assert answer.status_code == 422
        assert "확인이 필요해요" in text(answer)
        assert world.rows(CapacityChange) == []

    @pytest.mark.rule("KB-40")
    def test_a_district_lays_down_its_papers(self, world: World) -> None:
        world.officer()
        assert "구로구" in text(world.get("/district/papers"))
        form = {"district": world.mine.ref, "papers_dual_income": ["employment_certificate"]}
        assert world.post("/district/papers", **form).status_code == 303
        (row,) = world.rows(DistrictRule)
        assert (row.district_id, row.ground, row.papers) == (
            world.mine.id,
            "dual_income",
            ["employment_certificate"],
        )
        assert world.post("/district/papers", district=world.mine.ref).status_code == 303
        assert world.rows(DistrictRule)[0].papers == []
        assert (
            world.post("/district/papers", **{**form, "papers_dual_income": ["tax_secret"]}).status_code
            == 422
        )
        assert world.post("/district/papers", district=world.other.ref).status_code == 404
        assert world.get(f"/district/papers?district={world.other.ref}").status_code == 404


@pytest.mark.rule("GC-22")
def test_a_city_without_kium_has_none_of_these_pages(app: Flask, world: World) -> None:
    from app.kernel.db import platform_ref
    from app.tenancy.models import Tenant
    from app.tenancy.registry import registry

    with unit_of_work(platform_ref(), SYSTEM) as uow:
        uow.session.execute(Tenant.__table__.update().where(Tenant.slug == "gwacheon").values(services=[]))
    registry.forget()
    for path in ("/centres", "/help", "/centre", "/district/centres"):
        assert world.client.get(f"/gwacheon{path}").status_code == 404
