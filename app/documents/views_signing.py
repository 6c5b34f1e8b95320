"""Signing a paper with an account, inviting others to sign, scans on their behalf, and the record of it all (GC-24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import INVITE_SIGNER, OPEN_PAPER, SCAN_PAPER, SIGN_PAPER
from app.documents.filetypes import ACCEPT
from app.documents.queries import paper_by_ref
from app.documents.reading import reading_of
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import CHANGED_SINCE
from app.documents.service.links import invite_signer, withdraw_link
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.documents.signers import pad_in_place, signatures_recorded, signer_named, signers_of, suggested
from app.documents.views import METHODS, layout, paper_page
from app.kernel import audit, web
from app.kernel.errors import Problem, RuleBroken, StaleVersion

pages = web.tenant_blueprint("documents_signing", __name__)


def back(ref: str) -> Any:
    return web.see_other(url_for("documents.paper", ref=ref))


@web.page(pages, "/papers/<ref>/sign/<field>", SIGN_PAPER)
def sign_page(ref: str, field: str) -> Any:
    return _sign_page(ref, field)


def _sign_page(ref: str, field: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    """One place with what is signed there: the whole paper, or a row of it. Elsewhere when nobody can sign there."""
    with web.unit() as uow:
        paper = paper_by_ref(uow, ref)
        signers = signers_of(uow, paper)
        signer = next((s for s in signers if s.place.name == field and s.mine), None)
        if signer is not None and pad_in_place(signers) is None:
            audit.record_access(uow, "paper.read", "paper", paper.id)
            parts = reading_of(uow, paper, field)
    if signer is None or pad_in_place(signers) is not None:
        return paper_page(ref, problems, status) if problems else back(ref)
    return web.render(
        "documents/shared/sign.html",
        layout=layout(),
        paper=paper,
        signer=signer,
        parts=parts,
        problems=problems,
        posted=request.form,
        status=status,
    )


@web.page(pages, "/papers/<ref>/sign/<field>", SIGN_PAPER, methods=["POST"])
def sign(ref: str, field: str) -> Any:
    posted = request.form
    try:
        with web.unit() as uow:
            done = sign_paper(
                uow,
                ref,
                field,
                signer=posted.get("signer", ""),
                strokes=posted.get("strokes", "").strip(),
                typed=posted.get("typed", ""),
                seen=posted.get("seen"),
            )
    except RuleBroken as refused:
        return _sign_page(ref, field, refused.problems, 422)
    except StaleVersion:
        return _sign_page(ref, field, [CHANGED_SINCE], 409)
    if done.state == PaperState.ISSUED:
        flash(gettext("서명했어요. 서류가 완성되었어요."), "success")
    elif done.state == PaperState.DRAFT:
        flash(gettext("서명했어요. 이 줄은 이제 바뀌지 않아요."), "success")
    else:
        flash(gettext("서명했어요. 다른 분의 서명을 기다리고 있어요."), "success")
    return back(ref)


@web.page(pages, "/papers/<ref>/signatures", OPEN_PAPER)
def record(ref: str) -> Any:
    """서명 확인서: each signature with its time, its way and the fingerprint of what was signed; made for printing."""
    with web.unit() as uow:
        paper = paper_by_ref(uow, ref)
        audit.record_access(uow, "paper.signatures", "paper", paper.id)
        rows = signatures_recorded(uow, paper)
    return web.render(
        "documents/shared/signatures.html",
        layout=layout(),
        paper=paper,
        state=PaperState(paper.state),
        rows=rows,
        methods=METHODS,
    )


@web.page(pages, "/desk/papers/<ref>/invite/<field>", INVITE_SIGNER)
def invite_page(ref: str, field: str) -> Any:
    return _invite_page(ref, field)


def _invite_page(ref: str, field: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        paper = paper_by_ref(uow, ref)
        signer = signer_named(uow, paper, field)
        name, phone = suggested(paper, signer)
    if not signer.open and not problems:
        return back(ref)
    return web.render(
        "documents/staff/invite.html",
        paper=paper,
        signer=signer,
        name=request.form.get("signer", name),
        phone=request.form.get("phone", phone),
        problems=problems,
        errors={problem.field: web.sentence(problem) for problem in problems},
        status=status,
    )


@web.page(pages, "/desk/papers/<ref>/invite/<field>", INVITE_SIGNER, methods=["POST"])
def invite(ref: str, field: str) -> Any:
    posted = request.form
    try:
        with web.unit() as uow:
            invite_signer(
                uow,
                ref,
                field,
                signer=posted.get("signer", ""),
                phone=posted.get("phone", ""),
                address=lambda token: url_for("documents_sign.start", token=token, _external=True),
            )
    except RuleBroken as refused:
        return _invite_page(ref, field, refused.problems, 422)
    flash(gettext("서명 링크를 보냈어요. 서명하면 이 화면에 나타나요."), "success")
    return back(ref)


@web.page(pages, "/desk/sign-links/<ref>/withdraw", INVITE_SIGNER, methods=["POST"])
def withdraw(ref: str) -> Any:
    with web.unit() as uow:
        paper = withdraw_link(uow, ref)
    flash(gettext("서명 링크를 거두었어요. 보낸 링크로는 더 서명할 수 없어요."), "success")
    return back(paper.ref)


@web.page(pages, "/desk/papers/<ref>/scan", SCAN_PAPER)
def scan_page(ref: str) -> Any:
    return _scan_page(ref)


def _scan_page(ref: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        paper = paper_by_ref(uow, ref)
        waiting = [signer for signer in signers_of(uow, paper) if signer.waiting]
    if not waiting and not problems:
        return back(ref)
    return web.render(
        "documents/staff/scan.html",
        paper=paper,
        waiting=waiting,
        problems=problems,
        posted=request.form,
        errors={problem.field: web.sentence(problem) for problem in problems},
        accept=ACCEPT,
        status=status,
    )


@web.page(pages, "/desk/papers/<ref>/scan", SCAN_PAPER, methods=["POST"])
def add_scan(ref: str) -> Any:
    """A sheet that was signed by hand, in one place or several: on behalf of those who signed it."""
    file, posted = request.files.get("file"), request.form
    scan = Scan(file.filename or "", file.read()) if file is not None else Scan("", b"")
    signers = {name: posted.get(f"signer-{name}", "") for name in posted.getlist("place")}
    try:
        with web.unit() as uow:
            scan_paper(uow, ref, signers, scan)
    except RuleBroken as refused:
        return _scan_page(ref, refused.problems, 422)
    flash(gettext("스캔한 서류를 올렸어요. 원본은 서명한 분에게 돌려주세요."), "success")
    return back(ref)
