"""Every page of the daycare's desk, for the director and the teacher; nothing of another daycare."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

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
