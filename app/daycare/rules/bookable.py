"""Whether a daycare may take bookings for a day at all: designated, insured, open for the family (AD-25, AD-33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan
from app.kernel.texts import day_text

INACTIVE = Problem(
    "daycare.inactive", N_("지금은 예약을 받지 않는 어린이집이에요."), rule="AD-33", field="daycare"
)
NOT_DESIGNATED = Problem(
    "daycare.not_designated",
    N_("{day}에는 언제나어린이집으로 지정되어 있지 않아 예약할 수 없어요."),
    rule="AD-33",
    field="daycare",
)
NOT_INSURED = Problem(
    "daycare.not_insured",
    N_("{day}에는 어린이집의 보험({policies})이 없어 예약을 받을 수 없어요. 어린이집에 문의해 주세요."),
    rule="AD-25",
    field="daycare",
)
NO_APPLICATION = Problem(
    "daycare.no_application",
    N_("이 어린이집에 낸 이용신청서가 없어요. 이용신청서를 먼저 내 주세요."),
    rule="AD-18",
    field="application",
)
APPLICATION_CLOSED = Problem(
    "daycare.application_closed",
    N_("이용신청서가 '{state}' 상태예요. 고쳐서 다시 낸 뒤 예약해 주세요."),
    rule="AD-18",
    field="application",
)
CHILD_NOT_NAMED = Problem(
    "daycare.child_not_named",
    N_("{child}이(가) 이용신청서에 없어요. 신청서에 아이를 더해 다시 내 주세요."),
    rule="AD-18",
    field="application",
)
BUSY = Problem(
    "daycare.busy",
    N_(
        "{child}은(는) {when}에 이미 다른 돌봄이 잡혀 있어요({where}). 시간을 바꾸거나 그 예약을 먼저 정리해 주세요."
    ),
    rule="AD-34",
    field="hours",
)


@dataclass(frozen=True, slots=True)
class Designation:
    """First and last day of the designation; None at the end: open; None at the start: never designated."""

    since: date | None
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


def check_designation(designation: Designation, days: DateSpan) -> Problem | None:
    """AD-33: on the first and the last day (a designation has no gaps)."""
    for day in (days.first, days.last):
        if not designation.holds(day):
            return NOT_DESIGNATED.of(day=day_text(day))
    return None
