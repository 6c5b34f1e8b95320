"""Every address of the site: who may come, what they meet, and that nobody ever meets a broken page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.kernel.actions import Action, Reach
from app.kernel.actor import CENTRE_STAFF, DAYCARE_STAFF, REGIONAL_STAFF, Role
from app.kernel.config import ROOT
from app.kernel.db import Database, TenantRef
from tests.booking.town import NOW
from tests.site.world import World, build_world

NO_ACTION = {"site.healthz", "site.readyz"}
"""Asked by machines, before anything of the house can be known to work."""
ROLES = [role for role in Role if role is not Role.SYSTEM]
NOT_WALKED = {
    # what only a chain of presses or an operator reaches, and the tests that go there
    "accounts/public/join_phone.html": "tests/browser/test_journey.py",
    "booking/staff/approve_many.html": "tests/booking/test_staff_queue.py",
    "booking/staff/approved_many.html": "tests/booking/test_staff_queue.py",
    "centres/staff/_touched.html": "tests/centres/test_views_quarters.py",
    "centres/staff/day_confirm.html": "tests/centres/test_views_staff.py",
    "centres/staff/quarter_confirm.html": "tests/centres/test_views_quarters.py",
    "daycare/officer/confirm.html": "tests/daycare/test_views_officer.py",
    "daycare/parent/check.html": "tests/daycare/test_views_parent_book.py",
    "daycare/staff/apply_sign.html": "tests/daycare/test_views_staff_applying.py",
    "desks/parent/home_daycare.html": "tests/daycare/test_views_parent_own.py",
    "documents/shared/sign.html": "tests/documents/test_signing_pages.py",
    "documents/shared/_issued.html": "tests/documents/test_verifying.py",
    "documents/shared/_reissue.html": "tests/documents/test_verifying.py",
    "documents/sign/done.html": "tests/documents/test_links_pages.py",
    "documents/sign/ended.html": "tests/documents/test_links_pages.py",
    "documents/sign/paper.html": "tests/documents/test_links_pages.py",
    "documents/shared/_field.html": "tests/documents/test_filling.py",
    "documents/shared/fill.html": "tests/documents/test_filling.py",
    "layouts/platform.html": "tests/tenancy/test_health.py",
    "platform/clock.html": "tests/tenancy/test_health.py",
    "platform/holidays.html": "tests/tenancy/test_health.py",
    "platform/letters.html": "tests/tenancy/test_health.py",
    "platform/towns.html": "tests/tenancy/test_health.py",
    "restrictions/daycare/new.html": "tests/restrictions/test_views.py",
    "ui/gallery.html": "tests/site/test_ui.py",
}

OFFICERS = (Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN)
DECIDERS_BUT_DIRECTOR = (Role.CARE_TEACHER, Role.TEAM_LEADER)
FAMILY_AND_STAFF = (Role.GUARDIAN, *CENTRE_STAFF)
ELSEWHERE = (*OFFICERS, Role.CITY_OFFICER, *DAYCARE_STAFF, *REGIONAL_STAFF)
"""People whose desk is not in the centre that the papers of the world belong to."""
OWN_CENTRE = ("overview", "days", "facility", "quarters", "rules_page")
SHARED_DESK = ("applications_page", "application", "booking", "intake", "intake_family")
PAPER_PAGES = (
    "documents.paper",
    "documents.pdf",
    "documents.scan",
    "documents_fill.fill",
    "documents_hand.hand_page",
    "documents_signing.invite_page",
    "documents_signing.record",
    "documents_signing.scan_page",
    "documents_signing.sign_page",
)
# Where an allowed role meets something else than the page: address and role → status.
OTHERWISE: dict[tuple[str, Role], int] = {
    # one's own centre: officers have none and look at centres by district
    **{(f"centres_staff.{page}", role): 404 for page in OWN_CENTRE for role in OFFICERS},
    # the wizard's second step without a child
    ("booking_parent.where_step", Role.GUARDIAN): 404,
    # staff's pages under an action that families share
    ("booking_staff.application_result", Role.GUARDIAN): 404,
    ("booking_staff.new_application", Role.GUARDIAN): 404,
    **{(f"daycare_staff.{page}", Role.GUARDIAN): 404 for page in SHARED_DESK},
    # the reservation's later steps without what was chosen before
    ("daycare_parent.where_step", Role.GUARDIAN): 422,
    ("daycare_parent.done", Role.GUARDIAN): 404,
    # a print run is its maker's, and has no file before it is done
    **{("documents_print.print_run", role): 404 for role in DECIDERS_BUT_DIRECTOR},
    **{("documents_print.print_file", role): 404 for role in CENTRE_STAFF},
    # nothing was scanned for that signature
    **{("documents.scan", role): 404 for role in FAMILY_AND_STAFF},
    # a centre's papers are not an office's, nor another house's
    **{(page, role): 404 for page in PAPER_PAGES for role in ELSEWHERE},
    **{("documents_print.print_run", role): 404 for role in ELSEWHERE},
    **{("documents_print.print_file", role): 404 for role in ELSEWHERE},
    # the form is a centre's; its pictures are not drawn yet
    **{
        ("documents_gallery.entry", role): 404
        for role in (Role.DISTRICT_OFFICER, *DAYCARE_STAFF, *REGIONAL_STAFF)
    },
    **{
        (f"documents_gallery.{page}", role): 404
        for page in ("look", "look_pdf")
        for role in (*CENTRE_STAFF, *ELSEWHERE)
    },
    # nobody has handed in a seal
    **{("documents_seal.picture", role): 404 for role in (Role.CENTRE_DIRECTOR, *ELSEWHERE)},
    # nobody has decided that case, so there is no notice yet
    **{
        ("restrictions_staff.notice", role): 404
        for role in (*REGIONAL_STAFF, Role.CITY_OFFICER, Role.DAYCARE_DIRECTOR)
    },
    # the paper behind a link opens for a proven phone only
    **{("documents_sign.pdf", role): 404 for role in ROLES},
}


def rules_of(app: Flask, method: str, *, towns: bool = True) -> list[Rule]:
    """The site's addresses, by default those of a municipality."""
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return sorted((r for r in rules if ("slug" in r.arguments) is towns), key=lambda rule: rule.rule)


def action_of(app: Flask, rule: Rule) -> Action:
    view: Any = app.view_functions[rule.endpoint]
    return view.action  # type: ignore[no-any-return]


@pytest.fixture
def world(db: Database, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield build_world(seoul)


@contextmanager
def undone(db: Database) -> Iterator[None]:
    """Whatever a press changed is taken back, so that the next address meets the same world."""
    connection: Any = db.bind
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def test_every_address_has_an_action(app: Flask) -> None:
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    without = {name for name, view in views.items() if getattr(view, "action", None) is None}
    assert without <= NO_ACTION
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {endpoint for endpoint, _ in (*OTHERWISE, *SHARED)} <= known


def test_no_address_has_two_views(app: Flask) -> None:
    """The second one would never be seen."""
    taken = Counter(
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )
    assert [address for address, number in taken.items() if number > 1] == []


@pytest.mark.rule("XX-05")
@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_for_those_its_action_names_and_for_nobody_else(
    app: Flask, db: Database, world: World, role: Role
) -> None:
    wrong = []
    client = world.client(app, role)
    for rule in rules_of(app, "GET"):
        with undone(db):
            answer = client.get(world.address(rule))
        allowed = action_of(app, rule).allows(role)
        otherwise = OTHERWISE.get((rule.endpoint, role))
        good = {200, 303} if otherwise is None else {otherwise}
        expected = good if allowed else {303} if role is Role.VISITOR else {403}
        if answer.status_code not in expected:
            wrong.append((rule.rule, answer.status_code))
        if not allowed and role is Role.VISITOR and "/login" not in answer.headers.get("Location", ""):
            wrong.append((rule.rule, answer.headers.get("Location", "")))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.rule("XX-05")
@pytest.mark.parametrize("role", ROLES)
def test_an_empty_press_is_refused_in_words_and_a_forbidden_one_at_the_door(
    app: Flask, db: Database, world: World, role: Role
) -> None:
    wrong = []
    for rule in rules_of(app, "POST"):
        with undone(db):
            answer = world.client(app, role).post(world.address(rule))
        if action_of(app, rule).allows(role):
            good = answer.status_code in (200, 303, 400, 404, 409, 422)
        else:
            good = answer.status_code == (303 if role is Role.VISITOR else 403)
        if not good:
            wrong.append((rule.rule, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.rule("XX-05")
def test_another_centre_and_another_family_find_nothing_here(app: Flask, db: Database, world: World) -> None:
    """404, not 403: that it exists is already more than a stranger may know. Or whatever nothing answers."""
    wrong = []
    strangers = [
        (Role.CENTRE_DIRECTOR, world.other_director),
        (Role.DAYCARE_DIRECTOR, world.other_daycare_director),
        (Role.GUARDIAN, world.stranger),
    ]
    for role, user in strangers:
        client = world.client(app, user)
        for rule in _rules_with_names(app):
            action, method = action_of(app, rule), "POST" if "POST" in (rule.methods or ()) else "GET"
            if not action.allows(role) or action.reach(role) is Reach.OPEN or (rule.endpoint, role) in SHARED:
                continue
            with undone(db):
                theirs = client.open(world.address(rule), method=method).status_code
            if theirs != 404 and theirs != _answer_to_nothing(client, world, rule, method):
                wrong.append((role.value, method, rule.rule, theirs))
    assert not wrong, "\n".join(map(str, wrong))


def _answer_to_nothing(client: FlaskClient, world: World, rule: Rule, method: str) -> int:
    """An empty form may be refused before anybody looks for what it is about."""
    answer = client.open(world.address(rule, unknown=True), method=method).status_code
    return answer if answer == 422 else 404


SHARED: dict[tuple[str, Role], str] = {
    **{
        (f"settings.{page}", role): "the key of a setting is everybody's; its value is the scope's"
        for page in ("setting", "decide")
        for role in (Role.CENTRE_DIRECTOR, Role.DAYCARE_DIRECTOR)
    },
    **{
        (f"daycare_parent.{page}", Role.GUARDIAN): "every family may apply to a daycare"
        for page in ("apply_start", "begin")
    },
    **{
        (f"documents_gallery.{page}", Role.CENTRE_DIRECTOR): "an official form is everybody's; a draft is not"
        for page in ("entry", "print_blank", "start")
    },
}


def _rules_with_names(app: Flask) -> list[Rule]:
    rules = [*rules_of(app, "GET"), *rules_of(app, "POST")]
    return [rule for rule in rules if rule.arguments - {"slug"}]


@pytest.mark.parametrize(
    "role",
    [
        Role.VISITOR,
        Role.GUARDIAN,
        Role.CENTRE_DIRECTOR,
        Role.DISTRICT_OFFICER,
        Role.DAYCARE_DIRECTOR,
        Role.COORDINATOR,
        Role.CITY_OFFICER,
    ],
)
def test_nonsense_in_an_address_is_no_breakdown(app: Flask, db: Database, world: World, role: Role) -> None:
    """Unknown names, unreadable numbers and dates: an answer in words, never a 500."""
    wrong = []
    client = world.client(app, role)
    nonsense = (
        "?page=-1&page=x&month=2026-13&day=x&from=25:00&to=&kind=Q&tab=%F0%9F%98%80&date=0000-00-00&q=%27%3B"
        "&run=1%0A&child=0%0A"
    )
    for rule in rules_of(app, "GET"):
        address = world.address(rule)
        for path in (
            address + nonsense,
            *(address + END_OF_TIME.replace("{}", day) for day in ("0001-01-01", "9999-12-31")),
            address.replace(address.rsplit("/", 1)[1], "0" * 16),
        ):
            with undone(db):
                answer = client.get(path)
            if answer.status_code >= 500:
                wrong.append((path, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


END_OF_TIME = "?day={}&first={}&last={}&from={}&to={}&week={}&month=9999-12&year=9999&date={}&on={}&page=9999"


def test_every_template_is_rendered_by_some_page(
    app: Flask, db: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With StrictUndefined: a name that a page forgot to hand over breaks here, not at the counter."""
    seen: set[str] = set()
    loader: Any = app.jinja_env.loader
    original = loader.get_source

    def noting(environment: Any, template: str) -> Any:
        seen.add(template)
        return original(environment, template)

    monkeypatch.setattr(loader, "get_source", noting)
    assert app.jinja_env.cache is not None
    app.jinja_env.cache.clear()
    for role in ROLES:
        for address in _addresses(app, world, role):
            for headers in ({}, {"HX-Request": "true"}):
                with undone(db):
                    world.client(app, role).get(address, headers=headers)
        for rule in rules_of(app, "POST"):
            if action_of(app, rule).allows(role):
                with undone(db):
                    world.client(app, role).post(world.address(rule))
    for rule in rules_of(app, "GET", towns=False):
        app.test_client().get(rule.rule)
    assert all((ROOT / test).exists() for test in NOT_WALKED.values())
    every = {path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")}
    assert set(NOT_WALKED) <= every
    missing = every - seen - set(NOT_WALKED)
    assert not missing, "\n".join(sorted(missing))


def _addresses(app: Flask, world: World, role: Role) -> list[str]:
    """What the role may open, and the pages that only a choice in the address leads to."""
    found = [world.address(rule) for rule in rules_of(app, "GET") if action_of(app, rule).allows(role)]
    return found + (world.wizard() if role is Role.GUARDIAN else [])
