"""Every page of everybody's menu, in a centre on a busy day: nothing broken, nothing cut off, readable for all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.booking.checks import data_checks
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import UnitOfWork, unit_of_work
from app.tenancy.models import Institution
from benchmarks.driver import post, send
from tests.browser.conftest import Eyes, Site
from tests.cast_accounts import make_user
from tests.conftest import SEOUL
from tests.crowd import DAY, Crowd, Visitor, gather, sign_in
from tests.live import opened

pytestmark = pytest.mark.browser
PARENTS = 30


@pytest.fixture(scope="module")
def busy(site: Site) -> Crowd:
    """Thirty families want the twenty seats of one afternoon."""
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        crowd = gather(uow, PARENTS, name="붐비는 키움센터")
    told = [
        send(site.live.port, post("/seoul/book", family.application(crowd.centre), family.visitor.cookie))
        for family in crowd.families
    ]
    assert {answer.status for answer in told} == {303}
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        assert data_checks(uow) == []
    return crowd


@pytest.mark.parametrize(
    ("role", "width"),
    [
        (Role.GUARDIAN, 390),
        (Role.CENTRE_DIRECTOR, 390),
        (Role.CENTRE_DIRECTOR, 1280),
        (Role.CARE_TEACHER, 1280),
        (Role.DISTRICT_OFFICER, 1280),
        (Role.SEOUL_ADMIN, 1280),
    ],
)
def test_every_page_of_the_menu(
    people: Callable[[int, bool], Eyes], site: Site, busy: Crowd, role: Role, width: int
) -> None:
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        visitor = _somebody(uow, busy, role)
    eyes = people(width, True)
    name, value = visitor.cookie.split("=", 1)
    eyes.context.add_cookies([{"name": name, "value": value, "url": f"{site.live.base}/seoul/"}])
    eyes.go("/")
    menu = [link.get_attribute("href") or "" for link in eyes.page.locator("nav.nav a").all()]
    assert len(menu) >= 2
    more = [f"/bookings?day={DAY}", f"/daily?day={DAY}"] if role is Role.CENTRE_DIRECTOR else []
    for path in [*(path.removeprefix("/seoul") for path in menu), *more]:
        eyes.go(path)


def _somebody(uow: UnitOfWork, crowd: Crowd, role: Role) -> Visitor:
    if role is Role.GUARDIAN:
        return crowd.families[0].visitor
    district = uow.session.get_one(Institution, crowd.centre_id).parent_id
    scope = {Role.DISTRICT_OFFICER: district, Role.SEOUL_ADMIN: None}.get(role, crowd.centre_id)
    return sign_in(uow, make_user(uow, role, scope).id)
