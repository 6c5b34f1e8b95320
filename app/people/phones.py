"""Korean phone numbers as they are stored: national digits without punctuation, e.g. 01012345678."""

from __future__ import annotations

import phonenumbers

from app.kernel.errors import N_, Problem, RuleBroken

MOBILE_DIGITS = 11
BAD_PHONE = Problem(
    "phone.bad",
    N_("전화번호를 다시 확인해 주세요. 010-1234-5678처럼 적어 주세요."),
    rule="KB-48",
    field="phone",
)
NOT_MOBILE = Problem(
    "phone.not_mobile",
    N_("문자를 받을 수 있는 휴대전화 번호를 적어 주세요. 010으로 시작하는 11자리예요."),
    rule="KB-48",
    field="phone",
)


def phone_problem(text: str, *, field: str = "phone", mobile: bool = False) -> Problem | None:
    """What is wrong with a number as it was typed; None when nothing is."""
    try:
        clean_phone(text, field=field, mobile=mobile)
    except RuleBroken as refused:
        return refused.problems[0]
    return None


def clean_phone(text: str, *, field: str = "phone", mobile: bool = False) -> str:
    """National digits of a Korean number typed in any usual way; RuleBroken otherwise.

    ``mobile``: it must be able to receive text messages. A 010 number has exactly 11 digits.
    """
    try:
        number = phonenumbers.parse(text[:40], "KR")
    except phonenumbers.NumberParseException:
        raise RuleBroken(BAD_PHONE.of(field=field)) from None
    if number.country_code != 82 or number.extension or not phonenumbers.is_valid_number(number):
        raise RuleBroken(BAD_PHONE.of(field=field))
    national = phonenumbers.national_significant_number(number)
    digits = national if national.startswith("1") and len(national) == 8 else f"0{national}"
    is_mobile = digits.startswith("01")
    if digits.startswith("010") and len(digits) != MOBILE_DIGITS:
        raise RuleBroken(BAD_PHONE.of(field=field))
    if mobile and not is_mobile:
        raise RuleBroken(NOT_MOBILE.of(field=field))
    return digits
