"""이용신청서 on the phone: children, health, guardians, purpose, consents and the signature, a page each.

Answers about health never stand in an address, so each page is kept as a draft; what is handed in already is changed
on one page and handed in at once, so that it stays valid meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select

from app.daycare import actions
from app.daycare.forms_parent import read_child, read_consents, read_guardians
from app.daycare.parent_book import child_note
from app.daycare.parent_pages import APPLICATION_STEPS, SERVICE, pages, placed, step_names
from app.daycare.parent_paper import paper_ref, sign_application
from app.daycare.parent_words import ages_text
from app.daycare.queries import (
    ApplicationDetail,
    DaycareRow,
    application_detail,
    daycare_by_ref,
    daycares,
    own_applications,
    policy_of,
)
from app.daycare.rules.application import (
    CONSENTS,
    DIRECTOR_MAY_PASS,
    FAMILY_PAPERS,
    MOST_CHILDREN,
    MOST_GUARDIANS,
    ChildAnswers,
    GuardianAnswers,
    Purpose,
    Qualification,
    check_application,
)
from app.daycare.rules.states import ApplicationState
from app.daycare.service import (
    ApplicationData,
    save_application,
    submit_application,
    withdraw_application,
)
from app.documents import wording
from app.documents.catalogue import load
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.language import gettext as _
from app.people.models import Guardian
from app.people.queries import ChildRow, children_of, guardians_by_child

STEPS = ("children", "health", "guardians", "purpose", "sign")
DRAFTED = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
STANDS = frozenset({ApplicationState.SUBMITTED, ApplicationState.ACCEPTED})
TONES = {"DRAFT": "", "SUBMITTED": "info", "ACCEPTED": "success", "RETURNED": "danger", "OUTDATED": "warning"}
FORM = "daycare-application"
PRIVACY = (
    "consent_use_intro",
    "consent_use_items",
    "consent_use_purpose",
    "consent_use_keep",
    "consent_use_refusal",
)
SURVEY = (
    "consent_survey_intro",
    "consent_survey_recipients",
    "consent_survey_items",
    "consent_survey_purpose",
    "consent_survey_keep",
    "consent_survey_refusal",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """An application as its pages see it: ``ref`` and ``version`` are None before the first page is kept."""

    daycare: DaycareRow
    data: ApplicationData
    family: tuple[ChildRow, ...]
    state: ApplicationState = ApplicationState.DRAFT
    ref: str | None = None
    version: int | None = None

    @property
    def names(self) -> dict[str, str]:
        return {child.ref: child.name for child in self.family}


@web.page(pages, "/applications", actions.MY_APPLICATIONS, service=SERVICE)
def applications() -> Response:
    with web.unit() as uow:
        rows = own_applications(uow)
        places = [place for place in daycares(uow) if place.active]
    open_at = {row.daycare_ref for row in rows if row.state in DRAFTED | STANDS}
    return web.render(
        "daycare/parent/applications.html",
        rows=[
            {
                "url": url_for("daycare_parent.application", ref=row.ref),
                "text": row.daycare,
                "note": ", ".join(row.children),
                "label": _(row.state.label),
                "tone": TONES.get(row.state, ""),
            }
            for row in rows
        ],
        places=[
            (place.name, url_for("daycare_parent.apply_start", ref=place.ref))
            for place in places
            if place.ref not in open_at
        ],
    )


@web.page(pages, "/apply/<ref>", actions.APPLY, service=SERVICE)
def apply_start(ref: str) -> Response:
    """1. The children; or where the family stands already."""
    with web.unit() as uow:
        daycare = daycare_by_ref(uow, ref)
        rows = [row for row in own_applications(uow) if row.daycare_ref == ref]
        found = next((row for row in rows if row.state in DRAFTED | STANDS), None)
        scene = None if found else _fresh(uow, daycare, rows)
    if found:
        return web.see_other(url_for("daycare_parent.application", ref=found.ref))
    assert scene is not None  # noqa: S101 - nothing was found
    return _show("children", scene)


@web.page(pages, "/apply/<ref>", actions.APPLY, methods=["POST"], service=SERVICE)
def begin(ref: str) -> Response:
    with web.unit() as uow:
        daycare = daycare_by_ref(uow, ref)
        rows = [row for row in own_applications(uow) if row.daycare_ref == ref]
        if any(row.state in DRAFTED | STANDS for row in rows):
            kept = next(row for row in rows if row.state in DRAFTED | STANDS)
            return web.see_other(url_for("daycare_parent.application", ref=kept.ref))
        scene = _fresh(uow, daycare, rows)
    return _keep("children", scene)


def _fresh(uow: UnitOfWork, daycare: DaycareRow, before: Sequence[Any]) -> Scene:
    """An empty form, or what an outdated one said; the guardians as the family is known."""
    family = tuple(children_of(uow, uow.actor.guardian_id or 0))
    old = next((row for row in before if row.state is ApplicationState.OUTDATED), None)
    if old is not None:
        data = replace(_data_of(application_detail(uow, old.ref), daycare), consents={})
    else:
        data = ApplicationData(daycare.ref, "", (), _known_guardians(uow, family), {})
    return Scene(daycare, data, family)


def _known_guardians(uow: UnitOfWork, family: Sequence[ChildRow]) -> tuple[GuardianAnswers, ...]:
    """Who applies first, then the others the family has named, in the order in which they are called."""
    own = uow.session.get(Guardian, uow.actor.guardian_id or 0)
    rows = [row for rows in guardians_by_child(uow, [c.id for c in family]).values() for row in rows]
    rows.sort(key=lambda row: (own is not None and row.id != own.id, row.emergency_order))
    people = {row.ref: row for row in rows}
    addresses = dict(
        uow.session.execute(
            select(Guardian.ref, Guardian.address).where(Guardian.ref.in_(list(people)))
        ).all()
    )
    return tuple(
        GuardianAnswers(_(row.relation.label), row.name, row.phone, None, addresses.get(row.ref, ""), row.ref)
        for row in list(people.values())[:MOST_GUARDIANS]
    )


def _data_of(detail: ApplicationDetail, daycare: DaycareRow) -> ApplicationData:
    return ApplicationData(
        daycare.ref,
        detail.purpose,
        tuple(detail.children),
        tuple(detail.guardians),
        dict(detail.consents),
        detail.purpose_words,
    )


def _scene(ref: str) -> Scene:
    """Raises NotFound for another family's."""
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        daycare = daycare_by_ref(uow, detail.row.daycare_ref)
        family = tuple(children_of(uow, uow.actor.guardian_id or 0))
    return Scene(daycare, _data_of(detail, daycare), family, detail.row.state, ref, detail.row.version)


@web.page(pages, "/applications/<ref>", actions.MY_APPLICATIONS, service=SERVICE)
def application(ref: str) -> Response:
    return _show_state(ref)


def _show_state(ref: str, problems: Sequence[Problem] = ()) -> Response:
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        paper = paper_ref(uow, ref)
    row = detail.row
    names = {answers.child: answers.name for answers in detail.children}
    return web.render(
        "daycare/parent/application.html",
        status=422 if problems else 200,
        problems=placed(problems),
        row=row,
        word=_(row.state.label),
        tone=TONES.get(row.state, ""),
        drafted=row.state in DRAFTED,
        stands=row.state in STANDS,
        outdated=row.state is ApplicationState.OUTDATED,
        returned=row.decision_reason if row.state is ApplicationState.RETURNED else "",
        next_line=_next_line(row.state, row),
        go_on=url_for("daycare_parent.application_step", ref=ref, step=_first_open(detail)),
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
            (_("가족관계서류"), _("확인했어요") if row.family_checked else _("처음 올 때 보여 주세요")),
            (_("보호자 신분증"), _("확인했어요") if row.identity_checked else _("처음 올 때 보여 주세요")),
        ],
        papers=[_(each) for each in FAMILY_PAPERS.values()],
        paper_url=url_for("documents.paper", ref=paper) if paper else "",
        book_url=url_for("daycare_parent.child_step"),
    )


def _next_line(state: ApplicationState, row: Any) -> str:
    return {
        ApplicationState.DRAFT: _("아직 내지 않았어요. 이어서 적고 서명하면 끝나요."),
        ApplicationState.SUBMITTED: _("어린이집이 확인하고 있어요. 기다리는 동안에도 예약할 수 있어요."),
        ApplicationState.ACCEPTED: _("접수되었어요. 내용이 바뀌기 전까지 계속 쓸 수 있어요."),
        ApplicationState.OUTDATED: _("아이 정보가 바뀌어 다시 적어야 해요. 전에 적은 내용을 불러와 드려요."),
    }.get(state, "")


def _first_open(detail: ApplicationDetail) -> str:
    """The step where something is still missing; the last one when nothing is."""
    found = check_application(
        list(detail.children), list(detail.guardians), detail.purpose, detail.purpose_words, {}
    )
    return next((step for step in STEPS[:-1] if _of_step(step, found)), STEPS[-1])


def _of_step(step: str, problems: Sequence[Problem]) -> list[Problem]:
    """What concerns one page, by the field a problem names."""
    fields = {
        "children": ("children",),
        "health": ("child_",),
        "guardians": ("guardian",),
        "purpose": ("purpose",),
        "sign": tuple(CONSENTS),
    }[step]
    return [one for one in problems if any(one.field.startswith(field) for field in fields)]


@web.page(
    pages,
    "/applications/<ref>/<any(children,health,guardians,purpose,sign):step>",
    actions.APPLY,
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
    actions.APPLY,
    methods=["POST"],
    service=SERVICE,
)
def keep_step(ref: str, step: str) -> Response:
    scene = _scene(ref)
    if scene.state not in DRAFTED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _keep(step, replace(scene, version=request.form.get("version", 0, int)))


def _keep(step: str, scene: Scene) -> Response:
    """Keep one page; what is wrong on it is said at once, with everything that was typed."""
    data, unreadable = _typed(scene, step)
    found = check_application(data.children, data.guardians, data.purpose, data.purpose_words, data.consents)
    wrong = [*unreadable, *(one for one in _of_step(step, found) if not one.soft)]
    typed = replace(scene, data=data)
    if wrong:
        return _show(step, typed, wrong)
    try:
        with web.unit() as uow:
            row = save_application(uow, data, ref=scene.ref, version=scene.version)
            ref = row.ref
    except RuleBroken as refused:
        return _show(step, typed, refused.problems)
    following = STEPS[STEPS.index(step) + 1]
    return web.see_other(url_for("daycare_parent.application_step", ref=ref, step=following))


def _typed(scene: Scene, *steps: str) -> tuple[ApplicationData, list[Problem]]:
    """What the pages ``steps`` say, the rest as it was kept, and what of it cannot be read."""
    posted, data, problems = request.form, scene.data, list[Problem]()
    if "children" in steps:
        before = {answers.child: answers for answers in data.children}
        refs = [ref for ref in dict.fromkeys(posted.getlist("children")) if ref in scene.names]
        chosen = [before.get(ref) or ChildAnswers(ref, name=scene.names[ref]) for ref in refs]
        data = replace(data, children=tuple(chosen[: MOST_CHILDREN + 1]))
    if "health" in steps:
        answers = [
            read_child(_prefixed(posted, f"c{number}_"), one.child, scene.names.get(one.child, one.name))
            for number, one in enumerate(data.children, 1)
        ]
        data = replace(data, children=tuple(answers))
    if "guardians" in steps:
        known = {one.phone: one.guardian for one in scene.data.guardians if one and one.guardian}
        read = read_guardians(posted, known)
        data, problems = replace(data, guardians=read.value), [*problems, *read.problems]
    if "purpose" in steps:
        words = posted.get("purpose_words", "").strip()[:200]
        data = replace(data, purpose=posted.get("purpose", ""), purpose_words=words)
    if "sign" in steps:
        data = replace(data, consents=read_consents(posted))
    return data, problems


def _prefixed(posted: Any, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in posted.items() if key.startswith(prefix)}


@web.page(pages, "/applications/<ref>/sign", actions.APPLY, methods=["POST"], service=SERVICE)
def hand_in(ref: str) -> Response:
    scene = _scene(ref)
    if scene.state not in DRAFTED:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _hand_in("sign", replace(scene, version=request.form.get("version", 0, int)), "sign")


@web.page(pages, "/applications/<ref>/renew", actions.APPLY, service=SERVICE)
def renew(ref: str) -> Response:
    """바뀐 것이 있어요: everything on one page, handed in at once; what is wrong changes nothing that stands."""
    scene = _scene(ref)
    if scene.state is ApplicationState.OUTDATED:
        return web.see_other(url_for("daycare_parent.apply_start", ref=scene.daycare.ref))
    if scene.state not in STANDS:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _show("renew", scene)


@web.page(pages, "/applications/<ref>/renew", actions.APPLY, methods=["POST"], service=SERVICE)
def hand_in_renewed(ref: str) -> Response:
    scene = replace(_scene(ref), version=request.form.get("version", 0, int))
    if scene.state not in STANDS:
        return web.see_other(url_for("daycare_parent.application", ref=ref))
    return _hand_in("renew", scene, *STEPS)


def _hand_in(page: str, scene: Scene, *steps: str) -> Response:
    """Submit and sign in one unit: without a signature nothing is handed in."""
    data, unreadable = _typed(scene, *steps)
    typed, posted = replace(scene, data=data), request.form
    if unreadable:
        return _show(page, typed, unreadable)
    request_id = posted.get("request_id", "")
    try:
        with web.unit() as uow:
            row = submit_application(uow, request_id, data, ref=scene.ref, version=scene.version)
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
    flash(_("이용신청서를 냈어요. 이제 예약할 수 있어요."), "success")
    return web.see_other(url)


@web.page(pages, "/applications/<ref>/withdraw", actions.APPLY, methods=["POST"], service=SERVICE)
def withdraw(ref: str) -> Response:
    try:
        with web.unit() as uow:
            withdraw_application(uow, ref, version=request.form.get("version", 0, int))
    except RuleBroken as refused:
        return _show_state(ref, refused.problems)
    flash(_("이용신청서를 거두었어요. 다시 이용하려면 새로 내 주세요."), "success")
    return web.see_other(url_for("daycare_parent.applications"))


def _show(step: str, scene: Scene, problems: Sequence[Problem] = ()) -> Response:
    """One page of the form; ``renew`` is all of them under each other. 422 when something stands against it."""
    whole = step == "renew"
    if not scene.family:
        raise NotFound("child")
    with web.unit() as uow:
        policy, today = policy_of(uow, scene.daycare), uow.today
        words = _consent_words(uow) if whole or step == "sign" else []
    order = [one.child for one in scene.data.children]
    return web.render(
        "daycare/parent/renew.html" if whole else f"daycare/parent/apply_{step}.html",
        status=422 if problems else 200,
        step_names=step_names(APPLICATION_STEPS),
        step_number=0 if whole else STEPS.index(step) + 1,
        problems=_anchored(problems),
        errors=_errors(problems),
        scene=scene,
        ages=ages_text(policy),
        children=[(child.ref, child.name, child_note(child, today)) for child in scene.family],
        chosen=order,
        answers=[replace(one, name=scene.names.get(one.child, one.name)) for one in scene.data.children],
        qualifications=[(kind.value, _(kind.label)) for kind in Qualification],
        guardians=[*scene.data.guardians, *[None] * MOST_GUARDIANS][:MOST_GUARDIANS],
        purposes=[(kind.value, _(kind.label)) for kind in Purpose],
        consents=words,
        pledge=load(FORM).texts["statement"].ko if words else "",
        typed=request.form.get("typed", ""),
        strokes=request.form.get("strokes", ""),
        request_id=_request_id(),
        action=_action(step, scene),
        back=_back(step, scene),
    )


def _request_id() -> str:
    given = request.form.get("request_id", "")
    return given if submission.REQUEST_ID.match(given) else web.new_request_id()


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


ANCHORS = (
    "children",
    *(f"child_{number}" for number in range(1, MOST_CHILDREN + 1)),
    *(f"guardian_{number}" for number in range(1, MOST_GUARDIANS + 1)),
    "purpose",
    "purpose_words",
    *CONSENTS,
    "typed",
)


def _anchored(problems: Sequence[Problem]) -> list[Problem]:
    """A signature's problems stand at the place to sign."""
    return placed(
        (
            replace(one, field="typed") if one.field in ("strokes", "signer", "signature") else one
            for one in problems
        ),
        *ANCHORS,
    )


def _errors(problems: Sequence[Problem]) -> dict[str, str]:
    found = dict.fromkeys(ANCHORS, "")
    for one in _anchored(problems):
        if one.field and not found[one.field]:
            found[one.field] = web.sentence(one)
    return found


def _consent_words(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The five decisions with the words they are about, the soft ones saying who decides on a refusal (AD-20)."""
    bodies = {key: row.body for key, row in wording.texts_of(uow, FORM).items()}
    rows = {
        name: text for section in load(FORM).sections for name, *rest in section.rows for text in rest[:1]
    }
    rules = [f"{name}\n{text}" for name, text in rows.items() if name not in ("응급처치 동의", "귀가 동의")]
    parts = {
        "first_aid": [rows.get("응급처치 동의", "")],
        "going_home": [rows.get("귀가 동의", "")],
        "rules": rules,
        "privacy": [_headed(key, bodies) for key in PRIVACY],
        "survey": [_headed(key, bodies) for key in SURVEY],
    }
    return [
        {
            "key": key,
            "label": _(label),
            "parts": [part for part in parts[key] if part],
            "hint": _("동의하지 않으면 어린이집이 이용 여부를 정해요.")
            if key in DIRECTOR_MAY_PASS
            else _("이용하려면 꼭 필요해요."),
        }
        for key, label in CONSENTS.items()
    ]


def _headed(key: str, bodies: dict[str, str]) -> str:
    head = wording.heading(key)
    return f"{_(head)}\n{bodies[key]}" if head else bodies[key]
