"""A guardian who joins after the centre applied for them finds the bookings, and what is decided later (KB-34)."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.booking import deciding
from app.booking.models import Booking
from app.booking.queries import bookings_of_guardian
from app.booking.service.linking import link_child
from app.documents.queries import papers_in_reach
from app.kernel.actor import Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.errors import NotFound
from app.people.models import Child, Guardian, GuardianChild, LinkRequest
from app.people.rules import Relation
from app.people.service import ask_link
from app.people.service.children import know_child
from tests.booking.parents import words
from tests.booking.town import NOW, TUESDAY, WEDNESDAY, Family, Town
from tests.cast_accounts import make_user, sign_in


@pytest.fixture
def offline(town: Town) -> Family:
    """Registered and booked by telephone: the guardian has no account."""
    family = town.family()
    with town.unit() as uow:
        know_child(uow, family.child_id, town.centre_id)
    return family


def joined(town: Town, family: Family) -> Actor:
    """The same person with an account of their own, asking for the child."""
    with town.unit() as uow:
        user = make_user(uow, Role.GUARDIAN, name="김보호")
        known = uow.session.get_one(Guardian, family.guardian_id)
        row = Guardian(
            name="김보호", phone=known.phone, phone_verified_at=NOW, user_id=user.id, created_at=NOW
        )
        uow.session.add(row)
        uow.session.flush()
        actor = Actor(Role.GUARDIAN, user.id, "김보호", guardian_id=row.id)
        child = uow.session.get_one(Child, family.child_id)
        asked = (child.name, child.birth_date)
    with town.unit(actor) as uow:
        ask_link(
            uow,
            child_name=asked[0],
            birth_date=asked[1],
            relation=Relation.PARENT,
            centre_ref=town.centre,
        )
    return actor


def request_of(town: Town) -> str:
    with town.unit() as uow:
        return uow.session.scalars(select(LinkRequest.ref)).one()


def seen_by(town: Town, actor: Actor) -> Collection[str]:
    with town.unit(actor) as uow:
        return {one.ref for one in bookings_of_guardian(uow, actor.guardian_id or 0)}


@pytest.mark.rule("KB-34")
def test_bookings_and_later_papers_reach_the_joined_guardian(town: Town, offline: Family) -> None:
    ref = town.temporary(offline, TUESDAY, by=town.teacher).outcomes[0].ref
    mother = joined(town, offline)
    assert seen_by(town, mother) == set()
    with town.unit(town.teacher) as uow:
        link_child(uow, request_of(town), version=1)
    assert seen_by(town, mother) == {ref}
    booking = town.booking(ref)
    assert (booking.guardian_id, booking.version) == (mother.guardian_id, 1)
    with town.unit(town.director) as uow:
        deciding.disapprove(uow, ref, "정원이 차서 이용할 수 없어요.", version=1)
    with town.unit(mother) as uow:
        assert len(papers_in_reach(uow, subject="booking", subject_id=booking.id)) == 1
    with town.unit() as uow:
        handed = select(AuditLog.entity_id).where(AuditLog.action == "booking.handed_over")
        assert uow.session.scalars(handed).all() == [booking.id]
    town.check()


@pytest.mark.rule("KB-34")
def test_the_other_parents_bookings_stay_theirs(town: Town, offline: Family) -> None:
    """Only the guardian who steps back hands over; both parents see what is booked for their child."""
    father = Guardian(name="김아빠", phone="01044443333", created_at=NOW)
    with town.unit() as uow:
        uow.session.add(father)
        uow.session.flush()
        uow.session.add(
            GuardianChild(guardian_id=father.id, child_id=offline.child_id, relation="PARENT", created_at=NOW)
        )
        by_father = Family(father.id, father.ref, offline.child_id, offline.child, offline.actor)
    his = town.temporary(by_father, WEDNESDAY, by=town.teacher).outcomes[0].ref
    mother = joined(town, offline)
    with town.unit(town.teacher) as uow:
        link_child(uow, request_of(town), version=1)
    assert town.booking(his).guardian_id == father.id
    assert seen_by(town, mother) == {his}


def test_another_centre_cannot_answer(town: Town, offline: Family) -> None:
    ref = town.temporary(offline, TUESDAY, by=town.teacher).outcomes[0].ref
    joined(town, offline)
    stranger = Actor(Role.CENTRE_DIRECTOR, town.director.user_id, "남의센터", scope=town.centre_id + 999)
    with town.unit(stranger) as uow, pytest.raises(NotFound):
        link_child(uow, request_of(town), version=1)
    with town.unit() as uow:
        held = uow.session.scalars(select(Booking.guardian_id).where(Booking.ref == ref)).one()
    assert held == offline.guardian_id


@pytest.mark.rule("KB-34")
def test_from_the_desk_to_the_phone(app: Flask, town: Town, offline: Family) -> None:
    ref = town.temporary(offline, TUESDAY, by=town.teacher).outcomes[0].ref
    mother = joined(town, offline)
    desk, phone = app.test_client(), app.test_client()
    with town.unit() as uow:
        sign_in(phone, uow, uow.session.get_one(UserAccount, mother.user_id))
    sign_in(desk, town.place, Role.CARE_TEACHER, town.centre_id)
    assert phone.get(f"/seoul/my/bookings/{ref}").status_code == 404
    address = f"/seoul/desk/links/{request_of(town)}"
    assert desk.post(address, data={"decision": "refuse", "version": "1"}).status_code == 422
    assert desk.post(address, data={"decision": "link", "version": "1"}).status_code == 303
    assert "일시돌봄 · 온수동 키움센터" in words(phone.get(f"/seoul/my/bookings/{ref}"))
