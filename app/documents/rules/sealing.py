"""When a municipality's key may seal, when somebody must be told, and whose picture a seal field means (GC-24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.ranges import kst_date

WARN_BEFORE = timedelta(days=30)
"""A certificate takes weeks to get."""


class KeyState(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    REVOKED = "REVOKED"

    @property
    def label(self) -> str:
        return {"PENDING": "발급 신청", "ACTIVE": "쓰는 중", "RETIRED": "물러남", "REVOKED": "폐지"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the rules need to know of one key. ``not_before``, ``not_after``: its certificate's, both included."""

    state: KeyState
    not_before: datetime
    not_after: datetime

    def seals_at(self, now: datetime) -> bool:
        return self.state is KeyState.ACTIVE and self.not_before <= now <= self.not_after


def has_keys(keys: Sequence[KeyFacts]) -> bool:
    """Whether this municipality seals at all: a key that is only asked for does not count yet."""
    return any(key.state is not KeyState.PENDING for key in keys)


def why_not_sealing(keys: Sequence[KeyFacts], now: datetime) -> str | None:
    """Why papers have to wait for their seal, in words for the operator; None when they need not.

    A municipality that never had a key issues papers without an electronic seal and says so on them.
    """
    if not has_keys(keys) or any(key.seals_at(now) for key in keys):
        return None
    active = next((key for key in keys if key.state is KeyState.ACTIVE), None)
    if active is None:
        return "쓸 수 있는 전자직인 열쇠가 없습니다(폐지됨). 새 열쇠를 넣으면 이어서 발급합니다."
    if now < active.not_before:
        return f"전자직인 인증서는 {_day(active.not_before)}부터 쓸 수 있습니다."
    return f"전자직인 인증서가 {_day(active.not_after)}에 만료되었습니다. 새 열쇠를 넣으면 이어서 발급합니다."


def key_warning(keys: Sequence[KeyFacts], now: datetime) -> str | None:
    """What the operator has to hear of the keys today: that none seals, or that the one in use ends within 30 days."""
    if stopped := why_not_sealing(keys, now):
        return stopped
    for key in keys:
        if key.seals_at(now) and key.not_after - now <= WARN_BEFORE:
            left = (kst_date(key.not_after) - kst_date(now)).days
            when = f"{left}일 뒤" if left else "오늘"
            return f"전자직인 인증서가 {when}({_day(key.not_after)}) 만료됩니다. 새 인증서를 준비해 주세요."
    return None


def _day(moment: datetime) -> str:
    day = kst_date(moment)
    return f"{day.year}. {day.month}. {day.day}."


class Sealer(StrEnum):
    """Whose seal picture a field of a form wants."""

    OWN = "OWN"
    """The institution whose paper it is: 센터장, 시설장, 원장, 기관장."""
    REGIONAL = "REGIONAL"
    DISTRICT = "DISTRICT"
    MUNICIPALITY = "MUNICIPALITY"
    NONE = "NONE"
    """Somebody outside, such as the body that runs the centre: stamped by hand."""


def sealer(who: str) -> Sealer:
    """By the words of the form: 구청장, 시장·군수, 아동돌봄센터장, 센터장 … A wrong seal would be worse than none."""
    if who.startswith("위탁법인"):
        return Sealer.NONE
    if who in ("시장·군수", "시장", "군수", "서울특별시장"):
        return Sealer.MUNICIPALITY
    if who.startswith("구청장"):
        return Sealer.DISTRICT
    if who.startswith("아동돌봄센터장"):
        return Sealer.REGIONAL
    return Sealer.OWN


SEAL_BYTES_MAX = 1024 * 1024
SEAL_PIXELS = (100, 2000)
"""Smallest and largest side of a seal's picture: printed 20 mm wide, 100 pixels are the least that is legible."""
SEAL_TYPE = Problem("seal.type", N_("PNG나 JPG 그림만 올릴 수 있어요."), rule="GC-24", field="file")
SEAL_TOO_BIG = Problem(
    "seal.too_big", N_("그림 파일이 1MB보다 커요. 줄여서 다시 올려 주세요."), rule="GC-24", field="file"
)
SEAL_SIZE = Problem(
    "seal.size",
    N_("그림의 가로와 세로는 {low}~{high}픽셀이어야 해요. 지금은 {width}×{height}예요."),
    rule="GC-24",
    field="file",
)
SEAL_BROKEN = Problem(
    "seal.broken",
    N_("그림을 끝까지 읽지 못했어요. 그림 프로그램에서 PNG로 다시 저장해 올려 주세요."),
    rule="GC-24",
    field="file",
)
SEAL_FOR_PRESS = Problem(
    "seal.for_press",
    N_("인쇄용(CMYK) 그림이에요. 화면용(RGB) PNG로 저장해 올려 주세요."),
    rule="GC-24",
    field="file",
)
