"""종이 신청서 옮겨 적기: whose paper it is. A number first; else the family is registered or taken on (KB-32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.centres.forms import tidy
from app.daycare import actions
from app.daycare.application_form import fresh
from app.daycare.models import DaycareApplication
from app.daycare.queries import DaycareRow
from app.daycare.queries.applications import is_unseen_draft
from app.daycare.rules.states import ApplicationState
from app.daycare.rules.states import Channel as Came
from app.daycare.service import save_application
from app.daycare.staff_families import KnownFamily, known_families
from app.daycare.staff_pages import APPLICATION_TONES, SERVICE, by_field, done, own_daycare, pages
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.submission import answered_at, submit_once
from app.people.forms import NewFamilyForm, chosen, show
from app.people.models import Guardian, GuardianChild
from app.people.phones import clean_phone
from app.people.queries import ChildRow, guardian_for
from app.people.rules import Channel, ConsentChannel, ConsentKind
from app.people.service import LikelyTwice, consent_text, register_family, take_on_child

A = ApplicationState
STEPS = (N_("보호자 찾기"), N_("옮겨 적기"), N_("서명"), N_("확인·접수"))
OPEN = (A.DRAFT, A.RETURNED, A.SUBMITTED, A.ACCEPTED)
BOOKING = "booking"
"""``then`` of the address: afterwards on to a reservation."""


class ApplicantForm(NewFamilyForm):
    """The guardian and the first child, as the paper or the telephone says it; one answer says how both came."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.consent_by
        self.channel.choices = [
            (Channel.VISIT.value, _("종이 신청서를 가져왔어요")),
            (Channel.PHONE.value, _("전화로 신청했어요")),
        ]

    @property
    def consent_channel(self) -> ConsentChannel:
        return ConsentChannel.PHONE if self.channel.data == Channel.PHONE else ConsentChannel.PAPER


def asked_then() -> str:
    return BOOKING if request.values.get("then") == BOOKING else ""


def on_the_way(endpoint: str, ref: str) -> str:
    """A page of one application, still knowing where it leads."""
    return url_for(f"daycare_staff.{endpoint}", ref=ref, then=asked_then() or None)


@web.page(pages, "/applications/new", actions.TAKE_DOWN, service=SERVICE)
def apply_start() -> Any:
    with web.unit() as uow:
        own_daycare(uow)
    return _start_page("", None)


@web.page(pages, "/applications/new", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def find_applicant() -> Any:
    """By POST: no number ever stands in an address."""
    phone = tidy(request.form.get("phone", ""))[:20]
    try:
        with web.unit() as uow:
            found = known_families(uow, own_daycare(uow), phone)
    except RuleBroken as refused:
        return _start_page(phone, None, refused.problems, 422)
    return _start_page(phone, found)


def _start_page(
    phone: str, found: list[KnownFamily] | None, problems: Sequence[Problem] = (), status: int = 200
) -> Any:
    return web.render(
        "daycare/staff/apply_start.html",
        block="families",
        status=status,
        steps_of=[_(step) for step in STEPS],
        phone=phone,
        found=found,
        problems=list(problems),
        errors=by_field(list(problems)),
        tones=APPLICATION_TONES,
        then=asked_then(),
    )


@web.page(pages, "/applications/begin/<ref>", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def begin(ref: str) -> Any:
    """For a family the daycare knows: go on where it stands, or begin. What it wrote itself gives way to the paper."""
    with web.unit() as uow:
        url = _begun(uow, own_daycare(uow), guardian_for(uow, ref), take_over=True)
    return web.see_other(url)


def _begun(
    uow: UnitOfWork,
    daycare: DaycareRow,
    guardian: Guardian,
    channel: Came = Came.VISIT,
    *,
    take_over: bool = False,
) -> str:
    """The page to go on at; "" when the family has a draft of its own that must not be replaced unasked."""
    row = uow.session.scalars(
        select(DaycareApplication).where(
            DaycareApplication.daycare_id == daycare.id,
            DaycareApplication.guardian_id == guardian.id,
            DaycareApplication.state.in_(OPEN),
        )
    ).first()
    if row is not None and row.state in (A.SUBMITTED, A.ACCEPTED):
        if asked_then():
            return url_for("daycare_staff.intake_family", ref=guardian.ref)
        return url_for("daycare_staff.application", ref=row.ref)
    if row is not None and is_unseen_draft(uow, row) and not take_over:
        return ""
    if row is None or is_unseen_draft(uow, row):
        data = fresh(uow, daycare, guardian.id).data
        row = save_application(uow, data, guardian=guardian.ref, channel=channel)
    return on_the_way("write", row.ref)


@web.page(pages, "/applications/family", actions.TAKE_DOWN, service=SERVICE)
def new_applicant() -> Any:
    return _family_page(_blank())


@web.page(pages, "/applications/family", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def add_applicant() -> Any:
    """Register guardian and child with the consent that was given, and begin their application."""
    if "start" in request.form:
        return _family_page(_blank(tidy(request.form.get("phone", ""))[:20]))
    form = ApplicantForm()
    if not form.validate():
        return _family_page(form, 422)
    if known := request.form.get("use", ""):
        return _take_on(known, form)
    request_id = request.form.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            guardian, _child = register_family(
                uow,
                guardian_name=form.guardian_name.data or "",
                phone=form.phone.data or "",
                child=form.child(),
                relation=form.kin(),
                consent=form.consent(),
                channel=chosen(Channel, form.channel.data) or Channel.VISIT,
                confirmed_new=bool(form.confirmed_new.data),
            )
            url = _begun(uow, own_daycare(uow), guardian, Came(form.channel.data))
            answered_at(uow, request_id, url or url_for("daycare_staff.apply_start"))
    except LikelyTwice as twice:
        return _family_page(form, 422, twice.matches)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _family_page(form, 422)
    if not url:
        return _own_draft(form)
    return done(url, _("가정을 등록했어요. 신청서를 이어서 옮겨 적어 주세요."))


def _take_on(ref: str, form: ApplicantForm) -> Any:
    """The child is registered already: the daycare uses the same record, and the guardian with that number."""
    typed, phone = form.child(), form.phone.data or ""
    try:
        with web.unit() as uow:
            child = take_on_child(uow, ref, name=typed.name, birth_date=typed.birth_date, phone=phone)
            guardian = _guardian_with(uow, child.id, form)
            url = _begun(uow, own_daycare(uow), guardian, Came(form.channel.data))
    except RuleBroken as refused:
        show(form, refused.problems)
        return _family_page(form, 422)
    if not url:
        return _own_draft(form)
    return done(url, _("이미 등록된 아이로 이어서 적어요."))


def _guardian_with(uow: UnitOfWork, child_id: int, form: ApplicantForm) -> Guardian:
    """The child's guardian with the number that was said, the named one first."""
    phone = clean_phone(form.phone.data or "")
    rows = uow.session.scalars(
        select(Guardian)
        .join(GuardianChild, GuardianChild.guardian_id == Guardian.id)
        .where(GuardianChild.child_id == child_id, Guardian.phone == phone)
        .order_by(GuardianChild.emergency_order, Guardian.id)
    ).all()
    if not rows:
        raise NotFound("guardian")
    name = (form.guardian_name.data or "").strip()
    return next((row for row in rows if row.name == name), rows[0])


def _own_draft(form: ApplicantForm) -> Any:
    """They are writing one themselves: the list says so and asks before anything is replaced."""
    with web.unit() as uow:
        found = known_families(uow, own_daycare(uow), form.phone.data or "")
    return _start_page(form.phone.data or "", found)


def _blank(phone: str = "") -> ApplicantForm:
    channel = Channel.PHONE if asked_then() else Channel.VISIT
    return ApplicantForm(formdata=None, phone=phone, channel=channel.value, schooling="no")


def _family_page(form: ApplicantForm, status: int = 200, matches: Sequence[ChildRow] = ()) -> Any:
    with web.unit() as uow:
        own_daycare(uow)
        text = consent_text(uow, ConsentKind.PRIVACY)
    return web.render(
        "daycare/staff/apply_family.html",
        status=status,
        steps_of=[_(step) for step in STEPS],
        f=form,
        text=text,
        matches=matches,
        then=asked_then(),
        request_id=request.form.get("request_id") or web.new_request_id(),
    )
