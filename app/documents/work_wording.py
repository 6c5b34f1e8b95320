"""The worker tries a municipality's wording out: blank and with the sample the form must keep its pages."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from app.documents.catalogue import Form, load
from app.documents.printer import the_renderer
from app.documents.rules.wording import line_that_grows
from app.documents.wording import own_wording, publish_text
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import RuleBroken
from app.kernel.work import Work

if TYPE_CHECKING:
    from app.documents.render import Renderer


def check_text(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Publish the wording if the form keeps its pages with it: ``{"version"}``; else ``{"line", "pages"}``."""
    form_id, _, key = payload["kind"].partition(".")
    form, day = load(form_id), date.fromisoformat(payload["from"])
    with unit_of_work(tenant, SYSTEM) as uow:
        others = {name: row.body for name, row in own_wording(uow, form_id, day).items()}
        user_id = uow.session.get_one(Work, work_id).created_by
    with the_renderer() as renderer:
        line = line_that_grows(payload["body"], lambda body: _outgrown(renderer, form, {**others, key: body}))
    if line is not None:
        return {"line": line, "pages": len(form.pages)}
    publisher = Actor(Role(payload["role"]), user_id=user_id, name=payload["name"])
    try:
        with unit_of_work(tenant, publisher) as uow:
            return {"version": publish_text(uow, payload["kind"], payload["body"], day).version}
    except RuleBroken as refused:
        return {"refused": [problem.code for problem in refused.problems]}


def _outgrown(renderer: Renderer, form: Form, texts: dict[str, str]) -> bool:
    from app.documents.render import Sheet

    sample = json.loads((form.folder / "sample.json").read_text("utf-8"))
    return any(
        renderer.page_count(Sheet(form.id, data, texts=texts)) > len(form.pages) for data in (None, sample)
    )
