"""The life of a paper: prepared, signed, issued; printed in one go; void with a reason (GC-24, XX-12)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from app.documents import hooks, wording
from app.documents.actions import FILL_PAPER, PRINT_PAPERS, SCAN_PAPER, SIGN_PAPER, VOID_PAPER
from app.documents.catalogue import Form, load
from app.documents.catalogue import Signature as Place
from app.documents.model import BadFormData, validate
from app.documents.models import Paper, Signature
from app.documents.parameters import EXPORT_REASON_ROWS
from app.documents.queries import paper_by_ref, signatures_of
from app.documents.rules import (
    NO_SUCH_PLACE,
    NOT_THE_SIGNER,
    NOTHING_SIGNED,
    NOTHING_TO_PRINT,
    PAPER_STEPS,
    PRINT_REASON_MISSING,
    REASON_MISSING,
    SIGNED_ALREADY,
    PaperState,
    SignatureMethod,
    clean_signer,
    is_family_place,
    read_strokes,
)
from app.documents.uploads import store_upload
from app.kernel import audit, work
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken, StaleVersion
from app.kernel.numbering import next_number
from app.tenancy import settings

RENDER = "paper.render"
BATCH = "paper.batch"


def fingerprint(form_id: str, form_version: str, data: Mapping[str, Any], texts: Mapping[str, int]) -> str:
    """What is signed, as one sha-256: the data, the form's version and the versions of the wording shown."""
    content = {"form": form_id, "version": form_version, "data": data, "texts": texts}
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def prepare_paper(
    uow: UnitOfWork,
    form_id: str,
    data: Mapping[str, Any],
    *,
    subject: str,
    subject_id: int | None,
    institution_id: int | None = None,
    guardian_id: int | None = None,
    child_id: int | None = None,
    texts: Mapping[str, int] | None = None,
    draft: bool = False,
) -> Paper:
    """Fill a form and freeze it: TO_SIGN when somebody must sign, else ISSUED and planned for rendering.

    ``texts``: the versions of the wording that was shown (default: today's). ``draft`` keeps it open, with required
    fields still empty, until ``complete_paper``. Raises RuleBroken (fields by their names) when the data do not fit.
    """
    form = load(form_id)
    shown = {key: row.version for key, row in wording.texts_of(uow, form_id).items()} | dict(texts or {})
    paper = Paper(
        form_id=form_id,
        form_version=form.version,
        subject=subject,
        subject_id=subject_id,
        institution_id=institution_id,
        guardian_id=guardian_id,
        child_id=child_id,
        title=form.title,
        data={},
        data_sha256="",
        texts=shown,
        state=PaperState.DRAFT,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    _fill(paper, data, partial=draft)
    uow.session.add(paper)
    uow.session.flush()
    audit.record(
        uow, "paper.prepared", "paper", paper.id, to_state=paper.state, diff={"form": [None, form_id]}
    )
    if not draft:
        _close(uow, paper)
    return paper


def complete_paper(uow: UnitOfWork, ref: str, data: Mapping[str, Any], *, version: int) -> Paper:
    """Fill in what a draft still lacks and freeze it. StaleVersion when it changed since the page was fetched."""
    FILL_PAPER.reach(uow.actor.role)
    paper = _locked(uow, ref)
    if paper.version != version:
        raise StaleVersion("paper")
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.TO_SIGN, uow.actor.role):
        raise RuleBroken(problem)
    _fill(paper, {**paper.data, **data}, partial=False)
    paper.version += 1
    _close(uow, paper)
    return paper


@dataclass(frozen=True, slots=True)
class Scan:
    """A signed sheet of paper, scanned by staff on the signer's behalf."""

    filename: str
    content: bytes


def sign_paper(
    uow: UnitOfWork,
    paper_ref: str,
    field: str,
    *,
    signer: str,
    strokes: Any = None,
    typed: str | None = None,
    scan: Scan | None = None,
    seen: str | None = None,
) -> Paper:
    """Put one signature on the frozen data: drawn strokes, a typed name, or a scan that staff upload on behalf.

    ``seen`` is the fingerprint of the page that was read; a paper that changed since raises StaleVersion. The last
    required signature issues the paper and plans its PDF.
    """
    (SIGN_PAPER if scan is None else SCAN_PAPER).reach(uow.actor.role)
    paper = _locked(uow, paper_ref)
    place = _place_to_sign(uow, paper, field, on_behalf=scan is not None)
    if seen is not None and seen != paper.data_sha256:
        raise StaleVersion("paper")
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.ISSUED, uow.actor.role):
        raise RuleBroken(SIGNED_ALREADY if paper.state == PaperState.ISSUED else problem)
    if any(done.field == field for done in signatures_of(uow, paper.id)):
        raise RuleBroken(SIGNED_ALREADY)
    made = _signature(uow, paper, place, signer, strokes, typed, scan)
    uow.session.add(made)
    uow.session.flush()
    paper.version += 1
    audit.record(
        uow, "paper.signed", "paper", paper.id, diff={"field": [None, field], "method": [None, made.method]}
    )
    _issue_when_complete(uow, paper)
    return paper


def void_paper(uow: UnitOfWork, ref: str, reason: str) -> Paper:
    """Take a paper out of use; it stays readable with its reason (GC-18)."""
    VOID_PAPER.reach(uow.actor.role)
    paper = _locked(uow, ref)
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.VOID, uow.actor.role):
        raise RuleBroken(problem)
    before, paper.state, paper.void_reason = paper.state, PaperState.VOID, reason.strip()[:500]
    paper.version += 1
    audit.record(
        uow, "paper.voided", "paper", paper.id, from_state=before, to_state=paper.state, reason=reason
    )
    return paper


def hand_over_papers(uow: UnitOfWork, child_id: int, old_guardian_id: int, new_guardian_id: int) -> int:
    """A child's papers follow it from a guardian without an account to the same person's account (KB-34)."""
    result = uow.session.execute(
        update(Paper)
        .where(Paper.child_id == child_id, Paper.guardian_id == old_guardian_id)
        .values(guardian_id=new_guardian_id)
        .returning(Paper.id)
    )
    return len(result.all())


@dataclass(frozen=True, slots=True)
class PrintItem:
    """One sheet of a print run: a stored paper by its ref, or a form with plain data (None: a blank form)."""

    paper_ref: str | None = None
    form_id: str = ""
    data: Mapping[str, Any] | None = None


def request_print(uow: UnitOfWork, items: Sequence[PrintItem], title: str, *, reason: str = "") -> str:
    """Plan one PDF of many sheets; returns the ref of the work to watch. Unsigned papers are marked 서명용.

    Raises NotFound for a paper outside the actor's reach, RuleBroken for wrong data or a missing reason (XX-12).
    """
    PRINT_PAPERS.reach(uow.actor.role)
    if not items:
        raise RuleBroken(NOTHING_TO_PRINT)
    limit = settings.value(uow, EXPORT_REASON_ROWS)
    if len(items) > limit and not reason.strip():
        raise RuleBroken(PRINT_REASON_MISSING.of(rows=limit))
    sheets: list[dict[str, Any]] = []
    for item in items:
        if item.paper_ref is not None:
            sheets.append({"paper": paper_by_ref(uow, item.paper_ref).id})
        else:
            load(item.form_id)
            data = None if item.data is None else _checked(item.form_id, item.data, partial=True)
            sheets.append({"form": item.form_id, "data": data})
    payload = {"sheets": sheets, "title": title[:80], "by": uow.actor.name, "place": uow.actor.scope}
    ref = work.plan(uow, BATCH, payload, total=len(sheets))
    audit.record_access(uow, "print.requested", "print", None, row_count=len(sheets), reason=reason or title)
    return ref or ""


def _locked(uow: UnitOfWork, ref: str) -> Paper:
    """The paper for change, if it is within the actor's reach; NotFound otherwise."""
    known = paper_by_ref(uow, ref)
    return uow.session.get_one(Paper, known.id, with_for_update=True, populate_existing=True)


def _checked(form_id: str, data: Mapping[str, Any], *, partial: bool) -> dict[str, Any]:
    try:
        return validate(form_id, data, partial=partial)
    except BadFormData as error:
        raise RuleBroken(
            Problem(
                "paper.bad_data",
                "{label}: {message}",
                rule="KB-16",
                field=".".join(str(step) for step in problem.path),
                values={"label": problem.label, "message": problem.message},
            )
            for problem in error.problems
        ) from None


def _fill(paper: Paper, data: Mapping[str, Any], *, partial: bool) -> None:
    paper.data = _checked(paper.form_id, data, partial=partial)
    paper.data_sha256 = fingerprint(paper.form_id, paper.form_version, paper.data, paper.texts)


def _close(uow: UnitOfWork, paper: Paper) -> None:
    """The data are final: wait for signatures, or issue at once when nobody has to sign."""
    paper.state = PaperState.TO_SIGN
    audit.record(
        uow, "paper.frozen", "paper", paper.id, from_state=PaperState.DRAFT, to_state=PaperState.TO_SIGN
    )
    _issue_when_complete(uow, paper)


def _issue_when_complete(uow: UnitOfWork, paper: Paper) -> None:
    done = {row.field for row in signatures_of(uow, paper.id)}
    if any(place.name not in done for place in required_places(load(paper.form_id))):
        return
    counter = next_number(uow, "paper", "documents", uow.today.year)
    paper.state, paper.issued_at = PaperState.ISSUED, uow.now
    paper.number = f"D{uow.today.year}-{counter:06d}"
    audit.record(
        uow,
        "paper.issued",
        "paper",
        paper.id,
        from_state=PaperState.TO_SIGN,
        to_state=PaperState.ISSUED,
        diff={"number": [None, paper.number]},
    )
    work.plan(uow, RENDER, {"paper": paper.id}, key=f"{RENDER}:{paper.id}")
    hooks.issued(uow, paper)


def required_places(form: Form) -> list[Place]:
    """The signatures a person must give. A seal is stamped when the paper is printed, nobody waits for it."""
    return [place for place in form.signatures if place.required and place.type == "signature"]


def _place_to_sign(uow: UnitOfWork, paper: Paper, field: str, *, on_behalf: bool) -> Place:
    """The place in the form, if the actor may sign there: the family its own, staff theirs, scans by staff only."""
    place = next(
        (p for p in load(paper.form_id).signatures if p.name == field and p.type == "signature"), None
    )
    if place is None:
        raise RuleBroken(NO_SUCH_PLACE)
    family = uow.actor.role is Role.GUARDIAN
    if family != is_family_place(field) and not on_behalf:
        raise RuleBroken(NOT_THE_SIGNER.of(who=place.who))
    return place


def _signature(
    uow: UnitOfWork,
    paper: Paper,
    place: Place,
    signer: str,
    strokes: Any,
    typed: str | None,
    scan: Scan | None,
) -> Signature:
    name = clean_signer(typed if typed and not signer else signer)
    if isinstance(name, Problem):
        raise RuleBroken(name)
    made = Signature(
        paper_id=paper.id,
        field=place.name,
        signer=name,
        data_sha256=paper.data_sha256,
        form_version=paper.form_version,
        user_id=uow.actor.user_id,
        ip=uow.actor.ip,
        signed_at=uow.now,
    )
    if scan is not None:
        upload = store_upload(
            uow,
            owner="paper",
            owner_id=paper.id,
            kind="signed_paper",
            filename=scan.filename,
            content=scan.content,
            on_paper=True,
            institution_id=paper.institution_id,
        )
        made.method, made.upload_id = SignatureMethod.SCAN, upload.id
    elif strokes:
        lines = read_strokes(strokes)
        if isinstance(lines, Problem):
            raise RuleBroken(lines)
        made.method, made.strokes = SignatureMethod.DRAWN, lines
    elif typed:
        words = clean_signer(typed)
        if isinstance(words, Problem):
            raise RuleBroken(words)
        made.method, made.signer = SignatureMethod.TYPED, words
    else:
        raise RuleBroken(NOTHING_SIGNED)
    return made
