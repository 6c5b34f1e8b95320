"""A night away from home: reserved on a phone, signed in and out at the door, paid, and kept on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kernel.actor import Role
from tests.browser.conftest import Eyes, Site
from tests.browser.night import EVENING, MORNING, Make, Nursery, at, draw, moving_clock, open_nursery, printed
from tests.cast_daycare import night
from tests.live import opened

pytestmark = pytest.mark.browser
CHILD = "김하늘"


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_phone_to_the_ledger(people: Make, site: Site, width: int, tmp_path: Path) -> None:
    nursery = open_nursery(site, f"시립달빛{width} 어린이집")
    parent = nursery.person(people, Role.GUARDIAN, width)
    booking = reserve(parent, nursery)
    director = nursery.person(people, Role.DAYCARE_DIRECTOR, width)
    confirm_and_take_money(director, booking)
    with moving_clock(site) as move:
        move(at(EVENING, 20, 2))
        teacher = nursery.person(people, Role.DAYCARE_TEACHER, width)
        hand_over(teacher, "들어와요", "입소 적기", 20)
        teacher.go("/room")
        assert CHILD in teacher.page.inner_text("main")
        move(at(MORNING, 7, 33))
        teacher = nursery.person(people, Role.DAYCARE_TEACHER, width)
        hand_over(teacher, "나가요", "귀가 적기", 35)
        parent = nursery.person(people, Role.GUARDIAN, width)
        check_receipt(parent, nursery, booking, tmp_path)
        director = nursery.person(people, Role.DAYCARE_DIRECTOR, width)
        check_records(teacher, director, nursery, tmp_path)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reservation_without_scripts(people: Make, site: Site, width: int) -> None:
    nursery = open_nursery(site, f"시립별빛{width} 어린이집")
    parent = nursery.person(people, Role.GUARDIAN, width, scripts=False)
    booking = reserve(parent, nursery)
    parent.go(f"/daycare/my/{booking}")
    parent.page.locator("summary", has_text="예약 취소하기").click()
    parent.press("예약 취소")
    assert "취소" in parent.page.inner_text("main")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_full_night_names_its_hours_and_what_fits(people: Make, site: Site, width: int) -> None:
    nursery = open_nursery(site, f"시립은하{width} 어린이집", places=1)
    with opened(site.settings):
        nursery.town.confirmed(nursery.town.family("이먼저"), night(EVENING))
    parent = nursery.person(people, Role.GUARDIAN, width)
    parent.refused = True
    choose(parent, nursery, "19:00", "31:30")
    told = parent.page.inner_text("main")
    assert "자리가 없는 시간" in told
    assert "20:00" in told.split("자리가 없는 시간")[1]
    parent.refused = False
    near = parent.page.locator("section[aria-labelledby='near'] a")
    assert near.count() >= 1
    parent.follow(near.first)
    if "/book/check" not in parent.page.url:
        parent.press("다음: 확인")
    parent.press("예약하기")
    assert "/book/done" in parent.page.url


def choose(parent: Eyes, nursery: Nursery, start: str, end: str) -> None:
    """Child, daycare, day and hours; the page that comes after them."""
    parent.go("/daycare/book")
    if parent.page.locator("input[name='child']").count():
        parent.press("다음", exact=False)
    if "/book/where" in parent.page.url:
        parent.follow(parent.page.locator(f"a[href*='daycare={nursery.town.daycare}']"))
    parent.follow(parent.page.locator(f"#days a[href*='day={EVENING.isoformat()}']"))
    parent.page.select_option("[name='from']", start)
    parent.page.select_option("[name='to']", end)
    parent.press("다음: 확인")


def reserve(parent: Eyes, nursery: Nursery) -> str:
    """Tonight's bed; the booking's ref."""
    choose(parent, nursery, "20:00", "31:30")
    assert "예약" in parent.page.inner_text("h1")
    parent.press("예약하기")
    assert "/book/done" in parent.page.url
    assert "자리를 잡아 두었어요" in parent.page.inner_text("main")
    parent.press("내 예약 보기")
    link = parent.page.locator("main a[href*='/daycare/my/']").first
    ref = (link.get_attribute("href") or "").split("/daycare/my/")[1].split("?")[0]
    parent.go(f"/daycare/my/{ref}")
    assert CHILD in parent.page.inner_text("h1")
    return ref


def confirm_and_take_money(director: Eyes, booking: str) -> None:
    director.go("/room/bookings")
    director.go(f"/room/bookings/{booking}")
    director.follow(director.page.locator("[data-approve]"))
    director.page.locator("details#pay summary").click()
    director.pick("method", "account_transfer")
    director.follow(director.page.locator("form[action$='/pay'] button"))
    assert "결제" in director.page.inner_text("main")


def hand_over(teacher: Eyes, way: str, button: str, slope: int) -> None:
    """At the tablet: the child's row, who stands there, how they were recognised, their finger."""
    teacher.go("/room/door")
    section = teacher.page.locator("section", has=teacher.page.get_by_role("heading", name=way))
    teacher.follow(section.get_by_role("link", name=CHILD[1:], exact=False))
    teacher.pick("person", "1")
    teacher.pick("identity", "id_card")
    draw(teacher, slope)
    teacher.press(button)
    assert teacher.page.url.endswith("/room/door")


def check_receipt(parent: Eyes, nursery: Nursery, booking: str, folder: Path) -> None:
    parent.go(f"/daycare/my/{booking}")
    parent.follow(parent.page.get_by_role("button", name="영수증", exact=False))
    words = printed(parent, folder)
    assert CHILD in words
    assert nursery.name.replace(" ", "") in words


def check_records(teacher: Eyes, director: Eyes, nursery: Nursery, folder: Path) -> None:
    """The evening's operating day: its journal written, signed, closed; its ledgers issued; both printed as issued."""
    day = EVENING.isoformat()
    teacher.go(f"/room/journal?day={day}")
    journal = f"/room/journal/{nursery.town.class_ref}/{day}"
    teacher.go(journal)
    teacher.fill(activities="별 보며 그림책을 읽었어요.", evaluation="밤새 편안히 잤어요.")
    teacher.press("저장하기")
    teacher.press("담당교사로 서명하기")
    director.go(journal)
    director.press("원장 확인하고 마감하기")
    director.press("인쇄")
    words = printed(director, folder)
    assert CHILD in words
    assert "밤새편안히잤어요." in words
    director.go(f"/room/ledgers?day={day}")
    director.press("이 날 대장 발급")
    director.press("인수인계대장 인쇄")
    words = printed(director, folder)
    assert CHILD in words
    assert "어머니" in words
