"""Every page of the daycare's desk, for the director and the teacher; nothing of another daycare."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app.daycare import staff_applications
from tests.daycare.house import House

PAGES = (
    "room",
    "room/door",
    "room/bookings",
    "room/bookings?tab=coming",
    "room/bookings?tab=over&first=2026-10-01&last=x",
    "room/applications",
    "room/applications?tab=valid",
    "room/journal",
    "room/journal?day=2026-10-12",
    "room/ledgers",
    "room/ledgers?day=nonsense",
    "room/ledgers/register",
    "room/ledgers/register?month=2026-09",
    "room/ledgers/fees",
    "room/medicine",
    "room/contacts",
    "room/ledgers/incidents",
)


class TestPages:
    @pytest.mark.parametrize("page", PAGES)
    @pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
    def test_open_for_director_and_teacher(
        self, home: House, desk: FlaskClient, teacher: FlaskClient, page: str, full: bool
    ) -> None:
        if full:
            night = home.family("이도윤")
            home.enter(home.book(home.family(), 630, 810))
            home.book(night, 900, 1080, online=True)
        for client in (desk, teacher):
            assert client.get(f"/gwacheon/{page}").status_code == 200


class TestLongLists:
    def test_applications_go_on_by_pages(
        self, home: House, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(staff_applications, "PAGE_SIZE", 2)
        for name in ("하나", "두리", "세나"):
            home.family(f"김{name}")
        url = "/gwacheon/room/applications?tab=valid"
        first, second = desk.get(url).text, desk.get(f"{url}&page=2").text
        assert (first.count("<tr data-row"), second.count("<tr data-row")) == (2, 1)
        assert "접수 3" in first
        assert 'href="/gwacheon/room/applications?tab=valid&amp;page=2"' in first


def menu(page: str) -> str:
    return re.search(r'<nav class="nav".*?</nav>', page, re.S)[0]  # type: ignore[index]


class TestMenu:
    def test_it_is_short_and_everything_is_one_press_away(self, home: House, desk: FlaskClient) -> None:
        home.book(home.family(), 900, 1080, online=True)
        found = menu(desk.get("/gwacheon/room").text)
        assert re.findall(r"<summary[^>]*>([^<]+)", found) == ["기록", "운영"]
        records, house = re.findall(r'<details class="fold".*?</details>', found, re.S)
        for path in ("room/contacts", "room/ledgers", "incidents"):
            assert f'href="/gwacheon/{path}"' in records
        for path in ("house", "insurance", "daycare/restrictions", "settings"):
            assert f'href="/gwacheon/{path}"' in house
        outside = found.replace(records, "").replace(house, "")
        assert re.search(r'href="/gwacheon/room/bookings"[^>]*>예약 <span class="count">1<', outside)
        assert outside.count("<a ") <= 6

    def test_the_folded_page_one_is_on_marks_its_label(self, desk: FlaskClient) -> None:
        found = menu(desk.get("/gwacheon/house/classes").text)
        assert re.findall(r'<summary aria-current="true">([^<]+)', found) == ["운영"]
        assert 'href="/gwacheon/house" aria-current="page"' in found

    def test_a_teacher_sees_only_what_is_theirs(self, teacher: FlaskClient) -> None:
        found = menu(teacher.get("/gwacheon/room").text)
        assert "/gwacheon/room/contacts" in found
        assert "/gwacheon/insurance" not in found
