"""A small whole world, so that every address of the site leads to something that exists.

One centre with bookings in several states, a family, papers, an upload, a request for capacity, a print run; beside it
a stranger's family and another centre's director, who must find none of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from app.accounts.models import Invitation, RoleAssignment, UserAccount
from app.booking import service as booking
from app.centres.models import CapacityChange, Quarter, SpecialDay
from app.centres.rules import SpecialDayKind
from app.documents.catalogue import load
from app.documents.models import Upload
from app.documents.service import BATCH, prepare_paper
from app.kernel.actor import CENTRE_STAFF, SYSTEM, Actor, Role
from app.kernel.crypto import keys
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.work import Work
from app.people.models import Guardian
from tests.booking.town import NOW, TUESDAY, WEDNESDAY, Family, Town, evidence, found_town
from tests.cast import make_centre
from tests.cast_accounts import make_user, sign_in

FORM = "kium-application"
TOKEN = "walk-token"
THURSDAY = date(2026, 10, 15)


@dataclass
class World:
    """``users`` by role; ``refs`` by what they name."""

    place: TenantRef
    town: Town
    users: dict[Role, int]
    refs: dict[str, str]
    stranger: int
    other_director: int

    def client(self, app: Flask, who: Role | int) -> FlaskClient:
        """A browser of somebody in that role, or of that user; a visitor's has no cookie."""
        client = app.test_client()
        if who is not Role.VISITOR:
            user_id = self.users[who] if isinstance(who, Role) else who
            with unit_of_work(self.place, SYSTEM) as uow:
                sign_in(client, uow, uow.session.get_one(UserAccount, user_id))
        return client

    def address(self, rule: Rule) -> str:
        """The rule with names of things that exist."""
        arguments = {**sample_of(rule, self.refs), "slug": self.place.slug}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: arguments[match[1]], rule.rule)


# Which thing an address names: the first line whose beginning fits, ``/<slug>`` left out.
SAMPLES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/account/sessions/", {"ref": "session"}),
    ("/accounts/", {"ref": "account", "role_ref": "role"}),
    ("/book/result/", {"batch": "batch"}),
    ("/bookings/", {"ref": "booking"}),
    ("/centre/days/", {"ref": "day"}),
    ("/centre/quarters/", {"ref": "quarter"}),
    ("/centres/", {"ref": "centre"}),
    ("/children/", {"ref": "child"}),
    ("/desk/originals/", {"ref": "upload"}),
    ("/desk/papers/", {"ref": "paper", "field": "field"}),
    ("/desk/prints/", {"ref": "print"}),
    ("/district/capacity/", {"ref": "capacity"}),
    ("/district/centres/", {"ref": "centre"}),
    ("/invitation/", {"token": "token"}),
    ("/my/bookings/", {"ref": "booking"}),
    ("/office/texts/", {"form_id": "form", "key": "text"}),
    ("/papers/", {"ref": "paper", "field": "field"}),
    ("/role/", {"ref": "role"}),
    ("/settings/", {"key": "setting"}),
    ("/users/applied/", {"batch": "batch"}),
    ("/users/", {"child_ref": "child", "ref": "booking"}),
)


def sample_of(rule: Rule, refs: Mapping[str, str]) -> dict[str, str]:
    """Values for the rule's arguments; KeyError: teach SAMPLES what the new address names."""
    path = rule.rule.replace("/<slug>", "", 1)
    wanted = rule.arguments - {"slug"}
    if not wanted:
        return {}
    names = next(names for start, names in SAMPLES if path.startswith(start))
    return {argument: refs[names[argument]] for argument in wanted}


def build_world(place: TenantRef) -> World:
    town = found_town(place)
    family, stranger = town.family(ground="dual_income"), town.family("남이슬")
    with unit_of_work(place, SYSTEM) as uow:
        parent = _account(uow, family, "김보호")
        other_parent = _account(uow, stranger, "남모르")
        other = make_centre(uow, name="오류동 키움센터", district=None)
        other_director = make_user(uow, Role.CENTRE_DIRECTOR, other.id, name="남센터").id
        users = {
            Role.GUARDIAN: parent,
            Role.DISTRICT_OFFICER: make_user(uow, Role.DISTRICT_OFFICER, town.district_id, name="구담당").id,
            Role.CITY_OFFICER: make_user(uow, Role.CITY_OFFICER, name="시군담당").id,
            Role.PLATFORM_OPERATOR: make_user(uow, Role.PLATFORM_OPERATOR, name="운영자").id,
            **{actor.role: actor.user_id or 0 for actor in (town.director, town.teacher, town.leader, town.city)},
        }
    acting = replace(family.actor, user_id=parent)
    refs = _bookings(town, replace(family, actor=acting))
    with unit_of_work(place, town.director) as uow:
        refs |= _things(uow, town, family, users)
    return World(place, town, users, refs, other_parent, other_director)


def _account(uow: UnitOfWork, family: Family, name: str) -> int:
    user = make_user(uow, Role.GUARDIAN, name=name)
    uow.session.get_one(Guardian, family.guardian_id).user_id = user.id
    uow.session.flush()
    return user.id


def _bookings(town: Town, family: Family) -> dict[str, str]:
    """One undecided, one approved, one refused."""
    applied = town.temporary(family, TUESDAY)
    approved = town.temporary(family, WEDNESDAY)
    town.approve(approved)
    refused = town.temporary(family, THURSDAY)
    with town.unit(town.director) as uow:
        booking.disapprove(uow, refused.outcomes[0].ref or "", "정원이 찼어요")
    return {"batch": applied.batch, "booking": applied.outcomes[0].ref or "", "child": family.child}


def _things(uow: UnitOfWork, town: Town, family: Family, users: Mapping[Role, int]) -> dict[str, str]:
    session, now, centre = uow.session, uow.now, town.centre_id
    account = session.get_one(UserAccount, users[Role.CARE_TEACHER])
    role = session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == account.id)).one()
    form = load(FORM)
    data = json.loads((form.folder / "sample.json").read_text("utf-8"))
    paper = prepare_paper(
        uow,
        FORM,
        data,
        subject="booking",
        subject_id=1,
        institution_id=centre,
        guardian_id=family.guardian_id,
        child_id=family.child_id,
    )
    upload = Upload(
        owner="child",
        owner_id=family.child_id,
        kind="evidence",
        name="재직증명서.pdf",
        media_type="application/pdf",
        size=10,
        sha256="0" * 64,
        on_paper=True,
        institution_id=centre,
        created_at=now,
    )
    capacity = CapacityChange(
        centre_id=centre,
        old_capacity=20,
        new_capacity=25,
        old_area=80,
        new_area=100,
        effective_on=date(2026, 12, 1),
        reason="이전",
        state="REQUESTED",
        created_at=now,
        created_by=town.director.user_id,
    )
    day = SpecialDay(centre_id=centre, day=date(2026, 11, 5), kind=SpecialDayKind.CENTRE_CLOSED, created_at=now)
    run = Work(
        kind=BATCH,
        payload={"papers": [], "title": "명단"},
        next_at=now,
        created_at=now,
        created_by=town.director.user_id,
    )
    invitation = Invitation(
        token=keys().fingerprint("invitation", TOKEN),
        user_id=account.id,
        expires_at=now.replace(year=2027),
        created_at=now,
    )
    session.add_all([upload, capacity, day, run, invitation])
    session.flush()
    return {
        "account": account.ref,
        "role": role.ref,
        "paper": paper.ref,
        "field": next(place.name for place in form.signatures),
        "upload": upload.ref,
        "capacity": capacity.ref,
        "day": day.ref,
        "print": run.ref,
        "token": TOKEN,
        "session": "0" * 16,
        "centre": town.centre,
        "quarter": session.get_one(Quarter, town.sem2).ref,
        "form": FORM,
        "text": next(iter(form.texts)).name if form.texts else "x",
        "setting": "kb.temp_window_days",
    }


