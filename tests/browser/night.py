"""A daycare of Gyeonggi in the running house, its people's logins, and the clock that is moved past midnight."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from playwright.sync_api import Locator
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import unit_of_work
from app.kernel.ranges import KST
from app.people.models import Guardian
from app.tenancy.rules import Service
from tests.browser.conftest import Eyes, Site
from tests.cast import offer
from tests.cast_accounts import PASSWORD, make_user
from tests.cast_daycare import DaycareTown, Home, found_daycare
from tests.conftest import GWACHEON
from tests.crowd import sign_in
from tests.live import opened, set_clock

Make = Callable[[int, bool], Eyes]
EVENING = date(2026, 11, 23)
"""A Monday; the house opens on the Friday before."""
MORNING = date(2026, 11, 24)
ACCOUNT = "농협 301-0000-0000-01"


@dataclass
class Nursery:
    """``login``: the login id of everybody who works there or brings a child, by role."""

    site: Site
    town: DaycareTown
    home: Home
    name: str
    login: dict[Role, str]
    colleague: str
    """The login id of a second officer: who reports does not decide."""
    came: set[Role] = field(default_factory=set)

    def person(self, people: Make, role: Role, width: int, *, scripts: bool = True) -> Eyes:
        """Somebody's browser, signed in at the time the house has now; through the login page the first time."""
        eyes = people(width, scripts)
        if role not in self.came:
            self.came.add(role)
            return enter(eyes, self.login[role])
        eyes.slug = GWACHEON.slug
        with opened(self.site.settings), unit_of_work(GWACHEON, SYSTEM) as uow:
            account = UserAccount.login_id == self.login[role]
            visitor = sign_in(uow, uow.session.scalars(select(UserAccount.id).where(account)).one())
        name, value = visitor.cookie.split("=", 1)
        place = f"{self.site.live.base}/{eyes.slug}/"
        eyes.context.add_cookies([{"name": name, "value": value, "url": place}])
        return eyes


def enter(eyes: Eyes, login_id: str) -> Eyes:
    eyes.slug = GWACHEON.slug
    eyes.sign_in(login_id, PASSWORD)
    return eyes


def open_nursery(site: Site, name: str, child: str = "김하늘", *, places: int = 5) -> Nursery:
    """Its own class, director, teacher, officer, and a family whose application is accepted and seen."""
    with opened(site.settings):
        offer(GWACHEON, Service.DAYCARE, Service.FACILITY)
        town = found_daycare(GWACHEON, name=name, places=places)
        home = town.family(child)
        login = {}
        with unit_of_work(GWACHEON, SYSTEM) as uow:
            for actor in (town.director, town.teacher, town.officer):
                login[actor.role] = uow.session.get_one(UserAccount, actor.user_id).login_id
            parent = uow.session.scalars(select(Guardian).where(Guardian.ref == home.guardian)).one()
            user = make_user(uow, Role.GUARDIAN, name=parent.name, phone=parent.phone)
            parent.user_id, login[Role.GUARDIAN] = user.id, user.login_id
            colleague = make_user(uow, Role.CITY_OFFICER, name="최주무").login_id
        return Nursery(site, town, home, name, login, colleague)


@contextmanager
def moving_clock(site: Site) -> Iterator[Callable[[datetime], None]]:
    """Move the house's clock; afterwards it goes on from where it would have been."""
    [(before,)] = site.sql("SELECT seconds FROM public.clock_offset")
    try:
        yield lambda now: set_clock(site.settings, now)
    finally:
        site.sql("UPDATE public.clock_offset SET seconds = :s RETURNING seconds", s=before)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=KST)


def draw(eyes: Eyes, slope: int) -> None:
    """One stroke of a finger in the box; another slope is another signature."""
    canvas = eyes.page.locator("[data-sign] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    eyes.page.mouse.move(box["x"] + 40, box["y"] + 60)
    eyes.page.mouse.down()
    eyes.page.mouse.move(box["x"] + 180, box["y"] + 60 + slope, steps=8)
    eyes.page.mouse.up()


def printed(eyes: Eyes, folder: Path, *, patience: float = 30) -> str:
    """The page waits for the worker; the words of its PDF as poppler reads them, without spaces."""
    link = eyes.page.get_by_role("link", name="PDF 받기")
    until = time.monotonic() + patience
    while link.count() == 0:
        assert time.monotonic() < until, "the worker did not render it"
        time.sleep(0.2)
        eyes.page.reload()
    return words_of(eyes, link, folder, until)


def words_of(eyes: Eyes, link: Locator, folder: Path, until: float) -> str:
    address = link.first.get_attribute("href")
    while True:
        answer = eyes.context.request.get(f"{eyes.site.live.base}{address}")
        if answer.headers.get("content-type") == "application/pdf":
            break
        assert answer.status < 500
        assert time.monotonic() < until, "the worker did not render it"
        time.sleep(0.2)
    pdf = folder / "paper.pdf"
    pdf.write_bytes(answer.body())
    read = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True)
    return "".join(read.stdout.split()).replace("\u2060", "")
