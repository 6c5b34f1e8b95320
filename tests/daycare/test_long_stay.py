"""A child from Wednesday evening to Friday noon: in the records of every day it was there (AD-21, AD-24, AD-32)."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.daycare import papers, service
from app.daycare.models import Journal
from app.daycare.parent_records import day_told, own_stay
from app.daycare.queries import (
    daycare_by_id,
    handover_rows,
    journals,
    known_child,
    register_of,
    register_rows,
)
from app.daycare.rules.states import Channel
from app.daycare.service import Wish
from app.documents.models import Paper
from app.documents.print_runs import PART
from app.kernel.errors import NotFound
from app.kernel.work import Work
from tests.daycare.conftest import As
from tests.daycare.house import NOW, WEDNESDAY, Family, House
from tests.daycare.parents import signed_in
from tests.daycare.test_papers import PNG
from tests.documents.municipal import give_key

SLUG = "/gwacheon"
THURSDAY, FRIDAY, SATURDAY = (WEDNESDAY + timedelta(days=number) for number in (1, 2, 3))
WORDS = {"activities": "그림책 읽기", "evaluation": "편안히 지냄"}


@dataclass
class Long:
    home: House
    family: Family
    booking: str
    stay: str


@pytest.fixture
def long_stay(home: House, morning: time_machine.Coordinates) -> Long:
    """In on Wednesday 19:03, still there."""
    give_key(home.place)
    family = home.family()
    order = service.BookingOrder(
        request_id=secrets.token_hex(16),
        daycare=home.daycare,
        children=(family.child,),
        wish=Wish(WEDNESDAY, FRIDAY, 1140, 780, continuous=True),
        contact_phone=family.phone,
        channel=Channel.PHONE,
        guardian=family.guardian,
    )
    with home.unit(home.director) as uow:
        [booked] = service.book(uow, order)
    home.pay(booked.ref)
    morning.move_to(NOW.replace(day=14, hour=19, minute=3))
    return Long(home, family, booked.ref, home.enter(booked.ref))


def clocks(*moments: Any) -> list[str]:
    return [f"{moment:%d. %H:%M}" if moment else "" for moment in moments]


def sheet_data(home: House) -> dict[str, Any]:
    """Of the last print run's only sheet."""
    with home.unit() as uow:
        payload = uow.session.scalars(
            select(Work.payload).where(Work.kind == PART).order_by(Work.id.desc())
        ).first()
    assert payload is not None
    return dict(payload["sheets"][0]["data"])


@pytest.mark.rule("AD-24")
@pytest.mark.parametrize("gone", [False, True])
def test_in_the_journal_of_every_day(long_stay: Long, morning: time_machine.Coordinates, gone: bool) -> None:
    home = long_stay.home
    morning.move_to(NOW.replace(day=16, hour=12, minute=30))
    if gone:
        home.leave(long_stay.stay)
    seen = {}
    with home.unit(home.teacher) as uow:
        daycare = daycare_by_id(uow, home.daycare_id)
        for day in (WEDNESDAY, THURSDAY, FRIDAY, SATURDAY):
            [page] = journals(uow, daycare, day)
            seen[day] = [(*clocks(one.in_at, one.out_at), one.goes_on) for one in page.children]
    assert seen == {
        WEDNESDAY: [("14. 19:03", "", True)],
        THURSDAY: [("14. 19:03", "", True)],
        FRIDAY: [("14. 19:03", "16. 12:30" if gone else "", False)],
        SATURDAY: [],
    }


@pytest.mark.rule("AD-24")
def test_printed_and_closed_on_the_day_in_the_middle(
    long_stay: Long, as_: As, morning: time_machine.Coordinates
) -> None:
    home = long_stay.home
    morning.move_to(NOW.replace(day=15, hour=18))
    teacher = as_(home.teacher)
    url = f"{SLUG}/room/journal/{home.class_ref}/{THURSDAY}"
    assert "김하늘" in teacher.get(url).text
    meal = {"kind": "SNACK", "menu": "고구마", "amount": "1500", "not_reused": "y", "eaters": long_stay.stay}
    sent = {**meal, "request_id": secrets.token_hex(16), "file": (io.BytesIO(PNG), "snack.png")}
    assert teacher.post(f"{url}/meals", data=sent).status_code == 303
    assert teacher.post(url, data={**WORDS, "version": "0"}).status_code == 303
    assert step(teacher, home, "sign").status_code == 303
    desk = as_(home.director)
    assert "보육 중인 아이가 있어요" in desk.get(url).text
    assert step(desk, home, "close").status_code == 422
    morning.move_to(NOW.replace(day=16, hour=8))
    desk = as_(home.director)
    assert step(desk, home, "close").status_code == 303
    with home.unit() as uow:
        [paper] = uow.session.scalars(select(Paper).where(Paper.form_id == papers.JOURNAL))
    [line] = paper.data["children"]
    assert (line["name"], line["in_time"], line["out_time"]) == ("김하늘", "10.14. 19:03", "계속")
    assert (line["hours_used"], paper.data["child_count"]) == (24, 1)
    morning.move_to(NOW.replace(day=16, hour=12, minute=30))
    home.leave(long_stay.stay)
    assert "발급 뒤 바뀐" not in as_(home.director).get(url).text, "what came later is no change of that day"


def step(client: FlaskClient, home: House, verb: str) -> Any:
    with home.unit() as uow:
        row = uow.session.scalars(select(Journal).where(Journal.operating_day == THURSDAY)).one()
    url = f"{SLUG}/room/journal/{home.class_ref}/{THURSDAY}/{verb}"
    return client.post(url, data={"journal": row.ref, "version": row.version})


@pytest.mark.rule("AD-24")
def test_the_family_reads_every_day(app: Flask, long_stay: Long, morning: time_machine.Coordinates) -> None:
    home = long_stay.home
    with home.unit(home.teacher) as uow:
        row = service.write_journal(uow, home.class_ref, WEDNESDAY, WORDS, version=0)
        service.sign_journal(uow, row.ref, version=row.version)
    morning.move_to(NOW.replace(day=15, hour=18))
    with home.unit(home.teacher) as uow:
        words = {**WORDS, "activities": "목요일의 놀이"}
        row = service.write_journal(uow, home.class_ref, THURSDAY, words, version=0)
        service.sign_journal(uow, row.ref, version=row.version)
    client = signed_in(app, home.place, long_stay.family.guardian)
    url = f"{SLUG}/daycare/my/{long_stay.booking}/day/{long_stay.stay}"
    first = client.get(url).text
    assert "그림책 읽기" in first
    assert f"?day={THURSDAY}" in first
    assert f"?day={FRIDAY}" not in first
    second = client.get(f"{url}?day={THURSDAY}")
    assert "목요일의 놀이" in second.text
    assert "그림책" not in second.text
    for day in (FRIDAY, "nonsense", "0001-01-01"):
        assert client.get(f"{url}?day={day}").status_code == 404
    with pytest.raises(NotFound), home.unit(long_stay.family.actor) as uow:
        day_told(uow, own_stay(uow, long_stay.booking, long_stay.stay), WEDNESDAY - timedelta(days=1))


@pytest.mark.rule("AD-21")
@pytest.mark.rule("AD-32")
def test_entry_and_exit_stand_on_their_days(
    long_stay: Long, as_: As, morning: time_machine.Coordinates
) -> None:
    home = long_stay.home
    morning.move_to(NOW.replace(day=16, hour=12, minute=30))
    home.leave(long_stay.stay)
    lines: dict[date, list[Any]] = {}
    stays: dict[date, list[Any]] = {}
    with home.unit(home.teacher) as uow:
        daycare = daycare_by_id(uow, home.daycare_id)
        for day in (WEDNESDAY, THURSDAY, FRIDAY, SATURDAY):
            lines[day] = [
                (*clocks(one.in_at, one.out_at), one.goes_on, bool(one.out_signature))
                for one in handover_rows(uow, daycare, day)
            ]
            stays[day] = [
                (*clocks(one.in_at, one.out_at), one.goes_on, one.billed_hours, one.amount)
                for one in register_of(uow, daycare, day)
            ]
        [month] = register_rows(uow, daycare, date(2026, 10, 1), date(2026, 10, 31))
    assert lines == {
        WEDNESDAY: [("14. 19:03", "", True, False)],
        THURSDAY: [],
        FRIDAY: [("14. 19:03", "16. 12:30", False, True)],
        SATURDAY: [],
    }
    assert stays == {
        WEDNESDAY: [("14. 19:03", "", True, None, None)],
        THURSDAY: [("14. 19:03", "", True, None, None)],
        FRIDAY: [("14. 19:03", "16. 12:30", False, month.billed_hours, month.amount)],
        SATURDAY: [],
    }
    assert month.amount == 41 * 3000
    assert month.out_at
    desk = as_(home.director)
    assert desk.post(f"{SLUG}/room/ledgers/print?day={FRIDAY}").status_code == 303
    [line] = sheet_data(home)["handovers"]
    assert (line["arrival_time"], line["leaving_time"]) == ("10.14. 19:03", "12:30")
    assert desk.post(f"{SLUG}/room/ledgers/register/print?month=2026-10").status_code == 303
    [line] = sheet_data(home)["stays"]
    assert (line["in_time"], line["out_time"]) == ("19:03", "10.16. 12:30")


@pytest.mark.rule("AD-32")
def test_each_day_is_issued_with_what_it_saw(
    long_stay: Long, as_: As, morning: time_machine.Coordinates
) -> None:
    home = long_stay.home
    made = {}
    for day, clock in ((WEDNESDAY, (15, 8)), (THURSDAY, (16, 8))):
        morning.move_to(NOW.replace(day=clock[0], hour=clock[1], minute=0))
        desk = as_(home.director)
        assert "이 날 대장 발급" in desk.get(f"{SLUG}/room/ledgers?day={day}").text
        assert desk.post(f"{SLUG}/room/ledgers/issue?day={day}").status_code == 303
        assert "이 날 대장 발급" not in desk.get(f"{SLUG}/room/ledgers?day={day}").text
        with home.unit() as uow:
            made[day] = uow.session.scalars(
                select(Paper).where(Paper.data["date"].astext == str(day)).order_by(Paper.id)
            ).all()
    assert [paper.form_id for paper in made[WEDNESDAY]] == [papers.HANDOVER, papers.REGISTER]
    assert [paper.form_id for paper in made[THURSDAY]] == [papers.REGISTER]
    [line] = made[WEDNESDAY][0].data["handovers"]
    assert (line["arrival_time"], line["leaving_time"]) == ("19:03", "계속")
    [line] = made[THURSDAY][0].data["stays"]
    assert (line["in_time"], line["out_time"], line["fee"]) == ("10.14. 19:03", "계속", None)
    assert line["band"] == "night"
    morning.move_to(NOW.replace(day=16, hour=12, minute=30))
    home.leave(long_stay.stay)
    desk = as_(home.director)
    assert "전날부터 지낸 아이가 1명" in desk.get(f"{SLUG}/room/ledgers?day={THURSDAY}").text
    morning.move_to(NOW.replace(day=17, hour=8))
    desk = as_(home.director)
    assert desk.post(f"{SLUG}/room/ledgers/issue?day={FRIDAY}").status_code == 303


def test_the_child_is_of_today_on_every_day(long_stay: Long, morning: time_machine.Coordinates) -> None:
    home = long_stay.home
    morning.move_to(NOW.replace(day=15, hour=18))
    with home.unit(home.teacher) as uow:
        assert known_child(uow, daycare_by_id(uow, home.daycare_id), long_stay.family.child).today
