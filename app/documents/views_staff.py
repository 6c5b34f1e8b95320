"""The centre's papers: their list, taking them out of use, originals to give back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext

from app.documents.actions import READ_PAPERS, RETURN_ORIGINAL, VOID_PAPER
from app.documents.gallery import visible_forms
from app.documents.parameters import EXPORT_REASON_ROWS
from app.documents.queries import papers_in_reach
from app.documents.rules import PaperState
from app.documents.rules.printing import PrintAs
from app.documents.service.issuing import void_paper
from app.documents.uploads import originals_to_return, return_original
from app.documents.views import paper_page
from app.kernel import audit, navigation, web
from app.kernel.actor import OFFICERS, PLACE_STAFF
from app.kernel.errors import Problem, RuleBroken
from app.tenancy import settings

pages = web.tenant_blueprint("documents_staff", __name__)
navigation.register(navigation.Entry("서류·출력", "documents_staff.papers", PLACE_STAFF | OFFICERS, order=60))


@web.page(pages, "/desk/papers", READ_PAPERS)
def papers() -> Any:
    return papers_page()


def papers_page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    states, form_id = asked_papers()
    with web.unit() as uow:
        rows = papers_in_reach(uow, states=states, form_id=form_id)
        audit.record_access(uow, "papers.list", "paper", None, row_count=len(rows))
        reason_rows = settings.value(uow, EXPORT_REASON_ROWS)
        keeps = RETURN_ORIGINAL.allows(uow.actor.role)
        late = len(originals_to_return(uow, uow.actor.scope or 0, only_late=True)) if keeps else 0
    return web.render(
        "documents/staff/papers.html",
        block="rows",
        rows=rows,
        states=list(PaperState),
        state=next(iter(states)).value if states else "",
        forms=visible_forms(web.actor().role, g.tenant.services),
        form_id=form_id or "",
        print_ways=list(PrintAs),
        reason_rows=reason_rows,
        late=late,
        keeps_originals=keeps,
        problems=problems,
        posted=request.form,
        status=status,
    )


def asked_papers() -> tuple[frozenset[PaperState] | None, str | None]:
    """Which papers the list shows: (states, form), each None for all."""
    chosen = request.args.get("state", "")
    states = frozenset({PaperState(chosen)}) if chosen in set(PaperState) else None
    return states, request.args.get("form") or None


@web.page(pages, "/desk/papers/<ref>/void", VOID_PAPER, methods=["POST"])
def void(ref: str) -> Any:
    try:
        with web.unit() as uow:
            void_paper(uow, ref, request.form.get("reason", ""))
    except RuleBroken as refused:
        return paper_page(ref, refused.problems, 422)
    flash(gettext("서류를 무효로 처리했어요."), "success")
    return web.see_other(url_for("documents.paper", ref=ref))


@web.page(pages, "/desk/originals", RETURN_ORIGINAL)
def originals() -> Any:
    with web.unit() as uow:
        rows = originals_to_return(uow, uow.actor.scope or 0)
    return web.render("documents/staff/originals.html", block="rows", rows=rows)


@web.page(pages, "/desk/originals/<ref>", RETURN_ORIGINAL, methods=["POST"])
def returned(ref: str) -> Any:
    with web.unit() as uow:
        return_original(uow, ref)
    flash(gettext("원본을 돌려준 것으로 적었어요."), "success")
    return web.see_other(url_for("documents_staff.originals"))
