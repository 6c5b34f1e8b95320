"""문 앞: a tablet that guardians see. A child comes in, a child goes home: two pages, two signatures (AD-21, AD-22)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions
from app.daycare.models import DaycareClass, DaycareStay
from app.daycare.queries import policy_of, room_now, stay_for_entry, stay_for_exit
from app.daycare.rules.capacity import ROOM_FULL
from app.daycare.rules.handover import IDENTITY, has_ink
from app.daycare.rules.request import in_curfew
from app.daycare.service import (
    Entry,
    Exit,
    Settled,
    enter,
    leave,
    mark_no_show,
    move_to_class,
    note_vain_coming,
    turn_away,
)
from app.daycare.staff_bookings import booking_page
from app.daycare.staff_pages import (
    MARKS,
    SERVICE,
    by_field,
    done,
    first_name,
    own_daycare,
    pages,
    posted_version,
    tried,
)
from app.documents.uploads import store_upload
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.texts import clock_text, won

STROKES_MAX = 400_000
"""Characters of a drawn signature; a longer one is no finger's work."""


@web.page(pages, "/door", actions.HAND_OVER, service=SERVICE)
def door() -> Any:
    """Two lists in large rows. Other families read here: no more of a child than the first name."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        now = room_now(uow, daycare)
    return web.render("daycare/staff/door.html", block="lists", daycare=daycare, room=now, first=first_name)


@web.page(pages, "/door/<ref>/in", actions.HAND_OVER, service=SERVICE)
def entry_page(ref: str) -> Any:
    return _entry_page(ref, [])


def _entry_page(ref: str, problems: Sequence[Problem], status: int = 200) -> Any:
    with web.unit() as uow:
        view, at_night = stay_for_entry(uow, ref), _at_night(uow)
    return _door_page("daycare/staff/entry.html", view, problems, status, at_night=at_night)


@web.page(pages, "/door/<ref>/out", actions.HAND_OVER, service=SERVICE)
def exit_page(ref: str) -> Any:
    return _exit_page(ref, [])


def _exit_page(ref: str, problems: Sequence[Problem], status: int = 200) -> Any:
    with web.unit() as uow:
        view, at_night = stay_for_exit(uow, ref), _at_night(uow)
    return _door_page("daycare/staff/exit.html", view, problems, status, at_night=at_night)


def _at_night(uow: UnitOfWork) -> bool:
    """Nobody comes or goes now without an emergency: the page asks for it before it is refused (AD-06)."""
    return in_curfew(uow.now, policy_of(uow, own_daycare(uow)))


def _door_page(template: str, view: Any, problems: Sequence[Problem], status: int, *, at_night: bool) -> Any:
    return web.render(
        template,
        status=status,
        view=view,
        at_night=at_night,
        problems=list(problems),
        errors=by_field(list(problems)),
        identity=list(IDENTITY.items()),
        marks=MARKS,
        first=first_name,
        posted=request.form,
    )


@web.page(pages, "/door/<ref>/in", actions.HAND_OVER, methods=["POST"], service=SERVICE)
def come_in(ref: str) -> Any:
    position, contact = posted_person()
    posted = request.form

    moved: list[str] = []

    def command(uow: UnitOfWork) -> None:
        before = _class_of(uow, ref)
        enter(
            uow,
            Entry(
                stay=ref,
                person=position,
                contact=contact,
                identity=posted.get("identity", ""),
                signature=posted_signature(),
                symptoms="symptoms" in posted,
                recovery_note=_recovery_note(uow, ref),
                unpaid_reason=words("unpaid_reason"),
                crowded_reason=words("crowded_reason"),
                emergency=words("emergency"),
                belongings=words("belongings"),
                note=words("note"),
                version=posted_version(),
            ),
        )
        moved[:] = [after] if (after := _class_of(uow, ref)) != before else []

    problems, status = tried(command)
    if problems:
        if ROOM_FULL.code in {problem.code for problem in problems}:
            tried(lambda uow: note_vain_coming(uow, ref))
        return _entry_page(ref, problems, status)
    with web.unit() as uow:
        at = clock_text(uow.now)
    told = _("%(at)s에 입소를 적었어요.", at=at)
    if moved:
        told = f"{told} {_('자리가 있는 %(group)s(으)로 들어갔어요.', group=moved[0])}"
    return done(url_for("daycare_staff.door"), told)


def _class_of(uow: UnitOfWork, ref: str) -> str:
    """The name of the class a stay is in now."""
    found = uow.session.scalar(
        select(DaycareClass.name)
        .join(DaycareStay, DaycareStay.class_id == DaycareClass.id)
        .where(DaycareStay.ref == ref)
    )
    return found or ""


@web.page(pages, "/door/<ref>/in-vain", actions.HAND_OVER, methods=["POST"], service=SERVICE)
def came_in_vain(ref: str) -> Any:
    """The child is here and there is no room: it waits, and can be no no-show (AD-17)."""
    noted: list[bool] = []
    problems, status = tried(lambda uow: noted.append(note_vain_coming(uow, ref)))
    if problems:
        return _entry_page(ref, problems, status)
    if not noted[-1]:
        return done(
            url_for("daycare_staff.entry_page", ref=ref), _("지금은 자리가 있어요. 입소를 적어 주세요.")
        )
    return done(url_for("daycare_staff.door"), _("왔지만 자리가 없어 기다리는 것으로 적었어요."))


@web.page(pages, "/door/<ref>/out", actions.HAND_OVER, methods=["POST"], service=SERVICE)
def go_home(ref: str) -> Any:
    position, contact = posted_person()
    settled: list[Settled] = []

    def command(uow: UnitOfWork) -> None:
        settled[:] = [
            leave(
                uow,
                Exit(
                    stay=ref,
                    person=position,
                    contact=contact,
                    identity=request.form.get("identity", ""),
                    signature=posted_signature(),
                    emergency=words("emergency"),
                    note=words("note"),
                    version=posted_version(),
                ),
            )
        ]

    problems, status = tried(command)
    if problems:
        return _exit_page(ref, problems, status)
    return done(url_for("daycare_staff.door"), settled_words(settled[0]))


def settled_words(settled: Settled) -> str:
    """What the hours came to, and what is still to be paid or given back."""
    told = _(
        "귀가를 적었어요. 이용 %(hours)d시간, 이용료 %(amount)s.",
        hours=settled.hours,
        amount=won(settled.amount),
    )
    if settled.balance > 0:
        return f"{told} {_('%(rest)s을 더 받아 주세요.', rest=won(settled.balance))}"
    if settled.balance < 0:
        return f"{told} {_('%(rest)s을 돌려드려야 해요.', rest=won(-settled.balance))}"
    return told


@web.page(pages, "/door/<ref>/turn-away", actions.HAND_OVER, methods=["POST"], service=SERVICE)
def turn_back(ref: str) -> Any:
    """Symptoms at the door: nothing to pay, and nothing that counts (AE-20)."""
    problems, status = tried(lambda uow: turn_away(uow, ref, words("reason")))
    if problems:
        return _entry_page(ref, problems, status)
    return done(url_for("daycare_staff.door"), _("증상이 있어 돌려보낸 것으로 적었어요. 이용료는 없어요."))


@web.page(pages, "/stays/<ref>/no-show", actions.NO_SHOW, methods=["POST"], service=SERVICE)
def no_show(ref: str) -> Any:
    """By hand, before the clock does it (AD-17)."""
    booking = request.form.get("booking", "")
    problems, status = tried(lambda uow: mark_no_show(uow, ref, version=posted_version()))
    if problems:
        return booking_page(booking, problems, status)
    return done(url_for("daycare_staff.booking", ref=booking), _("미입소로 적었어요."))


@web.page(pages, "/stays/<ref>/class", actions.MOVE_CLASS, methods=["POST"], service=SERVICE)
def move_class(ref: str) -> Any:
    """The director finds a place in another class, before the child comes or while it is there (AD-34)."""
    posted = request.form
    booking, group = posted.get("booking", ""), posted.get("group", "")
    problems, status = tried(
        lambda uow: move_to_class(uow, ref, group, version=posted_version(), reason=words("reason"))
    )
    if problems:
        return booking_page(booking, problems, status)
    return done(url_for("daycare_staff.booking", ref=booking), _("반을 옮겼어요."))


def posted_person() -> tuple[int, str]:
    """``person`` is the place in the list of guardians, or ``call:<ref>`` of a recorded call: (position, contact)."""
    text = request.form.get("person", "")
    if text.startswith("call:"):
        return 0, text[5:21]
    return (int(text), "") if text in ("1", "2", "3") else (0, "")


def posted_signature() -> list[Any]:
    """What was drawn, else the name typed instead; nothing for what is neither (GC-24)."""
    text = request.form.get("signature", "")
    if not text or len(text) > STROKES_MAX:
        typed = words("signed_name", 40)
        return [typed] if typed else []
    try:
        strokes = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return strokes if has_ink(strokes) else []


def words(name: str, most: int = 300) -> str:
    return request.form.get(name, "").strip()[:most]


def _recovery_note(uow: UnitOfWork, ref: str) -> int | None:
    """The physician's note, kept with the stay (AE-20)."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return None
    stay_id = uow.session.scalar(select(DaycareStay.id).where(DaycareStay.ref == ref))
    if stay_id is None:
        raise NotFound("stay")
    upload = store_upload(
        uow,
        owner="daycare_stay",
        owner_id=stay_id,
        kind="recovery_note",
        filename=file.filename,
        content=file.read(),
    )
    return upload.id
