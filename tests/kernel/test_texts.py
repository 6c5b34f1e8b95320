"""How things look on a page."""

from datetime import date, datetime, timedelta

import pytest

from app.kernel import texts
from app.kernel.logs import mask
from app.kernel.ranges import KST


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("01012345678", "010-1234-5678"),
        ("0212345678", "02-1234-5678"),
        ("021234567", "02-123-4567"),
        ("0311234567", "031-123-4567"),
        ("050712345678", "0507-1234-5678"),
        ("15881234", "15881234"),
    ],
)
def test_phone_numbers_are_grouped(number: str, shown: str) -> None:
    assert texts.phone_text(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("홍길동", "홍○동"), ("이산", "이○"), ("남궁산들바람", "남○○○○람"), ("별", "별")]
)
def test_names_are_masked_in_the_middle(name: str, shown: str) -> None:
    assert texts.masked_name(name) == shown


def test_days_carry_their_weekday() -> None:
    assert texts.day_text(date(2026, 11, 24)) == "11월 24일(화)"


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(hours=1, minutes=48), "1시간 48분 남음"),
        (timedelta(days=1, hours=2, minutes=5), "1일 2시간 남음"),
        (timedelta(seconds=20), "곧 끝나요"),
        (timedelta(seconds=-5), "곧 끝나요"),
    ],
)
def test_what_remains_of_an_offer_in_words(left: timedelta, shown: str) -> None:
    now = datetime(2026, 11, 20, 9, 0, tzinfo=KST)
    assert texts.remaining_text(now + left, now) == shown


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("문자 01012345678 실패", "문자 010-****-5678 실패"),
        ("010-1234-5678", "010-****-5678"),
        ("201105-3123456", "201105-3******"),
        ("2011053123456 오류", "201105-3****** 오류"),
        ("접수 2026-00-0001", "접수 2026-00-0001"),
    ],
)
def test_logs_hide_phone_and_resident_numbers(line: str, masked: str) -> None:
    assert mask(line) == masked
