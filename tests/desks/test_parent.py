"""The first page: a parent's children and what waits for them, a visitor's way in, everybody else's work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask

from app.booking.service.preparing import ask_paper
from app.documents.models import Paper
from app.kernel.actor import Role
from app.kernel.db import TenantRef
from app.kernel.ranges import TimeSpan
from app.people.models import Guardian
from tests.booking.parents import parent, words
from tests.booking.town import MONDAY, NOW, TUESDAY, WEDNESDAY, Town, found_town
from tests.cast_accounts import make_user, sign_in

DAYS = (TUESDAY, WEDNESDAY, date(2026, 10, 15))


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def town(clock: time_machine.Coordinates, seoul: TenantRef) -> Town:
    return found_town(seoul, capacity=1)


class TestParent:
    def test_today_and_next(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        today = town.temporary(mother.family, MONDAY)
        town.temporary(mother.family, TUESDAY, hours=TimeSpan.parse("15:00-16:30"))
        page = words(mother.get("/"))
        assert "오늘 14:00–17:00 센터 확인 중 온수동 키움센터" in page
        assert "센터 확인 중" in page
        assert "다음 10월 13일(화) 15:00–16:30" in page
        town.approve(today)
        assert words(mother.get("/")).count("센터 확인 중") == 1

    def test_an_offer_comes_first_with_its_clock_and_is_no_stay_yet(self, app: Flask, town: Town) -> None:
        first = parent(app, town)
        holding = town.temporary(first.family, TUESDAY).outcomes[0].ref
        second = parent(app, town, town.family("이산"))
        town.temporary(second.family, TUESDAY)
        assert "대기 10월 13일(화) 14:00–17:00" in words(second.get("/"))
        first.post(f"/my/bookings/{holding}/withdraw")
        page = words(second.get("/"))
        assert "대기하던 자리가 났어요" in page
        assert "2시간 남음" in page
        assert "다음 10월" not in page

    def test_a_cancelled_booking_is_not_shown(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        ref = town.temporary(mother.family, MONDAY).outcomes[0].ref
        mother.post(f"/my/bookings/{ref}/withdraw")
        assert "오늘 예약이 없어요" in words(mother.get("/"))

    def test_first_visit_registers_a_child(self, app: Flask, town: Town) -> None:
        client = app.test_client()
        with town.unit() as uow:
            user = make_user(uow, Role.GUARDIAN)
            uow.session.add(Guardian(name="새보호", phone="01077778888", user_id=user.id, created_at=NOW))
            uow.session.flush()
            sign_in(client, uow, user)
        answer = client.get("/seoul/")
        assert "먼저 아이를 등록해 주세요" in words(answer)
        assert "/seoul/children/new" in answer.get_data(as_text=True)
        assert "아직 등록한 아이가 없어요" in words(client.get("/seoul/book"))

    def test_another_family_is_never_seen(self, app: Flask, town: Town) -> None:
        town.temporary(town.family("남의아이"), MONDAY)
        assert "남의아이" not in words(parent(app, town).get("/"))

    def test_of_many_waits_two_are_named(self, app: Flask, town: Town) -> None:
        town.temporary(town.family(), *DAYS)
        second = parent(app, town, town.family("이산"))
        town.temporary(second.family, *DAYS)
        page = words(second.get("/"))
        assert "대기 10월 13일(화) 14:00–17:00 10월 14일(수) 14:00–17:00 그 밖에 1건" in page

    @pytest.mark.rule("KB-17")
    def test_consents_without_which_nothing_is_approved(self, app: Flask, town: Town) -> None:
        mother = parent(app, town, town.family(papers=False))
        assert "동의를 마저 해 주세요" not in words(mother.get("/")), "nothing is booked yet"
        town.temporary(mother.family, TUESDAY)
        town.temporary(mother.family, DAYS[1])
        answer = mother.get("/")
        assert words(answer).count("동의를 마저 해 주세요") == 1
        assert f"/seoul/children/{mother.family.child}/consents" in answer.get_data(as_text=True)
        done = parent(app, town, town.family("이산"))
        town.temporary(done.family, TUESDAY)
        assert "동의를 마저 해 주세요" not in words(done.get("/"))

    @pytest.mark.rule("KB-17")
    def test_a_paper_the_centre_waits_for(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        with town.unit(town.director) as uow:
            ask_paper(uow, ref, "재직증명서 원본")
        assert "센터가 서류를 기다려요 김하늘 · 재직증명서 원본" in words(mother.get("/"))
        mother.post(f"/my/bookings/{ref}/withdraw")
        assert "재직증명서 원본" not in words(mother.get("/"))

    def test_papers_waiting_for_a_signature(self, app: Flask, town: Town) -> None:
        mother = parent(app, town)
        with town.unit() as uow:
            for number in range(2):
                uow.session.add(
                    Paper(
                        form_id="kium-application",
                        form_version="1",
                        title="이용신청서",
                        state="TO_SIGN",
                        data={"n": number},
                        data_sha256="0" * 64,
                        guardian_id=mother.family.guardian_id,
                        child_id=mother.family.child_id,
                        institution_id=town.centre_id,
                        subject="booking",
                        subject_id=1,
                        created_at=NOW,
                    )
                )
        page = words(mother.get("/"))
        assert "서명할 서류 이용신청서 2건" in page


class TestOthers:
    def test_a_visitor_learns_what_this_is_and_finds_a_centre(self, app: Flask, town: Town) -> None:
        answer = app.test_client().get("/seoul/")
        assert answer.status_code == 200
        assert "가까운 센터 찾기" in words(answer)
        assert "구로구" in words(answer)
        assert "/seoul/login" in answer.get_data(as_text=True)
        assert len(answer.data) < 12_000

    @pytest.mark.parametrize("role", [Role.CENTRE_DIRECTOR, Role.CARE_TEACHER])
    def test_staff_go_to_their_work(self, app: Flask, town: Town, role: Role) -> None:
        client = app.test_client()
        sign_in(client, town.place, role, town.centre_id)
        answer = client.get("/seoul/")
        assert answer.status_code == 303
        assert answer.location != "/seoul/"

    def test_unknown_municipality(self, app: Flask, seoul: TenantRef) -> None:
        assert app.test_client().get("/atlantis/").status_code == 404


def test_two_municipalities_show_their_own(app: Flask, town: Town, gwacheon: TenantRef) -> None:
    other = found_town(gwacheon)
    other.temporary(other.family("과천아이", date(2018, 1, 1)), MONDAY)
    mother = parent(app, town)
    assert "과천아이" not in words(mother.get("/"))
    assert mother.client.get("/gwacheon/").status_code == 200
    assert "과천아이" not in words(mother.client.get("/gwacheon/"))
