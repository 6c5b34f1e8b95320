"""종이 신청서 옮겨 적기: another child of the same paper, registered with its consent, or taken on (KB-32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import BooleanField

from app.daycare import actions
from app.daycare.application_form import DRAFTED, Scene
from app.daycare.rules.application import MOST_CHILDREN, ChildAnswers
from app.daycare.rules.states import Channel as Came
from app.daycare.service import save_application
from app.daycare.staff_applying import STEPS, on_the_way
from app.daycare.staff_pages import SERVICE, done, pages
from app.daycare.staff_sheet import scene_of
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.submission import answered_at, submit_once
from app.people.forms import NewChildForm, show
from app.people.models import GuardianChild
from app.people.queries import ChildRow, guardian_for
from app.people.rules import Channel, ConsentChannel, ConsentKind
from app.people.service import LikelyTwice, consent_text, register_child, take_on_child

ANOTHER_FAMILY = Problem(
    "daycare.child_of_another",
    N_("이 아이는 같은 번호의 다른 보호자로 등록되어 있어요. ‘보호자 찾기’에서 그 보호자를 찾아 주세요."),
    rule="KB-32",
    field="name",
)


class AnotherChildForm(NewChildForm):
    """The channel is the application's own."""

    confirmed_new = BooleanField(N_("다른 아이예요. 새로 등록할게요."))
    came = Came.VISIT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.legal_consent.label.text = _("[필수] 법정대리인의 개인정보 수집·이용 동의를 받았어요.")

    @property
    def consent_channel(self) -> ConsentChannel:
        return ConsentChannel.PHONE if self.came is Came.PHONE else ConsentChannel.PAPER


@web.page(pages, "/applications/<ref>/child", actions.TAKE_DOWN, service=SERVICE)
def another_child(ref: str) -> Any:
    scene, _detail = scene_of(ref)
    return _child_page(scene, AnotherChildForm(formdata=None, schooling="no"))


@web.page(pages, "/applications/<ref>/child", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def add_another_child(ref: str) -> Any:
    scene, detail = scene_of(ref)
    form = AnotherChildForm()
    form.came = detail.row.channel
    if not form.validate():
        return _child_page(scene, form, 422)
    request_id, url = request.form.get("request_id", ""), _back(scene)
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            child = _known(uow, scene, form) if request.form.get("use") else _new(uow, scene, form)
            if scene.state in DRAFTED and len(scene.data.children) < MOST_CHILDREN:
                kept = (*scene.data.children, ChildAnswers(child, name=form.name.data or ""))
                data = replace(scene.data, children=kept)
                row = save_application(
                    uow, data, ref=ref, version=scene.version, guardian=scene.guardian, channel=form.came
                )
                url = _back(replace(scene, ref=row.ref))
            answered_at(uow, request_id, url)
    except LikelyTwice as twice:
        return _child_page(scene, form, 422, twice.matches)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _child_page(scene, form, 422)
    return done(url, _("아이를 더했어요. 이어서 적어 주세요."))


def _new(uow: UnitOfWork, scene: Scene, form: AnotherChildForm) -> str:
    return register_child(
        uow,
        guardian_for(uow, scene.guardian or "").id,
        form.child(),
        relation=form.kin(),
        consent=form.consent(),
        channel=Channel.PHONE if form.came is Came.PHONE else Channel.VISIT,
        confirmed_new=bool(form.confirmed_new.data),
    ).ref


def _known(uow: UnitOfWork, scene: Scene, form: AnotherChildForm) -> str:
    """The guardian's child that another house registered: the same record is used."""
    guardian, typed = guardian_for(uow, scene.guardian or ""), form.child()
    child = take_on_child(
        uow, request.form["use"], name=typed.name, birth_date=typed.birth_date, phone=guardian.phone
    )
    theirs = select(GuardianChild.id).where(
        GuardianChild.child_id == child.id, GuardianChild.guardian_id == guardian.id
    )
    if uow.session.scalar(theirs) is None:
        raise RuleBroken(ANOTHER_FAMILY)
    return child.ref


def _back(scene: Scene) -> str:
    return on_the_way("write" if scene.state in DRAFTED else "renew", scene.ref or "")


def _child_page(
    scene: Scene, form: AnotherChildForm, status: int = 200, matches: Sequence[ChildRow] = ()
) -> Any:
    with web.unit() as uow:
        text = consent_text(uow, ConsentKind.PRIVACY)
        name = guardian_for(uow, scene.guardian or "").name
    return web.render(
        "daycare/staff/apply_child.html",
        status=status,
        steps_of=[_(step) for step in STEPS],
        f=form,
        text=text,
        guardian=name,
        matches=matches,
        action=on_the_way("add_another_child", scene.ref or ""),
        back=_back(scene),
        list_url=url_for("daycare_staff.applications_page", tab="draft"),
        request_id=request.form.get("request_id") or web.new_request_id(),
    )
