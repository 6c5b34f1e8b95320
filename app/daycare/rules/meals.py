"""Food by agreement, and medicine only on request (AD-23, AD-27)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.daycare.rules.days import operating_day
from app.daycare.rules.handover import has_ink
from app.daycare.rules.states import Channel
from app.documents.rules.signing import same_name
from app.kernel.errors import N_, Problem
from app.kernel.ranges import kst_date, minute_text, parse_minute, to_minute
from app.kernel.texts import clock_text

MENU_MISSING = Problem("daycare.menu_missing", N_("무엇을 주었는지 적어 주세요."), rule="AD-23", field="menu")
PICTURE_MISSING = Problem(
    "daycare.picture_missing", N_("급·간식 사진을 올려 주세요."), rule="AD-23", field="file"
)
FOOD_REUSED = Problem(
    "daycare.food_reused",
    N_("정규 시간에 남은 음식을 다시 쓰지 않았음을 확인해 주세요."),
    rule="AD-23",
    field="not_reused",
)
KIND_MISSING = Problem(
    "daycare.meal_kind", N_("아침·점심·저녁·간식 가운데 골라 주세요."), rule="AD-23", field="kind"
)
NOT_AGREED = Problem(
    "daycare.meal_not_agreed",
    N_("급·간식 제공에 합의한 보호자가 없어요. 보호자가 이용신청서에서 합의하면 적을 수 있어요."),
    rule="AD-23",
    field="kind",
)
CHILD_NOT_AGREED = Problem(
    "daycare.meal_not_agreed",
    N_("급·간식 제공에 합의하지 않았어요: {children}. 보호자가 합의하면 적을 수 있어요."),
    rule="AD-23",
    field="eaters",
)
NO_ANSWER = Problem(
    "daycare.agreement_answer", N_("합의하는지 거두는지 골라 주세요."), rule="AD-23", field="answer"
)
WHO_SAID = Problem(
    "daycare.agreement_who",
    N_("누가 말했는지 골라 주세요. 이용신청서에 적힌 보호자만 정할 수 있어요."),
    rule="AD-23",
    field="said_by",
)
HOW_SAID = Problem("daycare.agreement_how", N_("전화와 방문 가운데 골라 주세요."), rule="AD-23", field="how")
SAID_IN_FUTURE = Problem(
    "daycare.agreement_in_future", N_("아직 오지 않은 시각이에요."), rule="AD-23", field="said_at"
)
TOO_DEAR = Problem(
    "daycare.meal_too_dear",
    N_("급·간식비는 {cap}원을 넘을 수 없어요."),
    rule="AD-23",
    field="amount",
)
MEDICINE_WORDS = Problem(
    "daycare.medicine_words",
    N_("증상, 약 이름, 용량, 보관 방법을 모두 적어 주세요."),
    rule="AD-27",
    field="medicine",
)
MEDICINE_TIMES = Problem(
    "daycare.medicine_times",
    N_("먹일 시각을 21:00처럼 하나 이상 적어 주세요."),
    rule="AD-27",
    field="times",
)
MEDICINE_TIMES_TWICE = Problem(
    "daycare.medicine_times_twice",
    N_("먹일 시각 {time}을(를) 두 번 적었어요. 한 번씩만 적어 주세요."),
    rule="AD-27",
    field="times",
)
MEDICINE_TOO_LONG = Problem(
    "daycare.medicine_too_long",
    N_("한 번에 {days}일까지 의뢰할 수 있어요. 더 먹여야 하면 그때 다시 의뢰해 주세요."),
    rule="AD-27",
    field="ends_on",
)
MEDICINE_DAYS = Problem(
    "daycare.medicine_days",
    N_("먹일 기간을 오늘이나 그 뒤로, 첫날부터 마지막 날까지 차례대로 골라 주세요."),
    rule="AD-27",
    field="days",
)
MEDICINE_UNSIGNED = Problem(
    "daycare.medicine_unsigned", N_("투약의뢰서에 서명해 주세요."), rule="AD-27", field="signature"
)
SIGNER_MISSING = Problem(
    "daycare.medicine_signer",
    N_("의뢰한 보호자를 골라 주세요. 이용신청서에 적힌 보호자만 의뢰할 수 있어요."),
    rule="AD-27",
    field="signer",
)
NAME_NOT_LISTED = Problem(
    "daycare.medicine_name_not_listed",
    N_("서명 대신 적는 이름은 이용신청서에 적힌 보호자({names})의 이름이어야 해요."),
    rule="AD-27",
    field="signature",
)
SIGNED_BY_ANOTHER = Problem(
    "daycare.medicine_other_name",
    N_("서명 대신 적은 이름이 의뢰한 보호자({name})와 달라요. 보호자가 직접 적어 주세요."),
    rule="AD-27",
    field="signed_name",
)
SHEET_UNSIGNED = Problem(
    "daycare.medicine_sheet_unsigned",
    N_("보호자의 서명이 없으면 옮겨 적을 수 없어요. 이 화면에 서명을 받거나 서명한 종이를 올려 주세요."),
    rule="AD-27",
    field="signature",
)
NOT_ASKED = Problem(
    "daycare.not_asked",
    N_("투약의뢰서가 없으면 약을 먹이지 않아요. 보호자에게 의뢰서를 먼저 받아 주세요."),
    rule="AD-27",
)
ALL_GIVEN = Problem(
    "daycare.all_given",
    N_("이날 의뢰한 {times}번을 모두 먹인 것으로 적었어요. 더 먹여야 하면 의뢰서를 새로 받아 주세요."),
    rule="AD-27",
    field="given_at",
)
GIVEN_TWICE = Problem(
    "daycare.given_twice",
    N_("{time}에 먹인 것을 이미 적었어요."),
    rule="AD-27",
    field="given_at",
)
MEDICINE_DAYS_MAX = 30
"""How many days one request may cover."""


class MealKind(StrEnum):
    BREAKFAST = "BREAKFAST"
    LUNCH = "LUNCH"
    DINNER = "DINNER"
    SNACK = "SNACK"

    @property
    def label(self) -> str:
        return {
            "BREAKFAST": N_("아침"),
            "LUNCH": N_("점심"),
            "DINNER": N_("저녁"),
            "SNACK": N_("간식"),
        }[self.value]


def check_meal(
    kind: str,
    menu: str,
    amount: int,
    *,
    not_reused: bool,
    pictured: bool,
    cap: int | None,
    agreed: bool = True,
    without: Sequence[str] = (),
) -> list[Problem]:
    """AD-23: what, how much (in won, within the limit of collections), its picture, and nothing reused.

    ``agreed``: somebody's family who was there agreed to food; ``without``: the named children whose families did not.
    """
    found = [] if agreed else [NOT_AGREED]
    if without:
        found.append(CHILD_NOT_AGREED.of(children=", ".join(without)))
    if kind not in set(MealKind):
        found.append(KIND_MISSING)
    if not menu.strip():
        found.append(MENU_MISSING)
    if amount < 0 or (cap is not None and amount > cap):
        found.append(TOO_DEAR.of(cap=f"{cap or 0:,}"))
    if not pictured:
        found.append(PICTURE_MISSING)
    if not not_reused:
        found.append(FOOD_REUSED)
    return found


def check_agreement(
    said_by: str, known: Collection[str], how: str, said_at: datetime, now: datetime
) -> list[Problem]:
    """AD-23: a guardian of the application agrees to food, or takes it back, by telephone or at the door."""
    found = [] if said_by in known else [WHO_SAID]
    if how not in (Channel.PHONE, Channel.VISIT):
        found.append(HOW_SAID)
    if said_at > now:
        found.append(SAID_IN_FUTURE)
    return found


def check_request(
    words: Sequence[str],
    times: Sequence[str],
    first: date,
    last: date,
    today: date,
) -> list[Problem]:
    """A written request: symptom, medicine, dose, keeping, days and times. ``today``: the running operating day."""
    found = []
    if not all(word.strip() for word in words):
        found.append(MEDICINE_WORDS)
    if not times or not all(_is_time(text) for text in times):
        found.append(MEDICINE_TIMES)
    elif twice := [time for time, number in Counter(clocks(times)).items() if number > 1]:
        found.append(MEDICINE_TIMES_TWICE.of(time=twice[0]))
    if last < first or first < today:
        found.append(MEDICINE_DAYS)
    elif last > first + timedelta(days=MEDICINE_DAYS_MAX - 1):
        found.append(MEDICINE_TOO_LONG.of(days=MEDICINE_DAYS_MAX))
    return found


def clocks(times: Sequence[str]) -> list[str]:
    """Times of a checked request in one spelling: 9:00 is 09:00."""
    return [minute_text(parse_minute(text)) for text in times]


def check_own_signature(
    strokes: Sequence[object] | None, signed_name: str, known: Sequence[str]
) -> list[Problem]:
    """The guardian signs on the own phone: drawn, or the name typed, which is one of the ``known`` ones."""
    if signed_name.strip() and not any(same_name(signed_name, name) for name in known):
        return [NAME_NOT_LISTED.of(names=", ".join(dict.fromkeys(known)))]
    return [] if has_ink(strokes) or signed_name.strip() else [MEDICINE_UNSIGNED]


def check_sheet_signature(
    signer: str, known: Collection[str], strokes: Sequence[object] | None, typed: str, *, scanned: bool
) -> list[Problem]:
    """AD-27: staff write off what a guardian signed, never in a guardian's stead.

    ``signer``: who asks, one of the ``known`` guardians of the application; signed on the daycare's screen, by the
    own name typed there, or on a sheet of which a scan is handed in.
    """
    found = [] if signer in known else [SIGNER_MISSING]
    if typed.strip() and not found and not same_name(typed, signer):
        found.append(SIGNED_BY_ANOTHER.of(name=signer))
    if not (has_ink(strokes) or typed.strip() or scanned):
        found.append(SHEET_UNSIGNED)
    return found


def is_asked(first: date, last: date, withdrawn: bool, given_at: datetime) -> bool:
    """AD-27: a dose is written down only on a day for which it was asked; a night belongs to its operating day."""
    days = {kst_date(given_at), operating_day(given_at)}
    return not withdrawn and any(first <= day <= last for day in days)


def check_dose(times: Sequence[str], given: Collection[datetime], given_at: datetime) -> Problem | None:
    """AD-27: no more doses than were asked for on an operating day, and one moment is one dose.

    ``given``: when it was given before on any day.
    """
    same_day = [at for at in given if operating_day(at) == operating_day(given_at)]
    if any(to_minute(at) == to_minute(given_at) for at in same_day):
        return GIVEN_TWICE.of(time=clock_text(given_at))
    return ALL_GIVEN.of(times=len(times)) if len(same_day) >= len(times) else None


def _is_time(text: str) -> bool:
    try:
        return parse_minute(text) < 1440
    except ValueError:
        return False
