"""What an application says, page by page: as it was kept, as it is typed, and what is wrong (AD-18 – AD-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.daycare.forms_parent import read_child, read_consents, read_guardians
from app.daycare.operating_rules import rules_by_row
from app.daycare.parent_pages import placed
from app.daycare.queries import ApplicationDetail, DaycareRow, policy_of
from app.daycare.rules.application import (
    AGREEMENTS,
    DECISIONS,
    DIRECTOR_MAY_PASS,
    MOST_CHILDREN,
    MOST_GUARDIANS,
    ChildAnswers,
    GuardianAnswers,
    check_application,
)
from app.daycare.rules.states import ApplicationState
from app.daycare.service import ApplicationData
from app.documents import wording
from app.documents.catalogue import load
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.kernel.language import gettext as _
from app.people.models import Guardian
from app.people.queries import ChildRow, children_of, guardians_by_child

STEPS = ("children", "health", "guardians", "purpose", "sign")
DRAFTED = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
STANDS = frozenset({ApplicationState.SUBMITTED, ApplicationState.ACCEPTED})
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
ANCHORS = (
    "children",
    *(f"child_{number}" for number in range(1, MOST_CHILDREN + 1)),
    *(f"guardian_{number}" for number in range(1, MOST_GUARDIANS + 1)),
    "purpose",
    "purpose_words",
    *DECISIONS,
    "typed",
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
    guardian: str | None = None
    """Whom staff write for; None while a family writes itself."""

    @property
    def names(self) -> dict[str, str]:
        return {child.ref: child.name for child in self.family}


def fresh(uow: UnitOfWork, daycare: DaycareRow, guardian_id: int | None = None) -> Scene:
    """An empty form of the signed-in guardian, or of the one staff write for; the guardians as they are known."""
    applies = guardian_id or uow.actor.guardian_id or 0
    family = tuple(children_of(uow, applies))
    people = _known_guardians(uow, family, applies)
    return Scene(daycare, ApplicationData(daycare.ref, "", (), people, {}), family)


def _known_guardians(
    uow: UnitOfWork, family: Sequence[ChildRow], applies: int
) -> tuple[GuardianAnswers, ...]:
    """Who applies first, then the others the family has named, in the order in which they are called."""
    rows = [row for rows in guardians_by_child(uow, [c.id for c in family]).values() for row in rows]
    rows.sort(key=lambda row: (row.id != applies, row.emergency_order))
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


def data_of(detail: ApplicationDetail, daycare: DaycareRow) -> ApplicationData:
    return ApplicationData(
        daycare.ref,
        detail.purpose,
        tuple(detail.children),
        tuple(detail.guardians),
        dict(detail.consents),
        detail.purpose_words,
    )


def first_open(detail: ApplicationDetail) -> str:
    """The step where something is still missing; the last one when nothing is."""
    found = check_application(
        list(detail.children), list(detail.guardians), detail.purpose, detail.purpose_words, {}
    )
    return next((step for step in STEPS[:-1] if of_step(step, found)), STEPS[-1])


def of_step(step: str, problems: Sequence[Problem]) -> list[Problem]:
    """What concerns one page, by the field a problem names."""
    fields = {
        "children": ("children",),
        "health": ("child_",),
        "guardians": ("guardian",),
        "purpose": ("purpose",),
        "sign": tuple(DECISIONS),
    }[step]
    return [one for one in problems if any(one.field.startswith(field) for field in fields)]


def typed_in(posted: Any, scene: Scene, *steps: str) -> tuple[ApplicationData, list[Problem]]:
    """What the pages ``steps`` say, the rest as it was kept, and what of it cannot be read."""
    data, problems = scene.data, list[Problem]()
    if "children" in steps:
        before = {answers.child: answers for answers in data.children}
        refs = [ref for ref in dict.fromkeys(posted.getlist("children")) if ref in scene.names]
        chosen = [before.get(ref) or ChildAnswers(ref, name=scene.names[ref]) for ref in refs]
        data = replace(data, children=tuple(chosen[: MOST_CHILDREN + 1]))
    if "health" in steps:
        answers = [
            read_child(prefixed(posted, f"c{number}_"), one.child, scene.names.get(one.child, one.name))
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


def prefixed(posted: Any, prefix: str) -> dict[str, str]:
    """What one child's part of a page says, without the part's own beginning."""
    return {key.removeprefix(prefix): value for key, value in posted.items() if key.startswith(prefix)}


def anchored(problems: Sequence[Problem]) -> list[Problem]:
    """A signature's problems stand at the place to sign."""
    return placed(
        (
            replace(one, field="typed") if one.field in ("strokes", "signer", "signature") else one
            for one in problems
        ),
        *ANCHORS,
    )


MEALS = N_(
    "어린이집은 급·간식을 주지 않는 것이 원칙이에요. "
    "합의하시면 무엇을 먹었는지 사진과 함께 보육일지에 적어 보여 드려요."
)


def errors_at(problems: Sequence[Problem]) -> dict[str, str]:
    found = dict.fromkeys(ANCHORS, "")
    for one in anchored(problems):
        if one.field and not found[one.field]:
            found[one.field] = web.sentence(one)
    return found


def consent_words(uow: UnitOfWork, daycare: DaycareRow) -> list[dict[str, Any]]:
    """The five decisions with the words they are about, the soft ones saying who decides on a refusal (AD-20).

    The rules name the daycare's own figures, as the paper does.
    """
    bodies = {key: row.body for key, row in wording.texts_of(uow, FORM).items()}
    rows = {
        name: text for section in load(FORM).sections for name, *rest in section.rows for text in rest[:1]
    }
    rows |= rules_by_row(policy_of(uow, daycare), daycare.hours)
    rules = [f"{name}\n{text}" for name, text in rows.items() if name not in ("응급처치 동의", "귀가 동의")]
    parts = {
        "first_aid": [rows.get("응급처치 동의", "")],
        "going_home": [rows.get("귀가 동의", "")],
        "rules": rules,
        "privacy": [_headed(key, bodies) for key in PRIVACY],
        "survey": [_headed(key, bodies) for key in SURVEY],
        "meals": [_(MEALS)],
    }
    return [
        {
            "key": key,
            "label": _(label),
            "parts": [part for part in parts[key] if part],
            "hint": _consent_hint(key),
        }
        for key, label in DECISIONS.items()
    ]


def _consent_hint(key: str) -> str:
    if key in AGREEMENTS:
        return _("합의하지 않아도 이용할 수 있어요. 그러면 집에서 보낸 것만 먹여요.")
    if key in DIRECTOR_MAY_PASS:
        return _("동의하지 않으면 어린이집이 이용 여부를 정해요.")
    return _("이용하려면 꼭 필요해요.")


def _headed(key: str, bodies: dict[str, str]) -> str:
    head = wording.heading(key)
    return f"{_(head)}\n{bodies[key]}" if head else bodies[key]
