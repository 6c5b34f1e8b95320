"""What the set-up pages share: their blueprint, whose house it is, clock times as typed, what was typed before."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app.daycare.queries.place import DaycareRow, daycare_by_id
from app.daycare.rules.policy import DAY_END, DAY_START
from app.daycare.service.running import WouldBreak
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound
from app.kernel.ranges import minute_text, parse_minute

pages = web.tenant_blueprint("daycare_officer", "app.daycare.views_officer")
SERVICE = "DAYCARE"
NOT_TYPED = frozenset({"csrf_token", "request_id", "version", "step"})
STALE = N_("그 사이 다른 사람이 먼저 고쳤어요. 아래는 지금 저장된 값이에요. 다시 확인하고 고쳐 주세요.")


def own_daycare(uow: UnitOfWork) -> DaycareRow:
    """The daycare the acting director stands in. Raises NotFound."""
    if uow.actor.scope is None:
        raise NotFound("daycare")
    return daycare_by_id(uow, uow.actor.scope)


def carried() -> list[tuple[str, str]]:
    """What was typed, for the hidden fields of a page that shows its effect before saving."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_TYPED]


def accepts() -> bool:
    """The second press, after the broken bookings were shown."""
    return request.form.get("step") == "save"


def stale(form: Any) -> Any:
    """The fresh values with the reason above them (409)."""
    form.form_errors = [_(STALE)]
    return form


def read_span(opens: str | None, closes: str | None) -> tuple[int, int]:
    """("20:00", "07:30") → (1200, 1890): minutes of the operating day; before 07:30 it is the next morning.

    ValueError when one is no clock time.
    """
    start = parse_minute((opens or "").strip())
    end = parse_minute((closes or "").strip())
    start += 1440 if start < DAY_START else 0
    end += 1440 if end <= start and end <= DAY_START else 0
    if not DAY_START <= start < end <= DAY_END:
        raise ValueError(f"{opens}-{closes}")
    return start, end


def typed_clock(minute: int) -> str:
    """1890 → 07:30, as it is typed."""
    return minute_text(minute % 1440)


def ask_first(
    broken: WouldBreak, title: str, lead: str, *, back: str, here: str = "", cancels: bool = False
) -> Response:
    """What the change would break, with what was typed carried on; nothing is written yet.

    ``cancels``: those bookings would be cancelled; else they stand and are marked.
    """
    return web.render(
        "daycare/officer/confirm.html",
        title=title,
        lead=lead,
        broken=broken.broken,
        cancels=cancels,
        action=request.path,
        carried=carried(),
        version=request.form.get("version", 0, int),
        back=back,
        here=here,
    )
