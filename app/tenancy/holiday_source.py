"""Fills the platform's holidays from the ``holidays`` package; what an operator typed is never overwritten (GC-11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from app.tenancy.models import PublicHoliday

CLOSING_NAMES = (("부처님", "buddha"), ("성탄", "christmas"), ("기독탄신", "christmas"))


def year_rows(year: int) -> list[dict[str, object]]:
    """Rows of ``public_holiday`` for a year: day, name, kind, closure_key (GC-13)."""
    from holidays import country_holidays  # slow to import; only the operator's command needs it

    names = country_holidays("KR", years=year, language="ko", categories=("public", "bank"))
    return [
        {"day": day, "name": name, "kind": _kind(day, name), "closure_key": _closure(day, name)}
        for day, name in sorted(names.items())
    ]


def _kind(day: date, name: str) -> str:
    if (day.month, day.day) == (5, 1) and day.year < 2026:
        return "LABOUR"
    if "대체" in name:
        return "SUBSTITUTE"
    if "선거" in name:
        return "ELECTION"
    return "TEMP_HOLIDAY" if "임시" in name else "STATUTORY"


def _closure(day: date, name: str) -> str | None:
    if (day.month, day.day) == (1, 1):
        return "0101"
    if "대체" in name:
        return None
    for part, key in CLOSING_NAMES:
        if part in name:
            return key
    for part in name.replace(";", ",").split(","):
        bare = part.strip()
        if bare in ("설날", "설"):
            return "seollal"
        if bare == "추석":
            return "chuseok"
    return None


def fill_years(connection: Connection, years: Iterable[int]) -> int:
    """Insert the missing days of these years; returns how many were new."""
    rows = [row for year in years for row in year_rows(year)]
    made = connection.execute(
        insert(PublicHoliday).values(rows).on_conflict_do_nothing().returning(PublicHoliday.day)
    )
    return len(made.all())
