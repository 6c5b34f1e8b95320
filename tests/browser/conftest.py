"""A whole house on a port of its own, and a Chromium that looks at it the way people do."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.kernel.actor import SYSTEM, Role
from app.kernel.config import ROOT, Settings
from app.kernel.db import Database, unit_of_work
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district
from tests.cast_accounts import make_user
from tests.conftest import SEOUL, UrlOf, settings_for
from tests.crowd import NOW
from tests.live import LiveHouse, opened, set_clock

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
WORDS = re.compile(r">[^<]*[^<\s][^<]*<")
TOKENS = re.compile(r"[0-9a-f]{16,}|[\w.-]{60,}|\d+")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}


@dataclass
class Site:
    """The running house, and who works in it. Every journey brings its own centre."""

    live: LiveHouse
    settings: Settings
    judged: set[tuple[int, str]] = field(default_factory=set)
    """The shapes of pages, by width, that axe found readable: a journey comes by the same page more than once."""

    def sql(self, statement: str, **values: object) -> list[Any]:
        engine = create_engine(self.settings.owner_url, poolclass=NullPool)
        with engine.begin() as connection:
            return list(connection.execute(text(statement), values).all())

    def code_sent_to(self, phone: str) -> str:
        """The newest six digits in the messages to that number, as its owner would read them."""
        query = (
            "SELECT substring(body from '[0-9]{6}') FROM t_seoul.message WHERE \"to\" = :to ORDER BY id DESC"
        )
        return str(self.sql(query, to=phone)[0][0])

    def open_centre(self, name: str) -> Place:
        """A centre without quarters, its director, and the officer of its district."""
        with opened(self.settings), unit_of_work(SEOUL, SYSTEM) as uow:
            district = make_district(uow, f"{name[:3]}구")
            centre = make_centre(uow, name=name, capacity=20, district=district)
            director = make_user(uow, Role.CENTRE_DIRECTOR, centre.id, name="한센터")
            officer = make_user(uow, Role.DISTRICT_OFFICER, district.id, name="구담당")
            ref = uow.session.get_one(Institution, centre.id).ref
            return Place(name, ref, district.name, director.login_id, officer.login_id)


@dataclass(frozen=True)
class Place:
    name: str
    ref: str
    district: str
    director: str
    officer: str


@pytest.fixture(scope="session")
def site(
    server: UrlOf, new_database: Callable[[], str], house: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    settings = replace(settings_for(server, new_database(), house.settings.var), keys=house.settings.keys)
    set_clock(settings, NOW)
    with LiveHouse(settings, tmp_path_factory.mktemp("logs"), worker=True) as live:
        yield Site(live, settings)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed after each story: as long as it is driven, its loop runs in this thread, and sealing wants one too."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("브라우저 시험에는 chromium이 필요합니다: apt-get install chromium")
        pytest.skip("chromium이 없어 브라우저 시험을 건너뜁니다: apt-get install chromium")
    with sync_playwright() as playwright:
        yield _launch(playwright)


def _launch(playwright: Playwright) -> Browser:
    # Root cannot use the sandbox; the pages are our own.
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


@dataclass
class Eyes:
    """One person's browser. ``look`` after every page: nothing broken, nothing cut off, readable for everybody."""

    context: BrowserContext
    page: Page
    site: Site
    scripts: bool
    slug: str = "seoul"
    """The municipality whose pages this person looks at."""
    refused: bool = False
    """A refusal is expected: the console may tell of a 422."""
    complaints: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.live.base}/{self.slug}{path}")
        self.look()

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press the button or link of that name and look at the page that comes."""
        target = self.page.get_by_role("button", name=name, exact=exact)
        if target.count() == 0:
            target = self.page.get_by_role("link", name=name, exact=exact)
        self.follow(target)

    def follow(self, target: Locator) -> None:
        with self.page.expect_navigation(wait_until="load"):
            target.first.click()
        self.look()

    def fill(self, **values: str) -> None:
        """By the fields' names."""
        for name, value in values.items():
            self.page.locator(f"[name='{name}']").first.fill(value)

    def pick(self, name: str, value: str) -> None:
        """A radio button, by what people press: the box itself may be drawn over."""
        box = self.page.locator(f"input[name='{name}'][value='{value}']").first
        self.tick(box.get_attribute("id") or "")

    def tick(self, box: str) -> None:
        self.page.locator(f"label[for='{box}'], label:has(#{box})").first.click()

    def hear(self, kind: str, said: str) -> None:
        if kind == "error" and not (self.refused and "status of 422" in said):
            self.complaints.append(said)

    def sign_in(self, login_id: str, password: str) -> None:
        self.go("/login")
        self.fill(login_id=login_id, password=password)
        self.press("로그인")

    def look(self) -> None:
        where = self.page.url.removeprefix(self.site.live.base)
        self.seen.append(where)
        assert not self.complaints, (where, self.complaints)
        if not self.scripts:
            return
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{where} is {wide} px too wide"
        size = self.page.viewport_size
        shape = (size["width"] if size else 0, shape_of(self.page.content()))
        if shape in self.site.judged:
            return
        found = self.page.evaluate(f"axe.run(document, {json.dumps(RULES)}).then((r) => r.violations)")
        told = [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
        assert not told, (where, told)
        self.site.judged.add(shape)


def shape_of(html: str) -> str:
    """A page without its words, numbers and refs: axe asks only whether there are any."""
    return TOKENS.sub("0", WORDS.sub(">x<", html))


@pytest.fixture
def people(chromium: Browser, site: Site, tmp_path: Path) -> Iterator[Callable[[int, bool], Eyes]]:
    """``people(390, True)``: a new person's browser, that wide, with or without JavaScript. Its last page is kept."""
    contexts: list[BrowserContext] = []

    def make(width: int, scripts: bool) -> Eyes:
        context = chromium.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900},
            java_script_enabled=scripts,
            locale="ko-KR",
            timezone_id="Asia/Seoul",
        )
        context.set_default_timeout(15_000)
        context.add_init_script(path=AXE)
        contexts.append(context)
        eyes = Eyes(context, context.new_page(), site, scripts)
        eyes.page.on("pageerror", lambda error: eyes.complaints.append(str(error)))
        eyes.page.on("console", lambda said: eyes.hear(said.type, said.text))
        eyes.page.on(
            "response",
            lambda answer: (
                eyes.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
            ),
        )
        return eyes

    yield make
    for number, context in enumerate(contexts):
        for page in context.pages:
            page.screenshot(path=tmp_path / f"last-page-{number}.png")
        context.close()
