"""Quarters by form: the first year, two steps, deleting."""

from __future__ import annotations

import re
from datetime import date
from secrets import token_hex

import pytest

from app.centres.models import Quarter
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import unit_of_work
from tests.cast import make_centre
from tests.centres.town import World, text, week

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
