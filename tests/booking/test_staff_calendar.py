"""Quarters, special days and closing down show whose bookings they touch."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from app.centres.models import Quarter
from app.centres.queries import centre_by_ref
from app.kernel.actor import Role
from tests.booking.desk import applied, one
from tests.booking.town import TUESDAY, Town
from tests.cast_accounts import make_user, sign_in
from tests.centres.town import week


class TestCalendar:
    """A centre's own pages show whose bookings a change touches before it is saved."""

    def quarter(self, town: Town) -> tuple[str, dict[str, str]]:
        with town.unit() as uow:
            row = uow.session.get_one(Quarter, town.sem2)
            plan = {"kind": "SEM2", "year_label": "2026", "first": "2026-08-17", "last": "2026-12-31"}
            return f"/seoul/centre/quarters/{row.ref}", {**plan, **week(), "version": str(row.version)}

    @pytest.mark.rule("KQ-04")
    def test_new_dates_name_who_is_cut_before_anything_is_saved(self, town: Town, desk: FlaskClient) -> None:
        ref = one(town.regular(town.family("잘릴아이")))
        url, data = self.quarter(town)
        data["last"] = "2026-12-20"
        shown = desk.post(url, data=data)
        assert shown.status_code == 200
        assert "잘릴아이" in shown.text
        assert ref not in shown.text
        assert "12월 20일(일)" in shown.text
        assert town.booking(ref).ends_on == date(2026, 12, 31)
        assert desk.post(url, data={**data, "step": "save"}).status_code == 303
        assert town.booking(ref).ends_on == date(2026, 12, 20)
        assert desk.post(url, data={**data, "step": "save"}).status_code == 409
        town.check()

    @pytest.mark.rule("KQ-04")
    def test_a_longer_quarter_lengthens_nobody_and_says_so(self, town: Town, desk: FlaskClient) -> None:
        with town.unit() as uow:
            uow.session.execute(delete(Quarter).where(Quarter.id != town.sem2))
        ref = one(town.regular(town.family("끝까지")))
        url, data = self.quarter(town)
        data["last"] = "2027-01-10"
        shown = desk.post(url, data=data).text
        assert "줄어드는 예약이 없어요" in shown
        assert "끝까지" in shown
        desk.post(url, data={**data, "step": "save"})
        assert town.booking(ref).ends_on == date(2026, 12, 31)

    @pytest.mark.rule("KQ-11")
    def test_a_closed_day_names_who_was_coming(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town, "올아이")
        town.approve_ref(ref)
        data = {"day": "2026-10-13", "kind": "CENTRE_CLOSED", "note": "소독"}
        shown = desk.post("/seoul/centre/days", data=data)
        assert "올아이" in shown.text
        assert "1건이 취소되고" in shown.text
        assert town.days(ref) == {TUESDAY: "PLANNED"}
        again = desk.post("/seoul/centre/days", data={**data, "step": "edit"})
        assert 'value="소독"' in again.text
        saved = {**data, "step": "save", "request_id": "c" * 32}
        assert desk.post("/seoul/centre/days", data=saved).status_code == 303
        assert "PLANNED" not in town.days(ref).values()
        assert desk.post("/seoul/centre/days", data=data).status_code == 422, "declared already"
        town.check()

    @pytest.mark.rule("KQ-11")
    def test_other_special_days_leave_the_bookings(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town, "올아이")
        town.approve_ref(ref)
        data = {"day": "2026-10-13", "kind": "SHORT_VACATION"}
        shown = desk.post("/seoul/centre/days", data=data).text
        assert "올아이" in shown
        assert "그대로 두고" in shown
        desk.post("/seoul/centre/days", data={**data, "step": "save", "request_id": "d" * 32})
        assert town.days(ref) == {TUESDAY: "PLANNED"}

    def test_a_day_nobody_booked_says_so(self, town: Town, desk: FlaskClient) -> None:
        shown = desk.post("/seoul/centre/days", data={"day": "2026-10-14", "kind": "CENTRE_CLOSED"})
        assert "이날 예약한 아이가 없어요" in shown.text


class TestClosingDown:
    @pytest.mark.rule("KP-05")
    def test_a_centre_with_bookings_ahead_stays_open(self, app: Flask, town: Town) -> None:
        applied(town)
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, make_user(uow, Role.SEOUL_ADMIN, None))
            version = centre_by_ref(uow, town.centre).version
        url = f"/seoul/district/centres/{town.centre}/active"
        refused = client.post(url, data={"active": "", "reason": "이전", "version": version})
        assert refused.status_code == 422
        assert "예약과 대기가 1건" in refused.text
