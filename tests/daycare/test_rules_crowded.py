"""A full room at the door: whose word lets a child in all the same, and when (AD-02, GC-19)."""

from __future__ import annotations

import pytest

from app.daycare.rules.capacity import ROOM_FULL
from app.daycare.rules.handover import NOT_PLANNED, check_crowded


@pytest.mark.rule("GC-19")
@pytest.mark.parametrize(
    ("reason", "director", "begun", "left"),
    [
        ("보조교사가 함께 있음", True, True, ["daycare.not_planned"]),
        ("보조교사가 함께 있음", True, False, ["daycare.room_full", "daycare.not_planned"]),
        ("보조교사가 함께 있음", False, True, ["daycare.room_full", "daycare.not_planned"]),
        ("  ", True, True, ["daycare.room_full", "daycare.not_planned"]),
    ],
)
def test_only_the_director_with_a_reason_once_the_stay_has_begun(
    reason: str, director: bool, begun: bool, left: list[str]
) -> None:
    against = [ROOM_FULL.of(limit=3), NOT_PLANNED]
    found = check_crowded(against, reason, director=director, begun=begun)
    assert [problem.code for problem in found] == left
