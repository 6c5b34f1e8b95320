"""How dates, times, money, phones and names look on a page."""

from __future__ import annotations

from datetime import date, datetime

from app.kernel.particles import settled
from app.kernel.ranges import KST, WEEKDAY_KO, minute_text, weekday


def day_text(day: date) -> str:
    """11월 24일(화)"""
    return f"{day.month}월 {day.day}일({WEEKDAY_KO[weekday(day)]})"


def long_day(day: date) -> str:
    """2026년 11월 24일(화)"""
    return f"{day.year}년 {day_text(day)}"


def dotted(day: date) -> str:
    """2026. 11. 24."""
    return f"{day.year}. {day.month}. {day.day}."


def clock_text(moment: datetime) -> str:
    """14:03"""
    return moment.astimezone(KST).strftime("%H:%M")


def moment_text(moment: datetime) -> str:
    """11월 24일(화) 14:03"""
    local = moment.astimezone(KST)
    return f"{day_text(local.date())} {local:%H:%M}"


def span_text(pair: list[str] | tuple[int, int]) -> str:
    """["14:00", "17:00"] or (840, 1020) → 14:00–17:00"""
    start, end = (minute_text(v) if isinstance(v, int) else v for v in pair)
    return f"{start}–{end}"


def won(amount: int) -> str:
    return f"{amount:,}원"


def phone_text(number: str) -> str:
    """01012345678 → 010-1234-5678; what is not a Korean number stays as it is."""
    digits = number
    if digits.startswith("02") and len(digits) in (9, 10):
        return f"02-{digits[2:-4]}-{digits[-4:]}"
    if digits.isdigit() and len(digits) in (10, 11, 12):
        head = 4 if len(digits) == 12 else 3
        return f"{digits[:head]}-{digits[head:-4]}-{digits[-4:]}"
    return number


def masked_phone(number: str) -> str:
    """010-****-5678"""
    return f"{number[:3]}-****-{number[-4:]}" if len(number) >= 9 else "***"


def masked_name(name: str) -> str:
    """홍길동 → 홍○동, 이산 → 이○"""
    if len(name) <= 2:
        return name[:1] + "○" * (len(name) - 1)
    return name[0] + "○" * (len(name) - 2) + name[-1]


def remaining_text(until: datetime, now: datetime) -> str:
    """1시간 48분 남음"""
    minutes = max(0, int((until - now).total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = (
        [f"{days}일"] * bool(days)
        + [f"{hours}시간"] * bool(hours)
        + [f"{minutes}분"] * bool(minutes and not days)
    )
    return " ".join(parts) + " 남음" if parts else "곧 끝나요"


FILTERS = {
    "day": day_text,
    "long_day": long_day,
    "dotted": dotted,
    "clock": clock_text,
    "moment": moment_text,
    "span": span_text,
    "won": won,
    "phone": phone_text,
    "settled": settled,
    "masked_phone": masked_phone,
    "masked_name": masked_name,
    "minute": minute_text,
}
