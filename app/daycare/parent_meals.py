"""급·간식 합의 on a family's own page: what stands, who said it, and how to change it (AD-23)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, request, url_for

from app.daycare import actions
from app.daycare.parent_pages import SERVICE, pages, placed
from app.daycare.queries import agreement_history, application_detail
from app.daycare.rules.states import ApplicationState
from app.daycare.service import answer_agreement
from app.kernel import web
from app.kernel.errors import Problem, RuleBroken
from app.kernel.language import gettext as _

ANSWERS = {"yes": True, "no": False}


@web.page(pages, "/applications/<ref>/meals", actions.AGREE_MEALS, service=SERVICE)
def meals(ref: str) -> Response:
    return _page(ref)


def _page(ref: str, problems: Sequence[Problem] = ()) -> Response:
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        said = agreement_history(uow, detail.row.id)
    return web.render(
        "daycare/parent/meals.html",
        status=422 if problems else 200,
        problems=placed(problems),
        row=detail.row,
        agreed=bool(detail.consents.get("meals")),
        said=said,
        open=detail.row.state not in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN),
    )


@web.page(pages, "/applications/<ref>/meals", actions.AGREE_MEALS, methods=["POST"], service=SERVICE)
def answer_meals(ref: str) -> Response:
    agreed = ANSWERS.get(request.form.get("answer", ""))
    try:
        with web.unit() as uow:
            answer_agreement(uow, ref, agreed, version=request.form.get("version", 0, type=int))
    except RuleBroken as refused:
        return _page(ref, refused.problems)
    flash(_("급·간식 제공에 합의했어요.") if agreed else _("급·간식 합의를 거두었어요."), "success")
    return web.see_other(url_for("daycare_parent.meals", ref=ref))
