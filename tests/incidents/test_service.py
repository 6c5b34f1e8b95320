"""Records as rows: sealed, told, closed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from app.incidents import circle, queries, service
from app.incidents.models import Incident
from app.incidents.rules import Contact, How, IncidentKind, Stage
from app.incidents.service import NewIncident
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.conftest import GWACHEON
from tests.incidents.conftest import NIGHT, PEOPLE, Room
from tests.racing import at_once

pytestmark = pytest.mark.rule("AD-26")


@pytest.mark.rule("XX-08")
def test_what_happened_lies_sealed_and_opens_only_in_its_own_row(room: Room) -> None:
    first, second = room.record(done="얼음찜질"), room.record(what="기침")
    words = "침대에서 내려오다 넘어짐"
    row = room.row(first)
    assert words.encode() not in row.sealed
    with unit_of_work(room.place, room.teacher) as uow:
        seen = queries.open_incident(uow, first)
        assert (seen.words.what, [m.text for m in seen.words.done]) == (words, ["얼음찜질"])
        uow.session.execute(update(Incident).where(Incident.ref == second).values(sealed=row.sealed))
        with pytest.raises(InvalidTag):
            queries.open_incident(uow, second)


@pytest.mark.rule("XX-03")
def test_every_opening_is_logged_and_no_log_holds_a_word(room: Room) -> None:
    ref = room.record(done="얼음찜질")
    room.call(ref, 1, True)
    with unit_of_work(room.place, room.teacher) as uow:
        queries.open_incident(uow, ref)
        queries.incidents(uow, room.here, uow.today)
    with unit_of_work(room.place, SYSTEM) as uow:
        looked = uow.session.execute(
            select(AccessLog.what, AccessLog.subject, AccessLog.subject_id, AccessLog.user_id)
        ).all()
        assert [tuple(one) for one in looked] == [
            ("incident.opened", "child", room.child_id, 7),
            ("incident.list", "institution", room.here, 7),
        ]
        notes = uow.session.scalars(select(AuditLog)).all()
        assert [note.action for note in notes] == ["incident.recorded", "incident.contact"]
        assert "얼음" not in str([note.diff for note in notes])


def test_the_first_who_is_reached_is_when_a_guardian_knew(room: Room) -> None:
    ref = room.record()
    room.call(ref, 1, False)
    room.clock.shift(timedelta(minutes=2))
    room.call(ref, 2, True, how=How.SMS)
    room.clock.shift(timedelta(minutes=5))
    room.call(ref, 1, True)
    row = room.row(ref)
    assert row.notified_at == NIGHT + timedelta(minutes=2)
    assert [(one["order"], one["who"], one["reached"], one["how"]) for one in row.contacts] == [
        (1, "김보호", False, "PHONE"),
        (2, "이보호", True, "SMS"),
        (1, "김보호", True, "PHONE"),
    ]
    with unit_of_work(room.place, room.teacher) as uow:
        (listed,) = queries.incidents(uow, room.here, uow.today)
    assert (listed.stage, listed.minutes, listed.tries) == (Stage.TOLD, 12, 3)


def test_a_call_noted_later_with_its_own_time_moves_the_moment_back(room: Room) -> None:
    ref = room.record()
    room.call(ref, 1, True)
    room.call(ref, 2, True, at=NIGHT - timedelta(minutes=8))
    assert room.row(ref).notified_at == NIGHT - timedelta(minutes=8)
    with pytest.raises(RuleBroken, match="call_early"):
        room.call(ref, 2, True, at=NIGHT - timedelta(minutes=11))


@pytest.mark.rule("GC-19")
def test_a_call_out_of_turn_is_kept_and_marked(room: Room) -> None:
    ref = room.record()
    room.call(ref, 2, False)
    room.call(ref, 1, False)
    with unit_of_work(room.place, SYSTEM) as uow:
        marks = uow.session.scalars(
            select(AuditLog.diff).where(AuditLog.action == "incident.contact").order_by(AuditLog.id)
        )
        assert [mark["out_of_turn"][1] for mark in marks] == [True, False]


def test_a_record_closes_when_a_guardian_knows_and_something_was_done(room: Room) -> None:
    ref = room.record()
    with pytest.raises(RuleBroken) as refused, unit_of_work(room.place, room.teacher) as uow:
        service.close(uow, ref, version=1)
    assert [p.code for p in refused.value.problems] == ["incident.not_told", "incident.no_measures"]
    room.call(ref, 1, True)
    with unit_of_work(room.place, room.teacher) as uow:
        service.add_measure(uow, ref, "얼음찜질, 잠든 것을 확인")
    with pytest.raises(StaleVersion), unit_of_work(room.place, room.teacher) as uow:
        service.close(uow, ref, version=9)
    with unit_of_work(room.place, room.teacher) as uow:
        service.close(uow, ref, version=1)
        assert queries.open_count(uow, room.here) == 0
    with pytest.raises(RuleBroken, match=r"incident\.closed"):
        room.call(ref, 2, True)
    with pytest.raises(RuleBroken, match=r"incident\.closed"), unit_of_work(room.place, room.teacher) as uow:
        service.call_ambulance(uow, ref)
    with unit_of_work(room.place, room.teacher) as uow:
        service.add_measure(uow, ref, "다음 날 병원에서 이상 없다고 함")
        assert len(queries.open_incident(uow, ref).words.done) == 2


def test_119_is_noted_once(room: Room) -> None:
    ref = room.record()
    for _twice in range(2):
        with unit_of_work(room.place, room.teacher) as uow:
            service.call_ambulance(uow, ref)
        room.clock.shift(timedelta(minutes=1))
    assert room.row(ref).ambulance_at == NIGHT


@pytest.mark.rule("XX-05")
def test_only_those_of_the_place_read_and_write(room: Room, seoul: TenantRef) -> None:
    ref = room.record()
    stranger = Actor(Role.DAYCARE_DIRECTOR, user_id=8, scope=room.there)
    officer = Actor(Role.CITY_OFFICER, user_id=9)
    new = NewIncident(IncidentKind.OTHER, NIGHT, "정전")
    for actor, refusal in ((stranger, NotFound), (officer, Forbidden)):
        for command in (
            lambda uow: queries.open_incident(uow, ref),
            lambda uow: queries.incidents(uow, room.here, uow.today),
            lambda uow: service.record(uow, room.here, new),
            lambda uow: service.add_contact(uow, ref, PEOPLE, 1, reached=True),
            lambda uow: service.call_ambulance(uow, ref),
            lambda uow: service.add_measure(uow, ref, "조치"),
            lambda uow: service.close(uow, ref, version=1),
        ):
            with pytest.raises(refusal), unit_of_work(room.place, actor) as uow:
                command(uow)
    with pytest.raises(NotFound), unit_of_work(seoul, room.teacher) as uow:
        queries.open_incident(uow, ref)


def test_the_city_sees_times_and_no_name(room: Room) -> None:
    ref = room.record(done="얼음찜질")
    room.call(ref, 1, True)
    room.record(happened_at=NIGHT - timedelta(days=40), what="열", kind=IncidentKind.ILLNESS)
    officer = Actor(Role.CITY_OFFICER, user_id=9)
    with unit_of_work(room.place, officer) as uow:
        rows = queries.city_list(uow, DateSpan(uow.today, uow.today))
    assert [(row.institution, row.stage, row.told_words) for row in rows] == [
        ("별빛 어린이집", Stage.TOLD, "10분"),
        ("별빛 어린이집", Stage.UNTOLD, "40일"),
    ]
    assert "김하늘" not in str(rows)
    with pytest.raises(Forbidden), unit_of_work(room.place, room.teacher) as uow:
        queries.city_list(uow, DateSpan(uow.today, uow.today))


def test_a_stay_and_an_operating_day_find_theirs(room: Room) -> None:
    ref = room.record(subject="daycare_stay", subject_id=5)
    start = NIGHT.replace(minute=20)
    with unit_of_work(room.place, room.teacher) as uow:
        found = queries.incidents_during(uow, "daycare_stay", (5, 6))
        assert {stay: [row.ref for row in rows] for stay, rows in found.items()} == {5: [ref], 6: []}
        minute = timedelta(minutes=1)
        for first, last, count in (
            (start, start + minute, 1),
            (start - minute, start, 0),
            (start + minute, start + 2 * minute, 0),
        ):
            assert len(queries.incidents_between(uow, room.here, first, last)) == count


def test_the_house_says_who_is_inside_and_who_is_called(room: Room) -> None:
    class Tonight(circle.KnownChildren):
        def to_call(self, *_: object) -> list[Contact]:
            return [Contact(1, "야간 보호자", "이모", "01099998888")]

    ref = room.record()
    with unit_of_work(room.place, room.teacher) as uow:
        seen = queries.open_incident(uow, ref)
        assert [(one.order, one.name, one.relation) for one in seen.people] == [
            (1, "김보호", "부모"),
            (2, "이보호", "부모"),
            (3, "김할머니", "조부모"),
        ]
    before = circle.of_this_house()
    circle.plug_in(Tonight())
    try:
        with unit_of_work(room.place, room.teacher) as uow:
            assert queries.open_incident(uow, ref).next == Contact(1, "야간 보호자", "이모", "01099998888")
    finally:
        circle.plug_in(before)


@pytest.mark.race
def test_two_teachers_on_two_phones_lose_no_call(own_house: Database) -> None:
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        place = Institution(kind=InstitutionKind.DAYCARE, name="별빛 어린이집")
        uow.session.add(place)
        uow.session.flush()
        here, now = place.id, uow.now
    teacher = Actor(Role.DAYCARE_TEACHER, user_id=7, name="박교사", scope=here)
    with unit_of_work(GWACHEON, teacher) as uow:
        ref = service.record(uow, here, NewIncident(IncidentKind.OTHER, now, "정전")).ref

    def call(order: int) -> None:
        with unit_of_work(GWACHEON, teacher) as uow:
            service.add_contact(uow, ref, PEOPLE, order, reached=False)

    at_once(*[partial(call, n % 3 + 1) for n in range(6)])
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        row = uow.session.scalars(select(Incident).where(Incident.ref == ref)).one()
        assert sorted(one["order"] for one in row.contacts) == [1, 1, 2, 2, 3, 3]
