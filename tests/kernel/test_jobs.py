"""A job of many parts does them all, also after one of them failed."""

from __future__ import annotations

import pytest

from app.kernel.jobs import SomeFailed, for_each


def test_every_part_is_done_and_the_failures_are_told_at_the_end() -> None:
    done: list[int] = []

    def do(part: int) -> None:
        if part % 2:
            raise ValueError("김하늘의 전화번호")
        done.append(part)

    with pytest.raises(SomeFailed) as told:
        for_each("J-99", range(1, 6), do)
    assert done == [2, 4]
    assert str(told.value) == "3건 실패, 2건 마침 (1: ValueError; 3: ValueError; 5: ValueError)"


@pytest.mark.parametrize("parts", [[], [1, 2]])
def test_without_a_failure_nothing_is_raised(parts: list[int]) -> None:
    done: list[int] = []
    for_each("J-99", parts, done.append)
    assert done == parts


def test_being_ended_is_no_failure_of_a_part() -> None:
    def stop(part: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for_each("J-99", [1, 2], stop)
