"""One child, for the family and the centre alike: its record, its people, its health, its consents, its papers."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.serving import send_file
from app.kernel import audit, web
from app.kernel.errors import NotFound, RuleBroken, StaleVersion
from app.people.actions import (
    CHILD_PAGES,
    EDIT_CIRCLE,
    EDIT_HEALTH,
    GIVE_CONSENT,
    READ_CHILD,
    READ_HEALTH,
)
from app.people.forms import ChildForm, GuardianForm, HealthForm, PickupForm, chosen, show
from app.people.models import Child
from app.people.papers import start_arrival_form
from app.people.queries import child_for, child_row, guardians_of, health_marks, pickup_people
from app.people.rules import ConsentChannel, ConsentKind, HealthKind, Relation
from app.people.service import (
    GuardianLink,
    add_guardian,
    add_health_note,
    add_pickup_person,
    change_guardian_link,
    consent_text,
    consents_of,
    edit_child,
    evidence_of,
    give_consent,
    open_evidence,
    open_health_notes,
    remove_guardian,
    remove_health_note,
    remove_pickup_person,
    withdraw_consent,
)
from app.people.service.consents import Scanned

pages = web.tenant_blueprint("people", __name__)


def frame() -> dict[str, Any]:
    """What every shared page needs: its layout, and whether a member of staff looks."""
    staff = web.actor().is_staff
    return {"layout": "layouts/staff.html" if staff else "layouts/parent.html", "staff": staff}


@web.page(pages, "/children/<ref>", READ_CHILD)
def child(ref: str) -> Any:
    """The child and where each thing about it stands. Numbers stay masked here."""
    with web.unit() as uow:
        row = child_for(uow, ref)
        audit.record_access(uow, "child.read", "child", row.id)
        context: dict[str, Any] = {
            "child": child_row(row),
            "guardians": guardians_of(uow, row.id),
            "pickups": pickup_people(uow, row.id),
            "marks": sorted(health_marks(uow, [row.id]).get(row.id, frozenset())),
            "consents": consents_of(uow, ref),
            "evidence": evidence_of(uow, ref),
            "fragment": bool(web.htmx),
        }
    return web.render("people/shared/child.html", block="panel", **frame(), **context)


@web.page(pages, "/children/<ref>/edit", CHILD_PAGES)
def edit(ref: str) -> Any:
    with web.unit() as uow:
        row = child_for(uow, ref)
        audit.record_access(uow, "child.edit_form", "child", row.id)
    return _edit_page(row, _filled(row))


@web.page(pages, "/children/<ref>/edit", CHILD_PAGES, methods=["POST"])
def save(ref: str) -> Any:
    form = ChildForm()
    with web.unit() as uow:
        row = child_for(uow, ref)
    if not form.validate():
        return _edit_page(row, form, 422)
    try:
        with web.unit() as uow:
            edit_child(uow, ref, form.child(), version=request.form.get("version", 0, int))
    except RuleBroken as refused:
        show(form, refused.problems)
        return _edit_page(row, form, 422)
    except StaleVersion:
        fresh = _filled(row)
        fresh.form_errors = [
            gettext("그사이 다른 곳에서 바뀌었어요. 지금 내용을 확인하고 다시 저장해 주세요.")
        ]
        return _edit_page(row, fresh, 409)
    flash(gettext("아이 정보를 저장했어요."), "success")
    return web.see_other(url_for("people.child", ref=ref))


def _filled(row: Child) -> ChildForm:
    form = ChildForm(formdata=None, obj=row)
    form.schooling.data = {True: "yes", False: "no", None: ""}[row.in_school]
    return form


def _edit_page(row: Child, form: ChildForm, status: int = 200) -> Any:
    return web.render("people/shared/edit.html", child=row, f=form, status=status, **frame())


@web.page(pages, "/children/<ref>/circle", EDIT_CIRCLE)
def circle(ref: str) -> Any:
    return _circle_page(ref)


def _circle_page(
    ref: str,
    guardian: GuardianForm | None = None,
    pickup: PickupForm | None = None,
    status: int = 200,
    problems: Any = (),
) -> Any:
    with web.unit() as uow:
        row = child_for(uow, ref)
        audit.record_access(uow, "child.contacts", "child", row.id)
        context: dict[str, Any] = {
            "child": child_row(row),
            "guardians": guardians_of(uow, row.id),
            "pickups": pickup_people(uow, row.id),
        }
    return web.render(
        "people/shared/circle.html",
        g=guardian or GuardianForm(formdata=None, prefix="g-", lives_together=True, may_pick_up=True),
        p=pickup or PickupForm(formdata=None, prefix="p-"),
        relations=list(Relation),
        problems=problems,
        me=web.actor().guardian_id,
        status=status,
        **context,
        **frame(),
    )


@web.page(pages, "/children/<ref>/guardians", EDIT_CIRCLE, methods=["POST"])
def save_guardian(ref: str) -> Any:
    form = GuardianForm(prefix="g-")
    if not form.validate():
        return _circle_page(ref, guardian=form, status=422)
    try:
        with web.unit() as uow:
            add_guardian(uow, ref, form.guardian())
    except RuleBroken as refused:
        show(form, refused.problems)
        return _circle_page(ref, guardian=form, status=422)
    flash(gettext("함께 돌보는 보호자를 더했어요."), "success")
    return web.see_other(url_for("people.circle", ref=ref))


@web.page(pages, "/children/<ref>/guardians/<guardian>", EDIT_CIRCLE, methods=["POST"])
def change_guardian(ref: str, guardian: str) -> Any:
    """Change what the guardian is to the child, or take the person off the list."""
    posted = request.form
    try:
        with web.unit() as uow:
            if "remove" in posted:
                remove_guardian(uow, ref, guardian)
            else:
                data = GuardianLink(
                    chosen(Relation, posted.get("relation")) or Relation.OTHER,
                    "lives_together" in posted,
                    "may_pick_up" in posted,
                    posted.get("emergency_order", 0, int),
                )
                change_guardian_link(uow, ref, guardian, data)
    except RuleBroken as refused:
        return _circle_page(ref, status=422, problems=refused.problems)
    flash(gettext("보호자 정보를 저장했어요."), "success")
    return web.see_other(url_for("people.circle", ref=ref))


@web.page(pages, "/children/<ref>/pickups", EDIT_CIRCLE, methods=["POST"])
def save_pickup(ref: str) -> Any:
    form = PickupForm(prefix="p-")
    if not form.validate():
        return _circle_page(ref, pickup=form, status=422)
    try:
        with web.unit() as uow:
            add_pickup_person(uow, ref, form.name.data or "", form.relation.data or "", form.phone.data or "")
    except RuleBroken as refused:
        show(form, refused.problems)
        return _circle_page(ref, pickup=form, status=422)
    flash(gettext("데리러 올 사람을 더했어요."), "success")
    return web.see_other(url_for("people.circle", ref=ref))


@web.page(pages, "/children/<ref>/pickups/<person>", EDIT_CIRCLE, methods=["POST"])
def drop_pickup(ref: str, person: str) -> Any:
    with web.unit() as uow:
        remove_pickup_person(uow, ref, person)
    flash(gettext("데리러 올 사람에서 지웠어요."), "success")
    return web.see_other(url_for("people.circle", ref=ref))


@web.page(pages, "/children/<ref>/health", READ_HEALTH)
def health(ref: str) -> Any:
    """The family reads its own notes; staff see kinds until they open the notes, saying why."""
    return _health_page(ref, opened=not web.actor().is_staff)


@web.page(pages, "/children/<ref>/health/open", READ_HEALTH, methods=["POST"])
def open_health(ref: str) -> Any:
    return _health_page(ref, opened=True, reason=request.form.get("reason", "").strip()[:200])


def _health_page(
    ref: str, *, opened: bool, reason: str = "", form: HealthForm | None = None, status: int = 200
) -> Any:
    with web.unit() as uow:
        row = child_for(uow, ref)
        notes = open_health_notes(uow, ref, reason=reason) if opened else []
        marks = sorted(health_marks(uow, [row.id]).get(row.id, frozenset()))
        agreed = next(s for s in consents_of(uow, ref) if s.kind is ConsentKind.SENSITIVE)
    return web.render(
        "people/shared/health.html",
        child=child_row(row),
        notes=notes,
        marks=marks,
        opened=opened,
        agreed=agreed.stands,
        f=form or HealthForm(formdata=None),
        status=status,
        **frame(),
    )


@web.page(pages, "/children/<ref>/health", EDIT_HEALTH, methods=["POST"])
def save_health(ref: str) -> Any:
    form = HealthForm()
    opened = not web.actor().is_staff
    if not form.validate():
        return _health_page(ref, opened=opened, form=form, status=422)
    try:
        with web.unit() as uow:
            add_health_note(uow, ref, chosen(HealthKind, form.kind.data), form.text.data or "")
    except RuleBroken as refused:
        show(form, refused.problems)
        return _health_page(ref, opened=opened, form=form, status=422)
    flash(gettext("건강 정보를 적었어요."), "success")
    return web.see_other(url_for("people.health", ref=ref))


@web.page(pages, "/children/<ref>/health/<note>/remove", EDIT_HEALTH, methods=["POST"])
def drop_health(ref: str, note: str) -> Any:
    with web.unit() as uow:
        remove_health_note(uow, ref, note)
    flash(gettext("건강 정보를 지웠어요."), "success")
    return web.see_other(url_for("people.health", ref=ref))


@web.page(pages, "/children/<ref>/consents", GIVE_CONSENT)
def consents(ref: str) -> Any:
    with web.unit() as uow:
        row = child_for(uow, ref)
        states = consents_of(uow, ref)
    return web.render("people/shared/consents.html", child=child_row(row), states=states, **frame())


@web.page(pages, "/children/<ref>/consents/<kind>", GIVE_CONSENT)
def consent(ref: str, kind: str) -> Any:
    return _consent_page(ref, _kind(kind))


def _kind(text: str) -> ConsentKind:
    found = chosen(ConsentKind, text)
    if found is None:
        raise NotFound("consent kind")
    return ConsentKind(found)


def _consent_page(ref: str, kind: ConsentKind, problems: Any = (), status: int = 200) -> Any:
    with web.unit() as uow:
        row = child_for(uow, ref)
        text = consent_text(uow, kind)
        state = next(s for s in consents_of(uow, ref) if s.kind is kind)
        guardians = guardians_of(uow, row.id)
    return web.render(
        "people/shared/consent.html",
        child=child_row(row),
        text=text,
        state=state,
        guardians=guardians,
        channels=[ConsentChannel.PHONE, ConsentChannel.PAPER],
        problems=problems,
        posted=request.form,
        status=status,
        **frame(),
    )


@web.page(pages, "/children/<ref>/consents/<kind>", GIVE_CONSENT, methods=["POST"])
def decide_consent(ref: str, kind: str) -> Any:
    posted, file = request.form, request.files.get("file")
    scan = Scanned(file.filename, file.read()) if file is not None and file.filename else None
    try:
        with web.unit() as uow:
            row = child_for(uow, ref)
            guardian = next(
                (g.id for g in guardians_of(uow, row.id) if g.ref == posted.get("guardian")), None
            )
            give_consent(
                uow,
                ref,
                _kind(kind),
                decision=posted.get("decision") == "yes",
                channel=chosen(ConsentChannel, posted.get("channel")) or ConsentChannel.ONLINE,
                guardian_id=guardian,
                seen=posted.get("seen", ""),
                scan=scan,
            )
    except RuleBroken as refused:
        return _consent_page(ref, _kind(kind), refused.problems, 422)
    flash(gettext("동의 여부를 저장했어요. 언제든 바꿀 수 있어요."), "success")
    return web.see_other(url_for("people.consents", ref=ref))


@web.page(pages, "/children/<ref>/consents/<kind>/withdraw", GIVE_CONSENT, methods=["POST"])
def take_back(ref: str, kind: str) -> Any:
    try:
        with web.unit() as uow:
            withdraw_consent(uow, ref, _kind(kind))
    except RuleBroken as refused:
        return _consent_page(ref, _kind(kind), refused.problems, 422)
    flash(gettext("동의를 철회했어요."), "success")
    return web.see_other(url_for("people.consents", ref=ref))


@web.page(pages, "/children/<ref>/arrival-form", GIVE_CONSENT, methods=["POST"])
def arrival_form(ref: str) -> Any:
    """서식5: the child's own paper about coming, leaving, outings and first aid."""
    with web.unit() as uow:
        paper = start_arrival_form(uow, ref)
    return web.see_other(url_for("documents_fill.fill", ref=paper.ref))


@web.page(pages, "/evidence/<ref>/file", READ_CHILD)
def evidence_file(ref: str) -> Any:
    with web.unit() as uow:
        upload, content = open_evidence(uow, ref)
    return send_file(content, upload.media_type, upload.name)
