"""The whole job once: capacity approved, four quarters, a family that joins and books, papers, a PDF, the seat."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.browser.conftest import Eyes, Place, Site
from tests.cast_accounts import PASSWORD
from tests.crowd import DAY

pytestmark = pytest.mark.browser
Make = Callable[[int, bool], Eyes]
CHILD = "김하늘"
BIRTH = date(2018, 5, 5)


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "plain"])
@pytest.mark.parametrize("width", [390, 1280])
def test_from_capacity_to_pdf(people: Make, site: Site, width: int, scripts: bool, tmp_path: Path) -> None:
    place = site.open_centre(f"{'가나' if scripts else '다라'}{width} 키움센터")
    phone = f"010{width:04}{int(scripts):04}"
    prepare_centre(people(width, scripts), people(width, scripts), place)
    parent = people(width, scripts)
    join(parent, site, phone)
    register_child(parent)
    seats = seats_shown(parent, place)
    number = book(parent, place)
    director = people(width, scripts)
    approve(director, place)
    assert seats_shown(parent, place) == seats - 1
    sign_arrival_consent(parent)
    words = read_pdf(parent, "이용결정", tmp_path)
    assert CHILD in words
    assert number in words
    assert place.name.replace(" ", "") in words


def prepare_centre(director: Eyes, officer: Eyes, place: Place) -> None:
    director.sign_in(place.director, PASSWORD)
    director.go("/centre/capacity")
    director.fill(
        capacity="25", area="100", effective_on="2026-12-01", reason="옆방까지 넓혀 쓰게 되었습니다."
    )
    director.press("자치구에 요청")
    officer.sign_in(place.officer, PASSWORD)
    officer.go("/district/centres")
    officer.follow(officer.page.get_by_role("link", name="정원", exact=False))
    if officer.page.locator("input[name='decision']").count() == 0:
        officer.follow(officer.page.locator("a[href*='/district/capacity/']"))
    officer.pick("decision", "approve")
    officer.press("결정하기")
    director.go("/centre/quarters/first")
    director.press("네 분기 저장")
    assert "네 분기를 정했어요" in director.page.inner_text("#status")


def join(parent: Eyes, site: Site, phone: str) -> None:
    parent.go("/join")
    parent.tick("terms")
    parent.tick("privacy")
    parent.press("다음")
    parent.fill(name="김보호", phone=phone)
    parent.press("인증번호 받기")
    parent.fill(code=site.code_sent_to(phone))
    parent.press("확인")
    parent.fill(login_id=f"p{phone}", password="Haneul2026!", again="Haneul2026!")
    parent.press("가입하기")


def register_child(parent: Eyes) -> None:
    parent.go("/children/new")
    parent.tick("legal_consent")
    parent.pick("relation", "PARENT")
    parent.fill(
        name=CHILD, birth_date=BIRTH.isoformat(), school="온수초", grade="2", address="구로구 온수로 1"
    )
    parent.pick("sex", "FEMALE")
    parent.pick("schooling", "yes")
    parent.press("등록하기")
    parent.go("/children")
    parent.press(CHILD, exact=False)
    child = parent.page.url.rsplit("/", 1)[1]
    for kind in ("PRIVACY", "ARRIVAL_DEPARTURE"):
        parent.go(f"/children/{child}/consents/{kind}")
        parent.pick("decision", "yes")
        parent.press("저장")


def seats_shown(eyes: Eyes, place: Place) -> int:
    """The number beside the day on the centre's public month."""
    eyes.go(f"/centres/{place.ref}/seats?month={DAY:%Y-%m}")
    cell = eyes.page.locator(".day", has=eyes.page.locator(f"text='{DAY.month}월 {DAY.day}일(화)'"))
    return int("".join(c for c in cell.locator("small").first.inner_text() if c.isdigit()))


def book(parent: Eyes, place: Place) -> str:
    """The four steps, a page each; returns the number of the application."""
    parent.go("/book")
    parent.follow(parent.page.locator("a[href*='kind=TEMPORARY']"))
    parent.follow(parent.page.locator(f"a[href*='centre={place.ref}']"))
    parent.page.locator(f"a[href*='day={DAY.isoformat()}']").first.click()
    parent.page.wait_for_selector("select[name='from']")
    parent.look()
    parent.page.select_option("[name='from']", "14:00")
    parent.page.select_option("[name='to']", "17:00")
    parent.press("다음", exact=False)
    parent.press("신청하기", exact=False)
    assert "/book/result/" in parent.page.url
    parent.follow(parent.page.locator("main a[href*='/my/bookings/']"))
    text = parent.page.inner_text("main")
    return next(word for word in text.split() if word.startswith("2026-"))


def approve(director: Eyes, place: Place) -> None:
    director.sign_in(place.director, PASSWORD)
    director.go("/bookings")
    ref = director.page.locator("a[data-open]").first.get_attribute("href") or ""
    director.go(ref.removeprefix("/seoul"))
    for reason in director.page.locator("input[name^='why:']").all():
        reason.fill("전화로 상담했습니다.")
    director.follow(director.page.locator("form[action$='/approve'] button"))
    assert "승인했어요" in director.page.inner_text("#status")


def sign_arrival_consent(parent: Eyes) -> None:
    """What the family must sign before the first stay; typed where there is no finger."""
    parent.go("/children")
    parent.press(CHILD, exact=False)
    parent.go(f"{parent.page.url.split('/seoul')[1].rstrip('/')}/consents")
    parent.press("동의서 쓰기")
    parent.fill(health_notes="없음")
    fill_paper(parent)
    parent.press("작성 마치기")
    parent.fill(typed="김보호")
    parent.press("서명하고 내기")
    assert "서류가 완성되었어요" in parent.page.inner_text("#status")


def fill_paper(parent: Eyes) -> None:
    """The house has filled in what it knows; the family's own answers are choices, and it takes the first of each."""
    for group in parent.page.locator("fieldset:has(input[type=radio])").all():
        if group.locator("input[type=radio]:checked").count() == 0:
            parent.tick(group.locator("input[type=radio]").first.get_attribute("id") or "")


def read_pdf(parent: Eyes, title: str, folder: Path) -> str:
    """Open a finished paper of that title; its words as poppler reads them, without spaces."""
    parent.go("/papers")
    parent.follow(parent.page.get_by_role("link", name=title, exact=False))
    address = parent.page.get_by_role("link", name="PDF 받기").get_attribute("href")
    until = time.monotonic() + 30
    while True:
        answer = parent.context.request.get(f"{parent.site.live.base}{address}")
        if answer.headers.get("content-type") == "application/pdf":
            break
        assert answer.status < 500
        assert time.monotonic() < until, "the worker did not render it"
        time.sleep(0.5)
    pdf = folder / "paper.pdf"
    pdf.write_bytes(answer.body())
    read = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True)
    return "".join(read.stdout.split()).replace("\u2060", "")
