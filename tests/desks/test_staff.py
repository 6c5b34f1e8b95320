"""오늘 of a centre and 개요 of officers: what each sees, and what nobody may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import UserAccount
from app.booking import service
from app.desks.overview import overview
from app.kernel.actor import Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef
from app.people.models import PickupPerson
from app.people.rules import HealthKind
from app.people.service import add_health_note
from tests.booking.town import MONDAY, NOW, TUESDAY, Town, found_town
from tests.cast_accounts import make_user, sign_in

HX = {"HX-Request": "true"}


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Monday 2026-10-12 10:00."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def town(clock: time_machine.Coordinates, seoul: TenantRef) -> Town:
    return found_town(seoul)


def browser(app: Flask, town: Town, actor: Actor) -> FlaskClient:
    client = app.test_client()
    with town.unit() as uow:
        sign_in(client, uow, uow.session.get_one(UserAccount, actor.user_id))
    return client


def one(applied: service.Applied) -> str:
    ref = applied.outcomes[0].ref
    assert ref is not None
    return ref


def expected_today(town: Town, name: str = "김하늘") -> str:
    """A child with an allergy and a grandmother who fetches it, approved for this afternoon."""
    family = town.family(name)
    with town.unit(family.actor) as uow:
        add_health_note(uow, family.child, HealthKind.ALLERGY, "땅콩과 복숭아")
        uow.session.add(
            PickupPerson(
                child_id=family.child_id,
                name="정말순",
                relation="외조모",
                phone="01077778888",
                created_at=uow.now,
            )
        )
    ref = one(town.temporary(family, MONDAY))
    town.approve_ref(ref)
    return ref


class TestToday:
    @pytest.mark.rule("KB-43")
    def test_who_comes_who_fetches_and_a_mark_without_its_words(self, app: Flask, town: Town) -> None:
        expected_today(town)
        page = browser(app, town, town.teacher).get("/seoul/today").text
        for words in (
            "김하늘",
            "14:00–17:00",
            "알레르기",
            "정말순(외조모)",
            "23자리",
            "<b>1명</b> 오늘 올 아이",
            "<b>1명</b> 일시돌봄",
        ):
            assert words in page
        assert "명</b> 정기돌봄" not in page, "a kind nobody comes for has no number"
        assert "땅콩" not in page
        with town.unit() as uow:
            opened = select(func.count()).select_from(AccessLog).where(AccessLog.what == "health_note.opened")
            assert uow.session.scalar(opened) == 0

    def test_what_needs_a_decision_opens_its_list(self, app: Flask, town: Town) -> None:
        client = browser(app, town, town.director)
        assert "처리할 일" not in client.get("/seoul/today").text
        town.temporary(town.family(), TUESDAY)
        page = client.get("/seoul/today").text
        assert "처리할 일" in page
        assert 'href="/seoul/bookings">신청 <b>1건</b>' in page

    def test_the_menu_counts_what_waits_at_ones_own_centre(self, app: Flask, town: Town) -> None:
        client = browser(app, town, town.teacher)
        badge = '<span class="count">'
        assert badge not in client.get("/seoul/daily").text
        town.temporary(town.family(), TUESDAY)
        page = client.get("/seoul/daily").text
        assert re.search(r'href="/seoul/bookings"[^>]*>신청 <span class="count">1<', page)
        stranger = browser(app, town, found_town(town.place).teacher)
        assert badge not in stranger.get("/seoul/daily").text

    def test_a_name_opens_a_panel_or_a_page(self, app: Flask, town: Town) -> None:
        ref = expected_today(town)
        client = browser(app, town, town.teacher)
        panel, page = client.get(f"/seoul/today/{ref}", headers=HX), client.get(f"/seoul/today/{ref}")
        assert panel.text.lstrip().startswith("<aside")
        assert "<html" in page.text
        for text in (panel.text, page.text):
            assert "정말순" in text
            assert "010-****-8888" in text
            assert "땅콩" not in text

    def test_another_centres_child_is_unknown(self, app: Flask, town: Town) -> None:
        ref = expected_today(found_town(town.place), "남의집")
        client = browser(app, town, town.director)
        assert client.get(f"/seoul/today/{ref}").status_code == 404
        assert "남의집" not in client.get("/seoul/today").text

    def test_an_empty_day_says_what_will_appear(self, app: Flask, town: Town) -> None:
        assert "오늘 올 아이가 없어요" in browser(app, town, town.director).get("/seoul/today").text

    def test_families_have_their_own_page(self, app: Flask, town: Town) -> None:
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, make_user(uow, Role.GUARDIAN))
        assert client.get("/seoul/today").status_code == 403


class TestOverview:
    def officer(self, app: Flask, town: Town) -> FlaskClient:
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, make_user(uow, Role.DISTRICT_OFFICER, town.district_id))
        return client

    @pytest.mark.rule("KB-50")
    def test_numbers_without_a_childs_name(
        self, app: Flask, town: Town, clock: time_machine.Coordinates
    ) -> None:
        expected_today(town)
        town.temporary(town.family("이바다"), TUESDAY + timedelta(days=7))
        clock.move_to("2026-10-15 10:00+09:00")
        for client in (self.officer(app, town), browser(app, town, town.city)):
            page = client.get("/seoul/overview").text
            assert "온수동 키움센터" in page
            assert "20명" in page
            assert "1건" in page  # undecided for more than two days
            for name in ("김하늘", "이바다", "김보호"):
                assert name not in page

    def test_a_number_opens_the_centres_behind_it(self, app: Flask, town: Town) -> None:
        client = self.officer(app, town)
        assert "해당하는 센터가 없어요" in client.get("/seoul/overview?only=applied").text
        town.temporary(town.family(), TUESDAY)
        page = client.get("/seoul/overview?only=applied").text
        assert "온수동 키움센터" in page
        assert "only=applied" in page

    def test_last_month_stands_beside_this_one(
        self, app: Flask, town: Town, clock: time_machine.Coordinates
    ) -> None:
        # four weeks before Friday 30 October lies Friday 2 October, in the same month
        for moment, name, day in (
            ("2026-09-30 23:59+09:00", "김구월", date(2026, 10, 1)),
            ("2026-10-01 00:00+09:00", "이시월", date(2026, 10, 2)),
            ("2026-10-20 09:00+09:00", "박시월", date(2026, 10, 30)),
            ("2026-10-30 09:00+09:00", "최시월", date(2026, 11, 2)),
        ):
            clock.move_to(moment)
            town.temporary(town.family(name), day)
        with town.unit(self.overseer(town)) as uow:
            seen = overview(uow)
        (row,) = seen.rows
        assert (row.today, row.four_weeks_ago) == (1, 1)
        assert (row.used, row.used_before) == (3, 0)
        assert (row.made, row.made_before) == (3, 1)
        clock.move_to("2026-11-01 00:00+09:00")
        with town.unit(self.overseer(town)) as uow:
            (row,) = overview(uow).rows
        assert (row.used, row.used_before, row.made, row.made_before) == (0, 3, 0, 3)
        page = self.officer(app, town).get("/seoul/overview").text
        assert "이번 달 신청 (지난달 3건)" in page
        assert "지난달 3명" in page

    def overseer(self, town: Town) -> Actor:
        """Somebody who oversees the district of this town."""
        return Actor(Role.DISTRICT_OFFICER, 1, "한담당", scope=town.district_id)

    def test_a_district_sees_its_own_centres_only(self, app: Flask, town: Town) -> None:
        found_town(town.place)
        mine = self.officer(app, town).get("/seoul/overview").text
        assert mine.count("data-row") == 1
        assert browser(app, town, town.city).get("/seoul/overview").text.count("data-row") == 2

    @pytest.mark.parametrize(
        "query", ["only=nope", "district=nope", "district=%27;drop", "only=waiting&district="]
    )
    def test_strange_filters_are_harmless(self, app: Flask, town: Town, query: str) -> None:
        assert browser(app, town, town.city).get(f"/seoul/overview?{query}").status_code == 200

    def test_a_centre_has_no_overview(self, app: Flask, town: Town) -> None:
        assert browser(app, town, town.director).get("/seoul/overview").status_code == 403
