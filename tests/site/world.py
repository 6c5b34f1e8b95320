"""A small whole world, so that every address of the site leads to something that exists.

One centre with bookings in several states, a family, papers, an upload, a request for capacity, a print run; a daycare
with a child inside (see ``nursery``); beside them a stranger's family and the directors of other houses, who must find
none of it. The municipality offers every service.
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
from app.accounts.rules import UserState
from app.booking import service as booking
from app.centres.models import CapacityChange, Quarter, SpecialDay
from app.centres.rules import SpecialDayKind
from app.documents.catalogue import load
from app.documents.models import SignLink, Upload
from app.documents.service.preparing import prepare_paper
from app.documents.service.printing import BATCH
from app.documents.uploads import store_upload
from app.kernel.actor import SYSTEM, Role
from app.kernel.crypto import keys
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.work import Work
from app.people.models import Evidence, Guardian, LinkRequest, PickupPerson
from app.people.rules import ConsentKind, HealthKind
from app.people.service import add_health_note
from app.tenancy.rules import Service
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Family, Town, found_town
from tests.cast import make_centre, offer
from tests.cast_accounts import make_user, sign_in
from tests.site.nursery import found_nursery, staff_of

FORM = "kium-consent-privacy"
EVERY_SERVICE = (Service.KIUM, Service.FACILITY, Service.VISITING, Service.DAYCARE)
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
    other_daycare_director: int

    def client(self, app: Flask, who: Role | int) -> FlaskClient:
        """A browser of somebody in that role, or of that user; a visitor's has no cookie."""
        client = app.test_client()
        if who is not Role.VISITOR:
            user_id = self.users[who] if isinstance(who, Role) else who
            with unit_of_work(self.place, SYSTEM) as uow:
                sign_in(client, uow, uow.session.get_one(UserAccount, user_id))
        return client

    def address(self, rule: Rule, *, unknown: bool = False) -> str:
        """The rule with names of things that exist, or of nothing."""
        names = sample_of(rule, self.refs)
        arguments = dict.fromkeys(names, "0123456789abcdef") if unknown else names
        arguments["slug"] = self.place.slug
        return re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda match: arguments[match[1]], rule.rule)

    def wizard(self) -> list[str]:
        """The steps of the parent's applications to a centre and to a daycare, with something chosen."""
        start = f"/{self.place.slug}/book"
        who = f"child={self.refs['child']}"
        single = f"{who}&kind=TEMPORARY&centre={self.refs['centre']}"
        regular = f"{who}&kind=REGULAR&centre={self.refs['centre']}"
        week = "first=2026-10-20&last=2026-11-20&on=tue&tue_from=14:00&tue_to=17:00"
        return [
            f"{start}/where?{who}&kind=TEMPORARY",
            f"{start}/when?{single}&day=2026-10-16",
            f"{start}/when?{regular}",
            f"{start}/check?{single}&day=2026-10-16&from=14:00&to=17:00",
            f"{start}/check?{regular}&{week}",
            *self._nights(),
        ]

    def _nights(self) -> list[str]:
        start = f"/{self.place.slug}/daycare"
        night = f"child={self.refs['baby']}&daycare={self.refs['daycare']}&day=2026-10-16&from=20:00&to=31:30"
        steps = ("children", "health", "guardians", "purpose", "sign")
        return [
            *(f"{start}/book{step}?{night}" for step in ("", "/where", "/when", "/check")),
            *(f"{start}/applications/{self.refs['draft_application']}/{step}" for step in steps),
            f"{start}/applications/{self.refs['draft_application']}",
            f"{start}/applications/{self.refs['application']}/renew",
            f"{start}/my/{self.refs['daycare_booking']}/change",
            f"{start}/book/done?booking={self.refs['daycare_booking']}",
        ]


# Which thing an address names: the first line whose beginning fits, ``/<slug>`` left out.
SAMPLES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/account/sessions/", {"ref": "session"}),
    ("/accounts/", {"ref": "account", "role_ref": "role"}),
    ("/bookings/", {"ref": "booking"}),
    ("/centre/days/", {"ref": "day"}),
    ("/centre/quarters/", {"ref": "quarter"}),
    ("/centres/", {"ref": "centre"}),
    (
        "/children/",
        {"ref": "child", "guardian": "guardian", "person": "person", "note": "note", "kind": "consent"},
    ),
    ("/city/daycares/", {"ref": "daycare"}),
    ("/city/refused/", {"ref": "refused"}),
    ("/daycare/applications/<ref>/", {"ref": "draft_application", "step": "step"}),
    ("/daycare/applications/", {"ref": "application"}),
    ("/daycare/apply/", {"ref": "daycare"}),
    (
        "/daycare/my/",
        {
            "ref": "inside_booking",
            "stay": "inside",
            "meal": "meal",
            "asked": "asked",
            "announced": "announced",
            "payment": "payment",
        },
    ),
    ("/daycares/", {"ref": "daycare"}),
    ("/desk/evidence/", {"ref": "evidence"}),
    ("/desk/links/", {"ref": "link"}),
    ("/drafts/", {"ref": "draft"}),
    ("/evidence/", {"ref": "evidence"}),
    ("/forms/", {"form_id": "form", "kind": "look", "number": "number"}),
    ("/guardians/", {"ref": "guardian"}),
    ("/desk/originals/", {"ref": "upload"}),
    ("/desk/papers/", {"ref": "paper", "field": "field"}),
    ("/desk/prints/", {"ref": "print"}),
    ("/district/capacity/", {"ref": "capacity"}),
    ("/district/centres/", {"ref": "centre"}),
    ("/house/classes/", {"ref": "class"}),
    ("/house/days/", {"ref": "closure"}),
    ("/incidents/", {"ref": "incident"}),
    ("/insurance/", {"ref": "policy"}),
    ("/invitation/", {"token": "token"}),
    ("/my/bookings/", {"ref": "booking"}),
    ("/office/texts/", {"form_id": "form", "key": "text"}),
    ("/papers/", {"ref": "paper", "field": "field"}),
    ("/restrictions/cases/", {"ref": "case", "file_ref": "proof"}),
    ("/restrictions/events/", {"ref": "event"}),
    ("/my/restrictions/", {"ref": "case"}),
    ("/daycare/restrictions/", {"ref": "own_case"}),
    ("/role/", {"ref": "role"}),
    ("/restrictions/cases/", {"ref": "case", "file_ref": "case_file"}),
    ("/restrictions/own/", {"ref": "own_case"}),
    ("/room/applications/begin/", {"ref": "guardian"}),
    ("/room/applications/", {"ref": "application", "kind": "check", "child": "baby"}),
    ("/room/bookings/new/", {"ref": "guardian"}),
    ("/room/bookings/", {"ref": "daycare_booking", "payment": "payment"}),
    ("/room/call-backs/", {"ref": "call_back"}),
    ("/room/children/", {"ref": "baby"}),
    ("/room/contacts/", {"ref": "announced"}),
    ("/room/door/<ref>/out", {"ref": "inside"}),
    ("/room/door/", {"ref": "coming"}),
    ("/room/ledgers/incidents/", {"ref": "incident"}),
    ("/room/journal/", {"class_ref": "class", "day": "operating_day"}),
    ("/room/meals/", {"ref": "meal"}),
    ("/room/medicine/", {"ref": "asked"}),
    ("/room/stays/", {"ref": "coming"}),
    ("/today/", {"ref": "stay"}),
    ("/quarters/", {"ref": "quarter"}),
    ("/settings/", {"key": "setting"}),
    ("/sign/", {"token": "sign_token"}),
    ("/desk/sign-links/", {"ref": "sign_link"}),
)
ALWAYS = {"batch": "batch", "child_ref": "child", "centre_ref": "centre"}


def sample_of(rule: Rule, refs: Mapping[str, str]) -> dict[str, str]:
    """Values for the rule's arguments. LookupError for an address nobody has described yet."""
    path = rule.rule.replace("/<slug>", "", 1)
    wanted = rule.arguments - {"slug"}
    if not wanted:
        return {}
    names = next((names for start, names in SAMPLES if path.startswith(start)), {})
    try:
        return {argument: refs[names.get(argument) or ALWAYS[argument]] for argument in wanted}
    except KeyError as unknown:
        raise LookupError(f"what does {unknown} name in {rule.rule}? Say it in SAMPLES") from None


def build_world(place: TenantRef) -> World:
    offer(place, *EVERY_SERVICE)
    town = found_town(place)
    family, stranger = town.family(ground="dual_income"), town.family("남이슬")
    town.sibling(family, "김바다", date(2016, 3, 3), grade=4)
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
            **{
                actor.role: actor.user_id or 0
                for actor in (town.director, town.teacher, town.leader, town.city)
            },
        }
    acting = replace(family.actor, user_id=parent)
    refs = _bookings(town, replace(family, actor=acting))
    with unit_of_work(place, town.director) as uow:
        refs |= _things(uow, town, family, users)
    with unit_of_work(place, SYSTEM) as uow:
        nursery = found_nursery(uow, family)
        users |= staff_of(uow, nursery)
        other_daycare = make_user(uow, Role.DAYCARE_DIRECTOR, nursery.second_id, name="남의 원장").id
    return World(place, town, users, refs | nursery.refs, other_parent, other_director, other_daycare)


def _account(uow: UnitOfWork, family: Family, name: str) -> int:
    user = make_user(uow, Role.GUARDIAN, name=name)
    uow.session.get_one(Guardian, family.guardian_id).user_id = user.id
    uow.session.flush()
    return user.id


def _bookings(town: Town, family: Family) -> dict[str, str]:
    """One undecided, one approved, one of today, one refused."""
    today = town.temporary(family, MONDAY)
    town.approve(today)
    applied = town.temporary(family, TUESDAY)
    approved = town.temporary(family, WEDNESDAY)
    town.approve(approved)
    refused = town.temporary(family, THURSDAY)
    with town.unit(town.director) as uow:
        booking.disapprove(uow, refused.outcomes[0].ref or "", "정원이 찼어요")
    return {
        "batch": applied.batch,
        "booking": applied.outcomes[0].ref or "",
        "stay": today.outcomes[0].ref or "",
        "refused": refused.outcomes[0].ref or "",
        "child": family.child,
    }


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
    draft = prepare_paper(uow, FORM, {}, subject="form", subject_id=None, institution_id=centre, draft=True)
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
    day = SpecialDay(
        centre_id=centre, day=date(2026, 11, 5), kind=SpecialDayKind.CENTRE_CLOSED, created_at=now
    )
    run = Work(
        kind=BATCH,
        payload={"title": "명단", "as": "PDF", "parts": 0, "left_out": []},
        next_at=now,
        created_at=now,
        created_by=town.director.user_id,
    )
    token = f"walk-{uow.tenant.slug}"
    invitation = Invitation(
        token=keys().fingerprint("invitation", token),
        user_id=make_user(uow, Role.CARE_TEACHER, centre, name="새선생", state=UserState.INVITED).id,
        expires_at=now.replace(year=2027),
        created_at=now,
    )
    sign_link = SignLink(
        paper_id=paper.id,
        field="guardian_signature",
        signer="한지원",
        phone="01055556666",
        token_hash=keys().fingerprint("sign-link", token),
        code_ref="0" * 16,
        expires_at=now.replace(year=2027),
        created_at=now,
    )
    person = PickupPerson(
        child_id=family.child_id, name="할머니", relation="조모", phone="01012340000", created_at=now
    )
    link = LinkRequest(
        guardian_id=family.guardian_id,
        child_id=family.child_id,
        centre_id=centre,
        child_name="김하늘",
        birth_date=date(2018, 5, 5),
        relation="PARENT",
        created_at=now,
    )
    scan = store_upload(
        uow,
        owner="child",
        owner_id=family.child_id,
        kind="evidence",
        filename="재직증명서.pdf",
        content=b"%PDF-1.4\n%%EOF\n",
    )
    proof = session.scalars(select(Evidence).where(Evidence.child_id == family.child_id)).one()
    proof.upload_id = scan.id
    note = add_health_note(uow, family.child, HealthKind.ALLERGY, "땅콩")
    session.add_all([upload, capacity, day, run, invitation, person, link, sign_link])
    session.flush()
    return {
        "person": person.ref,
        "link": link.ref,
        "evidence": proof.ref,
        "note": note.ref,
        "guardian": family.guardian,
        "consent": ConsentKind.PRIVACY.value,
        "account": account.ref,
        "role": role.ref,
        "paper": paper.ref,
        "draft": draft.ref,
        "look": "blank",
        "number": "1",
        "field": "guardian_signature",
        "upload": upload.ref,
        "capacity": capacity.ref,
        "day": day.ref,
        "print": run.ref,
        "token": token,
        "sign_token": token,
        "sign_link": sign_link.ref,
        "session": "0" * 16,
        "centre": town.centre,
        "quarter": session.get_one(Quarter, town.sem2).ref,
        "form": FORM,
        "text": next(iter(form.texts)),
        "setting": "kb.regular_min_days",
    }
