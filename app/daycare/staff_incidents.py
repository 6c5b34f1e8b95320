"""사고·질병 기록을 종이로: what the incidents room keeps, on the daycare's own form (AD-26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.daycare import actions, papers
from app.daycare.staff_pages import SERVICE, own_daycare, pages
from app.documents.service.printing import PrintItem, request_print
from app.incidents.queries import OpenIncident, incidents, open_incident
from app.kernel import web
from app.kernel.errors import NotFound
from app.kernel.texts import clock_text
from app.people.models import Child

SHOWN = timedelta(days=90)


@web.page(pages, "/ledgers/incidents", actions.WRITE_JOURNAL, service=SERVICE, endpoint="incidents")
def incident_list() -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        rows = [row for row in incidents(uow, daycare.id, uow.today - SHOWN) if row.child]
    return web.render("daycare/staff/incidents.html", daycare=daycare, rows=rows, days=SHOWN.days)


@web.page(pages, "/ledgers/incidents/<ref>/print", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def print_incident(ref: str) -> Any:
    with web.unit() as uow:
        seen = open_incident(uow, ref)
        if seen.child_id is None:
            raise NotFound("incident")
        data = papers.incident(_happened(seen, uow.session.get_one(Child, seen.child_id)))
        work = request_print(uow, [PrintItem(form_id=papers.INCIDENT, data=data)], _("사고·질병 기록"))
    return web.see_other(url_for("documents_print.print_run", ref=work))


def _happened(seen: OpenIncident, child: Child) -> papers.Happened:
    """Who was told is the first who was reached."""
    told = next((one for one in seen.attempts if one.reached), None)
    called = next((one for one in seen.people if told and one.order == told.order), None)
    first = called or (seen.people[0] if seen.people else None)
    return papers.Happened(
        child=child.name,
        birth_date=child.birth_date,
        guardian=first.name if first else "",
        phone=first.phone if first else "",
        at=seen.row.happened_at,
        place=seen.row.place,
        kind=seen.row.kind.value.lower(),
        what=seen.words.what,
        done="\n".join(f"{clock_text(one.at)} {one.text}" for one in seen.words.done),
        told_at=told.at if told else None,
        told=f"{told.who}({told.order}순위)" if told else "",
        told_how=told.how.value.lower() if told else "",
        ambulance=seen.row.ambulance_at is not None,
    )
