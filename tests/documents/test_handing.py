"""A family signs on the centre's own device: staff saw who it is, the device opens one paper and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.documents.catalogue import all_forms
from app.documents.models import Paper, Signature, SignLink
from app.documents.rules.links import HANDED_FOR
from app.documents.service.links import hand_device
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import kst
from tests.cast_accounts import sign_in
from tests.documents.test_links_pages import DRAWN, seen_on
from tests.documents.to_sign import PARENT, prepared

START = kst(date(2026, 11, 20), 600)
FIELD = "guardian_signature"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@dataclass
class Counter:
    """One device: the director's, then the family's, then nobody's."""

    place: TenantRef
    paper: str
    device: FlaskClient

    def hand(self, **more: str) -> str:
        """Hand the device over; the address of the signer's page."""
        answer = self.device.post(
            f"/seoul/desk/papers/{self.paper}/hand/{FIELD}", data={"signer": "한지원", **more}
        )
        assert answer.status_code == 303, answer.text
        return answer.location


@pytest.fixture
def counter(app: Flask, seoul: TenantRef, teacher: Actor) -> Counter:
    device = app.test_client()
    sign_in(device, seoul, Role.CENTRE_DIRECTOR, teacher.scope)
    return Counter(seoul, prepared(seoul, teacher).ref, device)


@pytest.mark.rule("GC-24")
def test_the_device_changes_hands(counter: Counter) -> None:
    device, paper = counter.device, counter.paper
    assert "이 기기에서 서명 받기" in device.get(f"/seoul/papers/{paper}").text
    page = device.get(f"/seoul/desk/papers/{paper}/hand/{FIELD}").text
    assert 'value="한지원"' in page
    reading = counter.hand()
    for closed in (f"/seoul/papers/{paper}", "/seoul/desk/papers", "/seoul/desk/prints"):
        assert "/login" in device.get(closed).location, "the desk's session has ended"
    text = device.get(reading).text
    assert "윤서담" in text
    signed = device.post(reading, data={"strokes": DRAWN, "seen": seen_on(text)})
    assert signed.status_code == 303
    done = device.get(signed.location).text
    assert "기기를 직원에게 돌려주세요" in done
    assert "PDF 받기" not in done
    with unit_of_work(counter.place, SYSTEM) as uow:
        row, link = uow.session.scalars(select(Signature)).one(), uow.session.scalars(select(SignLink)).one()
        assert (row.signer, row.user_id, row.link_id) == ("한지원", None, link.id)
        assert (link.phone, link.ended_as, link.expires_at - link.created_at) == ("", "SIGNED", HANDED_FOR)
        told = uow.session.scalars(select(AuditLog.action).where(AuditLog.entity == "paper")).all()
        assert told[-3:] == ["sign_link.handed", "paper.signed", "paper.issued"]
    sign_in(device, counter.place, Role.CENTRE_DIRECTOR, paper_of(counter).institution_id)
    assert "직원이 본인 확인" in device.get(f"/seoul/papers/{paper}").text
    record = device.get(f"/seoul/papers/{paper}/signatures").text
    assert "기관 기기에서, 직원이 본인 확인" in record
    assert "휴대전화 인증번호" not in record


def paper_of(counter: Counter) -> Paper:
    with unit_of_work(counter.place, SYSTEM) as uow:
        return uow.session.scalars(select(Paper).where(Paper.ref == counter.paper)).one()


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 303)])
def test_after_five_minutes_the_paper_is_closed(
    counter: Counter, clock: time_machine.Coordinates, late: int, status: int
) -> None:
    reading = counter.hand()
    clock.move_to(START.timestamp() + HANDED_FOR.total_seconds() + late)
    answer = counter.device.get(reading)
    assert answer.status_code == status
    if status == 303:
        ended = counter.device.get(answer.location)
        assert (ended.status_code, "기기를 직원에게 돌려주세요" in ended.text) == (410, True)
        assert "윤서담" not in ended.text


def test_the_link_alone_opens_nothing(counter: Counter, app: Flask) -> None:
    """No code is ever sent for it, so on another device there is no way in."""
    link = counter.hand().removesuffix("/paper")
    other = app.test_client()
    assert other.get(link).status_code == 410
    assert other.get(f"{link}/paper").location == link
    assert other.post(f"{link}/code").status_code == 410
    assert other.post(f"{link}/check", data={"code": "000000"}).status_code == 410
    with unit_of_work(counter.place, SYSTEM) as uow:
        assert uow.session.scalars(select(SignLink)).one().code_ref is None


def test_signed_it_stays_closed_soon(counter: Counter, clock: time_machine.Coordinates) -> None:
    reading = counter.hand()
    seen = seen_on(counter.device.get(reading).text)
    counter.device.post(reading, data={"strokes": DRAWN, "seen": seen})
    clock.shift(HANDED_FOR)
    assert counter.device.get(reading).status_code == 303
    assert "윤서담" not in counter.device.get(reading, follow_redirects=True).text


def test_a_name_is_needed_and_the_desk_stays_signed_in(counter: Counter) -> None:
    url = f"/seoul/desk/papers/{counter.paper}/hand/{FIELD}"
    answer = counter.device.post(url, data={"signer": " "})
    assert (answer.status_code, "이름을 적어 주세요" in answer.text) == (422, True)
    assert counter.device.get(f"/seoul/papers/{counter.paper}").status_code == 200


def test_only_a_familys_place_is_signed_so(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher, "kium-accident-report", guardian_id=None, child_id=None)
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match=r"link\.not_the_familys"):
        hand_device(uow, paper.ref, "staff_signature", signer="이선생")


def test_nobody_else_hands_it_over(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        hand_device(uow, paper.ref, FIELD, signer="한지원")
    stranger = Actor(Role.CENTRE_DIRECTOR, user_id=5, scope=(teacher.scope or 0) + 1)
    with unit_of_work(seoul, stranger) as uow, pytest.raises(NotFound):
        hand_device(uow, paper.ref, FIELD, signer="한지원")


FAMILY_PLACES = {
    "anytime-1-1": {"applicant_signature", "back_applicant_signature"},
    "anytime-1-2": {"applicant_signature"},
    "anytime-2-1": {"user_signature"},
    "anytime-2-2": {"services.0.guardian_signature"},
    "daycare-application": {"guardian_signature"},
    "daycare-handover": {"handovers.0.arrival_guardian_signature", "handovers.0.leaving_guardian_signature"},
    "daycare-medication": {"guardian_signature"},
    "kium-application": {"guardian_signature"},
    "kium-consent-5": {"guardian_signature"},
    "kium-consent-privacy": {"guardian_signature"},
    "kium-extension-application": {"guardian_signature"},
    "kium-medication-35": {"guardian_signature"},
}
"""Every place of every form where a family signs; a carer who applies (서식 4-1) is none."""


@pytest.mark.rule("GC-24")
def test_whose_place_it_is() -> None:
    found = {}
    for form in all_forms():
        data = json.loads((form.folder / "sample.json").read_text("utf-8"))
        if names := {p.name for p in form.places(data) if p.family and not _later_row(p.name)}:
            found[form.id] = names
    assert found == FAMILY_PLACES


def _later_row(name: str) -> bool:
    number = name.partition(".")[2].partition(".")[0]
    return number not in ("", "0")
