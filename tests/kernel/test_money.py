"""The two roundings of won (GC-16)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import fee, wage

AMOUNTS = st.fractions(min_value=0, max_value=10_000_000)


@pytest.mark.rule("GC-16")
@pytest.mark.parametrize(
    ("amount", "won"),
    [(11_630 * Fraction(3, 2), 17_440), (17_439, 17_430), (17_440, 17_440), (17_450, 17_450), (9, 0), (0, 0)],
)
def test_a_fee_is_rounded_down_to_ten_won(amount: int | Fraction, won: int) -> None:
    assert fee(amount) == won


@pytest.mark.rule("GC-16")
@pytest.mark.parametrize(
    ("amount", "won"),
    [(Fraction(100, 3), 34), (Fraction(99, 3), 33), (33, 33), (Fraction(1, 1000), 1), (0, 0)],
)
def test_a_wage_is_rounded_up_to_one_won(amount: int | Fraction, won: int) -> None:
    assert wage(amount) == won


@pytest.mark.rule("GC-16")
@given(AMOUNTS)
def test_roundings_favour_the_person(amount: Fraction) -> None:
    assert 0 <= amount - fee(amount) < 10
    assert fee(amount) % 10 == 0
    assert 0 <= wage(amount) - amount < 1
