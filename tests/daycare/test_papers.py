"""The daycare's records on their forms: complete, signed, and printed (AD-21, AD-24, AD-26, AD-32)."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from app.daycare import papers, papers_asked, service
from app.daycare.operating_rules import operating_rules
from app.daycare.queries import application_detail
from app.daycare.rules.policy import DaycarePolicy
from app.documents.catalogue import load
from app.documents.model import validate
from app.documents.models import Paper, Signature
from app.documents.print_runs import BATCH, PART
from app.documents.render import Renderer
from app.incidents import service as incidents
from app.incidents.circle import of_this_house
from app.incidents.rules import IncidentKind
from app.kernel.ranges import Period, kst
from app.kernel.work import Work
from app.people.models import Child
from app.tenancy.queries import holidays
from tests.daycare.conftest import As
from tests.daycare.house import INK, NOW, TUESDAY, WEDNESDAY, Family, House
from tests.documents.municipal import work_off

SLUG = "/gwacheon"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
def family(home: House) -> Family:
    return home.family()


@pytest.fixture
def night(home: House, family: Family, morning: time_machine.Coordinates) -> Iterator[House]:
    """A night that is over: in at 20:10, out at 07:35 of the next day, medicine, a snack, a scratch."""
    ref = home.book(family, 1200, 1890, first=WEDNESDAY)
    morning.move_to(NOW.replace(day=14, hour=20, minute=10))
    stay = home.enter(ref)
    with home.unit(family.actor) as uow:
        asked = service.request_medicine(
            uow,
            service.MedicineData(
                daycare=home.daycare,
                child=family.child,
                starts_on=WEDNESDAY,
                ends_on=WEDNESDAY,
                symptom="콧물",
                medicine="콧물약",
                dose="5ml",
                kept="냉장",
                times=("20:30",),
                signature=INK,
                signed_name="김보호",
            ),
        ).ref
    morning.move_to(NOW.replace(day=14, hour=20, minute=40))
    with home.unit(home.teacher) as uow:
        service.record_dose(uow, asked, given_at=uow.now, note="잘 먹음")
        seen = next(iter(of_this_house().in_care(uow, home.daycare_id)))
        row = incidents.record(
            uow,
            home.daycare_id,
            incidents.NewIncident(
                IncidentKind.ACCIDENT,
                uow.now,
                "미끄럼틀에서 무릎이 긁힘",
                child_id=seen.child_id,
                place="놀이방",
                done="소독하고 밴드를 붙임",
                subject=seen.subject,
                subject_id=seen.subject_id,
            ),
        )
        people = of_this_house().to_call(uow, home.daycare_id, seen.child_id, seen.subject, seen.subject_id)
        assert [one.name for one in people] == ["김보호", "박조모"], "in the order of the application"
        incidents.add_contact(uow, row.ref, people, 1, reached=True)
    morning.move_to(NOW.replace(day=15, hour=7, minute=35))
    home.leave(stay)
    return home


def runs(home: House) -> list[dict[str, object]]:
    with home.unit() as uow:
        return list(uow.session.scalars(select(Work.result).where(Work.kind == BATCH).order_by(Work.id)))


def sheet(home: House) -> dict[str, object]:
    """The only sheet of the only run, as the worker is asked to make it."""
    with home.unit() as uow:
        [part] = uow.session.scalars(select(Work.payload).where(Work.kind == PART)).all()
    return part["sheets"][0]  # type: ignore[no-any-return]


@pytest.mark.rule("AD-21")
def test_the_handover_ledger_says_who_brought_and_fetched(night: House, as_: As) -> None:
    """As the records stand: what was issued is in test_issued."""
    teacher = as_(night.teacher)
    assert teacher.post(f"{SLUG}/room/ledgers/print?day={WEDNESDAY}").status_code == 303
    asked = sheet(night)
    [line] = asked["data"]["handovers"]  # type: ignore[index]
    assert (line["arrival_time"], line["leaving_time"]) == ("20:10", "10.15. 07:35")
    assert (line["arrival_guardian_name"], line["arrival_relation"]) == ("김보호", "모")
    assert line["registered_guardian"] == "yes"
    assert not line.get("remark")
    assert asked["mark"] == papers.WORKING_COPY
    validate(papers.HANDOVER, asked["data"])  # type: ignore[arg-type]
    work_off(night.place)
    [result] = runs(night)
    assert (result["rows"], result["left_out"]) == (1, [])


@pytest.mark.rule("AD-24")
def test_the_journal_is_complete_and_signed(night: House, as_: As) -> None:
    teacher, desk = as_(night.teacher), as_(night.director)
    url = f"{SLUG}/room/journal/{night.class_ref}/{WEDNESDAY}"
    photo = (io.BytesIO(PNG), "snack.png")
    meal = {"kind": "SNACK", "menu": "고구마", "amount": "1500", "not_reused": "y", "file": photo}
    meal["request_id"] = secrets.token_hex(16)
    assert teacher.post(f"{url}/meals", data=meal).status_code == 303
    words = {"activities": "그림책 읽기", "sleep": "21:30부터 잠", "evaluation": "편안히 지냄"}
    assert teacher.post(url, data={**words, "version": "0"}).status_code == 303
    page = teacher.get(url).text
    ref = page.split('name="journal" value="')[1].split('"')[0]
    for client, step, version in ((teacher, "sign", 1), (desk, "close", 2)):
        sent = {"journal": ref, "version": version}
        assert client.post(f"{url}/{step}", data=sent).status_code == 303
    with night.unit() as uow:
        [paper] = uow.session.scalars(select(Paper).where(Paper.form_id == papers.JOURNAL))
        signed = uow.session.scalars(select(Signature).where(Signature.paper_id == paper.id)).all()
    data = paper.data
    assert (data["child_count"], data["ratio"], data["served"]) == (1, 1, "daycare_food")
    assert data["children"][0]["medicine"] == "20:40 투약"
    assert "무릎" not in data["events"]
    assert "사고" in data["events"]
    assert data["meal_photo"].startswith("data:image/jpeg")
    assert {row.field: row.signer for row in signed} == {
        "teacher_signature": "문하준",
        "director_signature": "원다정",
    }
    assert desk.post(f"{SLUG}/room/journal/print", data={"day": str(WEDNESDAY)}).status_code == 303
    work_off(night.place)
    [result] = runs(night)
    assert (result["rows"], result["left_out"]) == (1, [])


@pytest.mark.rule("AD-32")
def test_the_register_of_the_month_adds_up(night: House, as_: As) -> None:
    desk = as_(night.director)
    assert desk.post(f"{SLUG}/room/ledgers/register/print?month=2026-10").status_code == 303
    data = validate(papers.REGISTER, sheet(night)["data"])  # type: ignore[arg-type]
    [line] = data["stays"]
    assert (line["child_name"], line["guardian"], line["band"]) == ("김하늘", "김보호", "night")
    assert (data["count"], data["hours"], data["fee_total"]) == (1, line["hours"], line["fee"])
    assert line["fee"] == line["hours"] * 3000
    work_off(night.place)
    assert runs(night)[0]["left_out"] == []


@pytest.mark.rule("AD-26")
def test_incident_and_medicine_sheets(night: House, as_: As) -> None:
    teacher = as_(night.teacher)
    page = teacher.get(f"{SLUG}/room/ledgers/incidents").text
    ref = page.split("/room/ledgers/incidents/")[1].split("/")[0]
    assert teacher.post(f"{SLUG}/room/ledgers/incidents/{ref}/print").status_code == 303
    data = validate(papers.INCIDENT, sheet(night)["data"])  # type: ignore[arg-type]
    assert (data["kind"], data["method"], data["notified_person"]) == ("accident", "phone", "김보호(1순위)")
    medicine = teacher.get(f"{SLUG}/room/medicine?day={WEDNESDAY}").text
    ref = medicine.split('id="request-')[1].split('"')[0]
    assert teacher.post(f"{SLUG}/room/medicine/{ref}/print").status_code == 303
    work_off(night.place)
    assert [result["left_out"] for result in runs(night)] == [[], []]
    assert teacher.post(f"{SLUG}/room/medicine/0123456789abcdef/print").status_code == 404
    assert teacher.post(f"{SLUG}/room/ledgers/incidents/0123456789abcdef/print").status_code == 404


def test_the_application_fits_its_form(home: House, family: Family, renderer: Renderer) -> None:
    with home.unit(home.director) as uow:
        detail = application_detail(uow, family.application)
        children = {child.ref: child for child in uow.session.scalars(select(Child))}
        rules = operating_rules(DaycarePolicy(fee_hour=1000))
        data = papers_asked.application(detail, children, uow.today, rules=rules)
    assert "1시간에 1,000원" in data["rules_hours"]
    checked = validate(papers_asked.APPLICATION, data)
    assert checked["allergies"][0]["trigger_food"] == "땅콩"
    assert [line["name"] for line in checked["guardians"]] == ["김보호", "박조모"]
    assert renderer.pdf(papers_asked.APPLICATION, data).startswith(b"%PDF")


@pytest.mark.rule("AD-15")
def test_a_receipt_names_what_the_government_paid(home: House, renderer: Renderer) -> None:
    stay = Period(kst(TUESDAY, 1140), kst(TUESDAY, 1320))
    line = papers.ReceiptLine(stay.start, stay.end, 3, 2, 3000)
    with home.unit() as uow:
        data = papers.receipt("햇살어린이집", "김보호", "김하늘", 3000, [line], holidays(uow))
    own, paid = data["lines"]
    assert (own["hours"], own["subsidy"], own["amount"]) == (1, "self", 3000)
    assert (paid["hours"], paid["subsidy"], paid["amount"]) == (2, "night_subsidy", 0)
    assert validate(papers.RECEIPT, data, partial=True)["lines"][0]["from_time"] == "19:00"


@pytest.mark.parametrize(
    ("stored", "parts"),
    [
        ("한지원(모)", ("한지원", "모")),
        ("한지원 (외조모)", ("한지원", "외조모")),
        ("한지원", ("한지원", None)),
        ("Anna (Kim)(모)", ("Anna (Kim)", "모")),
        ("", ("", None)),
    ],
)
def test_who_stood_at_the_door(stored: str, parts: tuple[str, str | None]) -> None:
    assert papers.name_and_relation(stored) == parts


def test_every_form_named_here_exists() -> None:
    ids = (papers.JOURNAL, papers.HANDOVER, papers.REGISTER, papers.RECEIPT, papers.INCIDENT)
    for form_id in (*ids, papers_asked.APPLICATION, papers_asked.MEDICATION):
        assert load(form_id).id == form_id
