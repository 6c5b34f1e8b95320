"""증빙서류: what a family or its centre hands in for a booking, one page for both; a child's papers lie in people."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.booking.service.evidence import evidence_problem, hand_in_evidence
from app.booking.shared_pages import pages
from app.kernel import web
from app.kernel.errors import RuleBroken
from app.people.actions import ADD_EVIDENCE
from app.people.forms import EvidenceForm, show
from app.people.grounds import paper_label
from app.people.queries import child_for, child_row
from app.people.service import evidence_of
from app.people.service.evidence import Handed, accepted_papers
from app.people.views import frame


@web.page(pages, "/children/<ref>/evidence", ADD_EVIDENCE, service="KIUM")
def evidence(ref: str) -> Any:
    return _page(ref, EvidenceForm(formdata=None))


@web.page(pages, "/children/<ref>/evidence", ADD_EVIDENCE, methods=["POST"], service="KIUM")
def hand_in(ref: str) -> Any:
    form = EvidenceForm()
    file = request.files.get("file")
    ground, _, paper = (form.proof.data or "").partition("/")
    handed = Handed(
        (file.filename or "") if file else "",
        file.read() if file else b"",
        on_paper="on_paper" in request.form,
    )
    try:
        with web.unit() as uow:
            hand_in_evidence(uow, ref, ground, paper, handed)
    except RuleBroken as refused:
        show(form, (p.of(field="proof") if p.field in ("ground", "paper") else p for p in refused.problems))
        return _page(ref, form, 422)
    flash(gettext("증빙서류를 냈어요. 센터가 확인하면 우선순위에 반영돼요."), "success")
    return web.see_other(url_for("booking.evidence", ref=ref))


def _page(ref: str, form: EvidenceForm, status: int = 200) -> Any:
    """What was handed in, and the form where a booking needs a paper (KB-18 hides it otherwise)."""
    with web.unit() as uow:
        child = child_for(uow, ref)
        closed = evidence_problem(uow, child)
        papers = accepted_papers(uow, child)
        rows = evidence_of(uow, ref)
        year = uow.today.year
    form.proof.choices = [
        ("", gettext("골라 주세요")),
        *(
            (f"{ground.value}/{paper}", f"{gettext(ground.label)}: {gettext(paper_label(paper))}")
            for ground, kinds in papers.items()
            for paper in kinds
        ),
    ]
    return web.render(
        "booking/shared/evidence.html",
        child=child_row(child),
        f=form,
        closed=web.sentence(closed) if closed else "",
        rows=rows,
        year=year,
        status=status,
        **frame(),
    )
