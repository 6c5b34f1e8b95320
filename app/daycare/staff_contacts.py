"""전화 기록: who will come instead of a guardian (AD-22), and whom to call when a bed is free (AD-34)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, options, refuse
from app.daycare import actions, service
from app.daycare.forms_staff import PriorContactForm
from app.daycare.parent_pickup import announced_pickups, confirm_pickup
from app.daycare.queries import RoomNow, call_backs, prior_contacts, room_now
from app.daycare.rules.days import operating_day
from app.daycare.staff_pages import SERVICE, done, own_daycare, pages, tried
from app.daycare.times import stay_text
from app.kernel import web
from app.kernel.errors import Problem


@web.page(pages, "/contacts", actions.PRIOR_CONTACT, service=SERVICE)
def contacts() -> Any:
    return _page(None)


def _page(form: PriorContactForm | None, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        today = operating_day(uow.now)
        calls = prior_contacts(uow, daycare, today)
        notes = call_backs(uow, daycare)
        announced = announced_pickups(uow, daycare.id)
        now = room_now(uow, daycare)
    stay = request.args.get("stay", "")
    if form is None:
        form = PriorContactForm(formdata=None, valid_on=today, child=_child_of(now, stay))
    form.child.choices = options(_children(now))
    if problems:
        refuse(form, problems)
    return web.render(
        "daycare/staff/contacts.html",
        status=status,
        form=form,
        calls=calls,
        notes=notes,
        announced=announced,
        today=today,
        stay=stay,
        stay_text=stay_text,
    )


def _children(now: RoomNow) -> list[tuple[str, str]]:
    """Who is in the room, then who comes; a child once."""
    inside = {row.child_ref: row.child for row in now.inside}
    return list({**inside, **{row.child_ref: row.child for row in now.coming}}.items())


def _child_of(now: RoomNow, stay: str) -> str | None:
    inside = {row.stay_ref: row.child_ref for row in now.inside}
    return inside.get(stay) or next((row.child_ref for row in now.coming if row.stay_ref == stay), None)


@web.page(pages, "/contacts", actions.PRIOR_CONTACT, methods=["POST"], service=SERVICE)
def record() -> Any:
    form = PriorContactForm()
    with web.unit() as uow:
        daycare = own_daycare(uow)
        form.child.choices = options(_children(room_now(uow, daycare)))
    if not form.validate():
        return _page(form, (), 422)
    problems, status = tried(
        lambda uow: service.record_contact(
            uow,
            service.ContactData(
                daycare=daycare.ref,
                child=form.child.data,
                caller=form.caller.data or "",
                caller_phone=form.caller_phone.data or "",
                person=form.person.data or "",
                relation=form.relation.data or "",
                valid_on=given(form.valid_on.data),
                phone=form.phone.data or "",
            ),
        )
    )
    if problems:
        return _page(form, problems, status)
    stay = request.args.get("stay", "")
    url = url_for("daycare_staff.exit_page", ref=stay) if stay else url_for("daycare_staff.contacts")
    return done(url, _("사전연락을 적었어요. 그날 신분을 확인하고 서명을 받아 주세요."))


@web.page(pages, "/contacts/<ref>/confirm", actions.PRIOR_CONTACT, methods=["POST"], service=SERVICE)
def confirm_announced(ref: str) -> Any:
    """The guardian announced it on the phone's page; the daycare has called back (AD-22)."""
    problems, status = tried(lambda uow: confirm_pickup(uow, ref))
    if problems:
        return _page(None, problems, status)
    return done(url_for("daycare_staff.contacts"), _("전화로 확인한 것으로 적었어요. 그날 인계할 수 있어요."))


@web.page(pages, "/call-backs/<ref>", actions.CALL_BACK, methods=["POST"], service=SERVICE)
def close_note(ref: str) -> Any:
    problems, status = tried(lambda uow: service.close_call_back(uow, ref))
    if problems:
        return _page(None, problems, status)
    return done(url_for("daycare_staff.contacts"), _("연락한 것으로 적었어요."))
