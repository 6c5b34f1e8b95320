"""The verification page: open to whoever holds a paper (see `verifying` for what it says).

The code never stands in an address: the QR code carries it behind the ``#``, which a browser keeps to itself, and the
form sends it in its body. Without JavaScript it is typed from the paper.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from app.documents.actions import VERIFY_PAPER
from app.documents.rules.verifying import ASKED_TOO_OFTEN, read_number
from app.documents.sheets import stamp
from app.documents.verifying import Verified, verify_paper
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import N_, Problem

pages = web.tenant_blueprint("documents_public", __name__)
navigation.register(
    navigation.Entry(
        N_("발급 문서 확인"), "documents_public.verify", frozenset(Role), order=980, where="foot"
    )
)
TYPED_MAX = 40


@web.page(pages, "/verify", VERIFY_PAPER)
def verify() -> Response:
    return _page(read_number(request.args.get("n", "")[:TYPED_MAX]), "")


@web.page(pages, "/verify", VERIFY_PAPER, methods=["POST"])
def answer() -> Response:
    number, code = (request.form.get(name, "")[:TYPED_MAX] for name in ("number", "code"))
    file = request.files.get("file")
    content = file.read() if file is not None and file.filename else None
    with web.unit() as uow:
        found = verify_paper(uow, number, code, content)
    if isinstance(found, Problem):
        status = 429 if found.code == ASKED_TOO_OFTEN.code else 422
        return _page(number, code, problems=[found], status=status)
    return _page(number, code, found=found)


def _page(
    number: str, code: str, *, found: Verified | None = None, problems: Any = (), status: int = 200
) -> Response:
    response = web.render(
        "documents/public/verify.html",
        stamp=stamp,
        number=number,
        code=code,
        found=found,
        problems=problems,
        status=status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
