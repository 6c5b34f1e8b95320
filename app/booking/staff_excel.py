"""엑셀: the filtered lists of applications and bookings, as masked as the page shows them (XX-12)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request
from flask_babel import gettext as _

from app.booking import actions
from app.booking.forms_staff import QueueForm
from app.booking.queries import QueueFilter, QueueRow, queue
from app.booking.staff_pages import pages
from app.booking.staff_queue import TABS as QUEUE_TABS
from app.booking.staff_queue import read_filters
from app.booking.staff_rows import UserRow, every_user
from app.booking.staff_users import TABS as USER_TABS
from app.booking.staff_users import read_filter
from app.booking.workbook import XLSX, Cell, Column, workbook
from app.centres.forms import tidy
from app.centres.queries import CentreRow
from app.centres.service.facility import own_centre
from app.documents.parameters import EXPORT_REASON_ROWS
from app.documents.serving import send_file
from app.kernel import audit, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import KST
from app.kernel.texts import masked_name, masked_phone, moment_text
from app.tenancy import settings

ROWS_MOST = 5000
TOO_MANY = Problem(
    "excel.too_many", N_("한 번에 {most}건까지 내려받을 수 있어요. 조건을 좁혀 주세요."), rule="XX-12"
)
NO_REASON = Problem(
    "excel.no_reason", N_("{rows}건이 넘어요. 내려받는 까닭을 적어 주세요."), rule="XX-12", field="reason"
)
NO_ROWS = Problem("excel.no_rows", N_("내려받을 건이 없어요. 조건을 바꿔 주세요."))
USER_COLUMNS = (
    Column(N_("신청번호"), 16),
    Column(N_("아이"), 10),
    Column(N_("학년"), 6),
    Column(N_("돌봄 종류"), 12),
    Column(N_("시작일"), 12),
    Column(N_("이용"), 44),
    Column(N_("보호자"), 10),
    Column(N_("연락처"), 16),
    Column(N_("상태"), 10),
    Column(N_("취소 요청"), 10),
)
QUEUE_COLUMNS = (
    Column(N_("신청번호"), 16),
    Column(N_("아이"), 10),
    Column(N_("돌봄 종류"), 12),
    Column(N_("시작일"), 12),
    Column(N_("이용"), 44),
    Column(N_("순위"), 6),
    Column(N_("우선순위 사유"), 18),
    Column(N_("모자란 서류"), 30),
    Column(N_("상태"), 10),
    Column(N_("신청한 때"), 18),
    Column(N_("보호자"), 10),
    Column(N_("연락처"), 16),
)


@web.page(pages, "/bookings/users/excel", actions.QUEUE, methods=["POST"], service="KIUM")
def excel_of_users() -> Response:
    tab = request.args.get("tab", "coming")
    tab = tab if tab in USER_TABS else "coming"
    form = QueueForm(request.args)
    form.validate()
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = every_user(uow, centre, read_filter(tab, form), ROWS_MOST + 1)
        asked = request.args.get("asked") == "cancel"
        narrowed = _filter_words(_("취소 요청") if asked else USER_TABS[tab][0], form, "kind")
        return _file(uow, centre, _("예약"), narrowed, USER_COLUMNS, [*map(_user, rows)])


@web.page(pages, "/bookings/excel", actions.QUEUE, methods=["POST"], service="KIUM")
def excel_of_queue() -> Response:
    tab = request.args.get("tab", "applied")
    tab = tab if tab in QUEUE_TABS else "applied"
    form = QueueForm(request.args)
    form.validate()
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = _whole_queue(uow, centre, read_filters(tab, form))
        narrowed = _filter_words(QUEUE_TABS[tab][0], form, "kind", "ground", "papers")
        return _file(uow, centre, _("신청"), narrowed, QUEUE_COLUMNS, [*map(_applied, rows)])


def _whole_queue(uow: UnitOfWork, centre: CentreRow, filters: QueueFilter) -> list[QueueRow]:
    first = queue(uow, centre, filters)
    if first.total > ROWS_MOST:
        raise RuleBroken(TOO_MANY.of(most=ROWS_MOST))
    rows = list(first.rows)
    for page in range(2, first.pages + 1):
        rows += queue(uow, centre, filters, page).rows
    return rows


def _user(row: UserRow) -> tuple[Cell, ...]:
    return (
        row.number,
        row.child_name,
        row.grade,
        row.kind.label,
        row.starts_on,
        row.when,
        row.guardian_name,
        masked_phone(row.contact_phone),
        row.state.label,
        _("요청") if row.cancel_asked else "",
    )


def _applied(row: QueueRow) -> tuple[Cell, ...]:
    return (
        row.number,
        row.child_name,
        row.kind.label,
        row.starts_on,
        row.when,
        row.rank.number,
        row.rank.ground.label if row.rank.ground else "",
        ", ".join(paper.label for paper in row.missing),
        row.state.label,
        moment_text(row.applied_at),
        masked_name(row.guardian_name),
        masked_phone(row.contact_phone),
    )


def _filter_words(tab: str, form: QueueForm, *choices: str) -> str:
    """What the list was narrowed to, for the log and the foot of the sheet; no name is ever among it."""
    words = [_(tab)]
    for name in choices:
        field = form[name]
        words.append("" if field.errors else dict(form.pairs(name)).get(field.data, "") if field.data else "")
    first, last = (None if day.errors else day.data for day in (form.first, form.last))
    if first or last:
        words.append(f"{first or ''}~{last or ''}")
    return ", ".join(word for word in words if word)


def _file(
    uow: UnitOfWork,
    centre: CentreRow,
    title: str,
    narrowed: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
) -> Response:
    """Checked, logged with filter, count and reason, and handed over (XX-12)."""
    reason = tidy(request.form.get("reason", ""))[:200]
    limit = settings.value(uow, EXPORT_REASON_ROWS, place=centre.place)
    if not rows:
        raise RuleBroken(NO_ROWS)
    if len(rows) > ROWS_MOST:
        raise RuleBroken(TOO_MANY.of(most=ROWS_MOST))
    if len(rows) > limit and not reason:
        raise RuleBroken(NO_REASON.of(rows=f"{limit:,}"))
    said = " · ".join(word for word in (narrowed, reason) if word)
    audit.record_access(uow, "booking.excel", "centre", centre.id, row_count=len(rows), reason=said)
    footer = (
        f"{centre.name} {title} {len(rows)}건({narrowed}) · {uow.actor.name} {moment_text(uow.now)} 내려받음"
    )
    heads = [Column(_(column.label), column.width) for column in columns]
    name = f"{title}_{uow.now.astimezone(KST):%Y%m%d_%H%M}.xlsx"
    return send_file(workbook(title, heads, rows, footer), XLSX, name)
