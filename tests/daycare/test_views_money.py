"""Money at the desk: what is pressed twice, what is too much, receipts made anew, prices an acceptance changes."""

from __future__ import annotations

import re
import secrets

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.daycare import service
from app.daycare.models import DaycareApplication
from app.daycare.parameters import FREE
from app.daycare.rules.states import BookingState
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.fees.models import Charge, Payment
from app.fees.queries import balance_of
from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from app.tenancy import settings
from tests.daycare.conftest import As
from tests.daycare.house import NOW, TUESDAY, WEDNESDAY, Family, House, answers

SLUG = "/gwacheon"


def press(client: FlaskClient, home: House, ref: str, verb: str, **form: object) -> TestResponse:
    with home.unit() as uow:
        version = home.booking(uow, ref).version
    sent = {"version": version, "request_id": secrets.token_hex(16), **form}
    return client.post(f"{SLUG}/room/bookings/{ref}/{verb}", data=sent)


def owed(home: House, ref: str) -> int:
    with home.unit() as uow:
        return balance_of(uow, "daycare_booking", home.booking(uow, ref).id)


def renewed(home: House, family: Family, qualification: str, guardian: str = "김보호") -> str:
    data = answers(home.daycare, family, guardian)
    child = data.children[0]
    with home.unit(family.actor) as uow:
        said = service.ApplicationData(
            daycare=data.daycare,
            purpose=data.purpose,
            children=(type(child)(**{**_fields(child), "qualification": qualification}),),
            guardians=data.guardians,
            consents=data.consents,
        )
        return service.submit_application(uow, secrets.token_hex(16), said).ref


def _fields(child: service.ChildAnswers) -> dict[str, object]:
    return {name: getattr(child, name) for name in child.__dataclass_fields__}


@pytest.mark.rule("GC-18")
def test_a_correction_pressed_twice_is_charged_once(home: House, desk: FlaskClient) -> None:
    ref = home.book(home.family(), paid=False)
    page = desk.get(f"{SLUG}/room/bookings/{ref}").text
    form = page.split("/correct")[1].split("</form>")[0]
    [request_id] = re.findall(r'name="request_id" value="([0-9a-f]{32})"', form)
    for _press in range(2):
        sent = {"amount": "1000", "reason": "간식비", "request_id": request_id}
        assert press(desk, home, ref, "correct", **sent).status_code == 303
    assert owed(home, ref) == 10_000
    with home.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Charge)) == 2
    refused = press(desk, home, ref, "correct", amount="1000", reason="간식비", request_id="")
    assert refused.status_code == 422


@pytest.mark.rule("AD-13")
@pytest.mark.parametrize(("amount", "named"), [("9001", "9,000원"), ("90000", "9,000원")])
def test_more_than_is_open_asks_why(home: House, teacher: FlaskClient, amount: str, named: str) -> None:
    ref = home.book(home.family(), paid=False)
    refused = press(teacher, home, ref, "pay", amount=amount, method="card", payer="김보호")
    assert refused.status_code == 422
    assert f"더 받을 금액은 {named}" in refused.text
    assert 'name="why:fees.too_much"' in refused.text
    assert f'value="{amount}"' in refused.text, "what was typed stays"
    why = {"why:fees.too_much": "보호자가 더 보냄"}
    done = press(teacher, home, ref, "pay", amount=amount, method="card", payer="김보호", **why)
    assert done.status_code == 303
    assert owed(home, ref) == 9000 - int(amount)


@pytest.mark.rule("AD-13")
def test_a_settled_booking_is_not_paid_again_from_a_second_tab(home: House, teacher: FlaskClient) -> None:
    ref = home.book(home.family(), paid=False)
    assert press(teacher, home, ref, "pay", amount="9000", method="card").status_code == 303
    assert press(teacher, home, ref, "pay", amount="9000", method="card").status_code == 422
    with home.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Payment)) == 1


@pytest.mark.rule("AD-14")
def test_more_than_is_too_much_goes_back_with_a_second_reason(home: House, desk: FlaskClient) -> None:
    ref = home.book(home.family())
    form = {"amount": "9000", "method": "card", "reason": "잘못 받음"}
    refused = press(desk, home, ref, "refund", **form)
    assert refused.status_code == 422
    assert "돌려드릴 금액은 0원" in refused.text
    why = {"why:fees.more_than_credit": "현장에서 카드로 다시 받기로 함"}
    assert press(desk, home, ref, "refund", **form, **why).status_code == 303
    assert owed(home, ref) == 9000


class TestReceipts:
    @pytest.mark.rule("AD-14")
    def test_after_the_use_it_is_made_anew(
        self, home: House, as_: As, morning: time_machine.Coordinates
    ) -> None:
        ref = home.book(home.family())  # Tuesday 11:00–14:00, paid
        teacher = as_(home.teacher)
        first = self.receipt(teacher, ref)
        assert "다시 발급" not in teacher.get(f"{SLUG}/room/bookings/{ref}").text
        morning.move_to(NOW.replace(hour=11))
        stay = home.enter(ref)
        morning.move_to(NOW.replace(hour=13))
        home.leave(stay)
        page = as_(home.teacher).get(f"{SLUG}/room/bookings/{ref}").text
        assert "발급한 뒤 이용료가 달라졌어요" in page
        [renew] = re.findall(r'action="([^"]+/renew)"', page)
        teacher = as_(home.teacher)
        assert teacher.post(renew).status_code == 303
        second = self.receipt(teacher, ref)
        assert second.location != first.location
        assert teacher.post(renew).status_code == 404, "nothing is different any more"
        with home.unit() as uow:
            papers = uow.session.scalars(
                select(Paper).where(Paper.subject == "payment").order_by(Paper.id)
            ).all()
        assert [paper.state for paper in papers] == [PaperState.VOID, PaperState.ISSUED]
        assert [paper.data["due"] for paper in papers] == [9000, 6000]
        assert papers[1].data["back"] == 3000

    def receipt(self, client: FlaskClient, ref: str) -> TestResponse:
        page = client.get(f"{SLUG}/room/bookings/{ref}").text
        [url] = re.findall(r'action="([^"]+/receipts/[0-9a-f]+)"', page)
        answer = client.post(url)
        assert answer.status_code == 303
        return answer

    @pytest.mark.rule("AD-12")
    def test_a_free_family_pays_nothing_and_the_lines_say_so(self, home: House, as_: As) -> None:
        with unit_of_work(home.place, SYSTEM) as uow:
            settings.set_value(uow, FREE, ["vulnerable"], effective_from=TUESDAY, reason="조례")
        family = home.family(accepted=False)
        with home.unit(home.director) as uow:
            wanted = select(DaycareApplication.version).where(DaycareApplication.ref == family.application)
            version = uow.session.scalars(wanted).one()
            service.accept_application(
                uow, family.application, version=version, free={family.child: "vulnerable"}
            )
        ref = home.book(family, paid=False)
        desk = as_(home.director)
        assert press(desk, home, ref, "correct", amount="1000", reason="간식비").status_code == 303
        assert press(desk, home, ref, "pay", amount="1000", method="card").status_code == 303
        self.receipt(desk, ref)
        with home.unit() as uow:
            data = uow.session.scalars(select(Paper.data).where(Paper.subject == "payment")).one()
        assert [(line["subsidy"], line["amount"]) for line in data["lines"]] == [("free", 0)]
        assert (data["extra"], data["due"], data["total"], data["open"]) == (1000, 1000, 1000, 0)


@pytest.mark.rule("AD-15")
def test_the_director_sees_which_prices_an_acceptance_changes(
    home: House, desk: FlaskClient, teacher: FlaskClient
) -> None:
    family = home.family()
    ref = home.book(family, 1140, 1320, first=WEDNESDAY)  # 19:00–22:00, paid
    application = renewed(home, family, "KINDERGARTEN")
    assert owed(home, ref) == 0
    page = desk.get(f"{SLUG}/room/applications/{application}").text
    assert "접수하면 이용료가 바뀌는 예약" in page
    assert re.search(r"9,000원.*3,000원", page, re.DOTALL)
    assert "이용료가 바뀌는 예약" not in teacher.get(f"{SLUG}/room/applications/{application}").text
    with home.unit() as uow:
        version = home.version(uow, application)
    accepted = desk.post(f"{SLUG}/room/applications/{application}/accept", data={"version": version})
    assert accepted.status_code == 303
    assert owed(home, ref) == -6000
    with home.unit() as uow:
        assert home.booking(uow, ref).state == BookingState.PAID
    assert "이용료가 바뀌는 예약" not in desk.get(f"{SLUG}/room/applications/{application}").text


@pytest.mark.rule("AD-16")
def test_soft_conditions_of_a_change_can_be_passed_by_the_director(home: House, desk: FlaskClient) -> None:
    family = home.family()
    ref = home.book(family, first=TUESDAY)
    saturday = NOW.date().replace(day=17).isoformat()
    form = {
        "first_day": saturday,
        "last_day": saturday,
        "start": "1200",
        "end": "1320",
        "run": "daily",
        "caller_phone": family.phone,
    }
    refused = press(desk, home, ref, "change", **form)
    assert refused.status_code == 422
    assert 'name="why:daycare.outside_entry"' in refused.text
    why = {"why:daycare.outside_entry": "보호자와 시간을 맞춤"}
    assert press(desk, home, ref, "change", **form, **why).status_code == 303
    assert home.stay_now(ref).start.hour == 20
