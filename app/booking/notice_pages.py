"""The notice of a short summer: read the draft, edit it, see it as it goes out, print it or send it (KQ-14)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.booking import actions
from app.booking.service.notices import notice_of, send_notice, text_problem
from app.booking.shared_pages import pages
from app.centres.forms import tidy
from app.kernel import web
from app.kernel.errors import Problem, RuleBroken
from app.kernel.submission import answered_at, submit_once


@web.page(pages, "/quarters/<ref>/notice", actions.QUARTER_NOTICE, service="KIUM")
def quarter_notice(ref: str) -> Response:
    return _page(ref)


@web.page(pages, "/quarters/<ref>/notice", actions.QUARTER_NOTICE, methods=["POST"], service="KIUM")
def send_quarter_notice(ref: str) -> Response:
    """First the sheet as it would go out; it is sent from there. ``step``: send, or edit for back to the words."""
    text, step = tidy(request.form.get("text")), request.form.get("step", "")
    if step == "edit":
        return _page(ref, text)
    if refused := text_problem(text):
        return _page(ref, text, [refused], 422)
    if step != "send":
        return _page(ref, text, ready=True)
    request_id, done = request.form.get("request_id", ""), url_for("booking.quarter_notice", ref=ref)
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            families = send_notice(uow, ref, text)
            answered_at(uow, request_id, done)
    except RuleBroken as error:
        return _page(ref, text, error.problems, 422)
    flash(_("보호자 %(n)d명에게 안내를 보내요.", n=families), "success")
    return web.see_other(done)


def _page(
    ref: str,
    text: str | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    ready: bool = False,
) -> Response:
    with web.unit() as uow:
        notice = notice_of(uow, ref)
    back = (
        url_for("centres_staff.quarters", year=notice.quarter.plan.year_label)
        if web.actor().is_staff
        else url_for("centres_officer.centre", ref=notice.centre.ref)
    )
    return web.render(
        "booking/staff/quarter_notice.html",
        status=status,
        notice=notice,
        text=notice.text if text is None else text,
        ready=ready,
        problems=problems,
        back=back,
    )
