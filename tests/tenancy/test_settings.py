"""What a municipality decides for itself: dated, signed, at its own level, and shown before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.booking import parameters as booking
from app.centres.models import KiumCentre
from app.kernel import parameters
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, platform_ref, unit_of_work
from app.kernel.errors import RuleBroken
from app.kernel.parameters import Parameter, all_parameters
from app.tenancy import kinds, settings
from app.tenancy.decisions import may_decide
from app.tenancy.models import ParameterValue, PlatformParameter, Tenant
from app.tenancy.registry import registry
from app.tenancy.settings import Place
from tests.cast import LONG_AGO, make_centre, make_district
from tests.cast_accounts import sign_in

TODAY = date(2026, 11, 20)
ADMIN = Actor(Role.SEOUL_ADMIN, user_id=1, name="서울지기")
WINDOW = "/seoul/settings/kb.temp_window_days"


@dataclass
class World:
    place: TenantRef
    client: FlaskClient
    centre: KiumCentre
    district_id: int

    def sign_in(self, role: Role, institution_id: int | None = None, name: str = "서울지기") -> None:
        sign_in(self.client, self.place, role, institution_id, name=name)

    def post(self, url: str = WINDOW, **values: str):  # type: ignore[no-untyped-def]
        form = {"value": "21", "effective_from": "2026-12-01", "reason": "겨울방학 수요", **values}
        return self.client.post(url, data=form)

    def decided(self) -> list[ParameterValue]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return list(uow.session.scalars(select(ParameterValue).order_by(ParameterValue.id)))


@pytest.fixture
def world(app: Flask, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            district = make_district(uow)
            centre = make_centre(uow, district=district)
        yield World(seoul, app.test_client(), centre, district.id)


def value_on(world: World, parameter: Parameter, day: date, place: Place = settings.TENANT_WIDE) -> object:
    with unit_of_work(world.place, SYSTEM) as uow:
        return settings.value(uow, parameter, day, place)


@pytest.mark.parametrize("key", sorted(all_parameters()))
def test_every_parameter_can_be_shown_typed_and_explained(key: str) -> None:
    parameter = all_parameters()[key]
    text = kinds.as_typed(parameter, parameter.default)
    assert parameter.read(kinds.typed(parameter, text)) == parameter.read(parameter.default)
    assert kinds.shown(parameter, parameter.default)
    assert parameter.label.endswith(".")


@pytest.mark.rule("GC-20")
@pytest.mark.parametrize(
    ("day", "days"), [(date(2026, 11, 30), 14), (date(2026, 12, 1), 21), (date(2027, 5, 1), 21)]
)
def test_a_value_counts_from_its_day(world: World, day: date, days: int) -> None:
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(
            uow, booking.TEMP_WINDOW, 21, effective_from=date(2026, 12, 1), reason="겨울방학 수요"
        )
        assert settings.value(uow, booking.TEMP_WINDOW, day) == days
    assert value_on(world, booking.TEMP_WINDOW, day) == days


@pytest.mark.rule("GC-20")
@pytest.mark.parametrize(("day", "fine"), [("2026-11-19", False), ("2026-11-20", True), ("2026-11-21", True)])
def test_nobody_decides_the_past(world: World, day: str, fine: bool) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    answer = world.post(effective_from=day, step="save", request_id=token_hex(16))
    assert answer.status_code == (303 if fine else 422)
    assert len(world.decided()) == fine


@pytest.mark.rule("GC-20")
def test_centre_before_district_before_city_before_platform(world: World) -> None:
    order = booking.PRIORITY_ORDER
    place = Place(world.centre.id, world.district_id)
    first, *rest = order.default
    turned = [*rest[:1], first, *rest[1:]]
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(uow, order, turned, effective_from=TODAY, reason="시 전체")
        assert settings.value(uow, order, place=place) == turned
        settings.set_value(
            uow, order, order.default, effective_from=TODAY, reason="심의", institution_id=world.centre.id
        )
        assert settings.value(uow, order, place=place) == order.default
        assert settings.value(uow, order) == turned


@pytest.mark.rule("GC-20")
def test_what_a_change_does_is_shown_before_it_is_saved(world: World) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    shown = world.post()
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200
    for words in ("적용하면 생기는 일", "14일", "21일", "2026년 12월 1일(화)", booking.TEMP_WINDOW.effect):
        assert words in page
    assert world.decided() == []
    assert world.post(step="save", request_id=token_hex(16)).status_code == 303
    page = world.client.get(WINDOW).get_data(as_text=True)
    for words in ("2026. 12. 1.", "서울지기", "겨울방학 수요", "(예정)"):
        assert words in page
    with unit_of_work(world.place, SYSTEM) as uow:
        row = uow.session.scalars(select(AuditLog).where(AuditLog.action == "parameter.set")).one()
        assert row.diff["kb.temp_window_days"][1] == 21


def test_pressed_twice_is_decided_once(world: World) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    twin = token_hex(16)
    first, second = (world.post(step="save", request_id=twin) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(world.decided()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"value": ""},
        {"value": "-1"},
        {"value": "많이"},
        {"value": "9" * 30},
        {"value": "14"},
        {"effective_from": "내일"},
        {"effective_from": ""},
        {"reason": "  "},
    ],
)
def test_wrong_input_stays_on_the_page(world: World, values: dict[str, str]) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    answer = world.post(**values)
    assert answer.status_code == 422
    assert "확인이 필요해요" in answer.get_data(as_text=True)
    assert world.decided() == []


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("kb.guardian_self_cancel", "true", True),
        ("kw.regular_multiple", "3", 3),
        ("kq.std_vacation", "08:30-18:00", "08:30-18:00"),
        ("kb.demand_ratio", "0.9", "0.9"),
        ("kp.help_phones", "02-1234-5678\n\n120", ["02-1234-5678", "120"]),
        ("kb.evidence_kinds", "재직증명서", ["employment_certificate"]),
        (
            "kb.priority_order",
            "취업 한부모\n맞벌이\n다자녀 또는 장애·간병·질병 가구\n초등 저학년, 장시간 근로·통근\n기타",
            [
                ["single_parent_working"],
                ["dual_income"],
                ["multi_child_or_care"],
                ["low_grade", "long_hours"],
                ["other"],
            ],
        ),
    ],
)
def test_every_kind_can_be_decided_on_the_page(world: World, key: str, value: str, stored: object) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    url = f"/seoul/settings/{key}"
    assert world.client.get(url).status_code == 200
    assert world.post(url, value=value).status_code == 200
    assert world.post(url, value=value, step="save", request_id=token_hex(16)).status_code == 303
    assert [row.value["v"] for row in world.decided()] == [stored]


@pytest.mark.rule("KB-37")
def test_an_order_that_forgets_a_ground_is_refused(world: World) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    url = "/seoul/settings/kb.priority_order"
    for wrong in (
        "맞벌이",
        "맞벌이\n취업 한부모\n다자녀 또는 장애·간병·질병 가구\n초등 저학년\n장시간 근로·통근\n기타",
        "모름",
    ):
        assert world.post(url, value=wrong).status_code == 422


@pytest.mark.parametrize("key", ["kb.slot_minutes", "kb.tie_break"])
def test_the_platform_s_own_are_only_read(world: World, key: str) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    url = f"/seoul/settings/{key}"
    page = world.client.get(url)
    assert page.status_code == 200
    assert 'name="value"' not in page.get_data(as_text=True)
    assert world.post(url, value="60", step="save", request_id=token_hex(16)).status_code == 422


def test_directors_and_districts_read_what_is_not_theirs(world: World) -> None:
    for role, scope in ((Role.CENTRE_DIRECTOR, world.centre.id), (Role.DISTRICT_OFFICER, world.district_id)):
        world.sign_in(role, scope)
        assert world.client.get("/seoul/settings").status_code == 200
        assert world.post(step="save", request_id=token_hex(16)).status_code == 422
    assert world.decided() == []


def test_a_centre_s_order_is_decided_with_its_rules(world: World) -> None:
    world.sign_in(Role.CENTRE_DIRECTOR, world.centre.id)
    page = world.client.get("/seoul/settings/kb.priority_order").get_data(as_text=True)
    assert 'href="/seoul/centre/rules"' in page
    answer = world.post(
        "/seoul/settings/kb.priority_order", value="기타", step="save", request_id=token_hex(16)
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.CARE_TEACHER])
def test_others_have_no_settings(world: World, role: Role) -> None:
    world.sign_in(role, world.centre.id if role is Role.CARE_TEACHER else None)
    assert world.client.get("/seoul/settings").status_code == 403


def test_visitors_are_asked_to_sign_in(world: World) -> None:
    assert world.client.get("/seoul/settings").status_code == 303


def test_search_and_unknown_keys(world: World) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    found = world.client.get("/seoul/settings?q=KB-08").get_data(as_text=True)
    assert "kb.temp_window_days" in found
    assert "kw.temp_multiple" not in found
    assert "찾는 설정이 없어요" in world.client.get("/seoul/settings?q=없는말").get_data(as_text=True)
    fragment = world.client.get("/seoul/settings?q=KB-08", headers={"HX-Request": "true"})
    assert "<html" not in fragment.get_data(as_text=True)
    assert world.client.get("/seoul/settings/kb.nothing").status_code == 404


@pytest.mark.rule("GC-22")
def test_keys_of_a_service_that_is_off_are_absent(world: World) -> None:
    world.sign_in(Role.SEOUL_ADMIN)
    with unit_of_work(platform_ref(), SYSTEM) as uow:
        uow.session.execute(update(Tenant).where(Tenant.slug == "seoul").values(services=[]))
    registry.forget()
    page = world.client.get("/seoul/settings").get_data(as_text=True)
    assert "kb.temp_window_days" not in page
    assert "kp.lock_after_failures" in page
    assert world.client.get(WINDOW).status_code == 404


def test_the_platform_s_value_holds_where_the_city_has_none(world: World) -> None:
    with unit_of_work(platform_ref(), SYSTEM) as uow:
        uow.session.add(
            PlatformParameter(
                key="kb.temp_window_days",
                value={"v": 10},
                effective_from=TODAY,
                set_at=LONG_AGO,
                reason="전국 공통",
            )
        )
    assert value_on(world, booking.TEMP_WINDOW, TODAY) == 10
    world.sign_in(Role.SEOUL_ADMIN)
    assert "전국 공통" in world.client.get(WINDOW).get_data(as_text=True)
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(uow, booking.TEMP_WINDOW, 12, effective_from=TODAY, reason="우리 시")
    assert value_on(world, booking.TEMP_WINDOW, TODAY) == 12


@pytest.mark.rule("GC-21")
def test_decisions_of_one_city_are_not_seen_in_another(world: World, gwacheon: TenantRef) -> None:
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(uow, booking.TEMP_WINDOW, 21, effective_from=TODAY, reason="수요")
    with unit_of_work(gwacheon, SYSTEM) as uow:
        assert settings.value(uow, booking.TEMP_WINDOW) == 14
        assert uow.session.scalars(select(ParameterValue)).all() == []


def test_a_wrong_value_is_refused_by_the_command_too(world: World) -> None:
    with unit_of_work(world.place, ADMIN) as uow, pytest.raises(RuleBroken):
        settings.set_value(uow, booking.TEMP_WINDOW, "many", effective_from=TODAY, reason="수요")


@pytest.mark.parametrize(
    ("kind", "raw", "fine"),
    [
        ("INTEGER", "0", True),
        ("INTEGER", "1000000", True),
        ("INTEGER", "1000001", False),
        ("INTEGER", "9" * 23, False),
        ("INTEGER", "-1", False),
        ("DECIMAL", "1000000", True),
        ("DECIMAL", "1000000.1", False),
        ("DECIMAL", "1e999", False),
        ("DECIMAL", "NaN", False),
        ("DECIMAL", "0", False),
    ],
)
def test_no_setting_is_so_large_that_dates_or_columns_end(kind: str, raw: str, fine: bool) -> None:
    parameter = Parameter("test.key", getattr(parameters, kind), 1, "시험입니다.", rule="GC-20")
    try:
        parameter.read(raw)
    except RuleBroken:
        assert not fine
    else:
        assert fine


@pytest.mark.parametrize(
    ("role", "key", "may"),
    [
        (Role.DAYCARE_DIRECTOR, "as.daycare_months_default", True),
        (Role.DAYCARE_DIRECTOR, "as.daycare_months_max", False),
        (Role.DAYCARE_TEACHER, "as.daycare_months_default", False),
        (Role.CENTRE_DIRECTOR, "as.daycare_months_default", False),
        (Role.DAYCARE_DIRECTOR, "kb.regular_min_days", False),
        (Role.CITY_OFFICER, "as.daycare_months_max", True),
        (Role.COORDINATOR, "as.hold_days", False),
        (Role.REGIONAL_DIRECTOR, "as.hold_days", False),
    ],
)
def test_a_house_decides_only_what_is_its_own(role: Role, key: str, may: bool) -> None:
    assert may_decide(role, all_parameters()[key]) is may


@pytest.mark.parametrize(
    ("rule", "key", "good", "bad"),
    [
        pytest.param("AD-02", "ad.group_max", [1, 5], [0, 6, 99], marks=pytest.mark.rule("AD-02")),
        pytest.param("AD-03", "ad.ratio_normal", [1, 5], [0, 6], marks=pytest.mark.rule("AD-03")),
        pytest.param("AD-03", "ad.ratio_small", [1, 3], [0, 4], marks=pytest.mark.rule("AD-03")),
        pytest.param("AD-09", "ad.max_days", [1, 5], [0, 6], marks=pytest.mark.rule("AD-09")),
        pytest.param("AD-11", "ad.min_minutes", [60, 720], [0, 59, 90, 780], marks=pytest.mark.rule("AD-11")),
        pytest.param(
            "AD-06",
            "ad.curfew",
            ["22:00-07:30", "12:00-11:59"],
            ["07:30-22:00", "22:00-22:00", "11:59-07:30", "22:00-12:00", "22:00", ""],
            marks=pytest.mark.rule("AD-06"),
        ),
        pytest.param(
            "AD-13",
            "ad.methods",
            [["card"], ["card", "account_transfer"]],
            [[], ["card", "card"], ["cash"]],
            marks=pytest.mark.rule("AD-13"),
        ),
        pytest.param("AD-14", "ad.overrun_threshold_min", [1, 60], [0, 61], marks=pytest.mark.rule("AD-14")),
        pytest.param("AD-17", "ad.noshow_fee_hours", [0, 24], [-1, 25], marks=pytest.mark.rule("AD-17")),
        pytest.param("AS-21", "as.objection_days", [1, 90], [0, 91], marks=pytest.mark.rule("AS-21")),
        pytest.param("AS-25", "as.daycare_months_max", [1, 12], [0, 13], marks=pytest.mark.rule("AS-25")),
    ],
)
def test_a_municipality_decides_within_what_the_source_allows(
    rule: str, key: str, good: list[Any], bad: list[Any]
) -> None:
    parameter = all_parameters()[key]
    assert parameter.rule == rule
    for raw in good:
        parameter.read(raw)
    for raw in bad:
        with pytest.raises(RuleBroken):
            parameter.read(raw)
