"""A director sets up the house, the city designates and looks on; what a change breaks is shown before it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.accounts.models import RoleAssignment, UserAccount
from app.daycare.models import (
    ApplicationChild,
    Daycare,
    DaycareApplication,
    DaycareBooking,
    DaycareClass,
    DaycareClosure,
    DaycareStay,
    RosterShift,
)
from app.daycare.service.designating import Designation, designate
from app.daycare.setup_pages import read_span
from app.daycare.setup_roster import read_line
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind, Service
from tests.cast import LONG_AGO, make_family, offer
from tests.cast_accounts import make_user, sign_in

NOW = "2026-11-24T10:00"
TODAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)


@dataclass(frozen=True)
class House:
    """A designated daycare with one class of five, its director, the city's officer."""

    place: TenantRef
    id: int
    ref: str
    director: int
    officer: int

    def client(self, app: Flask, user_id: int) -> FlaskClient:
        client = app.test_client()
        with unit_of_work(self.place, SYSTEM) as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, user_id))
        return client


@pytest.fixture
def nursery(gwacheon: TenantRef) -> Iterator[House]:
    with time_machine.travel(f"{NOW}+09:00", tick=False):
        offer(gwacheon, Service.DAYCARE)
        with unit_of_work(gwacheon, SYSTEM) as uow:
            row = Institution(kind=InstitutionKind.DAYCARE, name="새벽 어린이집", phone="0311112222")
            uow.session.add(row)
            uow.session.flush()
            officer = make_user(uow, Role.CITY_OFFICER, name="시담당")
            director = make_user(uow, Role.DAYCARE_DIRECTOR, row.id, name="새원장")
            make_user(uow, Role.DAYCARE_TEACHER, row.id, name="이보람")
        with unit_of_work(gwacheon, Actor(Role.CITY_OFFICER, officer.id)) as uow:
            designate(uow, row.ref, Designation("경기-7", date(2026, 1, 1)))
        yield House(gwacheon, row.id, row.ref, director.id, officer.id)


@pytest.fixture
def director(app: Flask, nursery: House) -> FlaskClient:
    return nursery.client(app, nursery.director)


@pytest.fixture
def officer(app: Flask, nursery: House) -> FlaskClient:
    return nursery.client(app, nursery.officer)


def booked(nursery: House, day: date, children: int = 1, hours: tuple[int, int] = (1200, 1890)) -> list[str]:
    """That many children of one family with a confirmed night; the numbers of their bookings."""
    numbers = []
    with unit_of_work(nursery.place, SYSTEM) as uow:
        group = uow.session.scalars(select(DaycareClass).where(DaycareClass.daycare_id == nursery.id)).first()
        assert group is not None
        for number in range(children):
            parent, child = make_family(
                uow,
                phone=f"0105555{day.day:02d}{number:02d}",
                child=f"김아기{number}",
                birth=date(2023, 1, 1),
            )
            form = DaycareApplication(
                daycare_id=nursery.id,
                guardian_id=parent.id,
                state="ACCEPTED",
                channel="ONLINE",
                created_at=LONG_AGO,
            )
            uow.session.add(form)
            uow.session.flush()
            uow.session.add(
                ApplicationChild(application_id=form.id, child_id=child.id, position=1, qualification="HOME")
            )
            row = DaycareBooking(
                number=f"2026-11-{day.day:02d}{number:02d}", daycare_id=nursery.id, application_id=form.id,
                child_id=child.id, guardian_id=parent.id, first_day=day, last_day=day, channel="ONLINE",
                received_at=LONG_AGO, contact_phone=parent.phone, state="CONFIRMED", fee_hour=3000, quoted=0,
                created_at=LONG_AGO,
            )  # fmt: skip
            uow.session.add(row)
            uow.session.flush()
            uow.session.add(
                DaycareStay(
                    booking_id=row.id, daycare_id=nursery.id, class_id=group.id, child_id=child.id,
                    operating_day=day, planned=Range(kst(day, hours[0]), kst(day, hours[1])), state="PLANNED",
                )
            )  # fmt: skip
            numbers.append(row.number)
    return numbers


def pressed(client: FlaskClient, path: str, data: dict[str, object]) -> tuple[int, str]:
    """The first press; with what the page carried on, the second."""
    answer = client.post(path, data={"request_id": "1" * 32, **data})
    return answer.status_code, answer.text


def again(client: FlaskClient, text: str) -> int:
    """Press 이대로 저장 on a page that asks first."""
    action = re.search(r'<form class="row" method="post" action="([^"]+)"', text)
    assert action is not None
    form = text[action.start() :].split("</form>")[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return client.post(action[1], data={**fields, "step": "save"}).status_code


def rows(nursery: House, table: type[Any]) -> list[Any]:
    """As they are now."""
    with unit_of_work(nursery.place, SYSTEM) as uow:
        return list(uow.session.scalars(select(table).order_by(*table.__table__.primary_key)))


# classes ---------------------------------------------------------------------------------------------------------

CLASS = {
    "name": "달님반", "places": "5", "teachers": "1", "weekdays": ["mon", "tue"], "opens": "19:30", "closes": "07:30",
    "starts_on": "2026-12-01",
}  # fmt: skip


def test_a_class_is_made_and_listed(nursery: House, director: FlaskClient) -> None:
    answer = director.post("/gwacheon/house/classes/new", data={"request_id": "1" * 32, **CLASS})
    assert answer.status_code == 303
    row = next(row for row in rows(nursery, DaycareClass) if row.name == "달님반")
    assert (row.start_minute, row.end_minute, row.weekdays) == (1170, 1890, ["mon", "tue"])
    page = director.get("/gwacheon/house/classes").text
    assert "달님반" in page
    assert "19:30–다음 날 07:30" in page


@pytest.mark.rule("AD-02")
@pytest.mark.parametrize(("places", "status"), [("5", 303), ("6", 422), ("0", 422), ("x", 422), ("", 422)])
def test_a_class_holds_five_at_most(nursery: House, director: FlaskClient, places: str, status: int) -> None:
    answer = director.post(
        "/gwacheon/house/classes/new", data={"request_id": "2" * 32, **CLASS, "places": places}
    )
    assert answer.status_code == status
    assert len(rows(nursery, DaycareClass)) == (2 if status == 303 else 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("opens", "25:00"),
        ("closes", "abc"),
        ("closes", "19:00"),
        ("weekdays", []),
        ("ends_on", "2026-11-01"),
        ("name", " "),
    ],
)
def test_an_impossible_class_is_refused_in_words(director: FlaskClient, field: str, value: object) -> None:
    status, text = pressed(director, "/gwacheon/house/classes/new", {**CLASS, field: value})
    assert status == 422
    assert 'class="error"' in text or 'class="errors"' in text


@pytest.mark.rule("AD-03")
def test_what_a_smaller_class_breaks_is_shown_first(nursery: House, director: FlaskClient) -> None:
    """Three nights are booked; with two places nobody is thrown out, all three are marked."""
    numbers = booked(nursery, FRIDAY, 3)
    row = rows(nursery, DaycareClass)[0]
    path = f"/gwacheon/house/classes/{row.ref}"
    data = {
        **CLASS,
        "weekdays": row.weekdays,
        "opens": "07:30",
        "places": "2",
        "version": "1",
        "starts_on": "2026-01-01",
    }
    status, text = pressed(director, path, data)
    assert status == 200
    assert all(number in text for number in numbers)
    assert rows(nursery, DaycareClass)[0].places == 5
    assert again(director, text) == 303
    assert rows(nursery, DaycareClass)[0].places == 2
    assert [stay.violations for stay in rows(nursery, DaycareStay)] == [["AD-02"]] * 3
    assert {booking.state for booking in rows(nursery, DaycareBooking)} == {"CONFIRMED"}


def test_two_directors_tabs(nursery: House, director: FlaskClient) -> None:
    row = rows(nursery, DaycareClass)[0]
    data = {**CLASS, "weekdays": row.weekdays, "version": "7"}
    status, text = pressed(director, f"/gwacheon/house/classes/{row.ref}", data)
    assert status == 409
    assert "먼저 고쳤어요" in text


# roster ----------------------------------------------------------------------------------------------------------


def cell(nursery: House, day: date) -> str:
    return f"{rows(nursery, DaycareClass)[0].ref}-{day.isoformat()}"


def test_a_week_is_typed_saved_and_copied(nursery: House, director: FlaskClient) -> None:
    data = {"week": "2026-11-25", cell(nursery, TODAY): "이보람 07:30-19:30\n박새벽 19:30-07:30"}
    assert pressed(director, "/gwacheon/house/roster", data)[0] == 303
    shifts = rows(nursery, RosterShift)
    assert [(shift.teacher, shift.user_id is not None) for shift in shifts] == [
        ("이보람", True),
        ("박새벽", False),
    ]
    assert shifts[1].period.upper == kst(TODAY + timedelta(days=1), 450)
    next_week = director.get("/gwacheon/house/roster?week=2026-12-02&from=last").text
    assert "박새벽 19:30-07:30" in next_week
    assert "아직 저장하지 않았으니" in next_week
    assert len(rows(nursery, RosterShift)) == 2


def test_saving_again_keeps_what_did_not_change(nursery: House, director: FlaskClient) -> None:
    first = {"week": "2026-11-24", cell(nursery, TODAY): "이보람 07:30-19:30"}
    pressed(director, "/gwacheon/house/roster", first)
    kept = rows(nursery, RosterShift)[0].ref
    second = {**first, cell(nursery, FRIDAY): "이보람 07:30-19:30", "request_id": "3" * 32}
    assert director.post("/gwacheon/house/roster", data=second).status_code == 303
    assert rows(nursery, RosterShift)[0].ref == kept
    assert len(rows(nursery, RosterShift)) == 2


@pytest.mark.rule("AD-03")
def test_a_roster_without_a_night_teacher_shows_who_sleeps_there(
    nursery: House, director: FlaskClient
) -> None:
    (number,) = booked(nursery, FRIDAY)
    data = {"week": "2026-11-24", cell(nursery, FRIDAY): "이보람 07:30-19:30"}
    status, text = pressed(director, "/gwacheon/house/roster", data)
    assert status == 200
    assert number in text
    assert rows(nursery, RosterShift) == []
    assert again(director, text) == 303
    assert len(rows(nursery, RosterShift)) == 1
    assert rows(nursery, DaycareStay)[0].violations == ["AD-02"]


@pytest.mark.parametrize(
    "line", ["이보람", "07:30-19:30", "이보람 7시-9시", "이보람 19:30-19:30", "이보람 06:00-09:00"]
)
def test_an_unreadable_line_is_named(nursery: House, director: FlaskClient, line: str) -> None:
    status, text = pressed(
        director, "/gwacheon/house/roster", {"week": "2026-11-24", cell(nursery, TODAY): line}
    )
    assert status == 422
    assert line in text
    assert rows(nursery, RosterShift) == []


@pytest.mark.parametrize(
    ("opens", "closes", "span"),
    [
        ("07:30", "07:30", (450, 1890)),
        ("07:30", "19:30", (450, 1170)),
        ("22:00", "07:30", (1320, 1890)),
        ("00:00", "07:30", (1440, 1890)),
        ("07:29", "07:30", (1889, 1890)),
        ("07:30", "07:31", (450, 451)),
        ("22:00", "07:31", None),
        ("09:00", "08:00", None),
        ("", "07:30", None),
    ],
)
def test_clock_times_of_the_operating_day(opens: str, closes: str, span: tuple[int, int] | None) -> None:
    if span is None:
        with pytest.raises(ValueError):  # noqa: PT011 - parse_minute's or its own
            read_span(opens, closes)
    else:
        assert read_span(opens, closes) == span


def test_a_line_may_be_typed_with_any_dash() -> None:
    for dash in "-–~":
        duty = read_line("x", TODAY, f"이 보람 22:00{dash}07:30")
        assert (duty.teacher, duty.start, duty.end) == ("이 보람", 1320, 1890)


# closed days and the house's own words ----------------------------------------------------------------------------


@pytest.mark.rule("GC-13")
def test_closing_a_day_shows_who_is_booked_then_cancels(nursery: House, director: FlaskClient) -> None:
    (number,) = booked(nursery, FRIDAY)
    data = {"day": FRIDAY.isoformat(), "reason": "소독"}
    status, text = pressed(director, "/gwacheon/house/days", data)
    assert status == 200
    assert number in text
    assert rows(nursery, DaycareClosure) == []
    assert again(director, text) == 303
    assert [row.reason for row in rows(nursery, DaycareClosure)] == ["소독"]
    assert [row.state for row in rows(nursery, DaycareBooking)] == ["CANCELLED"]
    assert "소독" in director.get("/gwacheon/house/days").text


def test_a_free_day_is_closed_at_once_and_opened_again(nursery: House, director: FlaskClient) -> None:
    data = {"day": FRIDAY.isoformat(), "reason": "공사"}
    assert pressed(director, "/gwacheon/house/days", data)[0] == 303
    ref = rows(nursery, DaycareClosure)[0].ref
    assert director.post(f"/gwacheon/house/days/{ref}/open").status_code == 303
    assert rows(nursery, DaycareClosure) == []


@pytest.mark.parametrize("day", ["2026-11-23", "어제", "", "9999-12-31"])
def test_an_impossible_closed_day(director: FlaskClient, day: str) -> None:
    assert pressed(director, "/gwacheon/house/days", {"day": day, "reason": "공사"})[0] == 422


@pytest.mark.rule("GC-13")
def test_a_statutory_day_is_closed_already(nursery: House, director: FlaskClient) -> None:
    status, text = pressed(director, "/gwacheon/house/days", {"day": "2026-12-25", "reason": "소독"})
    assert status == 422
    assert "이날은 이미 쉬는 날이에요" in text
    assert rows(nursery, DaycareClosure) == []


def test_the_statutory_days_are_listed(director: FlaskClient) -> None:
    page = director.get("/gwacheon/house/days").text
    assert "12월 25일" in page
    assert "시 기준" in page


FACILITY = {
    "phone": "031-111-2222", "account": "농협 1-2-3", "introduction": "어서 오세요", "emergency_manual": "119",
    "weekday": "standard", "holiday": "standard", "version": "1",
}  # fmt: skip


@pytest.mark.parametrize("phone", ["😀", "1", "031-12", "전화 없음"])
def test_a_telephone_that_nobody_can_call(nursery: House, director: FlaskClient, phone: str) -> None:
    before = rows(nursery, Institution)
    status, text = pressed(director, "/gwacheon/house/facility", {**FACILITY, "phone": phone})
    assert status == 422
    assert "전화번호를 다시 확인해 주세요" in text
    assert [row.phone for row in rows(nursery, Institution)] == [row.phone for row in before]


@pytest.mark.rule("AD-30")
def test_own_hours_are_kept_and_shown(nursery: House, director: FlaskClient) -> None:
    data = {**FACILITY, "holiday": "own", "holiday_opens": "09:00", "holiday_closes": "18:00"}
    assert pressed(director, "/gwacheon/house/facility", data)[0] == 303
    assert rows(nursery, Daycare)[0].hours == {"holiday": ["09:00", "18:00"]}
    assert "09:00–18:00" in director.get("/gwacheon/house").text
    assert 'value="18:00"' in director.get("/gwacheon/house/facility").text


@pytest.mark.rule("AD-30")
def test_shorter_hours_show_who_would_stay_outside_them(nursery: House, director: FlaskClient) -> None:
    (number,) = booked(nursery, FRIDAY)
    data = {**FACILITY, "weekday": "own", "weekday_opens": "07:30", "weekday_closes": "19:30"}
    status, text = pressed(director, "/gwacheon/house/facility", data)
    assert status == 200
    assert number in text
    assert rows(nursery, Daycare)[0].hours == {}
    assert again(director, text) == 303
    assert rows(nursery, Daycare)[0].hours == {"weekday": ["07:30", "19:30"]}


def test_hours_that_cannot_be_read_stand_beside_their_field(director: FlaskClient) -> None:
    data = {**FACILITY, "weekday": "own", "weekday_opens": "7시", "weekday_closes": ""}
    status, text = pressed(director, "/gwacheon/house/facility", data)
    assert status == 422
    assert "weekday_opens-error" in text


# the city ---------------------------------------------------------------------------------------------------------


def test_the_overview_counts_tonight_and_names_nobody(nursery: House, officer: FlaskClient) -> None:
    booked(nursery, TODAY, 2)
    page = officer.get("/gwacheon/city/daycares").text
    assert "2명 / 5자리" in page
    assert "보장 없음" in page
    assert "김아기" not in page
    assert "김보호" not in page


@pytest.mark.parametrize(
    ("only", "there"), [("insurance_ends", True), ("full", False), ("inside", False), ("x", True)]
)
def test_a_number_opens_the_list_behind_it(officer: FlaskClient, only: str, there: bool) -> None:
    page = officer.get(f"/gwacheon/city/daycares?only={only}").text
    assert ("새벽 어린이집" in page) is there


@pytest.mark.rule("AD-33")
def test_a_new_daycare_is_designated_with_its_classes(nursery: House, officer: FlaskClient) -> None:
    with unit_of_work(nursery.place, SYSTEM) as uow:
        new = Institution(kind=InstitutionKind.DAYCARE, name="둘째 어린이집", phone="0311112223")
        uow.session.add(new)
    assert "둘째 어린이집" in officer.get("/gwacheon/city/daycares").text
    data = {"letter": "경기-8", "designated_on": "2026-12-01", "groups": "2"}
    assert pressed(officer, f"/gwacheon/city/daycares/{new.ref}/designation", data)[0] == 303
    assert len([row for row in rows(nursery, DaycareClass) if row.daycare_id == new.id]) == 2
    assert "경기-8" in officer.get(f"/gwacheon/city/daycares/{new.ref}").text


@pytest.mark.parametrize(
    "data",
    [
        {"letter": "", "designated_on": "2026-12-01"},
        {"letter": "경기-9", "designated_on": "2026-13-01"},
        {"letter": "경기-9", "designated_on": "2026-12-01", "designation_ends_on": "2026-11-30"},
    ],
)
def test_an_impossible_designation(nursery: House, officer: FlaskClient, data: dict[str, object]) -> None:
    assert pressed(officer, f"/gwacheon/city/daycares/{nursery.ref}/designation", data)[0] == 422


@pytest.mark.rule("AD-33")
def test_the_end_of_a_designation_shows_and_then_cancels_what_is_later(
    nursery: House, officer: FlaskClient
) -> None:
    (last,), (later,) = booked(nursery, FRIDAY), booked(nursery, FRIDAY + timedelta(days=1))
    data = {"last_day": FRIDAY.isoformat(), "end_reason": "사업 종료"}
    status, text = pressed(officer, f"/gwacheon/city/daycares/{nursery.ref}/end", data)
    assert status == 200
    assert later in text
    assert last not in text
    assert "김아기" not in text
    assert again(officer, text) == 303
    assert {row.number: row.state for row in rows(nursery, DaycareBooking)} == {
        last: "CONFIRMED",
        later: "CANCELLED",
    }


@pytest.mark.rule("AD-33")
def test_a_later_beginning_shows_and_then_cancels_what_is_before(
    nursery: House, officer: FlaskClient
) -> None:
    (before,), (later,) = booked(nursery, FRIDAY), booked(nursery, FRIDAY + timedelta(days=1))
    data = {"letter": "경기-9", "designated_on": (FRIDAY + timedelta(days=1)).isoformat()}
    status, text = pressed(officer, f"/gwacheon/city/daycares/{nursery.ref}/designation", data)
    assert status == 200
    assert before in text
    assert later not in text
    assert "김아기" not in text
    assert {row.state for row in rows(nursery, DaycareBooking)} == {"CONFIRMED"}
    assert again(officer, text) == 303
    assert {row.number: row.state for row in rows(nursery, DaycareBooking)} == {
        before: "CANCELLED",
        later: "CONFIRMED",
    }


@pytest.mark.rule("AD-12")
@pytest.mark.parametrize(("fee", "status"), [("2990", 200), ("3010", 422), ("1000", 200), ("-10", 422)])
def test_a_fee_above_the_ceiling_is_refused(officer: FlaskClient, fee: str, status: int) -> None:
    data = {"value": fee, "effective_from": "2026-12-01", "reason": "조례 개정"}
    assert pressed(officer, "/gwacheon/settings/ad.fee_hour", data)[0] == status


def test_another_house_finds_nothing(app: Flask, nursery: House) -> None:
    with unit_of_work(nursery.place, SYSTEM) as uow:
        other = Institution(kind=InstitutionKind.DAYCARE, name="남의 집", phone="031")
        uow.session.add(other)
        uow.session.flush()
        stranger = make_user(uow, Role.DAYCARE_DIRECTOR, other.id)
    with unit_of_work(nursery.place, Actor(Role.CITY_OFFICER, nursery.officer)) as uow:
        designate(uow, other.ref, Designation("경기-1", date(2026, 1, 1)))
    mine, client = rows(nursery, DaycareClass)[0].ref, nursery.client(app, stranger.id)
    assert client.get(f"/gwacheon/house/classes/{mine}").status_code == 404
    assert pressed(client, f"/gwacheon/house/classes/{mine}", CLASS)[0] == 404
    assert client.get(f"/gwacheon/city/daycares/{nursery.ref}").status_code == 403


@pytest.mark.rule("XX-15")
def test_the_city_gives_a_teacher_an_account_in_the_daycare_and_nowhere_else(
    nursery: House, officer: FlaskClient
) -> None:
    data = {
        "login_id": "gyosa77", "name": "새교사", "phone": "01077778888", "role": "daycare_teacher",
        "institution": nursery.ref, "starts_on": TODAY.isoformat(),
    }  # fmt: skip
    assert pressed(officer, "/gwacheon/accounts/new", {**data, "institution": ""})[0] == 422
    assert pressed(officer, "/gwacheon/accounts/new", data)[0] == 303
    given = rows(nursery, RoleAssignment)[-1]
    assert (given.role, given.institution_id) == ("daycare_teacher", nursery.id)
