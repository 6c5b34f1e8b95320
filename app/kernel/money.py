"""Money is an integer number of won; these are the only two roundings (GC-16)."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor


def fee(amount: int | Fraction) -> int:
    """A user's fee: rounded down to 10 won (GC-16)."""
    return floor(Fraction(amount) / 10) * 10


def wage(amount: int | Fraction) -> int:
    """An allowance or wage: rounded up to 1 won, once per record (GC-16)."""
    return ceil(Fraction(amount))
