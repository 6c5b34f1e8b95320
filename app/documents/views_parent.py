"""서류: what a family has still to fill in or sign, and what it handed in."""

from __future__ import annotations

from typing import Any

from app.documents.actions import READ_OWN_PAPERS
from app.documents.queries import WAITING, papers_in_reach
from app.kernel import navigation, web
from app.kernel.actor import Role

pages = web.tenant_blueprint("documents_parent", __name__)
navigation.register(
    navigation.Entry("서류", "documents_parent.own_papers", frozenset({Role.GUARDIAN}), order=40)
)


@web.page(pages, "/papers", READ_OWN_PAPERS)
def own_papers() -> Any:
    with web.unit() as uow:
        rows = papers_in_reach(uow)
    return web.render(
        "documents/parent/list.html",
        waiting=[row for row in rows if row.state in WAITING],
        done=[row for row in rows if row.state not in WAITING],
    )
