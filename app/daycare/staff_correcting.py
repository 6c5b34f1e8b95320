"""종이 신청서 옮겨 적기: what was registered wrongly of the guardian or a child is put right (KB-48, AD-18)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.daycare import actions
from app.daycare.application_form import DRAFTED, Scene
from app.daycare.staff_pages import SERVICE, done, pages, posted_version
from app.daycare.staff_sheet import scene_of
from app.kernel import audit, web
from app.kernel.errors import NotFound, RuleBroken, StaleVersion
from app.people.forms import ChildForm, CorrectGuardianForm, show
from app.people.models import Child, Guardian
from app.people.queries import child_for, guardian_for
from app.people.service import correct_guardian, edit_child

SCHOOLING = {True: "yes", False: "no", None: ""}


@web.page(pages, "/applications/<ref>/guardian", actions.TAKE_DOWN, service=SERVICE)
def registered_guardian(ref: str) -> Any:
    scene, _detail = scene_of(ref)
    row = _guardian(scene)
    return _page(scene, CorrectGuardianForm(formdata=None, obj=row), row)


@web.page(pages, "/applications/<ref>/guardian", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def correct_registered_guardian(ref: str) -> Any:
    scene, _detail = scene_of(ref)
    row, form = _guardian(scene), CorrectGuardianForm()
    if not form.validate():
        return _page(scene, form, row, 422)
    try:
        with web.unit() as uow:
            correct_guardian(
                uow,
                row.ref,
                version=posted_version(),
                name=form.name.data or "",
                phone=form.phone.data or "",
                address=form.address.data or "",
                workplace=row.workplace,
            )
    except RuleBroken as refused:
        show(form, refused.problems)
        return _page(scene, form, row, 422)
    except StaleVersion:
        return _changed(scene, CorrectGuardianForm(formdata=None, obj=row), row)
    return done(_back(scene), _("보호자 정보를 고쳤어요. 다음 문자부터 새 번호로 보내요."))


@web.page(pages, "/applications/<ref>/children/<child>", actions.TAKE_DOWN, service=SERVICE)
def registered_child(ref: str, child: str) -> Any:
    scene, _detail = scene_of(ref)
    row = _child(scene, child)
    return _page(scene, _filled(row), row)


@web.page(pages, "/applications/<ref>/children/<child>", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def correct_registered_child(ref: str, child: str) -> Any:
    scene, _detail = scene_of(ref)
    row, form = _child(scene, child), ChildForm()
    if not form.validate():
        return _page(scene, form, row, 422)
    try:
        with web.unit() as uow:
            edit_child(uow, child, form.child(), version=posted_version())
    except RuleBroken as refused:
        show(form, refused.problems)
        return _page(scene, form, row, 422)
    except StaleVersion:
        return _changed(scene, _filled(row), row)
    return done(_back(scene), _("아이 정보를 고쳤어요."))


def _guardian(scene: Scene) -> Guardian:
    with web.unit() as uow:
        row = guardian_for(uow, scene.guardian or "")
        audit.record_access(uow, "guardian.read", "guardian", row.id)
    return row


def _child(scene: Scene, ref: str) -> Child:
    """One of this family's; NotFound for any other the daycare knows."""
    if ref not in scene.names:
        raise NotFound("child")
    with web.unit() as uow:
        row = child_for(uow, ref)
        audit.record_access(uow, "child.edit_form", "child", row.id)
    return row


def _filled(row: Child) -> ChildForm:
    form = ChildForm(formdata=None, obj=row)
    form.schooling.data = SCHOOLING[row.in_school]
    return form


def _back(scene: Scene) -> str:
    page = "write" if scene.state in DRAFTED else "application"
    return url_for(f"daycare_staff.{page}", ref=scene.ref)


def _changed(scene: Scene, fresh: Any, row: Guardian | Child) -> Any:
    fresh.form_errors = [_("그사이 다른 곳에서 바뀌었어요. 지금 내용을 확인하고 다시 저장해 주세요.")]
    return _page(scene, fresh, row, 409)


def _page(scene: Scene, form: Any, row: Guardian | Child, status: int = 200) -> Any:
    return web.render(
        "daycare/staff/apply_correct.html",
        status=status,
        f=form,
        name=row.name,
        version=row.version,
        is_child=isinstance(row, Child),
        stands=scene.state not in DRAFTED,
        action=request.path,
        back=_back(scene),
    )
