"""From the third event written down by hand to a restriction that ends by itself: officer, family, clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.kernel.actor import Role
from app.restrictions import service
from app.restrictions.jobs import expire_restrictions
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service import NewEvent
from tests.browser.conftest import Eyes, Site
from tests.browser.night import Make, at, enter, moving_clock, open_nursery, printed
from tests.conftest import GWACHEON
from tests.crowd import NOW
from tests.live import opened

pytestmark = pytest.mark.browser
TODAY = NOW.date()
CHILDREN = {390: "강가온", 1280: "강나래"}


@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_third_event_to_the_expiry(people: Make, site: Site, width: int, tmp_path: Path) -> None:
    child = CHILDREN[width]
    nursery = open_nursery(site, f"시립새벽{width} 어린이집", child)
    officer = nursery.person(people, Role.CITY_OFFICER, width)
    parent = nursery.person(people, Role.GUARDIAN, width)
    with opened(site.settings), nursery.town.unit(nursery.town.officer) as uow:
        for days_ago in (5, 4):
            when = NOW - timedelta(days=days_ago)
            late = NewEvent(
                EventKind.LATE_END, "FACILITY", when, guardian_id=nursery.home.guardian_id, note="늦음"
            )
            service.enter_event(uow, late)
    write_down(officer, child, 3)
    case = open_case(officer, child)
    officer.press("사실확인 시작")
    officer.fill(found="이용기록으로 세 번 늦은 것을 확인했어요.")
    officer.press("소명 요청 보내기")
    own = f"/my/restrictions/{case}"
    parent.go("/my/restrictions")
    parent.go(own)
    parent.fill(words="차가 막혔어요.")
    parent.press("소명 보내기")
    officer.go(f"/restrictions/cases/{case}")
    assert "차가 막혔어요." in officer.page.inner_text("main")
    colleague = enter(people(width, True), nursery.colleague)
    colleague.go(f"/restrictions/cases/{case}")
    colleague.page.locator("textarea[name='reason']").fill("한 달에 세 번 늦었어요.")
    colleague.press("이용제한 결정")
    parent.go(own)
    told = parent.page.inner_text("main")
    assert "제한 기간" in told
    parent.fill(words="한 번은 제때 왔어요.")
    parent.press("이의 신청하기")
    assert "이의를 심사하고 있어요" in parent.page.inner_text("main")
    read_notice(parent, own, nursery.name, tmp_path)
    officer.go(f"/restrictions/cases/{case}")
    officer.pick("outcome", "SHORTENED")
    last = TODAY + timedelta(days=30)
    officer.fill(ends_on=last.isoformat())
    officer.page.locator("textarea[name='reason']").fill("사정을 참작했어요.")
    officer.press("결과 알리기")
    with moving_clock(site) as move:
        for day, word in ((last, "오늘까지"), (last + timedelta(days=1), "기간 끝남")):
            now = at(day, 10)
            move(now)
            with opened(site.settings):
                expire_restrictions(GWACHEON, now)
            parent = nursery.person(people, Role.GUARDIAN, width)
            parent.go(own)
            assert word in parent.page.inner_text("main")


def write_down(officer: Eyes, child: str, days_ago: int) -> None:
    """One late end, by the office's own hand."""
    officer.go("/restrictions/events/find")
    officer.fill(q=child)
    officer.press("찾기")
    officer.follow(officer.page.locator("main a[href*='guardian=']"))
    officer.page.select_option("[name='kind']", "LATE_END")
    officer.page.select_option("[name='service']", "FACILITY")
    officer.fill(
        occurred_on=(TODAY - timedelta(days=days_ago)).isoformat(),
        occurred_time="18:10",
        note="10분 늦게 오셨어요.",
    )
    officer.press("적기")


def open_case(officer: Eyes, child: str) -> str:
    """The case the third event opened; its ref."""
    officer.go("/restrictions")
    row = officer.page.locator("tr", has_text=child)
    officer.follow(row.locator("a[href*='/restrictions/cases/']"))
    return officer.page.url.rsplit("/", 1)[1]


def read_notice(parent: Eyes, own: str, place: str, folder: Path) -> None:
    parent.go(own)
    parent.press("통지서 보기")
    assert "이용제한" in printed(parent, folder)
