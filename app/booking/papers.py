"""The Kium forms as plain data: what is known of a booking, under the names of the forms' own fields (KB-16, KB-42).

A form's answers are codes of its own (``sick_child``, ``convergence``, ``term1``); the tables below translate ours.
What only the family can answer is left empty, to be filled in by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from app.booking.dossiers import Dossier
from app.booking.queries import DailyUser, WaitingRow
from app.booking.rules.decision import DocumentKind, DocumentStatus
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState, UsageDayState, WaitState
from app.booking.times import SINGLE, read_times, span_of, times_text
from app.centres.rules import CentreKind, QuarterKind
from app.documents.catalogue import load
from app.kernel.ranges import WEEKDAYS, TimeSpan, kst_date, minute_text, weekday
from app.kernel.texts import clock_text, phone_text
from app.people.rules import EvidenceKind, HealthKind, Sex

Data = dict[str, Any]

APPLICATION = "kium-application"
PRIVACY = "kium-consent-privacy"
CONSENT5 = "kium-consent-5"
NOTICE = "kium-decision-notice"
CHILD_CARD = "kium-child-card"
WAITING = "kium-waiting-list"
DAILY = "kium-daily-users"

CARE = {BookingKind.REGULAR: "regular", BookingKind.TEMPORARY: "temporary", BookingKind.SICK: "sick_child"}
CENTRES = {CentreKind.GENERAL: "general", CentreKind.FUSION: "convergence", CentreKind.HUB: "hub"}
TERMS = {
    QuarterKind.SEM1: "term1",
    QuarterKind.SUMMER: "summer",
    QuarterKind.SEM2: "term2",
    QuarterKind.WINTER: "winter",
}
SEXES = {Sex.MALE: "male", Sex.FEMALE: "female"}
HOUSEHOLDS = {
    Ground.DUAL_INCOME: "dual_income",
    Ground.SINGLE_PARENT_WORKING: "single_parent",
    Ground.LOW_GRADE: "lower_grade",
    Ground.LONG_HOURS: "long_hours",
    Ground.COVID_MEDICAL_STAFF: "medical_staff",
}
FAMILY_PAPERS = {
    EvidenceKind.MULTI_CHILD: "many_children",
    EvidenceKind.DISABILITY_OR_ILLNESS: "care_household",
}
"""One ground of ours, two boxes of the form: the verified paper says which."""
WAITS = {WaitState.WAITING: "waiting", WaitState.OFFERED: "waiting", WaitState.ACCEPTED: "approved"}
PRINTED_DAYS = WEEKDAYS[:6]
"""The forms have no box for Sunday; such hours are printed as a date."""
JOIN_US = "누리집에 가입하시면 아이의 등원·하원 알림과 이용 내역을 보실 수 있습니다."


def application(file: Dossier) -> Data:
    """이용신청서, as far as the guardian has told us."""
    booking = file.booking
    household, other = _household(file)
    return _without_empty(
        {
            "application_date": kst_date(booking.applied_at).isoformat(),
            "application_no": booking.number,
            "centre_name": file.centre.name,
            "district": file.centre.district_name,
            "centre_type": CENTRES[file.centre.kind],
            "care_type": CARE[BookingKind(booking.kind)],
            "term": TERMS[file.quarter],
            "from_date": booking.starts_on.isoformat(),
            "to_date": booking.ends_on.isoformat(),
            "weekdays": [day for day in PRINTED_DAYS if day in booking.times],
            "slots": _slots(file),
            "temporary_reason": booking.reason if booking.kind != BookingKind.REGULAR else "",
            **_person(file),
            "guardians": _guardians(file),
            "household": household,
            "household_other": other,
            **_allergy_and_medicine(file),
            "other_services": booking.other_service,
            "sibling_use": "형제·자매와 같은 시간" if booking.sibling_booking_id else "",
            **_documents(file),
            "sign_date": kst_date(booking.applied_at).isoformat(),
            "guardian_sign_name": file.guardian.name,
            "relation": file.relation,
        }
    )


def privacy_consent(file: Dossier) -> Data:
    """개인정보 동의서: who it is about; every yes and no is the family's own."""
    return _without_empty(
        {
            "centre_name": file.centre.name,
            "child_name": file.child.name,
            "child_birth_date": file.child.birth_date.isoformat(),
            "guardian_name": file.guardian.name,
            "phone": phone_text(file.guardian.phone),
            "guardian_sign_name": file.guardian.name,
            "relation": file.relation,
        }
    )


def consent5(file: Dossier) -> Data:
    """서식5: the emergency calls and the named people who fetch; the ways and consents are the family's own."""
    return _without_empty(
        {
            "centre_name": file.centre.name,
            **_person(file),
            "contacts": [
                {
                    "rank": row.emergency_order,
                    "relation": row.relation.label,
                    "name": row.name,
                    "phone": phone_text(row.phone),
                }
                for row in file.guardians
            ],
            "pickup_people": [
                {"name": row.name, "relation": row.relation, "phone": phone_text(row.phone)}
                for row in file.pickups
            ],
            "leaving_time": _only_end(file),
            "health_notes": ", ".join(f"{kind.label}: {text}" for kind, text in file.health.items()),
            "guardian_sign_name": file.guardian.name,
            "relation": file.relation,
        }
    )


def decision_notice(file: Dossier, today: date, *, position: int | None = None) -> Data:
    """이용결정 통지 of the booking's state: approved, waiting or refused with its reason (KB-23, KB-24)."""
    booking, kind = file.booking, BookingKind(file.booking.kind)
    state = BookingState(booking.state)
    decision = {BookingState.DISAPPROVED: "refused", BookingState.WAITING: "waiting"}.get(state, "approved")
    consent = file.documents.get(DocumentKind.ARRIVAL_CONSENT, DocumentStatus.MISSING)
    outstanding = decision == "approved" and consent is DocumentStatus.MISSING
    return _without_empty(
        {
            "guardian_name": file.guardian.name,
            "child_name": file.child.name,
            "application_no": booking.number,
            "decision": decision,
            "refuse_reason": booking.decision_reason if decision == "refused" else "",
            "waiting_no": position if decision == "waiting" else None,
            "care_type": CARE[kind],
            "from_date": booking.starts_on.isoformat(),
            "to_date": booking.ends_on.isoformat(),
            "schedule": times_text(booking),
            "visit_date": booking.counselled_on.isoformat() if booking.counselled_on else "",
            "documents": f"{DocumentKind.ARRIVAL_CONSENT.label}(첫 이용일 전까지)" if outstanding else "",
            "info": JOIN_US if file.guardian.user_id is None and decision == "approved" else "",
            "sign_date": today.isoformat(),
            "centre_name": file.centre.name,
        }
    )


def child_card(file: Dossier, today: date) -> Data:
    """개인별 관리카드 with the newest agreements (KB-42); an empty card where none was written."""
    booking, card = file.booking, file.card
    boxes, other = _household(file)
    household = [load(APPLICATION).field("household").choice_label(box) for box in boxes]
    counselling = []
    if card is not None and card.counselling:
        counselling = [
            {
                "date": (card.counselled_on or kst_date(card.created_at)).isoformat(),
                "kind": "guardian",
                "content": card.counselling,
                "staff": file.card_writer,
            }
        ]
    return _without_empty(
        {
            **_person(file),
            "start_date": booking.starts_on.isoformat(),
            "end_date": booking.ends_on.isoformat(),
            "end_reason": booking.end_ground or (booking.decision_reason if booking.ended_on else ""),
            "guardians": _guardians(file),
            "household": other or ", ".join(household),
            "schedule": _schedule(file),
            "homegoing": card.going_home if card else "",
            **_allergy_and_medicine(file),
            "emergency": ", ".join(
                f"{row.emergency_order}. {row.relation.label} {phone_text(row.phone)}"
                for row in file.guardians
            ),
            "care_type": CARE[BookingKind(booking.kind)],
            "other_services": booking.other_service,
            "counselling": counselling,
            "sign_date": today.isoformat(),
        }
    )


def waiting_sheet(centre_name: str, today: date, rows: Sequence[tuple[WaitingRow, str]]) -> Data:
    """대기자 명단; each row comes with the telephone number given at the application."""
    return {
        "centre_name": centre_name,
        "day": today.isoformat(),
        "waiting": [
            {
                "no": row.position,
                "date": kst_date(row.applied_at).isoformat(),
                "time": clock_text(row.applied_at),
                "child_name": row.child_name,
                "care_type": CARE[row.kind],
                "wish": row.when,
                "priority": f"{row.rank.number}순위",
                "phone": phone_text(phone),
                "status": WAITS.get(row.state, "cancelled"),
            }
            for row, phone in rows
        ],
    }


def daily_sheet(centre_name: str, day: date, rows: Iterable[DailyUser]) -> Data:
    """일일 이용자 현황; arrivals, meals and leaving are written in by hand."""
    children = [row for row in rows if row.day_state is not UsageDayState.CANCELLED]
    return {
        "centre_name": centre_name,
        "day": day.isoformat(),
        "rows": [
            {
                "no": number,
                "name": row.child_name,
                "care_type": CARE[row.kind],
                "plan_in": minute_text(row.hours.start),
                "remark": _remark(row),
            }
            for number, row in enumerate(children, start=1)
        ],
        "peak": peak([row.hours for row in children]),
    }


def peak(stays: Sequence[TimeSpan]) -> int:
    """The most children at one moment; who leaves at 17:00 is gone when the next comes at 17:00."""
    return max((sum(stay.start <= at.start < stay.end for stay in stays) for at in stays), default=0)


def _remark(row: DailyUser) -> str:
    words = [f"~{minute_text(row.hours.end)}", *row.pickup, "형제·자매" if row.sibling else ""]
    return ", ".join(word for word in words if word)


def _person(file: Dossier) -> Data:
    child = file.child
    return {
        "child_name": child.name,
        "child_birth_date": child.birth_date.isoformat(),
        "child_gender": SEXES.get(Sex(child.sex)) if child.sex else None,
        "school": child.school,
        "grade": child.grade,
        "school_class": child.school_class,
        "address": child.address or file.guardian.address,
    }


def _guardians(file: Dossier) -> list[Data]:
    """As many as the child has; the workplace is only known of the applicant."""
    return [
        _without_empty(
            {
                "relation": row.relation.label,
                "name": row.name,
                "phone": phone_text(row.phone),
                "workplace": file.guardian.workplace if row.id == file.guardian.id else "",
                "remark": "우선 연락" if row.emergency_order == 1 else "",
            }
        )
        for row in file.guardians
    ]


def _household(file: Dossier) -> tuple[list[str], str]:
    """The ticked boxes, and the words behind "other"."""
    ground = Ground(file.booking.ground)
    if ground is Ground.MULTI_CHILD_OR_CARE:
        boxes = [box for paper, box in FAMILY_PAPERS.items() if paper in file.proven]
        return (boxes, "") if boxes else (["other"], ground.label)
    return ([HOUSEHOLDS[ground]], "") if ground in HOUSEHOLDS else ([], "")


def _allergy_and_medicine(file: Dossier) -> Data:
    medicine = [
        file.health[kind] for kind in (HealthKind.DISEASE, HealthKind.MEDICINE) if kind in file.health
    ]
    return {"allergy": file.health.get(HealthKind.ALLERGY, ""), "medication": ", ".join(medicine)}


def _documents(file: Dossier) -> Data:
    def there(kind: DocumentKind) -> bool:
        return file.documents.get(kind, DocumentStatus.MISSING) is not DocumentStatus.MISSING

    return {
        "doc_application": True,
        "doc_consent": there(DocumentKind.PRIVACY_CONSENT),
        "doc_priority": there(DocumentKind.EVIDENCE),
        "doc_consent5": there(DocumentKind.ARRIVAL_CONSENT),
    }


def _slots(file: Dossier) -> list[Data]:
    times = read_times(file.booking.times)
    if SINGLE in times:
        return [_slot("date", times[SINGLE], file.booking.starts_on)]
    rows = [_slot(day, times[day]) for day in PRINTED_DAYS if day in times]
    if "sun" in times:
        first = next((day for day in span_of(file.booking) if weekday(day) == "sun"), file.booking.starts_on)
        rows.append(_slot("date", times["sun"], first))
    return rows


def _slot(day: str, hours: TimeSpan, on: date | None = None) -> Data:
    slot: Data = {"day": day, "in_time": minute_text(hours.start), "out_time": minute_text(hours.end)}
    return {**slot, "date": on.isoformat()} if on else slot


def _schedule(file: Dossier) -> list[Data]:
    """The agreed times of the card hold on every day; without a card those of the booking."""
    booking, card = file.booking, file.card
    activity = ", ".join(f"{start}–{end} {what}" for start, end, what in card.activities) if card else ""
    times = read_times(booking.times)
    if SINGLE in times:
        times = {weekday(booking.starts_on): times[SINGLE]}
    return [
        {
            "day": day,
            "in_time": (card.arrival if card else "") or minute_text(times[day].start),
            "out_time": (card.departure if card else "") or minute_text(times[day].end),
            "activity": activity[:300],
        }
        for day in PRINTED_DAYS
        if day in times
    ]


def _only_end(file: Dossier) -> str:
    """When the child leaves, where it is the same on every day."""
    ends = {hours.end for hours in read_times(file.booking.times).values()}
    return minute_text(ends.pop()) if len(ends) == 1 else ""


def _without_empty(data: Data) -> Data:
    return {key: value for key, value in data.items() if value not in ("", None)}
