"""종이 신청서 옮겨 적기: the form on one page in the order of the paper, then its signature (AD-18 – AD-20, GC-24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.daycare import actions, service
from app.daycare.application_form import (
    DRAFTED,
    MEALS,
    STANDS,
    Scene,
    anchored,
    data_of,
    errors_at,
    prefixed,
    typed_in,
)
from app.daycare.application_paper import sheet_to_sign
from app.daycare.forms_parent import read_child
from app.daycare.queries import ApplicationDetail, application_detail
from app.daycare.rules.application import (
    AGREEMENTS,
    DECISIONS,
    DIRECTOR_MAY_PASS,
    MOST_CHILDREN,
    MOST_GUARDIANS,
    ChildAnswers,
    Purpose,
    Qualification,
    check_application,
)
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.service import ApplicationData
from app.daycare.staff_applying import STEPS, asked_then, on_the_way
from app.daycare.staff_pages import (
    SERVICE,
    STALE,
    by_field,
    done,
    own_daycare,
    pages,
    posted_version,
)
from app.daycare.staff_signing import SIGNING, handed_in, request_id, signing_facts
from app.documents.service.printing import request_print
from app.kernel import web
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.people.queries import children_of, guardian_for

RENEWED = STANDS | {ApplicationState.OUTDATED}
CHANGED = Problem(
    "daycare.sheet_changed",
    N_(
        "그 사이 다른 곳에서 이 신청서를 고쳤어요. 아래는 방금 적은 내용이에요. "
        "다시 저장하면 이 내용으로 바뀌어요."
    ),
)


def scene_of(ref: str) -> tuple[Scene, ApplicationDetail]:
    """NotFound for another daycare's, and for a draft the family writes itself."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        detail = application_detail(uow, ref)
        guardian = guardian_for(uow, detail.row.guardian_ref)
        family = tuple(children_of(uow, guardian.id))
    row = detail.row
    data = data_of(detail, daycare)
    return Scene(daycare, data, family, row.state, ref, row.version, row.guardian_ref), detail


@web.page(pages, "/applications/<ref>/write", actions.TAKE_DOWN, service=SERVICE)
def write(ref: str) -> Any:
    scene, detail = scene_of(ref)
    if scene.state not in DRAFTED:
        return _to_application(ref)
    return _sheet(scene, detail)


@web.page(pages, "/applications/<ref>/write", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def keep(ref: str) -> Any:
    """``step``: keep it as it is, complete or not; then a further child, or on to the signature."""
    scene, detail = scene_of(ref)
    data, unreadable = typed_sheet(scene)
    typed = replace(scene, data=data)
    if unreadable:
        return _sheet(typed, detail, unreadable, 422)
    try:
        with web.unit() as uow:
            row = service.save_application(
                uow, data, ref=ref, version=posted_version(), guardian=scene.guardian, channel=_came(detail)
            )
            ref, version = row.ref, row.version
    except RuleBroken as refused:
        return _sheet(typed, detail, refused.problems, 422)
    except StaleVersion:
        return _sheet(typed, detail, [CHANGED], 409)
    step = request.form.get("step", "")
    if step == "child":
        return web.see_other(on_the_way("another_child", ref))
    if step != "sign":
        return done(on_the_way("write", ref), _("여기까지 저장했어요. ‘작성 중’에서 이어서 적을 수 있어요."))
    if missing := _missing(data):
        return _sheet(replace(typed, version=version), detail, missing, 422)
    return web.see_other(on_the_way("sign", ref))


@web.page(pages, "/applications/<ref>/sign", actions.TAKE_DOWN, service=SERVICE)
def sign(ref: str) -> Any:
    scene, detail = scene_of(ref)
    if scene.state not in DRAFTED:
        return _to_application(ref)
    if _missing(scene.data):
        return web.see_other(on_the_way("write", ref))
    return _sign_page(scene, detail)


@web.page(pages, "/applications/<ref>/sign", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def hand_in(ref: str) -> Any:
    scene, detail = scene_of(ref)
    if scene.state not in DRAFTED:
        return _to_application(ref)
    url, problems, status = handed_in(replace(scene, version=posted_version()))
    if not problems:
        onward = _("이제 예약을 넣어 주세요.") if asked_then() else _("서류를 확인하고 접수해 주세요.")
        return done(url, _("신청서를 냈어요. %(onward)s", onward=onward))
    if any(one.field in _ANSWERS for one in problems if not one.soft):
        return _sheet(scene, detail, problems, status)
    return _sign_page(scene, detail, problems, status)


@web.page(pages, "/applications/<ref>/renew", actions.TAKE_DOWN, service=SERVICE)
def renew(ref: str) -> Any:
    """바뀐 내용 옮겨 적기: form and signature on one page, handed in at once, so that what stands stays valid."""
    scene, detail = scene_of(ref)
    if scene.state not in RENEWED:
        return _to_application(ref)
    return _sheet(scene, detail, renewing=True)


@web.page(pages, "/applications/<ref>/renew", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def hand_in_renewed(ref: str) -> Any:
    scene, detail = scene_of(ref)
    if scene.state not in RENEWED:
        return _to_application(ref)
    data, unreadable = typed_sheet(scene)
    typed = replace(scene, data=data)
    if unreadable:
        return _sheet(typed, detail, unreadable, 422, renewing=True)
    url, problems, status = handed_in(replace(typed, version=posted_version()))
    if problems:
        return _sheet(typed, detail, problems, status, renewing=True)
    return done(url, _("바뀐 내용으로 다시 냈어요. 확인하고 접수해 주세요."))


@web.page(pages, "/applications/<ref>/print", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def print_sheet(ref: str) -> Any:
    """인쇄해서 서명 받기: the filled form, marked 서명용; of what stands already, as it is typed now."""
    scene, detail = scene_of(ref)
    if scene.state in RENEWED and "children" in request.form:
        data, unreadable = typed_sheet(scene)
        if unreadable:
            return _sheet(replace(scene, data=data), detail, unreadable, 422, renewing=True)
        detail = replace(
            detail,
            children=data.children,
            guardians=data.guardians,
            purpose=data.purpose,
            purpose_words=data.purpose_words,
            consents={key: value for key, value in data.consents.items() if value is not None},
        )
    with web.unit() as uow:
        work = request_print(uow, [sheet_to_sign(uow, detail)], _("이용신청서"))
    return web.see_other(url_for("documents_print.print_run", ref=work))


@web.page(pages, "/applications/<ref>/discard", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def discard(ref: str) -> Any:
    try:
        with web.unit() as uow:
            service.drop_draft(uow, ref, version=posted_version())
    except RuleBroken as refused:
        scene, detail = scene_of(ref)
        return _sheet(scene, detail, refused.problems, 422, renewing=scene.state in RENEWED)
    except StaleVersion:
        scene, detail = scene_of(ref)
        return _sheet(scene, detail, [STALE], 409, renewing=scene.state in RENEWED)
    return done(url_for("daycare_staff.applications_page", tab="draft"), _("옮겨 적던 신청서를 버렸어요."))


def typed_sheet(scene: Scene) -> tuple[ApplicationData, list[Problem]]:
    """The whole sheet as typed: the children that are ticked, in the family's order, and what cannot be read."""
    read = read_answers(scene)
    ticked = set(request.form.getlist("children"))
    children = tuple(read[child.ref] for child in scene.family if child.ref in ticked)
    before = replace(scene, data=replace(scene.data, children=children))
    return typed_in(request.form, before, "guardians", "purpose", "sign")


def read_answers(scene: Scene) -> dict[str, ChildAnswers]:
    """What is typed about every child of the family, ticked or not, so that nothing typed is lost."""
    return {
        child.ref: read_child(prefixed(request.form, f"c{number}_"), child.ref, child.name)
        for number, child in enumerate(scene.family, 1)
    }


def _missing(data: ApplicationData) -> list[Problem]:
    """What the form still lacks; what only the director has to judge is asked with the signature."""
    found = check_application(data.children, data.guardians, data.purpose, data.purpose_words, data.consents)
    return [one for one in found if not one.soft]


_ANSWERS = (
    "children",
    *(f"child_{number}" for number in range(1, MOST_CHILDREN + 1)),
    *(f"guardian_{number}" for number in range(1, MOST_GUARDIANS + 1)),
    "purpose",
    "purpose_words",
    *DECISIONS,
)
"""Fields of the sheet itself."""


def _came(detail: ApplicationDetail) -> Channel:
    """A family's own application that staff go on with came to the desk by then."""
    return Channel.PHONE if detail.row.channel is Channel.PHONE else Channel.VISIT


def _to_application(ref: str) -> Any:
    return web.see_other(url_for("daycare_staff.application", ref=ref))


def _sheet(
    scene: Scene,
    detail: ApplicationDetail,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    renewing: bool = False,
) -> Any:
    ref = scene.ref or ""
    return web.render(
        "daycare/staff/apply_sheet.html",
        status=status,
        steps_of=[_(step) for step in STEPS],
        scene=scene,
        row=detail.row,
        renewing=renewing,
        problems=[*anchored([one for one in problems if one.field not in SIGNING])]
        + [one for one in problems if one.field in SIGNING],
        errors=errors_at(problems) | by_field([one for one in problems if one.field in SIGNING]),
        children=_children(scene),
        told=any(one.field.startswith("child_") for one in problems),
        most=MOST_CHILDREN,
        guardians=[*scene.data.guardians, *[None] * MOST_GUARDIANS][:MOST_GUARDIANS],
        purposes=[(kind.value, kind.label) for kind in Purpose],
        qualifications=[(kind.value, kind.label) for kind in Qualification],
        consents=[(key, label, _hint(key)) for key, label in DECISIONS.items()],
        posted=request.form,
        **(signing_facts(scene, detail, problems) if renewing else {}),
        action=on_the_way("hand_in_renewed" if renewing else "keep", ref),
        request_id=request_id(),
    )


def _children(scene: Scene) -> list[dict[str, Any]]:
    """Each child of the family: its number among those who apply (0: not ticked), and what is said about it."""
    order = [one.child for one in scene.data.children]
    kept = {one.child: one for one in scene.data.children}
    typed = read_answers(scene) if request.method == "POST" and "purpose_words" in request.form else {}
    untouched = not order and not typed and len(scene.family) <= MOST_CHILDREN
    return [
        {
            "row": child,
            "prefix": f"c{number}_",
            "number": order.index(child.ref) + 1 if child.ref in order else 0,
            "ticked": child.ref in order or untouched,
            "answers": typed.get(child.ref)
            or kept.get(child.ref)
            or ChildAnswers(child.ref, name=child.name),
        }
        for number, child in enumerate(scene.family, 1)
    ]


def _hint(key: str) -> str:
    if key in AGREEMENTS:
        return _(MEALS)
    if key in DIRECTOR_MAY_PASS:
        return _("동의하지 않으면 원장이 이용 여부를 정해요.")
    return _("이용하려면 꼭 필요해요.")


def _sign_page(
    scene: Scene, detail: ApplicationDetail, problems: Sequence[Problem] = (), status: int = 200
) -> Any:
    return web.render(
        "daycare/staff/apply_sign.html",
        status=status,
        steps_of=[_(step) for step in STEPS],
        scene=scene,
        row=detail.row,
        problems=[one if one.field in SIGNING else replace(one, field="") for one in problems],
        errors=by_field(list(problems)),
        **signing_facts(scene, detail, problems),
        action=on_the_way("hand_in", scene.ref or ""),
        request_id=request_id(),
    )
