"""A grandmother without an account: the centre sends a link, she proves her phone, reads, signs with a finger."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.documents.catalogue import load
from app.documents.service.preparing import prepare_paper
from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from tests.browser.conftest import Eyes, Place, Site
from tests.cast import make_family
from tests.cast_accounts import PASSWORD
from tests.conftest import SEOUL
from tests.documents.papers import sample
from tests.live import opened

pytestmark = pytest.mark.browser
Make = Callable[[int, bool], Eyes]
FORM = "kium-consent-privacy"
SIGNER = "한지원"


def prepare(site: Site, place: Place, phone: str) -> str:
    """A consent of that centre that waits for its signature; its ref."""
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        guardian, child = make_family(uow, guardian=SIGNER, phone=phone)
        [(centre,)] = site.sql("SELECT id FROM t_seoul.institution WHERE ref = :ref", ref=place.ref)
        return prepare_paper(
            uow,
            FORM,
            sample(load(FORM)),
            subject="child",
            subject_id=child.id,
            institution_id=centre,
            guardian_id=guardian.id,
            child_id=child.id,
        ).ref


def link_sent_to(site: Site, phone: str) -> str:
    """The path of the newest link in the messages to that number, without the municipality."""
    query = (
        "SELECT substring(body from '/sign/[A-Za-z0-9_-]+') FROM t_seoul.message "
        "WHERE \"to\" = :to AND body LIKE '%/sign/%' ORDER BY id DESC"
    )
    return str(site.sql(query, to=phone)[0][0])


def draw(eyes: Eyes) -> None:
    """Two strokes in the box, the second one taken back, as a finger does."""
    canvas = eyes.page.locator("[data-sign] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for y in (60, 120):
        eyes.page.mouse.move(box["x"] + 40, box["y"] + y)
        eyes.page.mouse.down()
        eyes.page.mouse.move(box["x"] + 180, box["y"] + y + 20, steps=8)
        eyes.page.mouse.up()
    strokes = eyes.page.locator("input[name='strokes']")
    assert strokes.input_value().count("[[") == 2
    eyes.page.locator("[data-undo]").click()
    assert strokes.input_value().count("[[") == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "plain"])
@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_desk_to_the_phone_and_back(people: Make, site: Site, width: int, scripts: bool) -> None:
    place = site.open_centre(f"{'마바' if scripts else '사아'}{width} 키움센터")
    phone = f"0107{width:04}{int(scripts):03}"
    paper = prepare(site, place, phone)
    director = people(width, scripts)
    director.sign_in(place.director, PASSWORD)
    director.go(f"/papers/{paper}")
    director.follow(director.page.get_by_role("link", name="서명 링크 보내기", exact=False))
    director.fill(signer=SIGNER, phone=phone)
    director.press("링크 보내기")
    assert "서명 링크를 보냈어요" in director.page.inner_text("#status")

    signer = people(width, scripts)
    signer.go(link_sent_to(site, phone))
    assert "윤서담" not in signer.page.content()
    signer.press("인증번호 받기")
    signer.fill(code=site.code_sent_to(phone))
    signer.press("확인")
    assert "윤서담" in signer.page.inner_text("main")
    if scripts:
        draw(signer)
    else:
        signer.fill(typed=SIGNER)
    signer.press("서명하고 내기")
    assert "서명을 마쳤어요" in signer.page.inner_text("h1")
    until = time.monotonic() + 30
    while signer.page.get_by_role("link", name="PDF 받기").count() == 0:
        assert time.monotonic() < until, "the worker did not render it"
        time.sleep(0.5)
        signer.press("PDF가 되었는지 보기")

    director.go(f"/papers/{paper}")
    assert "본인 휴대전화" in director.page.inner_text("main")
    director.press("서명 확인서")
    assert SIGNER in director.page.inner_text("main")
