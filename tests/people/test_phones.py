from __future__ import annotations

import pytest

from app.kernel.errors import RuleBroken
from app.people.phones import clean_phone, phone_problem


@pytest.mark.rule("KB-48")
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("010-1234-5678", "01012345678"),
        ("01012345678", "01012345678"),
        ("+82 10 1234 5678", "01012345678"),
        (" 010 1234 5678 ", "01012345678"),
        ("０１０-1234-5678", "01012345678"),
        ("011-234-5678", "0112345678"),
        ("02-2600-1234", "0226001234"),
        ("070-1234-5678", "07012345678"),
        ("1588-1234", "15881234"),
    ],
)
def test_numbers_are_stored_in_one_way(typed: str, stored: str) -> None:
    assert clean_phone(typed) == stored


@pytest.mark.rule("KB-48")
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "전화",
        "010-123-4567",
        "0101234567",
        "010123456789",
        "119",
        "+1 212 555 0100",
        "010-1234-5678 ext 3",
        "010\x001234567",
        "01\u202e012345678",
        "9" * 500,
    ],
)
def test_wrong_numbers_are_refused_in_korean(typed: str) -> None:
    problem = phone_problem(typed, field="guardian_phone")
    assert problem is not None
    assert problem.code == "phone.bad"
    assert problem.field == "guardian_phone"


def test_a_number_that_cannot_receive_texts_is_refused_where_texts_are_needed() -> None:
    with pytest.raises(RuleBroken, match=r"phone\.not_mobile"):
        clean_phone("02-2600-1234", mobile=True)
