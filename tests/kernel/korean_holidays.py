"""Holidays of 2026 and of the turns of the neighbouring years, as the operator's table holds them."""

from __future__ import annotations

from datetime import date

from app.kernel.calendar import HolidayCalendar

HOLIDAYS: dict[date, tuple[str, str | None]] = {
    date(2025, 12, 25): ("성탄절", "christmas"),
    date(2026, 1, 1): ("신정", "0101"),
    date(2026, 2, 16): ("설 전날", None),
    date(2026, 2, 17): ("설날", "seollal"),
    date(2026, 2, 18): ("설 다음날", None),
    date(2026, 3, 1): ("삼일절", None),
    date(2026, 3, 2): ("삼일절 대체공휴일", None),
    date(2026, 5, 5): ("어린이날", None),
    date(2026, 5, 24): ("부처님오신날", "buddha"),
    date(2026, 5, 25): ("부처님오신날 대체공휴일", None),
    date(2026, 6, 3): ("지방선거일", None),
    date(2026, 6, 6): ("현충일", None),
    date(2026, 7, 17): ("제헌절", None),
    date(2026, 8, 15): ("광복절", None),
    date(2026, 8, 17): ("광복절 대체공휴일", None),
    date(2026, 9, 24): ("추석 전날", None),
    date(2026, 9, 25): ("추석", "chuseok"),
    date(2026, 9, 26): ("추석 다음날", None),
    date(2026, 10, 3): ("개천절", None),
    date(2026, 10, 5): ("개천절 대체공휴일", None),
    date(2026, 10, 9): ("한글날", None),
    date(2026, 12, 25): ("성탄절", "christmas"),
    date(2027, 1, 1): ("신정", "0101"),
}
CALENDAR = HolidayCalendar(HOLIDAYS)
