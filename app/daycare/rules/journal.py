"""The care diary of one class and operating day (AD-24)."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.errors import N_, Problem

HEADINGS: Mapping[str, str] = {
    "plan": N_("보육 계획"),
    "activities": N_("놀이와 활동"),
    "meals": N_("급·간식과 물 마심"),
    "sleep": N_("낮잠과 밤잠"),
    "health": N_("건강과 배변"),
    "evaluation": N_("관찰과 평가"),
    "handover": N_("다음 교사에게 전할 말"),
}
NEEDED = frozenset({"activities", "evaluation"})
WORDS_MAX = 2000
UNKNOWN_HEADING = Problem("daycare.unknown_heading", N_("보육일지에 없는 항목이에요."), rule="AD-24")
TOO_LONG = Problem(
    "daycare.entry_too_long", N_("{most}자까지 적을 수 있어요. 짧게 적어 주세요."), rule="AD-24"
)
ENTRY_MISSING = Problem("daycare.entry_missing", N_("{headings}을(를) 적은 뒤 서명해 주세요."), rule="AD-24")
DAY_NOT_OVER = Problem(
    "daycare.day_not_over",
    N_("아직 보육 중인 아이가 있어요. 모두 귀가한 뒤 마감해 주세요."),
    rule="AD-24",
)
DAY_AHEAD = Problem("daycare.day_ahead", N_("아직 오지 않은 운영일이에요."), rule="AD-24")


def check_entries(entries: Mapping[str, str]) -> list[Problem]:
    if set(entries) - set(HEADINGS):
        return [UNKNOWN_HEADING]
    return [
        TOO_LONG.of(field=key, most=WORDS_MAX) for key, words in entries.items() if len(words) > WORDS_MAX
    ]


def check_to_sign(entries: Mapping[str, str]) -> Problem | None:
    missing = [HEADINGS[key] for key in HEADINGS if key in NEEDED and not entries.get(key, "").strip()]
    return ENTRY_MISSING.of(headings=", ".join(missing)) if missing else None
