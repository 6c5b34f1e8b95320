"""The signer's own phone: a link without an account, a code, the paper, one signature (GC-24).

Nothing personal stands on a page before the phone is proven. The proof lies in a cookie of its own, on the link's
path, so that it opens this one paper and is no login.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from flask import Response, current_app, request, url_for

from app.documents.actions import SIGN_BY_LINK
from app.documents.reading import reading_of
from app.documents.rules.links import LINK_ENDED, LinkState
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import CHANGED_SINCE
from app.documents.service import links
from app.documents.service.rows import signed_part
from app.documents.serving import send_file
from app.kernel import audit, web
from app.kernel.actor import VISITOR
from app.kernel.db import UnitOfWork, unit_of_work
from app.kernel.errors import Forbidden, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.files import files

pages = web.tenant_blueprint("documents_sign", __name__, "/sign/<token>")


@pages.after_request
def never_stored(response: Response) -> Response:
    """The link is a secret: no cache keeps its pages. (Other sites never learn the address: Referrer-Policy.)"""
    response.headers["Cache-Control"] = "no-store"
    return response


def signer_unit() -> AbstractContextManager[UnitOfWork]:
    """Whoever is signed in on this browser, here the link acts."""
    here = web.actor()
    return unit_of_work(web.place(), replace(VISITOR, ip=here.ip, request_id=here.request_id))


def _cookie() -> str:
    return f"{web.place().slug}.sign"


def _proof() -> str:
    return request.cookies.get(_cookie(), "")


@web.page(pages, "", SIGN_BY_LINK)
def start(token: str) -> Any:
    with signer_unit() as uow:
        seen = links.visit(uow, token)
        known = links.proven(uow, seen.link, _proof())
    if known and seen.state in (LinkState.OPEN, LinkState.SIGNED):
        return web.see_other(url_for("documents_sign.read", token=token))
    return _start_page(token, seen)


def _start_page(token: str, seen: links.Visit, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    """Who asks for what; an ended link says how it ended."""
    if seen.state is not LinkState.OPEN or seen.link.in_person:
        return web.render("documents/sign/ended.html", seen=seen, status=410)
    return web.render("documents/sign/start.html", token=token, seen=seen, problems=problems, status=status)


@web.page(pages, "/code", SIGN_BY_LINK, methods=["POST"])
def send_code(token: str) -> Any:
    try:
        with signer_unit() as uow:
            links.ask_code(uow, token)
    except RuleBroken as refused:
        with signer_unit() as uow:
            seen = links.visit(uow, token)
        page = _code_page if seen.link.code_ref else _start_page
        return page(token, seen, refused.problems, 422)
    return web.see_other(url_for("documents_sign.code", token=token))


@web.page(pages, "/code", SIGN_BY_LINK)
def code(token: str) -> Any:
    with signer_unit() as uow:
        seen = links.visit(uow, token)
    if seen.link.code_ref is None:
        return web.see_other(url_for("documents_sign.start", token=token))
    return _code_page(token, seen)


def _code_page(token: str, seen: links.Visit, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    if seen.state is not LinkState.OPEN or seen.link.in_person:
        return _start_page(token, seen)
    return web.render(
        "documents/sign/code.html",
        token=token,
        seen=seen,
        problems=problems,
        errors={problem.field: web.sentence(problem) for problem in problems},
        outbox="" if current_app.config["SETTINGS"].production else url_for("messaging.outbox"),
        status=status,
    )


@web.page(pages, "/check", SIGN_BY_LINK, methods=["POST"])
def check(token: str) -> Any:
    with signer_unit() as uow:
        proof, problem = links.prove_phone(uow, token, request.form.get("code", ""))
    if problem is not None:
        with signer_unit() as uow:
            seen = links.visit(uow, token)
        return _code_page(token, seen, [problem], 422)
    return with_proof(token, proof)


def with_proof(token: str, proof: str) -> Response:
    """On to the paper, with the cookie that opens it."""
    response = web.see_other(url_for("documents_sign.read", token=token))
    response.set_cookie(
        _cookie(),
        proof,
        path=url_for("documents_sign.start", token=token),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@web.page(pages, "/paper", SIGN_BY_LINK)
def read(token: str) -> Any:
    return _paper_page(token)


def _paper_page(token: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    """The whole paper, or the row that is to be signed, with the place to sign; after that, what comes next."""
    try:
        with signer_unit() as uow:
            seen = links.read_by_link(uow, token, _proof())
            context = _context(uow, seen)
    except Forbidden:
        return web.see_other(url_for("documents_sign.start", token=token))
    if seen.state is LinkState.SIGNED:
        return web.render("documents/sign/done.html", token=token, seen=seen, **context)
    if seen.state is not LinkState.OPEN:
        return _start_page(token, seen)
    return web.render(
        "documents/sign/paper.html",
        token=token,
        seen=seen,
        problems=problems,
        posted=request.form,
        status=status,
        **context,
    )


def _context(uow: UnitOfWork, seen: links.Visit) -> dict[str, Any]:
    return {
        "paper": seen.paper,
        "state": PaperState(seen.paper.state),
        "parts": reading_of(uow, seen.paper, seen.link.field),
        "print_of": signed_part(seen.paper, seen.link.field),
    }


@web.page(pages, "/paper", SIGN_BY_LINK, methods=["POST"])
def sign(token: str) -> Any:
    posted = request.form
    try:
        with signer_unit() as uow:
            links.sign_by_link(
                uow,
                token,
                _proof(),
                strokes=posted.get("strokes", "").strip(),
                typed=posted.get("typed", "").strip(),
                seen=posted.get("seen", ""),
            )
    except Forbidden:
        return web.see_other(url_for("documents_sign.start", token=token))
    except StaleVersion:
        return _paper_page(token, [CHANGED_SINCE], 409)
    except RuleBroken as refused:
        if LINK_ENDED not in refused.problems:
            return _paper_page(token, refused.problems, 422)
    return web.see_other(url_for("documents_sign.read", token=token))


@web.page(pages, "/pdf", SIGN_BY_LINK)
def pdf(token: str) -> Any:
    """The finished paper for the one who signed it, as long as the proof lasts."""
    with signer_unit() as uow:
        seen = links.visit(uow, token)
        name = seen.paper.pdf_sha256
        if not links.proven(uow, seen.link, _proof()) or seen.state is not LinkState.SIGNED:
            raise NotFound("paper file")
        if seen.paper.state != PaperState.ISSUED or name is None:
            raise NotFound("paper file")
        audit.record_access(uow, "paper.download", "paper", seen.paper.id, reason=links.trace(seen.link))
        try:
            content = files().read(uow.tenant, name)
        except FileNotFoundError:
            raise NotFound("paper file") from None
    return send_file(content, "application/pdf", f"{seen.paper.title} {seen.paper.number}.pdf")
