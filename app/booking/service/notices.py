"""A summer vacation shorter than five weeks is announced by itself: a draft, and its way to the families (KQ-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.booking import actions
from app.booking.models import Booking
from app.booking.place import place_of
from app.booking.rules.policy import BookingPolicy
from app.booking.rules.states import FINAL
from app.booking.times import week_text
from app.centres.queries import CentreRow, QuarterRow, centre_by_id, centre_policy, quarter_by_ref
from app.centres.rules import needs_notice
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import WEEKDAYS
from app.kernel.texts import day_text, phone_text
from app.messaging.models import Message
from app.messaging.service import plan_message

SHORT_SUMMER = "booking.short_summer"
MOST = 1000
NOT_SHORT = Problem(
    "notice.not_short", N_("5주보다 짧은 여름방학이 아니어서 따로 안내하지 않아도 돼요."), rule="KQ-14"
)
IS_OVER = Problem("notice.is_over", N_("이미 지난 분기라 안내할 수 없어요."), rule="KQ-14")
NO_TEXT = Problem("notice.no_text", N_("보낼 안내문을 적어 주세요."), rule="KQ-14", field="text")
TEXT_LONG = Problem(
    "notice.text_long", N_("안내문은 {most}자 안으로 적어 주세요."), rule="KQ-14", field="text"
)
NOBODY = Problem("notice.nobody", N_("안내를 받을 보호자가 없어요. 인쇄해서 붙여 주세요."), rule="KQ-14")


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands ready for one quarter; ``families``: numbers it would go to, ``sent_to``: how many had it already."""

    centre: CentreRow
    quarter: QuarterRow
    closed: Problem | None
    """Why there is nothing to announce."""
    text: str
    families: int
    sent_to: int
    sent_at: datetime | None


def notice_of(uow: UnitOfWork, quarter_ref: str) -> Notice:
    """The draft, and whom it reaches. Nothing is written."""
    centre, quarter = _quarter_for(uow, quarter_ref)
    sent_to, sent_at = uow.session.execute(
        select(func.count(), func.max(Message.created_at)).where(
            Message.template == SHORT_SUMMER, Message.subject == "quarter", Message.subject_id == quarter.id
        )
    ).one()
    return Notice(
        centre,
        quarter,
        _closed(uow, centre, quarter),
        draft(centre, quarter, place_of(uow, centre).terms.booking),
        len(_numbers(uow, centre)),
        sent_to,
        sent_at,
    )


def draft(centre: CentreRow, quarter: QuarterRow, policy: BookingPolicy) -> str:
    """The words to start from: when, which hours, and what it means for regular care (KB-05)."""
    span, hours = quarter.span, quarter.plan.hours
    week = {key: opening for key in WEEKDAYS if (opening := hours.at(key)) is not None}
    if policy.short_quarter_waiver:
        regular = (
            f"정기돌봄은 {policy.regular_min_days}일 이상 신청하지만, "
            "이번 방학은 마지막 날까지 신청하시면 더 짧아도 받아요."
        )
    else:
        regular = (
            f"정기돌봄은 {policy.regular_min_days}일 이상 신청해야 하니, "
            "그보다 짧게 쓰실 때에는 일시돌봄을 신청해 주세요."
        )
    return "\n".join(
        (
            f"[{centre.name}] {quarter.label} 운영 안내",
            f"기간: {day_text(span.first)}~{day_text(span.last)}, {span.days}일",
            f"운영시간: {week_text(week)}",
            f"여름방학이 {policy.short_quarter_days // 7}주보다 짧아 따로 알려 드려요. {regular}",
            f"방학이 끝난 뒤에도 이용하시려면 다음 분기를 새로 신청해 주세요. 문의: {phone_text(centre.phone)}",
        )
    )


def send_notice(uow: UnitOfWork, quarter_ref: str, text: str) -> int:
    """The text, as somebody has read and edited it, to every family with an open booking. Returns how many."""
    centre, quarter = _quarter_for(uow, quarter_ref)
    if refused := _closed(uow, centre, quarter) or text_problem(text):
        raise RuleBroken(refused)
    numbers = _numbers(uow, centre)
    if not numbers:
        raise RuleBroken(NOBODY)
    for to in numbers:
        plan_message(uow, SHORT_SUMMER, to, {"text": text.strip()}, subject="quarter", subject_id=quarter.id)
    audit.record(uow, "quarter.notice", "quarter", quarter.id, diff={"families": [None, len(numbers)]})
    return len(numbers)


def text_problem(text: str) -> Problem | None:
    if not text.strip():
        return NO_TEXT
    return TEXT_LONG.of(most=MOST) if len(text) > MOST else None


def _quarter_for(uow: UnitOfWork, quarter_ref: str) -> tuple[CentreRow, QuarterRow]:
    quarter = quarter_by_ref(uow, quarter_ref)
    centre = centre_by_id(uow, quarter.centre_id)
    actions.QUARTER_NOTICE.check(uow.actor, centre.id, centre.district_id)
    return centre, quarter


def _closed(uow: UnitOfWork, centre: CentreRow, quarter: QuarterRow) -> Problem | None:
    if not needs_notice(quarter.plan.kind, quarter.span, centre_policy(uow, centre)):
        return NOT_SHORT
    return IS_OVER if quarter.span.last < uow.today else None


def _numbers(uow: UnitOfWork, centre: CentreRow) -> list[str]:
    """The numbers given with bookings that are not over, each once (KB-48)."""
    return list(
        uow.session.scalars(
            select(Booking.contact_phone)
            .distinct()
            .where(Booking.centre_id == centre.id, Booking.state.not_in(FINAL), Booking.contact_phone != "")
            .order_by(Booking.contact_phone)
        )
    )
