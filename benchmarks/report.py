"""How a measurement is told: ours, the reference, their ratio, and what was aimed at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """``aim`` bounds the ratio ours / reference: ``least`` or ``most`` of it."""

    what: str
    ours: float
    reference: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def reached(self) -> bool:
        return (self.least is None or self.ratio >= self.least) and (
            self.most is None or self.ratio <= self.most
        )

    def __str__(self) -> str:
        aim = f"목표 {self.least} 이상" if self.least is not None else ""
        aim = f"목표 {self.most} 이하" if self.most is not None else aim
        word = "" if not aim else f"  ({aim}: {'달성' if self.reached else '미달'})"
        figures = f"{self.ours:,.4g} / {self.reference:,.4g} {self.unit} = {self.ratio:.3g}"
        return f"{self.what}: {figures}{word}{'  ' + self.note if self.note else ''}"
