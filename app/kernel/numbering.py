"""Numbers people quote come from a locked counter; none is ever used twice (GC-17)."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, UnitOfWork


class Counter(Base):
    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(30), primary_key=True)
    service: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]


def next_number(uow: UnitOfWork, series: str, service: str, year: int, count: int = 1) -> int:
    """1, 2, 3 … per (series, service, year), or the last of ``count``; the row stays locked until the unit ends."""
    number = uow.rows(_NEXT, series=series, service=service, year=year, value=count).scalar_one()
    return int(number)


_NEW = insert(Counter)
_NEXT = _NEW.on_conflict_do_update(
    index_elements=[Counter.series, Counter.service, Counter.year],
    set_={"value": Counter.value + _NEW.excluded.value},
).returning(Counter.value)
