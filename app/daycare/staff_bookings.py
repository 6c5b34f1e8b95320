"""예약: what waits for an answer, what comes, what was; one booking with everything that can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.centres.forms import refuse as beside
from app.centres.forms import tidy
from app.daycare import actions, service
from app.daycare.forms_staff import (
    CancelForm,
    ChangeForm,
    CorrectionForm,
    PaymentForm,
    ReasonForm,
    RefundForm,
)
from app.daycare.queries import (
    BookingDetail,
    application_detail,
    booking_detail,
    bookings,
    classes_of,
    policy_of,
)
from app.daycare.receipts import issued_receipts
from app.daycare.rules.application import FAMILY_PAPERS, IDENTITY_PAPERS, CheckKind
from app.daycare.rules.cancellation import Caller
from app.daycare.rules.days import minute_of
from app.daycare.rules.states import FINAL, OPEN, BookingState
from app.daycare.staff_pages import (
    BOOKING_TONES,
    SERVICE,
    STAY_TONES,
    by_field,
    done,
    own_daycare,
    pages,
    posted_version,
    read_reasons,
    tried,
)
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.kernel.ranges import kst_date, parse_day

B = BookingState
PAGE_SIZE = 50
TABS: dict[str, tuple[str, tuple[BookingState, ...]]] = {
    "asked": (N_("신청"), (B.REQUESTED,)),
    "coming": (N_("예정"), (B.CONFIRMED, B.PAID)),
    "now": (N_("이용 중"), (B.IN_CARE,)),
    "over": (N_("지난 예약"), tuple(sorted(FINAL))),
}


@web.page(pages, "/bookings", actions.BOOKINGS, service=SERVICE, endpoint="bookings")
def list_page() -> Any:
    """Tabs by state, days in the address."""
    return _list(request.args.get("tab", "asked"), "")


@web.page(pages, "/bookings", actions.BOOKINGS, methods=["POST"], service=SERVICE)
def find_bookings() -> Any:
    """By name or number: by POST, so that no name stands in an address."""
    words = tidy(request.form.get("words", ""))[:40]
    return _list("", words) if words else _list("asked", "")


def _list(tab: str, words: str) -> Any:
    tab = "" if words else tab if tab in TABS else "asked"
    states = TABS[tab][1] if tab else tuple(B)
    first, last = _asked_date("first"), _asked_date("last")
    number = min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)
    with web.unit() as uow:
        daycare = own_daycare(uow)
        rows, total = bookings(
            uow,
            daycare,
            states=states,
            first=first,
            last=last,
            words=words,
            soonest=tab in ("asked", "coming"),
            limit=PAGE_SIZE,
            offset=PAGE_SIZE * (number - 1),
        )
    return web.render(
        "daycare/staff/bookings.html",
        rows=rows,
        total=total,
        page=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        tab=tab,
        tabs=[
            {
                "label": _(label),
                "url": url_for("daycare_staff.bookings", tab=key),
                "active": key == tab,
                "count": total if key == tab and key != "over" else None,
            }
            for key, (label, _states) in TABS.items()
        ],
        words=words,
        may_book=actions.BOOK.allows(web.actor().role),
        first=first,
        last=last,
        tones=BOOKING_TONES,
    )


def _asked_date(name: str) -> date | None:
    try:
        return parse_day(request.args.get(name, ""))
    except ValueError:
        return None


@web.page(pages, "/bookings/<ref>", actions.READ, service=SERVICE)
def booking(ref: str) -> Any:
    return booking_page(ref)


def booking_page(
    ref: str,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    open_name: str = "",
    forms: Mapping[str, FlaskForm] | None = None,
) -> Any:
    """``forms``: those that were posted, by the name of their step; the others are made fresh."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        detail = booking_detail(uow, ref)
        terms = service.cancel_terms(uow, ref) if actions.CANCEL.allows(uow.actor.role) else None
        application = application_detail(uow, detail.application_ref)
        methods = policy_of(uow, daycare, detail.row.first_day).methods
        classes = [(one.ref, one.name) for one in classes_of(uow, daycare.id, detail.row.first_day)]
        receipts = issued_receipts(uow, daycare, detail)
    made = {**_fresh(detail, methods), **(forms or {})}
    soft = [one for one in problems if one.soft]
    if open_name and problems:
        beside(made[open_name], problems)
        problems = ()
    return web.render(
        "daycare/staff/booking.html",
        status=status,
        detail=detail,
        row=detail.row,
        ledger=detail.ledger,
        application=application,
        terms=terms,
        forms=made,
        open_name=open_name,
        problems=list(problems),
        soft=soft,
        receipts=receipts,
        errors=by_field(list(problems)),
        lifted=read_reasons(request.form),
        tones=BOOKING_TONES,
        stay_tones=STAY_TONES,
        may_decide=detail.row.state is B.REQUESTED and actions.DECIDE.allows(web.actor().role),
        may_change=detail.row.state in OPEN and actions.CHANGE.allows(web.actor().role),
        may_refund=actions.REFUND.allows(web.actor().role),
        classes=classes if actions.MOVE_CLASS.allows(web.actor().role) else [],
        may_no_show=actions.NO_SHOW.allows(web.actor().role),
        open_states=OPEN,
        checks=list(CheckKind),
        family_papers=list(FAMILY_PAPERS.items()),
        identity_papers=list(IDENTITY_PAPERS.items()),
        request_id=web.new_request_id(),
    )


def _fresh(detail: BookingDetail, methods: tuple[str, ...]) -> dict[str, FlaskForm]:
    row = detail.row
    change = ChangeForm(formdata=None, first_day=row.first_day, last_day=row.last_day, **_hours(detail))
    owed = {"amount": detail.balance} if detail.balance > 0 else {}
    spare = {"amount": -detail.balance} if detail.balance < 0 else {}
    return {
        "refusal": ReasonForm(formdata=None),
        "change": change,
        "cancel": CancelForm(formdata=None),
        "pay": PaymentForm(formdata=None, **owed).offer(methods),
        "refund": RefundForm(formdata=None, **spare).offer(methods),
        "correct": CorrectionForm(formdata=None),
    }


def _hours(detail: BookingDetail) -> dict[str, Any]:
    """The hours of the first stay, as the form offers them."""
    if not detail.stays:
        return {}
    stay = detail.stays[0]
    through = kst_date(stay.start) != detail.row.last_day and len(detail.stays) == 1
    last = detail.row.last_day if through else stay.operating_day
    return {
        "start": str(minute_of(stay.start, stay.operating_day)),
        "end": str(minute_of(stay.end, last)),
        "run": "through" if through else "daily",
    }


@web.page(pages, "/bookings/<ref>/confirm", actions.DECIDE, methods=["POST"], service=SERVICE)
def confirm(ref: str) -> Any:
    reasons = read_reasons(request.form)
    problems, status = tried(lambda uow: service.confirm(uow, ref, version=posted_version(), reasons=reasons))
    if problems:
        return booking_page(ref, problems, status)
    return done(_url(ref), _("확정했어요. 보호자에게 이용료와 준비물을 알렸어요."))


@web.page(pages, "/bookings/<ref>/refuse", actions.DECIDE, methods=["POST"], service=SERVICE)
def refuse(ref: str) -> Any:
    form = ReasonForm()
    if not form.validate():
        return booking_page(ref, (), 422, open_name="refusal", forms={"refusal": form})
    problems, status = tried(
        lambda uow: service.refuse(uow, ref, form.reason.data or "", version=posted_version())
    )
    if problems:
        return booking_page(ref, problems, status, open_name="refusal", forms={"refusal": form})
    return done(_url(ref), _("받지 않았어요. 사유를 보호자에게 알렸어요."))


@web.page(pages, "/bookings/<ref>/change", actions.CHANGE, methods=["POST"], service=SERVICE)
def change(ref: str) -> Any:
    form = ChangeForm()
    if not form.validate():
        return booking_page(ref, (), 422, open_name="change", forms={"change": form})
    reasons = read_reasons(request.form)
    problems, status = tried(
        lambda uow: service.change_booking(
            uow, ref, form.wish(), version=posted_version(), reasons=reasons, caller=_caller(form)
        )
    )
    if problems:
        return booking_page(ref, problems, status, open_name="change", forms={"change": form})
    return done(_url(ref), _("예약을 바꾸고 보호자에게 알렸어요."))


@web.page(pages, "/bookings/<ref>/cancel", actions.CANCEL, methods=["POST"], service=SERVICE)
def cancel(ref: str) -> Any:
    """Taken back for a caller whose number or a recorded check says who they are (AD-16)."""
    form = CancelForm()
    if not form.validate():
        return booking_page(ref, (), 422, open_name="cancel", forms={"cancel": form})
    ended: list[service.Cancelled] = []

    def command(uow: UnitOfWork) -> None:
        given = service.cancel_booking(
            uow, ref, version=posted_version(), reason=form.reason.data or "", caller=_caller(form)
        )
        ended.append(given)

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status, open_name="cancel", forms={"cancel": form})
    late = ended[-1].state is B.LATE_CANCELLED
    told = _("늦은 취소로 적고 보호자에게 알렸어요.") if late else _("취소하고 보호자에게 알렸어요.")
    return done(_url(ref), told, "warning" if late else "success")


def _caller(form: Any) -> Caller:
    return Caller(form.caller_phone.data or "", form.caller_name.data or "", form.identity.data or "")


def _url(ref: str) -> str:
    return url_for("daycare_staff.booking", ref=ref)
