"""What whoever tries it out meets in the daycares: medicine, an accident, a full night, restrictions in every state."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from app.command.demo.daycare_days import NIGHT, SIGNATURE
from app.command.demo.daycare_families import NONE, RESTRICTED, RETURNED, WAITING
from app.command.demo.daycare_houses import Nursery
from app.command.demo.stage import Parent
from app.daycare import service as daycare
from app.daycare.models import DaycareBooking, DaycareStay, Journal
from app.daycare.rules.states import JournalState, StayState
from app.documents.uploads import store_upload
from app.incidents import service as incidents
from app.incidents.circle import of_this_house
from app.incidents.rules import IncidentKind
from app.kernel.actor import Actor
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.people.models import Child
from app.restrictions import service as restrictions
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import EventKind, Ground, Outcome
from app.restrictions.service.events import NewEvent

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Step = Callable[[UnitOfWork, str, int], object]


def play_scenes(nursery: Nursery) -> None:
    """The same small things everywhere; restrictions where a regional centre decides about them."""
    _medicine(nursery)
    _incident(nursery)
    _pick_up(nursery)
    _meal(nursery)
    _issued(nursery)
    if nursery.sketch.slug == "hanam":
        _full_night(nursery)
        _own_restriction(nursery)
    if nursery.sketch.slug == "gimpo":
        _cases(nursery)


def _inside(nursery: Nursery) -> tuple[Parent, Child, DaycareStay] | None:
    """A child who is in the room now, with its family."""
    with nursery.stage.act() as uow:
        row = uow.session.execute(
            select(DaycareStay, Child, DaycareBooking.guardian_id)
            .join(Child, Child.id == DaycareStay.child_id)
            .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
            .where(DaycareStay.daycare_id == nursery.daycare.id, DaycareStay.state == StayState.INSIDE)
            .order_by(DaycareStay.id)
        ).first()
    if row is None:
        return None
    stay, child, guardian_id = row
    return next(p for p in nursery.families if p.actor.guardian_id == guardian_id), child, stay


def _medicine(nursery: Nursery) -> None:
    """A syrup at nine in the evening, asked for on the telephone's screen."""
    found = _inside(nursery)
    if found is None:
        return
    parent, child, stay = found
    with nursery.stage.act(parent.actor) as uow:
        data = daycare.MedicineData(
            nursery.daycare.ref, child.ref, uow.today, uow.today + timedelta(days=1),
            symptom="콧물", medicine="코감기 시럽", dose="5 mL", kept="냉장", times=("12:30", "21:00"),
            signature=SIGNATURE, signed_name=parent.actor.name, stay=stay.ref,
        )  # fmt: skip
        daycare.request_medicine(uow, data)


def _incident(nursery: Nursery) -> None:
    """A bruise an hour ago: the first guardian did not answer, the second did."""
    found = _inside(nursery)
    if found is None:
        return
    _, child, stay = found
    house = nursery.daycare.id
    with nursery.stage.act(nursery.teacher) as uow:
        new = incidents.NewIncident(
            IncidentKind.ACCIDENT,
            max(uow.now - timedelta(minutes=50), stay.in_at or uow.now),
            "블록을 밟고 넘어져 무릎에 멍이 들었어요.",
            child.id,
            "놀이방",
            "찬 물수건으로 10분 동안 식혔어요.",
            "daycare_stay",
            stay.id,
        )
        row = incidents.record(uow, house, new)
        people = of_this_house().to_call(uow, house, child.id, "daycare_stay", stay.id)
        for contact, reached in zip(people[:2], (False, True), strict=False):
            incidents.add_contact(uow, row.ref, people, contact.order, reached=reached)


def _pick_up(nursery: Nursery) -> None:
    """Somebody else comes for the child, announced from the registered number (AD-22)."""
    found = _inside(nursery)
    if found is None:
        return
    parent, child, _ = found
    with nursery.stage.act(nursery.teacher) as uow:
        data = daycare.ContactData(
            nursery.daycare.ref, child.ref, parent.actor.name, parent.phone, "한이모", "이모", nursery.today,
            nursery.stage.cast.phone(),
        )  # fmt: skip
        daycare.record_contact(uow, data)


def _meal(nursery: Nursery) -> None:
    """Dinner by agreement, with its picture (AD-23)."""
    stage = nursery.stage
    with stage.act(nursery.teacher, stage.at(-1, 18, 10)) as uow:
        upload = store_upload(
            uow, owner="daycare", owner_id=nursery.daycare.id, kind="meal", filename="저녁.png", content=PICTURE,
            institution_id=nursery.daycare.id,
        )  # fmt: skip
        menu = daycare.MealData(
            nursery.classes[0].ref,
            nursery.today - timedelta(days=1),
            "DINNER",
            "닭고기 채소죽, 사과",
            True,
            upload.id,
        )
        daycare.record_meal(uow, menu)
    with stage.act(nursery.teacher, stage.at(0, 7, 20)) as uow:
        pages = uow.session.scalars(
            select(Journal).where(
                Journal.daycare_id == nursery.daycare.id, Journal.state == JournalState.OPEN
            )
        ).all()
        for page in pages:
            daycare.sign_journal(uow, page.ref, version=page.version)


def _issued(nursery: Nursery) -> None:
    """The ledgers of the last days on which somebody came, as papers; yesterday's still wait."""
    stage = nursery.stage
    for offset in (-3, -2):
        try:
            with stage.act(nursery.director, stage.at(offset + 1, 16)) as uow:
                daycare.issue_day(uow, nursery.daycare.ref, nursery.today + timedelta(days=offset))
        except RuleBroken:
            continue  # nobody came


def _full_night(nursery: Nursery) -> None:
    """Nobody fits any more tonight; one family asks to be called when a bed becomes free (AD-34)."""
    parent = nursery.families[RESTRICTED - 1]
    with nursery.stage.act(nursery.teacher) as uow:
        daycare.ask_call_back(
            uow, nursery.daycare.ref, parent.children[0], nursery.today, *NIGHT, parent.phone,
            guardian=parent.guardian_ref,
        )  # fmt: skip


def _own_restriction(nursery: Nursery) -> None:
    """The daycare's own: false papers (AS-25)."""
    parent = nursery.families[RESTRICTED]
    with nursery.stage.act(nursery.director) as uow:
        first = uow.today + timedelta(days=1)
        restrictions.impose_at_daycare(
            uow, parent.guardian_ref, ground=Ground.FALSE_PAPERS, first=first, last=first + timedelta(days=29),
            reason="재직증명서의 회사가 없는 곳이었어요.",
        )  # fmt: skip


def _cases(nursery: Nursery) -> None:
    """One household each; those that bind today belong to families who have no bookings."""
    families = nursery.families
    _Case(nursery, families[0], 1)
    _Case(nursery, families[1], 3).checked()
    _Case(nursery, families[2], 3).checked().asked()
    _Case(nursery, families[3], 20).checked().asked().dismissed()
    _Case(nursery, families[4], 70).checked().asked().heard().decided().begun().expired()
    _Case(nursery, families[5], 60).checked().asked().heard().decided().begun().objected(Outcome.OVERTURNED)
    _Case(nursery, families[RESTRICTED], 16).checked().asked().heard().decided().begun()
    three_months = _Case(nursery, families[NONE], 40, EventKind.CONFLICT).checked().asked().heard().decided()
    three_months.begun().objected(Outcome.SHORTENED)
    _Case(nursery, families[RETURNED], 20).checked().asked().heard().decided().begun().lifted()
    _Case(nursery, families[WAITING], 4).checked().asked().heard().decided()


class _Case:
    """A case, step by step, each by whoever may take it; days count from the event."""

    def __init__(
        self, nursery: Nursery, parent: Parent, days: int, kind: EventKind = EventKind.INSULT
    ) -> None:
        if nursery.coordinator is None or nursery.regional is None:
            raise LookupError("a municipality without a regional centre")
        self.nursery, self.stage, self.parent, self.first = nursery, nursery.stage, parent, -days
        self.coordinator, self.regional, self.city = nursery.coordinator, nursery.regional, nursery.city
        with self.stage.act(self.coordinator, self.stage.at(-days, 11)) as uow:
            event = NewEvent(
                kind, "DAYCARE", self.stage.at(-days, 10), guardian_id=parent.actor.guardian_id,
                institution_id=nursery.daycare.id, note="귀가 시간을 안내하던 선생님에게 거친 말을 함",
            )  # fmt: skip
            restrictions.enter_event(uow, event)
            self.id = uow.session.scalars(
                select(Restriction.id)
                .where(Restriction.guardian_id == parent.actor.guardian_id)
                .order_by(Restriction.id.desc())
                .limit(1)
            ).one()

    def _step(self, actor: Actor, days: int, step: Step) -> _Case:
        with self.stage.act(actor, self.stage.at(self.first + days, 14)) as uow:
            case = uow.session.get_one(Restriction, self.id)
            step(uow, case.ref, case.version)
        return self

    def checked(self) -> _Case:
        return self._step(self.coordinator, 1, lambda u, ref, v: restrictions.check_facts(u, ref, version=v))

    def asked(self) -> _Case:
        found = "선생님 두 분의 말이 서로 같고, 통화 기록이 있어요."
        return self._step(
            self.coordinator, 2, lambda u, ref, v: restrictions.ask_statement(u, ref, version=v, found=found)
        )

    def heard(self) -> _Case:
        words = "급한 일이 있어 목소리가 커졌어요. 죄송합니다."
        return self._step(
            self.parent.actor, 3, lambda u, ref, v: restrictions.give_statement(u, ref, version=v, text=words)
        )

    def decided(self) -> _Case:
        reason = "사실이 확인되었고 소명을 들었어요."
        return self._step(
            self.regional, 4, lambda u, ref, v: restrictions.decide(u, ref, version=v, reason=reason)
        )

    def dismissed(self) -> _Case:
        reason = "서로 오해가 있었고 사과했어요."
        return self._step(
            self.regional, 7, lambda u, ref, v: restrictions.dismiss(u, ref, version=v, reason=reason)
        )

    def begun(self) -> _Case:
        """As the clock does on the first day."""
        with self.stage.act() as uow:
            starts = uow.session.get_one(Restriction, self.id).starts_on
        if starts is not None:
            with self.stage.act(when=self.stage.at((starts - self.stage.today).days, 0, 3)) as uow:
                restrictions.begin(uow, self.id)
        return self

    def expired(self) -> _Case:
        with self.stage.act() as uow:
            restrictions.expire(uow, self.id)
        return self

    def objected(self, outcome: Outcome) -> _Case:
        words = "그런 말을 하지 않았어요. 다시 살펴봐 주세요."
        self._step(
            self.parent.actor, 9, lambda u, ref, v: restrictions.object_to(u, ref, version=v, text=words)
        )
        ends_on = self.stage.today + timedelta(days=9) if outcome is Outcome.SHORTENED else None
        return self._step(
            self.city,
            14,
            lambda u, ref, v: restrictions.decide_objection(
                u, ref, version=v, outcome=outcome, reason="기록을 다시 살펴보았어요.", ends_on=ends_on
            ),
        )

    def lifted(self) -> _Case:
        why = "사과하고 약속을 지키고 있어요."
        self._step(
            self.regional, 12, lambda u, ref, v: restrictions.propose_lift(u, ref, version=v, reason=why)
        )
        return self._step(self.city, 13, lambda u, ref, v: restrictions.consent_lift(u, ref, version=v))
