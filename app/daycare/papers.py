"""The daycare's records as plain data of their forms, under the forms' own names (AD-21, AD-23, AD-24, AD-26, AD-32).

What families write themselves is in ``papers_asked``. Signatures given at the door are handed over beside the data, by
the place where they are printed. What is not known is left out, to be filled in by hand. Reading what is printed here
is logged by the queries that hand over the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.daycare.queries import HandoverRow, JournalChild, JournalRow, MealRow, RegisterRow
from app.daycare.rules.days import is_holiday_hours, operating_day
from app.daycare.rules.journal import HEADINGS
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import touches_night
from app.kernel.calendar import HolidayCalendar
from app.kernel.ranges import Period, kst_date
from app.kernel.texts import clock_text, phone_text

Data = dict[str, Any]
Signatures = dict[str, Any]

JOURNAL = "daycare-journal"
HANDOVER = "daycare-handover"
REGISTER = "daycare-usage-register"
RECEIPT = "daycare-receipt"
INCIDENT = "daycare-incident"

WITH_RELATION = re.compile(r"(?P<name>.+?)\s*\((?P<relation>[^()]+)\)")
NO_WORDS = "특이사항 없음"


def name_and_relation(person: str) -> tuple[str, str | None]:
    """``한지원(모)`` as stored at the door → ("한지원", "모")."""
    found = WITH_RELATION.fullmatch(person.strip())
    return (found["name"], found["relation"]) if found else (person.strip(), None)


def handover(
    daycare: str, day: date, rows: Sequence[HandoverRow], class_name: str = ""
) -> tuple[Data, Signatures]:
    """인수인계대장 (서식10): a line for each child who was brought, each signature where it was given (AD-21)."""
    lines, hands = [], Signatures()
    for number, row in enumerate((row for row in rows if row.in_at is not None), 1):
        lines.append(_handed_over(number, day, row))
        place = f"handovers.{number - 1}."
        if row.in_signature:
            hands[place + "arrival_guardian_signature"] = row.in_signature
        if row.out_signature:
            hands[place + "leaving_guardian_signature"] = row.out_signature
    data = {"daycare_name": daycare, "date": day.isoformat(), "class_name": class_name, "handovers": lines}
    return without_empty(data), hands


def _handed_over(number: int, day: date, row: HandoverRow) -> Data:
    brought, brought_as = name_and_relation(row.in_person)
    line = {
        "no": number,
        "child_name": row.child,
        "birth_date": row.birth_date.isoformat(),
        "arrival_time": clock(row.in_at),
        "arrival_guardian_name": brought,
        "arrival_relation": brought_as,
        "arrival_teacher": row.in_by,
    }
    if row.out_at is None:
        return without_empty(line)
    fetched, fetched_as = name_and_relation(row.out_person)
    left = kst_date(row.out_at)
    return without_empty(
        {
            **line,
            "leaving_time": clock(row.out_at),
            "leaving_guardian_name": fetched,
            "leaving_relation": fetched_as,
            "id_checked": "yes",
            "leaving_teacher": row.out_by,
            "registered_guardian": "no" if row.prior_contact else "yes",
            "contact_note": row.prior_contact,
            "remark": f"{left.month}월 {left.day}일 귀가" if left != day else "",
        }
    )


def usage_register(
    daycare: str, month: date, rows: Sequence[RegisterRow], policy: DaycarePolicy, calendar: HolidayCalendar
) -> Data:
    """이용대장 of a month: every stay that took place, with its sums (AD-26, AD-32)."""
    stays = [row for row in rows if row.in_at is not None]
    lines = [_used(number, row, policy, calendar) for number, row in enumerate(stays, 1)]
    return {
        "daycare_name": daycare,
        "month": month.replace(day=1).isoformat(),
        "stays": lines,
        "count": len(lines),
        "hours": sum(row.billed_hours or 0 for row in stays),
        "fee_total": sum(row.amount or 0 for row in stays),
    }


def _used(number: int, row: RegisterRow, policy: DaycarePolicy, calendar: HolidayCalendar) -> Data:
    return without_empty(
        {
            "no": number,
            "date": row.operating_day.isoformat(),
            "child_name": row.child,
            "guardian": row.guardian,
            "in_time": clock(row.in_at),
            "out_time": clock(row.out_at),
            "hours": row.billed_hours,
            "band": _band(row, policy, calendar),
            "fee": row.amount,
        }
    )


def _band(row: RegisterRow, policy: DaycarePolicy, calendar: HolidayCalendar) -> str:
    """A stay that reaches into a night is one of the night, also on a holiday."""
    if row.in_at and row.out_at and touches_night(Period(row.in_at, row.out_at), policy):
        return "night"
    return "holiday" if is_holiday_hours(row.operating_day, calendar) else "day"


def journal(
    daycare: str,
    row: JournalRow,
    *,
    hours: str,
    teachers: int = 1,
    photo: str | None = None,
    incidents: Iterable[str] = (),
) -> tuple[Data, Signatures]:
    """보육일지 (서식8) of one class and operating day (AD-23, AD-24).

    ``hours``: when the class is open; ``photo``: a ``data:`` picture of what was eaten; ``incidents``: a line each.
    """
    words = row.entries
    data = {
        "daycare_name": daycare,
        "date": row.operating_day.isoformat(),
        "class_band": f"{row.class_name} / {hours}",
        "teacher_name": row.teacher,
        "child_count": len(row.children),
        "ratio": -(-len(row.children) // max(teachers, 1)) or None,
        "children": [_cared_for(number, row, child) for number, child in enumerate(row.children, 1)],
        "activities": _paragraphs(words, "plan", "activities", "evaluation"),
        "rest": words.get("sleep", ""),
        "events": "\n".join([_paragraphs(words, "health", "handover"), *incidents]).strip() or NO_WORDS,
        **_eaten(row.meals, words.get("meals", ""), photo),
    }
    hands = {"teacher_signature": row.signed_by, "director_signature": row.closed_by}
    return without_empty(data), {place: name for place, name in hands.items() if name}


def _cared_for(number: int, row: JournalRow, child: JournalChild) -> Data:
    given = [dose for dose in row.doses if dose.child == child.child and dose.given_at is not None]
    hours = None
    if child.in_at and child.out_at:
        hours = int((child.out_at - child.in_at).total_seconds()) // 3600
    return without_empty(
        {
            "no": number,
            "name": child.child,
            "in_time": clock(child.in_at),
            "out_time": clock(child.out_at),
            "hours_used": hours,
            "health": child.note,
            "medicine": ", ".join(f"{clock(dose.given_at)} 투약" for dose in given),
        }
    )


def _eaten(meals: Sequence[MealRow], words: str, photo: str | None) -> Data:
    if not meals:
        return {"served": "own_food" if words.strip() else "no", "menu": words}
    lines = [f"{meal.kind.label}: {meal.menu}" for meal in meals]
    fee = sum(meal.amount for meal in meals)
    return {
        "served": "daycare_food",
        "menu": "\n".join([*lines, words]).strip(),
        "meal_fee": fee or None,
        "meal_photo": photo,
    }


def _paragraphs(words: Mapping[str, str], *keys: str) -> str:
    """Several headings of ours in one box of the form, each by its name; a single one without it."""
    filled = [(HEADINGS[key], words.get(key, "").strip()) for key in keys if words.get(key, "").strip()]
    return filled[0][1] if len(filled) == 1 else "\n".join(f"{label}: {text}" for label, text in filled)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One stay of a receipt, as used or, before it took place, as booked. ``government_hours`` are not paid here."""

    start: datetime
    end: datetime
    hours: int
    government_hours: int
    amount: int


def receipt(
    daycare: str,
    guardian: str,
    child: str,
    fee_hour: int,
    lines: Sequence[ReceiptLine],
    calendar: HolidayCalendar,
) -> Data:
    """영수증, as far as it is not the ledger's: number, day, total and method are filled in when it is issued."""
    return {
        "daycare_name": daycare,
        "guardian_name": guardian,
        "child_name": child,
        "lines": [made for line in lines for made in _receipt_lines(line, fee_hour, calendar)],
    }


def _receipt_lines(line: ReceiptLine, fee_hour: int, calendar: HolidayCalendar) -> list[Data]:
    """What the family paid, and in a line of its own what the government did (AD-15)."""
    day = operating_day(line.start)
    times = {"use_date": day.isoformat(), "from_time": clock(line.start), "to_time": clock(line.end)}
    own = line.hours - line.government_hours
    made = []
    if own or not line.government_hours:
        made.append({**times, "hours": own, "rate": fee_hour, "subsidy": "self", "amount": line.amount})
    if line.government_hours:
        kind = "holiday_subsidy" if is_holiday_hours(day, calendar) else "night_subsidy"
        made.append({**times, "hours": line.government_hours, "rate": fee_hour, "subsidy": kind, "amount": 0})
    return made


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident with what was told to whom (AD-26). ``kind``: accident, illness, infection or other."""

    child: str
    birth_date: date | None
    guardian: str
    phone: str
    at: datetime
    place: str
    kind: str
    what: str
    done: str
    told_at: datetime | None
    told: str
    """Name and place in the order of emergency calls."""
    told_how: str
    """phone, sms or face."""
    ambulance: bool
    hospital: str = ""


def incident(seen: Happened) -> Data:
    """사고·질병 통지 기록 (AD-26)."""
    told = kst_date(seen.told_at).isoformat() if seen.told_at else None
    return without_empty(
        {
            "child_name": seen.child,
            "birth_date": seen.birth_date.isoformat() if seen.birth_date else None,
            "guardian_name": seen.guardian,
            "phone": phone_text(seen.phone),
            "event_date": kst_date(seen.at).isoformat(),
            "event_time": clock(seen.at),
            "place": seen.place,
            "kind": seen.kind,
            "description": seen.what,
            "action": seen.done,
            "notice_date": told,
            "notice_time": clock(seen.told_at),
            "method": seen.told_how,
            "notified_person": seen.told,
            "ambulance": seen.ambulance,
            "hospital": seen.hospital,
            "sign_date": told,
        }
    )


def without_empty(data: Mapping[str, Any]) -> Data:
    """A field nobody filled is left to the form's own blank."""
    return {key: value for key, value in data.items() if value not in (None, "", [])}


def clock(moment: datetime | None) -> str | None:
    return clock_text(moment) if moment else None
