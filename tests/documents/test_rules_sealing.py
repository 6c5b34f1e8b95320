"""When a key may seal and when the operator hears of it; whose picture a seal field means; numbers as typed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.documents.rules.papers import PaperState
from app.documents.rules.sealing import (
    KeyFacts,
    KeyState,
    Sealer,
    has_keys,
    key_warning,
    sealer,
    why_not_sealing,
)
from app.documents.rules.verifying import Standing, printed_code, read_code, read_number, standing
from app.kernel.ranges import KST

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=KST)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def key(since: timedelta, until: timedelta, state: KeyState = KeyState.ACTIVE) -> KeyFacts:
    return KeyFacts(state, NOW + since, NOW + until)


@pytest.mark.parametrize(
    ("since", "until", "seals"),
    [
        (-DAY, DAY, True),
        (timedelta(0), DAY, True),
        (SECOND, DAY, False),
        (-DAY, timedelta(0), True),
        (-DAY, -SECOND, False),
    ],
)
def test_a_key_seals_from_its_first_to_its_last_moment(
    since: timedelta, until: timedelta, seals: bool
) -> None:
    assert key(since, until).seals_at(NOW) is seals
    assert (why_not_sealing([key(since, until)], NOW) is None) is seals


@pytest.mark.parametrize("state", [s for s in KeyState if s is not KeyState.ACTIVE])
def test_only_the_active_key_seals(state: KeyState) -> None:
    assert not key(-DAY, DAY, state).seals_at(NOW)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], None),
        ([key(-DAY, DAY, KeyState.PENDING)], None),
        ([key(-DAY, DAY), key(-9 * DAY, -DAY, KeyState.RETIRED)], None),
        ([key(-9 * DAY, -DAY)], "만료"),
        ([key(DAY, 9 * DAY)], "부터"),
        ([key(-DAY, DAY, KeyState.REVOKED)], "폐지"),
        ([key(-DAY, DAY, KeyState.REVOKED), key(-DAY, DAY, KeyState.PENDING)], "폐지"),
    ],
)
def test_who_never_had_a_key_does_not_wait_and_who_lost_it_does(
    keys: list[KeyFacts], reason: str | None
) -> None:
    said = why_not_sealing(keys, NOW)
    assert said is None if reason is None else reason in (said or "")
    assert has_keys(keys) is any(k.state is not KeyState.PENDING for k in keys)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (30 * DAY + SECOND, None),
        (30 * DAY, "30일 뒤"),
        (DAY, "1일 뒤"),
        (SECOND, "오늘"),
        (-SECOND, "만료되었습니다"),
    ],
)
def test_the_operator_hears_of_the_end_thirty_days_before(left: timedelta, words: str | None) -> None:
    said = key_warning([key(-DAY, left)], NOW)
    assert said is None if words is None else words in (said or "")


def test_a_retired_key_may_end_quietly() -> None:
    assert key_warning([key(-DAY, 400 * DAY), key(-DAY, DAY, KeyState.RETIRED)], NOW) is None


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("센터장", Sealer.OWN),
        ("시설장(센터장)", Sealer.OWN),
        ("시설장", Sealer.OWN),
        ("어린이집 원장", Sealer.OWN),
        ("기관장", Sealer.OWN),
        ("발급기관장", Sealer.OWN),
        ("청구인(서비스제공기관)", Sealer.OWN),
        ("구청장", Sealer.DISTRICT),
        ("시장·군수", Sealer.MUNICIPALITY),
        ("아동돌봄센터장", Sealer.REGIONAL),
        ("위탁법인·시설장", Sealer.NONE),
        ("위탁법인 대표(시설장)", Sealer.NONE),
    ],
)
def test_the_words_of_the_form_say_whose_seal_it_is(who: str, whose: Sealer) -> None:
    assert sealer(who) is whose


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("D2026-000001", "D2026-000001"),
        (" d2026 – 000001 ", "D2026-000001"),
        ("2026000001", "D2026-000001"),
        ("Ｄ２０２６－０００００１", "D2026-000001"),
        ("D2026-1234567", "D2026-1234567"),
        ("D2026-00001", ""),
        ("D26-000001", ""),
        ("", ""),
        ("'; DROP TABLE paper", ""),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str, number: str) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["K7QM-2X9T-RB01", "k7qm2x9trb01", " K7QM 2X9T RBOl ", "K7QM2X9TRBOI", "Ｋ７ＱＭ－2X9T-RB01"]
)
def test_a_code_is_read_whatever_was_misread(typed: str) -> None:
    assert read_code(typed) == "K7QM2X9TRB01"
    assert printed_code(read_code(typed)) == "K7QM-2X9T-RB01"


def test_a_code_that_goes_on_is_another_code() -> None:
    assert read_code("K7QM2X9TRB01" + "5" * 90) == "K7QM2X9TRB015"


@pytest.mark.rule("GC-18")
@pytest.mark.parametrize(
    ("state", "successor", "answer"),
    [
        (PaperState.ISSUED, None, Standing.VALID),
        (PaperState.VOID, None, Standing.VOID),
        (PaperState.VOID, "", Standing.VOID),
        (PaperState.VOID, "D2026-000002", Standing.REPLACED),
    ],
)
def test_what_has_become_of_a_paper(state: PaperState, successor: str | None, answer: Standing) -> None:
    assert standing(state, successor) is answer
