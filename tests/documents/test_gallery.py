"""The gallery: who sees which forms, how they are found, what one of them says, its pictures and blank copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.documents import gallery
from app.documents.audience import SERVICE, WRITERS, may_fill, may_see
from app.documents.catalogue import SERVICES, all_forms, load, role_names
from app.documents.previews import preview_of
from app.documents.service.printing import BATCH
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from app.kernel.work import Work
from app.tenancy.rules import Service
from tests.documents.desks import Desks, make_desks

CONSENT = "kium-consent-5"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@pytest.fixture
def desks(app: Flask, seoul: TenantRef) -> Desks:
    return make_desks(app, seoul)


def titles(role: Role, *services: str) -> set[str]:
    return {form.id for form in gallery.visible_forms(role, services)}


@pytest.mark.rule("GC-22")
def test_every_service_has_its_forms_and_no_other() -> None:
    assert set(SERVICE) == set(SERVICES)
    for key, service in SERVICE.items():
        assert {load(i).service for i in titles(Role.CITY_OFFICER, service)} <= {key}
    everything = titles(Role.CITY_OFFICER, *Service)
    assert everything == {form.id for form in all_forms()}


def test_every_role_code_of_a_form_has_a_name() -> None:
    codes = {code for form in all_forms() for code in (*form.from_, *form.to)}
    assert codes | set(WRITERS) <= set(role_names())


@pytest.mark.parametrize(
    ("form_id", "role", "sees", "fills"),
    [
        (CONSENT, Role.CENTRE_DIRECTOR, True, True),
        (CONSENT, Role.CARE_TEACHER, True, True),
        (CONSENT, Role.DISTRICT_OFFICER, False, False),
        (CONSENT, Role.SEOUL_ADMIN, True, True),
        (CONSENT, Role.GUARDIAN, True, True),
        ("kium-waiting-list", Role.GUARDIAN, False, False),
        ("anytime-1-4", Role.CENTRE_DIRECTOR, False, False),
        ("anytime-1-4", Role.CITY_OFFICER, True, True),
    ],
)
def test_who_sees_and_who_fills(form_id: str, role: Role, sees: bool, fills: bool) -> None:
    assert (may_see(load(form_id), role), may_fill(load(form_id), role)) == (sees, fills)


def test_the_head_alone_writes_in_the_heads_name() -> None:
    form = next(f for f in all_forms() if f.from_ == ("kium_head",))
    assert may_see(form, Role.CARE_TEACHER)
    assert not may_fill(form, Role.CARE_TEACHER)
    assert may_fill(form, Role.TEAM_LEADER)


def test_a_district_sees_what_it_sends_and_receives() -> None:
    seen = [load(i) for i in titles(Role.DISTRICT_OFFICER, *Service)]
    assert seen
    assert all("district" in (*form.from_, *form.to) for form in seen)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("서식5", CONSENT),
        ("서식 5", CONSENT),
        ("제1-1호", "anytime-1-1"),
        ("1-1 등록", "anytime-1-1"),
        ("등하원 및 응급", CONSENT),
        ("귀가동의서", CONSENT),
        ("우리동네키움 대기자", "kium-waiting-list"),
        ("waiting LIST", "kium-waiting-list"),
        ("동의와 서약 키움 응급처치", CONSENT),
    ],
)
def test_found_by_number_title_other_name_service(query: str, first: str) -> None:
    assert first in {form.id for form in gallery.found(all_forms(), query)}


@pytest.mark.parametrize("query", ["없는서식", "동의서 없는말", "%", "'; DROP TABLE", "<script>"])
def test_nothing_is_found_for_other_words(query: str) -> None:
    found = gallery.found(all_forms(), query)
    assert not found or query == "%"


@pytest.mark.parametrize("query", ["", "  ", "제호", "·"])
def test_no_word_finds_everything(query: str) -> None:
    assert len(gallery.found(all_forms(), query)) == len(all_forms())


def test_shelves_hold_every_form_once_in_numbers_order() -> None:
    shelves = gallery.shelves(all_forms())
    assert sorted(f.id for shelf in shelves for f in shelf.forms) == sorted(f.id for f in all_forms())
    assert len({(shelf.service, shelf.occasion) for shelf in shelves}) == len(shelves)
    pledges = next(s for s in shelves if s.occasion == "동의와 서약" and "시설형" in s.service)
    assert [f.number for f in pledges.forms if f.number][:2] == ["서식 제1-2호", "서식 제3-3호"]
    assert gallery.OTHER not in {shelf.occasion for shelf in shelves}


def test_what_a_form_needs_and_who_signs() -> None:
    form = load(CONSENT)
    needs = gallery.needs(form)
    assert (needs.tables, needs.photos) == (2, 0)
    assert needs.required < needs.cells
    assert [line.who for line in gallery.signing_order(form)] == ["보호자(법정대리인)"]
    rows = next(f for f in all_forms() if any(c.type == "signature" for x in f.fields for c in x.columns))
    assert any(line.each_row for line in gallery.signing_order(rows))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("매월 말", True),
        ("2024 매뉴얼 Ⅵ-1", True),
        ("before the first use", False),
        ("TODO 매뉴얼", False),
        ("", False),
    ],
)
def test_the_makers_notes_are_no_words_for_an_office(words: str, shown: bool) -> None:
    assert bool(gallery.in_korean(words)) is shown


def test_each_role_gets_its_answer(desks: Desks) -> None:
    for path, expected in {
        "/forms": [200, 200, 200, 200, 403],
        f"/forms/{CONSENT}": [200, 200, 404, 200, 403],
        "/forms/anytime-1-1": [404, 404, 404, 404, 403],
        "/forms/nothing": [404, 404, 404, 404, 403],
        "/drafts": [200, 200, 200, 200, 403],
    }.items():
        clients = [desks.director, desks.teacher, desks.district, desks.city, desks.parent]
        assert [client.get(f"/seoul{path}").status_code for client in clients] == expected, path


def test_the_list_is_searched_by_address(desks: Desks) -> None:
    page = desks.director.get("/seoul/forms").text
    assert "서식" in page
    assert f"/seoul/forms/{CONSENT}" in page
    found = desks.director.get("/seoul/forms?q=서식5").text
    assert f"/seoul/forms/{CONSENT}" in found
    assert "/seoul/forms/kium-waiting-list" not in found
    assert "맞는 서식이 없어요" in desks.director.get("/seoul/forms?q=없는말").text
    assert desks.director.get(f"/seoul/forms?q={'가' * 5000}&service=nothing").status_code == 200


def test_an_entry_says_what_it_asks(desks: Desks) -> None:
    page = desks.director.get(f"/seoul/forms/{CONSENT}").text
    for words in (
        "작성하기",
        "견본 보기",
        "빈 서식 출력",
        "보호자(법정대리인)",
        "서비스 종료 후 3년",
        "표 2개",
    ):
        assert words in page
    assert "before the first use" not in page


def test_pictures_are_made_once_by_the_worker(desks: Desks) -> None:
    waiting = desks.director.get(f"/seoul/forms/{CONSENT}").text
    assert "만들고 있어요" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert desks.director.get(f"/seoul/forms/{CONSENT}/look/blank/1").status_code == 404
    desks.director.get(f"/seoul/forms/{CONSENT}?look=sample")
    desks.run_work()
    for kind in ("blank", "sample"):
        page = desks.director.get(f"/seoul/forms/{CONSENT}?look={kind}").text
        address = re.search(rf'src="(/seoul/forms/{CONSENT}/look/{kind}/1)"', page)
        assert address is not None
        picture = desks.director.get(address[1])
        assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")
        assert len(picture.data) < 200_000
        assert desks.director.get(f"/seoul/forms/{CONSENT}/look/{kind}/pdf").data[:5] == b"%PDF-"
        assert desks.director.get(f"/seoul/forms/{CONSENT}/look/{kind}/99").status_code == 404
    assert desks.director.get(f"/seoul/forms/{CONSENT}/look/other/1").status_code == 404
    assert desks.district.get(f"/seoul/forms/{CONSENT}/look/blank/1").status_code == 404
    fragment = desks.director.get(f"/seoul/forms/{CONSENT}", headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "hx-trigger" not in fragment
    with unit_of_work(desks.place, SYSTEM) as uow:
        preview_of(uow, load(CONSENT), "blank")
        assert len(uow.session.scalars(select(Work).where(Work.kind == "form.preview")).all()) == 2


@pytest.mark.parametrize(
    ("copies", "status"),
    [("1", 303), ("100", 303), ("0", 422), ("101", 422), ("", 422), ("두 부", 422), ("-3", 422)],
)
def test_blank_copies(desks: Desks, copies: str, status: int) -> None:
    data = {"request_id": "1" * 32, "copies": copies}
    answer = desks.director.post(f"/seoul/forms/{CONSENT}/blank", data=data)
    assert answer.status_code == status
    if status == 303:
        assert desks.director.post(f"/seoul/forms/{CONSENT}/blank", data=data).location == answer.location
        with unit_of_work(desks.place, SYSTEM) as uow:
            assert uow.session.scalars(select(Work).where(Work.kind == BATCH)).one().total == int(copies)
    else:
        assert "부수는 1부터 100까지" in answer.text


def test_the_menu_leads_there(desks: Desks) -> None:
    for client in (desks.director, desks.teacher, desks.district, desks.city):
        assert re.search(r'href="/seoul/forms"[^>]*aria-current="page"', client.get("/seoul/forms").text)
    assert 'href="/seoul/forms"' not in desks.parent.get("/seoul/papers").text
