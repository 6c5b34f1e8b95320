"""이용신청서 on the phone: children, health, guardians, purpose, consents and the signature, a page each.

Answers about health never stand in an address, so each page is kept as a draft; what is handed in already is changed
on one page and handed in at once, so that it stays valid meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, flash, request, url_for

from app.daycare import actions
from app.daycare.application_form import (
    DRAFTED,
    STANDS,
    STEPS,
    Scene,
    anchored,
    consent_words,
    data_of,
    errors_at,
    first_open,
    fresh,
    of_step,
    typed_in,
)
from app.daycare.application_paper import paper_of, sign_application
from app.daycare.papers_asked import APPLICATION
from app.daycare.parent_book import child_note
from app.daycare.parent_pages import APPLICATION_STEPS, SERVICE, pages, placed, step_names
from app.daycare.parent_words import ages_text
from app.daycare.queries import (
    Place,
    application_detail,
    daycare_by_ref,
    daycares,
    is_superseded,
    own_applications,
    places_of,
    policy_of,
)
from app.daycare.rules.application import (
    FAMILY_PAPERS,
    MOST_GUARDIANS,
    Purpose,
    Qualification,
    check_application,
)
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.service import (
    save_application,
    submit_application,
    withdraw_application,
)
from app.documents.catalogue import load
from app.kernel import submission, web
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.language import gettext as _
from app.people.queries import children_of

OPEN = DRAFTED | STANDS | {ApplicationState.OUTDATED}
RENEWED = STANDS | {ApplicationState.OUTDATED}
TONES = {"DRAFT": "", "SUBMITTED": "info", "ACCEPTED": "success", "RETURNED": "danger", "OUTDATED": "warning"}

NEWEST = frozenset({Place.NEWEST, Place.CHANGED})

TEMPLATES = {
    "children": "daycare/parent/apply_children.html",
    "health": "daycare/parent/apply_health.html",
    "guardians": "daycare/parent/apply_guardians.html",
    "purpose": "daycare/parent/apply_purpose.html",
    "sign": "daycare/parent/apply_sign.html",
    "renew": "daycare/parent/renew.html",
}


@web.page(pages, "/applications", actions.MY_APPLICATIONS, service=SERVICE)
def applications() -> Response:
    with web.unit() as uow:
        rows = own_applications(uow)
        places = [place for place in daycares(uow) if place.active]
    open_at = {row.daycare_ref for row in rows if row.state in OPEN}
    among = places_of(rows)
    return web.render(
        "daycare/parent/applications.html",
        rows=[
            {
                "url": url_for("daycare_parent.application", ref=row.ref),
                "text": row.daycare,
                "note": ", ".join(row.children),
                "label": _word(row.state, among[row.ref]),
                "tone": _tone(row.state, among[row.ref]),
            }
            for row in rows
        ],
        places=[
            (place.name, url_for("daycare_parent.apply_start", ref=place.ref))
            for place in places
            if place.ref not in open_at
        ],
    )


@web.page(pages, "/apply/<ref>", actions.MY_APPLICATIONS, service=SERVICE)
def apply_start(ref: str) -> Response:
    """1. The children; or where the family stands already."""
    with web.unit() as uow:
        daycare = daycare_by_ref(uow, ref)
        rows = [row for row in own_applications(uow) if row.daycare_ref == ref]
        found = next((row for row in rows if row.state in OPEN), None)
        scene = None if found else fresh(uow, daycare)
    if found:
        return web.see_other(url_for("daycare_parent.application", ref=found.ref))
    assert scene is not None  # noqa: S101 - nothing was found
    return _show("children", scene)


@web.page(pages, "/apply/<ref>", actions.MY_APPLICATIONS, methods=["POST"], service=SERVICE)
def begin(ref: str) -> Response:
    with web.unit() as uow:
        daycare = daycare_by_ref(uow, ref)
        rows = [row for row in own_applications(uow) if row.daycare_ref == ref]
        kept = next((row for row in rows if row.state in OPEN), None)
        scene = fresh(uow, daycare)
    if kept is not None:
        return web.see_other(url_for("daycare_parent.application", ref=kept.ref))
    return _keep("children", scene)


def _scene(ref: str) -> Scene:
    """Raises NotFound for another family's."""
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        daycare = daycare_by_ref(uow, detail.row.daycare_ref)
        family = tuple(children_of(uow, uow.actor.guardian_id or 0))
    return Scene(daycare, data_of(detail, daycare), family, detail.row.state, ref, detail.row.version)


@web.page(pages, "/applications/<ref>", actions.MY_APPLICATIONS, service=SERVICE)
def application(ref: str) -> Response:
    return _show_state(ref)


def _word(state: ApplicationState, place: Place) -> str:
    """A changed one and the one that still counts are told apart."""
    if place is Place.COUNTS:
        return _("접수됨")
    if place is Place.CHANGED and state is ApplicationState.SUBMITTED:
        return _("바뀐 내용 확인 중")
    if place is Place.HISTORY and state is ApplicationState.OUTDATED:
        return _("지난 신청서")
    return _(state.label)


def _tone(state: ApplicationState, place: Place) -> str:
    if place is Place.COUNTS:
        return TONES["ACCEPTED"]
    return "" if place is Place.HISTORY else TONES.get(state, "")


def _show_state(ref: str, problems: Sequence[Problem] = (), status: int = 422) -> Response:
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        place = places_of(own_applications(uow))[ref]
        paper, unsigned = paper_of(uow, ref)
    row = detail.row
    names = {answers.child: answers.name for answers in detail.children}
    return web.render(
        "daycare/parent/application.html",
        status=status if problems else 200,
        problems=placed(problems),
        row=row,
        word=_word(row.state, place),
        tone=_tone(row.state, place),
        drafted=row.state in DRAFTED,
        stands=row.state in STANDS,
        outdated=row.state is ApplicationState.OUTDATED and place in NEWEST,
        returned=row.decision_reason if row.state is ApplicationState.RETURNED else "",
        next_line=_next_line(row.state, place, row, unsigned=unsigned),
        unsigned=unsigned,
        go_on=url_for("daycare_parent.application_step", ref=ref, step=first_open(detail)),
        facts=[
            (_("어린이집"), row.daycare),
            (_("아이"), ", ".join(names.values() or row.children)),
            (
                _("보호자"),
                ", ".join(
                    f"{n}. {one.name}({one.relation})" for n, one in enumerate(detail.guardians, 1) if one
                ),
            ),
            (_("이용목적"), _(Purpose(detail.purpose).label) if detail.purpose in set(Purpose) else ""),
            (_("낸 방법"), "" if row.channel is Channel.ONLINE else _by_desk(row.channel)),
            (_("가족관계서류"), _("확인했어요") if row.family_checked else _("처음 올 때 보여 주세요")),
            (_("보호자 신분증"), _("확인했어요") if row.identity_checked else _("처음 올 때 보여 주세요")),
        ],
        papers=[_(each) for each in FAMILY_PAPERS.values()],
        paper_url=url_for("documents.paper", ref=paper) if paper else "",
        book_url=url_for("daycare_parent.child_step"),
    )


AMONG = {
    Place.COUNTS: N_("바뀐 내용을 접수할 때까지는 여기 적은 보호자에게만 아이를 보내요."),
    Place.HISTORY: N_("지난 신청서예요."),
}


CHANGED = N_(
    "어린이집이 바뀐 내용을 확인하고 있어요. 접수할 때까지는 전에 접수한 보호자에게만 아이를 보내요."
)


def _by_desk(channel: Channel) -> str:
    """How what the daycare wrote down had reached it."""
    return {
        Channel.PHONE: _("전화로 말한 내용을 어린이집이 적었어요"),
        Channel.VISIT: _("종이에 쓴 내용을 어린이집이 옮겨 적었어요"),
    }.get(channel, _(channel.label))


def _next_line(state: ApplicationState, place: Place, row: Any, *, unsigned: bool) -> str:
    if place not in NEWEST:
        return _(AMONG[place])
    if unsigned and state is ApplicationState.SUBMITTED:
        return _("서명만 남았어요. 서명하면 어린이집이 접수해요. 처음 오는 날 어린이집에서 해도 돼요.")
    if state is ApplicationState.DRAFT and row.channel is not Channel.ONLINE:
        return _("어린이집이 신청서를 옮겨 적고 있어요. 여기서 이어서 쓰고 서명해도 돼요.")
    if place is Place.CHANGED and state is ApplicationState.SUBMITTED:
        return _(CHANGED)
    return {
        ApplicationState.DRAFT: _("아직 내지 않았어요. 이어서 적고 서명하면 끝나요."),
        ApplicationState.SUBMITTED: _("어린이집이 확인하고 있어요. 기다리는 동안에도 예약할 수 있어요."),
        ApplicationState.ACCEPTED: _("접수되었어요. 내용이 바뀌기 전까지 계속 쓸 수 있어요."),
        ApplicationState.OUTDATED: _("아이 정보가 바뀌어 다시 적어야 해요. 전에 적은 내용을 불러와 드려요."),
    }.get(state, "")


@web.page(
    pages,
    "/applications/<ref>/<any(children,health,guardians,purpose,sign):step>",
    actions.MY_APPLICATIONS,
    service=SERVICE,
)
def application_step(ref: str, step: str) -> Response:
    scene = _scene(ref)
    if scene.state not in DRAFTED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _show(step, scene)


@web.page(
    pages,
    "/applications/<ref>/<any(children,health,guardians,purpose):step>",
    actions.MY_APPLICATIONS,
    methods=["POST"],
    service=SERVICE,
)
def keep_step(ref: str, step: str) -> Response:
    scene = _scene(ref)
    if scene.state not in DRAFTED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _keep(step, replace(scene, version=request.form.get("version", 0, int)))


CHANGED_MEANWHILE = Problem(
    "daycare.application_changed",
    N_(
        "그 사이 다른 화면에서 이 신청서를 고쳤어요. 아래는 방금 적은 내용이에요. "
        "다시 누르면 이 내용으로 바뀌어요."
    ),
)


def _changed_meanwhile(step: str, typed: Scene) -> Response:
    """Nothing typed is lost: the page again, on top of what stands now."""
    if typed.ref is None:
        return web.see_other(url_for("daycare_parent.apply_start", ref=typed.daycare.ref))
    now = _scene(_newest_of(typed.ref))
    if now.state not in DRAFTED | RENEWED:
        return web.see_other(url_for("daycare_parent.application", ref=typed.ref))
    fresh_one = replace(typed, ref=now.ref, state=now.state, version=now.version)
    return _show(step, fresh_one, [CHANGED_MEANWHILE], 409)


def _keep(step: str, scene: Scene) -> Response:
    """Keep one page; what is wrong on it is said at once, with everything that was typed."""
    data, unreadable = typed_in(request.form, scene, step)
    found = check_application(data.children, data.guardians, data.purpose, data.purpose_words, data.consents)
    wrong = [*unreadable, *(one for one in of_step(step, found) if not one.soft)]
    typed = replace(scene, data=data)
    if wrong:
        return _show(step, typed, wrong)
    try:
        with web.unit() as uow:
            row = save_application(uow, data, ref=scene.ref, version=scene.version)
            ref = row.ref
    except RuleBroken as refused:
        return _show(step, typed, refused.problems)
    except StaleVersion:
        return _changed_meanwhile(step, typed)
    following = STEPS[STEPS.index(step) + 1]
    return web.see_other(url_for("daycare_parent.application_step", ref=ref, step=following))


@web.page(pages, "/applications/<ref>/sign", actions.MY_APPLICATIONS, methods=["POST"], service=SERVICE)
def hand_in(ref: str) -> Response:
    scene = _scene(ref)
    if scene.state not in DRAFTED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _hand_in("sign", replace(scene, version=request.form.get("version", 0, int)), "sign")


@web.page(pages, "/applications/<ref>/renew", actions.MY_APPLICATIONS, service=SERVICE)
def renew(ref: str) -> Response:
    """바뀐 것이 있어요: everything on one page, handed in at once; what is wrong changes nothing that stands."""
    scene = _scene(ref)
    if scene.state not in RENEWED or _newest_of(ref) != ref:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _show("renew", scene)


@web.page(pages, "/applications/<ref>/renew", actions.MY_APPLICATIONS, methods=["POST"], service=SERVICE)
def hand_in_renewed(ref: str) -> Response:
    scene = replace(_scene(ref), version=request.form.get("version", 0, int))
    if scene.state not in RENEWED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _hand_in("renew", scene, *STEPS)


def _newest_of(ref: str) -> str:
    """The family's newest one for the same daycare: what changed since is not written anew from an older one."""
    with web.unit() as uow:
        rows = own_applications(uow)
    among = places_of(rows)
    daycare = next(row.daycare_ref for row in rows if row.ref == ref)
    return next(row.ref for row in rows if row.daycare_ref == daycare and among[row.ref] in NEWEST)


def _hand_in(page: str, scene: Scene, *steps: str) -> Response:
    """Submit and sign in one unit: without a signature nothing is handed in."""
    data, unreadable = typed_in(request.form, scene, *steps)
    typed, posted = replace(scene, data=data), request.form
    if unreadable:
        return _show(page, typed, unreadable)
    request_id = posted.get("request_id", "")
    try:
        with web.unit() as uow:
            over = scene.state is ApplicationState.OUTDATED  # then a new one takes its place
            if over and is_superseded(uow, scene.ref or ""):
                submission.submit_once(uow, request_id)  # the same press again leads to its answer
                raise StaleVersion("daycare_application")
            ref, version = (None, None) if over else (scene.ref, scene.version)
            row = submit_application(uow, request_id, data, ref=ref, version=version)
            sign_application(
                uow,
                row,
                signer=uow.actor.name,
                strokes=posted.get("strokes", "").strip(),
                typed=posted.get("typed", "").strip(),
            )
            url = url_for("daycare_parent.application", ref=row.ref)
            submission.answered_at(uow, request_id, url)
    except RuleBroken as refused:
        return _show(page, typed, refused.problems)
    except StaleVersion:
        return _changed_meanwhile(page, typed)
    flash(_("이용신청서를 냈어요. 이제 예약할 수 있어요."), "success")
    return web.see_other(url)


WITHDRAW_CHANGED = Problem(
    "daycare.application_changed",
    N_("그 사이 이 신청서가 바뀌었어요. 지금 내용을 확인하고, 그래도 거두려면 다시 눌러 주세요."),
)


@web.page(pages, "/applications/<ref>/withdraw", actions.MY_APPLICATIONS, methods=["POST"], service=SERVICE)
def withdraw(ref: str) -> Response:
    try:
        with web.unit() as uow:
            withdraw_application(uow, ref, version=request.form.get("version", 0, int))
    except RuleBroken as refused:
        return _show_state(ref, refused.problems)
    except StaleVersion:
        return _show_state(ref, [WITHDRAW_CHANGED], 409)
    flash(_("이용신청서를 거두었어요. 다시 이용하려면 새로 내 주세요."), "success")
    return web.see_other(url_for("daycare_parent.applications"))


def _show(step: str, scene: Scene, problems: Sequence[Problem] = (), status: int = 422) -> Response:
    """One page of the form; ``renew`` is all of them under each other. ``status`` when something stands against it."""
    whole = step == "renew"
    with web.unit() as uow:
        policy, today = policy_of(uow, scene.daycare), uow.today
        words = consent_words(uow, scene.daycare) if whole or step == "sign" else []
    order = [one.child for one in scene.data.children]
    return web.render(
        TEMPLATES[step],
        status=status if problems else 200,
        step_names=step_names(APPLICATION_STEPS),
        step_number=0 if whole else STEPS.index(step) + 1,
        problems=anchored(problems),
        errors=errors_at(problems),
        scene=scene,
        ages=ages_text(policy),
        children=[(child.ref, child.name, child_note(child, today)) for child in scene.family],
        chosen=order,
        answers=[replace(one, name=scene.names.get(one.child, one.name)) for one in scene.data.children],
        qualifications=[(kind.value, _(kind.label)) for kind in Qualification],
        guardians=[*scene.data.guardians, *[None] * MOST_GUARDIANS][:MOST_GUARDIANS],
        purposes=[(kind.value, _(kind.label)) for kind in Purpose],
        consents=words,
        pledge=load(APPLICATION).texts["statement"].ko if words else "",
        typed=request.form.get("typed", ""),
        strokes=request.form.get("strokes", ""),
        request_id=_request_id(),
        action=_action(step, scene),
        back=_back(step, scene),
    )


def _request_id() -> str:
    given = request.form.get("request_id", "")
    return given if submission.REQUEST_ID.fullmatch(given) else web.new_request_id()


def _action(step: str, scene: Scene) -> str:
    if scene.ref is None:
        return url_for("daycare_parent.begin", ref=scene.daycare.ref)
    if step == "renew":
        return url_for("daycare_parent.hand_in_renewed", ref=scene.ref)
    if step == "sign":
        return url_for("daycare_parent.hand_in", ref=scene.ref)
    return url_for("daycare_parent.keep_step", ref=scene.ref, step=step)


def _back(step: str, scene: Scene) -> str:
    if scene.ref is None:
        return url_for("daycare_public.daycare", ref=scene.daycare.ref)
    if step in ("renew", STEPS[0]):
        return url_for("daycare_parent.application", ref=scene.ref)
    before = STEPS[STEPS.index(step) - 1]
    return url_for("daycare_parent.application_step", ref=scene.ref, step=before)
