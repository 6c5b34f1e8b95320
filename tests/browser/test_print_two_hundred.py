"""A whole list on paper at once: two hundred sheets, one of them spoilt, and a run somebody thinks better of."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pytest

from app.documents.catalogue import load
from app.documents.service.preparing import prepare_paper
from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from tests.browser.conftest import Eyes, Place, Site
from tests.cast_accounts import PASSWORD
from tests.conftest import SEOUL
from tests.documents.papers import sample
from tests.live import opened

pytestmark = pytest.mark.browser
FORM = "kium-consent-privacy"
SHEETS = 200
SPOILT = 120


def pile(site: Site, place: Place) -> None:
    """Papers that wait for a signature; one of them says something that its form does not know."""
    [(centre,)] = site.sql("SELECT id FROM t_seoul.institution WHERE ref = :ref", ref=place.ref)
    data = sample(load(FORM))
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        for number in range(SHEETS):
            child = {**data, "child_name": f"아이{number:03d}"}
            paper = prepare_paper(uow, FORM, child, subject="list", subject_id=None, institution_id=centre)
            if number == SPOILT:
                paper.data = {**child, "shoe_size": "210"}


def test_two_hundred_sheets(people: Callable[[int, bool], Eyes], site: Site) -> None:
    place = site.open_centre("파하 키움센터")
    pile(site, place)
    director = people(1280, True)
    director.sign_in(place.director, PASSWORD)
    director.go("/desk/papers")
    director.press("이 목록 전부 출력")
    assert re.search(rf"{SHEETS}건 중 \d+건", director.page.inner_text("main"))
    director.page.get_by_role("link", name="PDF 받기").wait_for(timeout=60_000)
    director.look()
    told = director.page.inner_text("main")
    assert f"{SHEETS - 1}장을 담았어요" in told
    assert "빠진 서류 1장" in told
    assert f"아이{SPOILT:03d}" in told
    assert "이 서식에 없는 항목" in told
    address = director.page.get_by_role("link", name="PDF 받기").get_attribute("href")
    content = director.context.request.get(f"{site.live.base}{address}").body()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == SHEETS - 1

    director.go("/desk/papers")
    director.press("이 목록 전부 출력")
    director.press("출력 취소")
    assert "취소했어요" in director.page.inner_text("main")
    director.go("/desk/prints")
    assert {"취소됨", "받을 수 있어요"} <= set(director.page.inner_text("main").split("\n"))
