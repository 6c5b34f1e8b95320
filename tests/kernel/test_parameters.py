"""Values a municipality may type: what is read, and what is refused in words."""

from decimal import Decimal
from typing import Any

import pytest

from app.kernel.errors import RuleBroken
from app.kernel.parameters import DECIMAL, FLAG, INTEGER, MONTH_DAY, NIGHT, POSITIVE, SPAN, Kind, Parameter
from app.kernel.ranges import TimeSpan


def parameter(kind: Kind) -> Parameter:
    return Parameter("test.key", kind, None, "시험용.", rule="GC-20")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (INTEGER, 0, 0),
        (INTEGER, "14", 14),
        (POSITIVE, 1, 1),
        (FLAG, "true", True),
        (FLAG, False, False),
        (DECIMAL, "3.3", Decimal("3.3")),
        (SPAN, "13:00-19:00", TimeSpan(780, 1140)),
        (NIGHT, "21:00-08:00", (1260, 480)),
        (MONTH_DAY, "11-01", (11, 1)),
    ],
)
def test_a_good_value_is_read(kind: Kind, raw: Any, value: Any) -> None:
    assert parameter(kind).read(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (INTEGER, -1),
        (INTEGER, True),
        (INTEGER, 1.5),
        (INTEGER, 1_000_001),
        (POSITIVE, 0),
        (POSITIVE, "0"),
        (FLAG, "yes"),
        (DECIMAL, 0),
        (DECIMAL, "NaN"),
        (SPAN, "19:00-13:00"),
        (SPAN, "13:00-25:00"),
        (NIGHT, "21:00"),
        (MONTH_DAY, "13-01"),
        (MONTH_DAY, "01-32"),
    ],
)
def test_a_wrong_value_is_refused_with_the_way_to_write_it(kind: Kind, raw: Any) -> None:
    with pytest.raises(RuleBroken) as refused:
        parameter(kind).read(raw)
    assert kind.hint in refused.value.problems[0].sentence
