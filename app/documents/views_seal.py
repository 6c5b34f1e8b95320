"""직인: the picture of the seal of one's centre, district or municipality; and a paper issued anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import EDIT_SEAL, REISSUE_PAPER
from app.documents.pictures import Picture, look_at
from app.documents.rules.papers import PaperState
from app.documents.seals import current_seal, hand_in_seal, own_place, put_seal_away, seal_bytes
from app.documents.service.reissuing import reissue_paper
from app.documents.serving import send_file
from app.documents.views import paper_page
from app.kernel import navigation, web
from app.kernel.actor import OFFICERS
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.submission import answered_at, submit_once

pages = web.tenant_blueprint("documents_seal", __name__)
navigation.register(
    navigation.Entry("직인", "documents_seal.seal", OFFICERS, order=75)  # a centre goes there from its papers
)


@web.page(pages, "/seal", EDIT_SEAL)
def seal() -> Any:
    return _page()


def _page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        row = current_seal(uow, own_place(uow))
        found = look_at(seal_bytes(uow, row)) if row is not None else None
    return web.render(
        "documents/staff/seal.html",
        row=row,
        picture=found if isinstance(found, Picture) else None,
        problems=problems,
        status=status,
    )


@web.page(pages, "/seal", EDIT_SEAL, methods=["POST"])
def hand_in() -> Any:
    file = request.files.get("file")
    try:
        with web.unit() as uow:
            hand_in_seal(uow, (file.filename if file else "") or "", file.read() if file else b"")
    except RuleBroken as refused:
        return _page(refused.problems, 422)
    flash(gettext("직인을 올렸어요. 이제 발급하는 서류부터 찍혀요."), "success")
    return web.see_other(url_for("documents_seal.seal"))


@web.page(pages, "/seal/picture", EDIT_SEAL)
def picture() -> Any:
    with web.unit() as uow:
        row = current_seal(uow, own_place(uow))
        if row is None:
            raise NotFound("seal")
        content = seal_bytes(uow, row)
    return send_file(content, row.media_type, row.name)


@web.page(pages, "/seal/away", EDIT_SEAL, methods=["POST"])
def away() -> Any:
    with web.unit() as uow:
        put_seal_away(uow)
    flash(gettext("직인을 내렸어요. 이제 발급하는 서류는 직인 자리가 비어 있어요."), "success")
    return web.see_other(url_for("documents_seal.seal"))


@web.page(pages, "/desk/papers/<ref>/reissue", REISSUE_PAPER, methods=["POST"])
def reissue(ref: str) -> Any:
    """A new paper in place of this one: as it is, or opened first to be corrected."""
    posted = request.form
    correct = posted.get("how", "") == "correct"
    request_id = posted.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            new = reissue_paper(uow, ref, posted.get("why", ""), draft=correct)
            url = url_for("documents.paper", ref=new.ref)
            answered_at(uow, request_id, url)
    except RuleBroken as refused:
        return paper_page(ref, [p.of(field="why") for p in refused.problems], 422)
    if new.state == PaperState.DRAFT:
        flash(gettext("새 서류를 열었어요. 고친 뒤 내 주세요."), "success")
    elif new.state == PaperState.TO_SIGN:
        flash(gettext("새 서류를 만들었어요. 서명을 다시 받아 주세요."), "success")
    else:
        flash(gettext("새 서류를 발급했어요."), "success")
    return web.see_other(url)
