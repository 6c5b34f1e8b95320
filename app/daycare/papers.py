"""The daycare's records as plain data of their forms, under the forms' own names (AD-21, AD-23, AD-24, AD-26, AD-32).

What families write themselves is in ``papers_asked``. Signatures given at the door are handed over beside the data, by
the place where they are printed, with who gave them when. What is not known is left out, to be filled in by hand.
Reading what is printed here is logged by the queries that hand over the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.daycare.queries import HandoverRow, JournalChild, JournalRow, MealRow, RegisterRow
from app.daycare.rules.days import is_holiday_hours, operating_day
from app.daycare.rules.handover import typed_name
from app.daycare.rules.journal import HEADINGS
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import touches_night
from app.documents.service.recording import Given
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
WORKING_COPY = "열람용"
"""Across every page that is printed from the records as they stand and was not issued."""
GOES_ON = "계속"
"""Where a child that stays beyond the operating day has no exit on its papers."""
SIGNED_THERE = "서명함"
"""Where such a copy would bear a signature."""


def unsigned(hands: Iterable[Given]) -> Signatures:
    """On a working copy the words that somebody signed, not the signature."""
    return {hand.field: SIGNED_THERE for hand in hands}


def name_and_relation(person: str) -> tuple[str, str | None]:
    """``한지원(모)`` as stored at the door → ("한지원", "모")."""
    found = WITH_RELATION.fullmatch(person.strip())
    return (found["name"], found["relation"]) if found else (person.strip(), None)


def handover(
    daycare: str, day: date, rows: Sequence[HandoverRow], class_name: str = ""
) -> tuple[Data, list[Given]]:
    """인수인계대장 (서식10): a line for each child who was brought, each signature where it was given (AD-21)."""
    lines, hands = [], list[Given]()
    for number, row in enumerate(rows, 1):
        lines.append(_handed_over(number, day, row))
        place = f"handovers.{number - 1}."
        hands += at_door(place + "arrival_guardian_signature", row.in_person, row.in_at, row.in_signature)
        hands += at_door(place + "leaving_guardian_signature", row.out_person, row.out_at, row.out_signature)
    data = {"daycare_name": daycare, "date": day.isoformat(), "class_name": class_name, "handovers": lines}
    return without_empty(data), hands


def at_door(field: str, person: str, at: datetime | None, signature: Sequence[Any] | None) -> list[Given]:
    """One signature of the door, drawn or a typed name; none where nobody signed."""
    if at is None or not signature:
        return []
    name = name_and_relation(person)[0]
    return [Given(field, name, at, None if typed_name(signature) else signature)]


def _handed_over(number: int, day: date, row: HandoverRow) -> Data:
    brought, brought_as = name_and_relation(row.in_person)
    line = {
        "no": number,
        "child_name": row.child,
        "birth_date": row.birth_date.isoformat(),
        "arrival_time": time_on(day, row.in_at),
        "arrival_guardian_name": brought,
        "arrival_relation": brought_as,
        "arrival_teacher": row.in_by,
    }
    if row.out_at is None:
        return without_empty({**line, "leaving_time": GOES_ON if row.goes_on else None})
    fetched, fetched_as = name_and_relation(row.out_person)
    return without_empty(
        {
            **line,
            "leaving_time": time_on(day, row.out_at),
            "leaving_guardian_name": fetched,
            "leaving_relation": fetched_as,
            "id_checked": "yes",
            "leaving_teacher": row.out_by,
            "registered_guardian": "no" if row.prior_contact else "yes",
            "contact_note": row.prior_contact,
        }
    )


def usage_register(
    daycare: str,
    month: date,
    rows: Sequence[RegisterRow],
    policy: DaycarePolicy,
    calendar: HolidayCalendar,
    *,
    day: date | None = None,
) -> tuple[Data, list[Given]]:
    """이용대장 of a month, or of one operating ``day``: every stay that took place, with its sums (AD-26, AD-32)."""
    stays = [row for row in rows if row.in_at is not None]
    hands = list[Given]()
    for number, row in enumerate(stays):
        place = f"stays.{number}."
        hands += at_door(place + "arrival_signature", row.in_person, row.in_at, row.in_signature)
        hands += at_door(place + "leaving_signature", row.out_person, row.out_at, row.out_signature)
    data: Data = {
        "daycare_name": daycare,
        "month": month.replace(day=1).isoformat(),
        "date": day.isoformat() if day else None,
        "stays": [_used(number, row, policy, calendar, day) for number, row in enumerate(stays, 1)],
        "count": len(stays),
        "hours": sum(row.billed_hours or 0 for row in stays),
        "fee_total": sum(row.amount or 0 for row in stays),
    }
    return without_empty(data), hands


def _used(
    number: int, row: RegisterRow, policy: DaycarePolicy, calendar: HolidayCalendar, day: date | None
) -> Data:
    return without_empty(
        {
            "no": number,
            "date": (day or row.operating_day).isoformat(),
            "child_name": row.child,
            "guardian": row.guardian,
            "in_time": time_on(day or row.operating_day, row.in_at),
            "out_time": GOES_ON if row.goes_on else time_on(day or row.operating_day, row.out_at),
            "hours": row.billed_hours,
            "band": _band(row, policy, calendar),
            "fee": row.amount,
            "paid": row.paid,
            "balance": row.balance,
        }
    )


def _band(row: RegisterRow, policy: DaycarePolicy, calendar: HolidayCalendar) -> str:
    """A stay that reaches into a night is one of the night, also on a holiday."""
    until = row.out_at or row.end
    if row.goes_on or (row.in_at and row.in_at < until and touches_night(Period(row.in_at, until), policy)):
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
) -> tuple[Data, list[Given]]:
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
        **_eaten(row, words.get("meals", ""), photo),
    }
    hands = [
        Given(place, name, at)
        for place, name, at in (
            ("teacher_signature", row.signed_by, row.signed_at),
            ("director_signature", row.closed_by, row.closed_at),
        )
        if name and at is not None
    ]
    return without_empty(data), hands


def _cared_for(number: int, row: JournalRow, child: JournalChild) -> Data:
    given = [dose for dose in row.doses if dose.stay_ref == child.stay_ref and dose.given_at is not None]
    return without_empty(
        {
            "no": number,
            "name": child.child,
            "in_time": time_on(row.operating_day, child.in_at),
            "out_time": GOES_ON if child.goes_on else time_on(row.operating_day, child.out_at),
            "hours_used": None if child.minutes is None else child.minutes // 60,
            "health": child.note,
            "medicine": ", ".join(f"{clock(dose.given_at)} 투약" for dose in given),
        }
    )


def _eaten(row: JournalRow, words: str, photo: str | None) -> Data:
    """What was given to whom, what one child's share cost, and who agreed by telephone or at the door (AD-23)."""
    if not row.meals:
        return {"served": "own_food" if words.strip() else "no", "menu": words}
    may = [child for child in row.children if child.food and child.food.agreed]
    told = [f"{child.child} 합의: {child.food.said.words}" for child in may if child.food and child.food.said]
    lines = [_meal_line(meal) for meal in row.meals]
    fee = sum(meal.amount * (len(meal.children) or len(may)) for meal in row.meals)
    return {
        "served": "daycare_food",
        "menu": "\n".join(line for line in (*lines, words.strip(), *told) if line),
        "meal_fee": fee or None,
        "meal_photo": photo,
    }


def _meal_line(meal: MealRow) -> str:
    """간식: 고구마 (김하늘, 이바다) 1명 1,500원."""
    eaters = f" ({', '.join(meal.children)})" if meal.children else ""
    share = f" 1명 {meal.amount:,}원" if meal.amount else ""
    return f"{meal.kind.label}: {meal.menu}{eaters}{share}"


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
    *,
    free: bool = False,
) -> Data:
    """영수증, as far as it is not the ledger's: number, day, total and method are filled in when it is issued.

    ``free``: the family pays nothing for its own hours (AD-12).
    """
    return {
        "daycare_name": daycare,
        "guardian_name": guardian,
        "child_name": child,
        "lines": [made for line in lines for made in _receipt_lines(line, fee_hour, calendar, free=free)],
    }


def _receipt_lines(line: ReceiptLine, fee_hour: int, calendar: HolidayCalendar, *, free: bool) -> list[Data]:
    """What the family paid, and in a line of its own what the government did (AD-15)."""
    day = operating_day(line.start)
    times = {"use_date": day.isoformat(), "from_time": clock(line.start), "to_time": clock(line.end)}
    own = line.hours - line.government_hours
    made = []
    if own or not line.government_hours:
        payer = "free" if free else "self"
        made.append({**times, "hours": own, "rate": fee_hour, "subsidy": payer, "amount": line.amount})
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


def time_on(day: date, moment: datetime | None) -> str | None:
    """07:35 of that date, 10.15. 07:35 of another one."""
    if moment is None:
        return None
    date_of = kst_date(moment)
    return clock_text(moment) if date_of == day else f"{date_of.month}.{date_of.day}. {clock_text(moment)}"


def clock(moment: datetime | None) -> str | None:
    return clock_text(moment) if moment else None
