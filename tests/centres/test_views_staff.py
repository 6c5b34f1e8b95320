"""A centre's own pages."""

from __future__ import annotations

import re

import pytest

from app.centres.models import SpecialDay
from app.centres.queries import centre_by_id
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import unit_of_work
from app.tenancy.models import ParameterValue
from tests.centres.town import FACILITY, World, text

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
        assert "이날 예약한 아이가 없어요" in text(world.post("/centre/days", **day))
        assert world.rows(SpecialDay) == []
        assert world.post("/centre/days", **day, step="save").status_code == 303
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
        assert world.post("/centre/days", **form, step="save").status_code == 422
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
