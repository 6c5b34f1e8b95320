"""Invented people: names from syllables, numbers from a block that is given to nobody (010-0…)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심"
FIRST = "서지민하도예준시윤은현우채다소태주가나라보아수연유재진희"
SECOND = "준윤우서연진원호아은빈민영현율솔담람온결슬별찬혁경희정인"
PARENT_FIRST = "지은민영수현정상성미재경승혜동윤선진"
PARENT_SECOND = "영희수진민정호경숙철훈미현석아선우연"
SCHOOLS = ("가온초", "다솜초", "나래초", "한빛초", "누리초")
"""None of these is a school of the district."""
PICKUPS = (("할머니", "조모"), ("할아버지", "조부"), ("이모", "이모"), ("고모", "고모"), ("이웃", "이웃"))


@dataclass(frozen=True, slots=True)
class ChildSketch:
    name: str
    birth_date: date
    sex: str
    grade: int
    school: str
    school_class: str


@dataclass(frozen=True, slots=True)
class FamilySketch:
    surname: str
    guardian: str
    partner: str
    phone: str
    partner_phone: str
    children: tuple[ChildSketch, ...]


class Cast:
    """Draws families; no two have the same number."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._numbers = 0

    def phone(self) -> str:
        """Eleven digits, the next of 010-0100-0001 …: no real telephone has such a number."""
        self._numbers += 1
        return f"0100{1_000_000 + self._numbers * 37 % 8_999_999:07d}"

    def adult(self, surname: str | None = None) -> str:
        pick = self.rng.choice
        return f"{surname or pick(SURNAMES)}{pick(PARENT_FIRST)}{pick(PARENT_SECOND)}"

    def family(self, year: int) -> FamilySketch:
        """One to three children between the first and the sixth grade of the school year ``year``."""
        surname = self.rng.choice(SURNAMES)
        size = self.rng.choices((1, 2, 3), (60, 34, 6))[0]
        grades = sorted(self.rng.sample(range(1, 7), size), reverse=True)
        used: set[str] = set()
        return FamilySketch(
            surname=surname,
            guardian=self.adult(),
            partner=self.adult(surname),
            phone=self.phone(),
            partner_phone=self.phone(),
            children=tuple(self._child(surname, grade, year, used) for grade in grades),
        )

    def _child(self, surname: str, grade: int, year: int, used: set[str]) -> ChildSketch:
        pick = self.rng.choice
        given = next(name for name in iter(lambda: pick(FIRST) + pick(SECOND), "") if name not in used)
        used.add(given)
        born = date(year - 6 - grade, self.rng.randint(1, 12), self.rng.randint(1, 28))
        sex = pick(("MALE", "FEMALE"))
        return ChildSketch(surname + given, born, sex, grade, pick(SCHOOLS), f"{self.rng.randint(1, 6)}반")
