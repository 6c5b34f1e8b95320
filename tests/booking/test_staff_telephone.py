"""An application by telephone or visit, entered by staff."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.booking.models import Booking
from tests.booking.desk import As, applied
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Town


class TestByTelephone:
    def form(self, town: Town, family: object, **changed: object) -> dict[str, object]:
        return {
            "request_id": "ab" * 16,
            "kind": "TEMPORARY",
            "channel": "PHONE",
            "day": ["2026-10-13", "2026-10-17", ""],
            "from": "14:00",
            "to": "17:00",
            "guardian": family.guardian,  # type: ignore[attr-defined]
            "contact_phone": "010-2222-3333",
            "ground": "other",
            "may_wait": "y",
            **changed,
        }

    @pytest.mark.rule("KB-14")
    def test_every_date_has_its_own_fate_and_a_second_press_the_same_page(
        self, town: Town, desk: FlaskClient
    ) -> None:
        family = town.family()
        applied(town, "다른집")
        town.temporary(family, WEDNESDAY)
        assert "김하늘" in desk.post("/seoul/bookings/new/find", data={"name": "하늘"}).text
        url = f"/seoul/bookings/new/{family.child}"
        assert desk.get(url).status_code == 200
        done = desk.post(url, data=self.form(town, family))
        assert done.status_code == 303
        page = desk.get(done.location)
        assert "10월 17일(토)" in page.text  # refused: closed on Saturdays
        assert "신청" in page.text
        again = desk.post(url, data=self.form(town, family))
        assert (again.status_code, again.location) == (303, done.location)
        with town.unit() as uow:
            row = uow.session.scalars(select(Booking).where(Booking.channel == "PHONE")).one()
            assert (row.contact_phone, row.starts_on) == ("01022223333", TUESDAY)

    @pytest.mark.rule("KB-09")
    def test_a_child_that_is_already_there_is_recorded(self, town: Town, as_: As, clock: object) -> None:
        clock.move_to("2026-10-12 15:20+09:00")  # type: ignore[attr-defined]
        family = town.family()
        town.temporary(family, TUESDAY)
        url = f"/seoul/bookings/new/{family.child}"
        form = self.form(town, family, day=["2026-10-12"], **{"from": "15:00"})
        assert as_(town.teacher).post(url, data=form).status_code == 303
        with town.unit() as uow:
            row = uow.session.scalars(select(Booking).where(Booking.starts_on == MONDAY)).one()
            assert row.walk_in

    @pytest.mark.parametrize(
        "changed",
        [
            {"kind": ""},
            {"kind": "NOPE"},
            {"contact_phone": "1"},
            {"contact_phone": ""},
            {"guardian": "0123456789abcdef"},
            {"day": ["nonsense"]},
            {"from": "13:10"},
            {"from": "18:00", "to": "17:00"},
            {"day": ["2026-10-27"]},
            {"channel": "ONLINE"},
            {"kind": "REGULAR", "first": "2026-10-13", "last": "2026-10-20", "on": "tue"},
            {"request_id": "short"},
            {"ground": "royal"},
        ],
    )
    def test_what_does_not_fit_stays_on_the_page(
        self, town: Town, desk: FlaskClient, changed: dict[str, object]
    ) -> None:
        family = town.family()
        town.temporary(family, WEDNESDAY)
        answer = desk.post(f"/seoul/bookings/new/{family.child}", data=self.form(town, family, **changed))
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text

    def test_a_child_nobody_here_knows_is_not_found(self, town: Town, desk: FlaskClient) -> None:
        family = town.family()
        assert desk.get(f"/seoul/bookings/new/{family.child}").status_code == 404
        assert desk.get(f"/seoul/children/{family.child}/card").status_code == 404
