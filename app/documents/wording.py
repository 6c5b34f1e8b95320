"""The running prose of forms: versioned, seeded from the form, replaceable by a municipality (XX-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.documents.actions import PUBLISH_TEXT
from app.documents.catalogue import UnknownForm, load
from app.documents.models import TextVersion
from app.documents.rules import TEXT_EMPTY, TEXT_IN_THE_PAST, TEXT_TOO_LONG
from app.documents.rules.wording import odd_signs
from app.documents.text import clean
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Forbidden, NotFound, RuleBroken

BODY_MAX = 8000
HEADINGS = {
    "items": N_("처리하는 항목"),
    "recipients": N_("제공받는 곳"),
    "purpose": N_("목적"),
    "keep": N_("보유 기간"),
    "refusal": N_("거부할 권리"),
    "homegoing": N_("등원·하원(귀가)"),
    "outdoor": N_("야외활동"),
    "firstaid": N_("응급처치"),
    "media": N_("활동사진"),
    "u14": N_("만 14세 미만 아동"),
}


def heading(key: str) -> str:
    """What a text is about, by the end of its key; empty for a text that speaks for itself."""
    return HEADINGS.get(key.rpartition("_")[2], "")


def text_kind(form_id: str, key: str) -> str:
    """``kium-consent-privacy.required_items``"""
    return f"{form_id}.{key}"


def current_text(uow: UnitOfWork, kind: str) -> TextVersion:
    """The wording in force today; the form's own is written down at its first use.

    Raises NotFound for a kind that no form has.
    """
    default = _default(kind)
    in_force = [row for row in _versions(uow, kind) if row.effective_from <= uow.today]
    newest = in_force[-1] if in_force else None
    if newest is not None and (newest.official or newest.body == default):
        return newest
    return _write(uow, kind, default, uow.today, official=False)


def texts_of(uow: UnitOfWork, form_id: str) -> dict[str, TextVersion]:
    """Every text of a form as it stands today, by key."""
    return {key: current_text(uow, text_kind(form_id, key)) for key in load(form_id).texts}


def bodies(uow: UnitOfWork, form_id: str, versions: Mapping[str, int]) -> dict[str, str]:
    """The words of the given versions by key: what was shown when the paper was prepared."""
    wanted = {(text_kind(form_id, key), number): key for key, number in versions.items()}
    rows = uow.session.scalars(select(TextVersion).where(TextVersion.kind.in_([kind for kind, _ in wanted])))
    return {wanted[row.kind, row.version]: row.body for row in rows if (row.kind, row.version) in wanted}


def own_wording(uow: UnitOfWork, form_id: str, on: date | None = None) -> dict[str, TextVersion]:
    """What the municipality has put in place of the form's own words, as in force on that day (default: today)."""
    found = {}
    for key in load(form_id).texts:
        in_force = [
            r for r in _versions(uow, text_kind(form_id, key)) if r.effective_from <= (on or uow.today)
        ]
        if in_force and in_force[-1].official:
            found[key] = in_force[-1]
    return found


def checked_wording(uow: UnitOfWork, kind: str, body: str, effective_from: date) -> str:
    """The wording as it would be kept. Forbidden, NotFound, or RuleBroken with everything that can be said of it
    without laying the form out."""
    if not PUBLISH_TEXT.allows(uow.actor.role):
        raise Forbidden(PUBLISH_TEXT.key)
    _default(kind)
    words = clean(body)
    problems = odd_signs(body)
    if not words and not problems:
        problems.append(TEXT_EMPTY)
    if len(words) > BODY_MAX:
        problems.append(TEXT_TOO_LONG.of(max=BODY_MAX))
    if effective_from < uow.today:
        problems.append(TEXT_IN_THE_PAST)
    if problems:
        raise RuleBroken(problems)
    return words


def publish_text(uow: UnitOfWork, kind: str, body: str, effective_from: date) -> TextVersion:
    """The municipality's own wording from a day on. Papers already prepared keep what they showed.

    Whether it has room on the form's pages is found out before, by the worker (`proposing`).
    """
    words = checked_wording(uow, kind, body, effective_from)
    last = current_text(uow, kind)
    made = _write(uow, kind, words, effective_from, official=True)
    audit.record(uow, "text.published", "text_version", made.id, diff={kind: [last.version, made.version]})
    return made


def _default(kind: str) -> str:
    form_id, _, key = kind.partition(".")
    try:
        return load(form_id).texts[key].ko
    except (UnknownForm, KeyError):
        raise NotFound("text") from None


def _versions(uow: UnitOfWork, kind: str) -> list[TextVersion]:
    """All versions of one text in the order they come into force; a form's texts are read together, once per unit."""
    form_id = kind.partition(".")[0]
    known: dict[str, list[TextVersion]] | None = uow.memory.get(f"texts.{form_id}")
    if known is None:
        known = {}
        for row in uow.session.scalars(
            select(TextVersion)
            .where(TextVersion.kind.startswith(f"{form_id}.", autoescape=True))
            .order_by(TextVersion.effective_from, TextVersion.version)
        ):
            known.setdefault(row.kind, []).append(row)
        uow.memory[f"texts.{form_id}"] = known
    return known.get(kind, [])


def _write(uow: UnitOfWork, kind: str, body: str, effective_from: date, *, official: bool) -> TextVersion:
    """The next version. Two first uses at once write the same version once."""
    form_id = kind.partition(".")[0]
    version = 1 + max((row.version for row in _versions(uow, kind)), default=0)
    uow.session.execute(
        insert(TextVersion)
        .values(
            kind=kind,
            version=version,
            official=official,
            title=load(form_id).title,
            body=body,
            effective_from=effective_from,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
        .on_conflict_do_nothing(index_elements=[TextVersion.kind, TextVersion.version])
    )
    row = uow.session.scalars(
        select(TextVersion).where(TextVersion.kind == kind, TextVersion.version == version)
    ).one()
    known = uow.memory[f"texts.{form_id}"]
    known[kind] = sorted([*known.get(kind, []), row], key=lambda r: (r.effective_from, r.version))
    return row
