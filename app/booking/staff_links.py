"""The answer to a guardian who asks for a registered child: the child's bookings follow, so it lies above people."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.booking.service.linking import link_child
from app.booking.staff_pages import pages
from app.kernel import web
from app.kernel.errors import RuleBroken
from app.people.actions import DECIDE_LINK
from app.people.service import refuse_link
from app.people.views_staff import links_page


@web.page(pages, "/desk/links/<ref>", DECIDE_LINK, methods=["POST"])
def decide_link(ref: str) -> Any:
    posted = request.form
    version = posted.get("version", 0, int)
    reason = posted.get("reason", "")
    try:
        with web.unit() as uow:
            if posted.get("decision") == "link":
                link_child(uow, ref, version=version, child_ref=posted.get("child", ""), reason=reason)
            else:
                refuse_link(uow, ref, version=version, reason=reason)
    except RuleBroken as refused:
        return links_page(refused.problems, 422)
    flash(gettext("연결 요청을 처리했어요."), "success")
    return web.see_other(url_for("people_staff.links"))
