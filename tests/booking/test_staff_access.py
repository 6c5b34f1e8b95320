"""Who may open a centre's pages of bookings, and who may not."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import UserAccount
from app.booking import service
from app.booking.rules.states import BookingState
from app.kernel.actor import Role
from app.kernel.db import TenantRef
from tests.booking.desk import As, applied
from tests.booking.town import Town, found_town
from tests.cast_accounts import make_user, sign_in


class TestWhoMay:
    PAGES = ("/bookings", "/bookings/users", "/waiting", "/daily", "/bookings/new", "/today")

    @pytest.mark.parametrize("path", PAGES)
    def test_a_visitor_is_asked_to_sign_in(self, app: Flask, town: Town, path: str) -> None:
        answer = app.test_client().get(f"/seoul{path}")
        assert answer.status_code == 303
        assert "/login" in answer.location

    @pytest.mark.parametrize("path", PAGES)
    def test_families_and_officers_have_no_business_here(self, app: Flask, town: Town, path: str) -> None:
        for role in (Role.GUARDIAN, Role.SEOUL_ADMIN, Role.DISTRICT_OFFICER):
            client = app.test_client()
            with town.unit() as uow:
                scope = town.district_id if role is Role.DISTRICT_OFFICER else None
                sign_in(client, uow, make_user(uow, role, scope))
            assert client.get(f"/seoul{path}").status_code == 403, role

    @pytest.mark.rule("KB-25")
    def test_the_city_alone_takes_a_refusal_back(self, town: Town, as_: As) -> None:
        ref = applied(town)
        with town.unit(town.director) as uow:
            service.disapprove(uow, ref, "정원 초과")
        assert as_(town.director).post(f"/seoul/city/refused/{ref}").status_code == 403
        city = as_(town.city)
        page = city.get("/seoul/city/refused").text
        assert town.booking(ref).number in page
        assert "김하늘" not in page
        assert city.post(f"/seoul/city/refused/{ref}", data={"reason": " "}).status_code == 422
        assert city.post(f"/seoul/city/refused/{ref}", data={"reason": "자리 확인"}).status_code == 303
        assert town.state(ref) is BookingState.APPLIED

    def test_another_municipality_shows_nothing_of_this_one(
        self, app: Flask, town: Town, gwacheon: TenantRef
    ) -> None:
        ref = applied(town)
        there = found_town(gwacheon)
        client = app.test_client()
        with there.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, there.director.user_id))
        assert "김하늘" not in client.get("/gwacheon/bookings").text
        assert client.get(f"/gwacheon/bookings/{ref}").status_code == 404
        assert client.get("/seoul/bookings").status_code == 303
