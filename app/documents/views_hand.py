"""이 기기에서 서명 받기: staff hand their device to a family, which reads and signs one place of one paper (GC-24).

Before the device leaves their hands its session ends: whoever holds it sees the paper and nothing else, and coming
back takes the password.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_login import current_user

from app.accounts import sessions
from app.accounts.service.entering import log_out
from app.documents.actions import HAND_DEVICE
from app.documents.queries import paper_by_ref
from app.documents.service.links import hand_device
from app.documents.signers import signer_named, suggested
from app.documents.views_sign import with_proof
from app.kernel import web
from app.kernel.errors import Problem, RuleBroken

pages = web.tenant_blueprint("documents_hand", __name__)


@web.page(pages, "/desk/papers/<ref>/hand/<field>", HAND_DEVICE)
def hand_page(ref: str, field: str) -> Any:
    return _hand_page(ref, field)


def _hand_page(ref: str, field: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        paper = paper_by_ref(uow, ref)
        signer = signer_named(uow, paper, field)
        name, _ = suggested(paper, signer)
    if not (signer.open and signer.place.family) and not problems:
        return web.see_other(url_for("documents.paper", ref=ref))
    return web.render(
        "documents/staff/hand.html",
        paper=paper,
        signer=signer,
        name=request.form.get("signer", name),
        problems=problems,
        errors={problem.field: web.sentence(problem) for problem in problems},
        status=status,
    )


@web.page(pages, "/desk/papers/<ref>/hand/<field>", HAND_DEVICE, methods=["POST"])
def hand(ref: str, field: str) -> Any:
    try:
        with web.unit() as uow:
            token, proof = hand_device(uow, ref, field, signer=request.form.get("signer", ""))
            log_out(uow, current_user.session_id)
    except RuleBroken as refused:
        return _hand_page(ref, field, refused.problems, 422)
    sessions.forget()
    return with_proof(token, proof)
