"""Passwords, codes, brakes, sessions and who may give which role, as tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import (
    BRAKE_FREE,
    BRAKE_LONGEST,
    CODE_EXPIRED,
    CODE_SPENT,
    CODE_TOO_MANY,
    CODE_TOO_SOON,
    GRANTABLE,
    LOGIN_ID,
    PASSWORD_CLASSES,
    PASSWORD_COMMON,
    PASSWORD_LENGTH,
    PASSWORD_LETTERS,
    STATES,
    WRONG_CODE,
    CodeFacts,
    UserState,
    brake,
    clean_name,
    code_problem,
    device_words,
    fits_place,
    fold_login_id,
    in_force,
    masked_login,
    may_send_code,
    password_problems,
    session_alive,
)
from app.kernel.actor import Role
from app.kernel.ranges import KST
from app.kernel.states import WRONG_ROLE, WRONG_STEP

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=KST)


@pytest.mark.rule("PO-04")
@pytest.mark.rule("XX-13")
@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Dasom-20!", None),
        ("Dasom-2!", PASSWORD_LENGTH),
        ("Aa1!" + "x" * 60, None),
        ("Aa1!" + "x" * 61, PASSWORD_LENGTH),
        ("dasom-2026!", PASSWORD_CLASSES),
        ("DASOM-2026!", PASSWORD_CLASSES),
        ("Dasom-dasom!", PASSWORD_CLASSES),
        ("Dasom2026a", PASSWORD_CLASSES),
        ("Dasom 2026a", PASSWORD_CLASSES),
        ("다솜Dasom-2026", None),
        ("Aom-2026x!", None),
        ("Zom-2026x!", None),
        ("KIMDOa-26!", None),
        ("KIMDOz-26!", None),
        ("", PASSWORD_LENGTH),
    ],
)
def test_staff_passwords_mix_four_classes(password: str, problem: object) -> None:
    found = password_problems(password, staff=True, login_id="lee.dasom")
    assert [p.code for p in found] == ([problem.code] if problem else [])  # type: ignore[attr-defined]


def test_the_refusal_of_a_length_names_both_ends() -> None:
    (problem,) = password_problems("Short-1!", staff=True, login_id="", least=12)
    assert "12자 이상 64자 이하" in problem.sentence
    assert password_problems("Dasom-20!", staff=True, login_id="") == []


@pytest.mark.rule("XX-13")
@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("haneul2026", None),
        ("haneul026", None),
        ("haneul26", PASSWORD_LENGTH),
        ("haneulhaneul", PASSWORD_LETTERS),
        ("2026112015", PASSWORD_LETTERS),
        ("하늘하늘하늘2026", PASSWORD_LETTERS),
        ("HANEUL2026", None),
    ],
)
def test_guardians_mix_letters_and_digits(password: str, problem: object) -> None:
    found = password_problems(password, staff=False, login_id="parent")
    assert [p.code for p in found] == ([problem.code] if problem else [])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("password", "staff"),
    [
        ("password123", False),
        ("PassWord123", False),
        ("Password1!", True),
        ("P@ssw0rd!", True),
        ("1q2w3e4r5t", False),
        ("aaaaaaaa1", False),
        ("lee.dasom1", False),
    ],
)
def test_what_everybody_guesses_first_is_refused(password: str, staff: bool) -> None:
    assert password_problems(password, staff=staff, login_id="lee.dasom1") == [PASSWORD_COMMON]


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("abcd", True),
        ("abc", False),
        ("a" * 30, True),
        ("a" * 31, False),
        (" Lee.Dasom ", True),
        ("lee dasom", False),
        (".lee", False),
        ("이다솜이다솜", False),
        ("lee@seoul", False),
    ],
)
def test_login_ids(typed: str, good: bool) -> None:
    assert bool(LOGIN_ID.match(fold_login_id(typed))) is good


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 이  다솜 ", "이 다솜"),
        ("남궁산들바람솔빛나", "남궁산들바람솔빛나"),
        ("가" * 40, "가" * 40),
        ("가" * 41, None),
        ("", None),
        ("이\u202e다솜", None),
        ("이\u200b다솜", None),
        ("\u110b\u1175\u1103\u1161\u1109\u1169\u11b7", "이다솜"),
    ],
)
def test_names(typed: str, name: str | None) -> None:
    assert clean_name(typed) == name


def test_a_masked_login_shows_no_more_than_its_beginning() -> None:
    assert masked_login("haneul.mom") == "han*******"
    assert masked_login("abcd") == "abc***"


@pytest.mark.rule("XX-13")
@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (19, 0), (20, 5), (21, 10), (22, 20), (27, 640), (28, 900), (500, 900)],
)
def test_the_brake_grows(failures: int, seconds: int) -> None:
    assert brake(failures, NOW, NOW) == timedelta(seconds=seconds)


@given(st.integers(BRAKE_FREE, 200), st.integers(0, 2000))
def test_a_braked_address_is_free_again_after_a_quarter_of_an_hour(failures: int, waited: int) -> None:
    left = brake(failures, NOW - timedelta(seconds=waited), NOW)
    assert timedelta(0) <= left <= BRAKE_LONGEST
    assert left == timedelta(0) or waited < BRAKE_LONGEST.total_seconds()
    assert brake(failures + 1, NOW - timedelta(seconds=waited), NOW) >= left


@pytest.mark.rule("KP-07")
@pytest.mark.parametrize(
    ("age", "attempts", "used", "matches", "problem"),
    [
        (0, 0, False, True, None),
        (179, 4, False, True, None),
        (180, 0, False, True, CODE_EXPIRED),
        (181, 0, False, True, CODE_EXPIRED),
        (0, 5, False, True, CODE_SPENT),
        (0, 0, True, True, CODE_SPENT),
        (0, 0, False, False, WRONG_CODE),
        (0, 3, False, False, WRONG_CODE),
        (0, 4, False, False, CODE_SPENT),
        (180, 0, False, False, CODE_EXPIRED),
    ],
)
def test_a_code_lives_three_minutes_and_five_tries(
    age: int, attempts: int, used: bool, matches: bool, problem: object
) -> None:
    facts = CodeFacts(NOW + timedelta(seconds=180 - age), attempts, used)
    assert code_problem(facts, matches, NOW) == problem


@pytest.mark.parametrize(
    ("ages", "from_address", "problem"),
    [
        ([], 0, None),
        ([29], 0, CODE_TOO_SOON),
        ([30], 0, None),
        ([600, 30, 700], 0, None),
        ([600, 500, 400, 300], 0, None),
        ([600, 500, 400, 300, 200], 0, CODE_TOO_MANY),
        ([], 29, None),
        ([], 30, CODE_TOO_MANY),
    ],
)
def test_codes_are_not_sent_without_end(ages: list[int], from_address: int, problem: object) -> None:
    found = may_send_code([NOW - timedelta(seconds=age) for age in ages], from_address, NOW)
    assert (found and found.code) == (problem and problem.code)  # type: ignore[attr-defined]


def test_the_pause_between_codes_says_how_long() -> None:
    found = may_send_code([NOW - timedelta(seconds=10)], 0, NOW)
    assert found is not None
    assert "20초" in found.sentence


@pytest.mark.rule("XX-14")
@pytest.mark.parametrize(
    ("idle_seconds", "age_hours", "alive"),
    [(0, 1, True), (1799, 1, True), (1800, 1, False), (0, 11.99, True), (0, 12, False)],
)
def test_sessions(idle_seconds: int, age_hours: float, alive: bool) -> None:
    end = NOW - timedelta(hours=age_hours) + timedelta(hours=12)
    seen = NOW - timedelta(seconds=idle_seconds)
    assert session_alive(last_seen=seen, idle_minutes=30, absolute_end=end, now=NOW) is alive


@pytest.mark.parametrize(("day", "counts"), [(1, False), (2, True), (5, True), (6, True), (7, False)])
def test_both_days_of_a_role_count(day: int, counts: bool) -> None:
    assert in_force(date(2026, 11, 2), date(2026, 11, 6), date(2026, 11, day)) is counts


def test_a_role_without_end_goes_on() -> None:
    assert in_force(date(2026, 11, 2), None, date(2036, 11, 2))


@pytest.mark.rule("KP-05")
@pytest.mark.rule("XX-15")
@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        (Role.DISTRICT_OFFICER, Role.CENTRE_DIRECTOR, True),
        (Role.DISTRICT_OFFICER, Role.TEAM_LEADER, True),
        (Role.DISTRICT_OFFICER, Role.CARE_TEACHER, True),
        (Role.DISTRICT_OFFICER, Role.DISTRICT_OFFICER, False),
        (Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN, False),
        (Role.SEOUL_ADMIN, Role.DISTRICT_OFFICER, True),
        (Role.SEOUL_ADMIN, Role.SEOUL_ADMIN, True),
        (Role.SEOUL_ADMIN, Role.CITY_OFFICER, False),
        (Role.CITY_OFFICER, Role.CITY_OFFICER, True),
        (Role.CITY_OFFICER, Role.SEOUL_ADMIN, False),
        (Role.CITY_OFFICER, Role.COORDINATOR, True),
        (Role.CITY_OFFICER, Role.REGIONAL_DIRECTOR, True),
        (Role.CITY_OFFICER, Role.DAYCARE_DIRECTOR, True),
        (Role.CITY_OFFICER, Role.DAYCARE_TEACHER, True),
        (Role.SEOUL_ADMIN, Role.COORDINATOR, False),
        (Role.DISTRICT_OFFICER, Role.DAYCARE_DIRECTOR, False),
        (Role.DAYCARE_DIRECTOR, Role.DAYCARE_TEACHER, False),
        (Role.CENTRE_DIRECTOR, Role.CARE_TEACHER, False),
        (Role.SEOUL_ADMIN, Role.GUARDIAN, False),
        (Role.SEOUL_ADMIN, Role.PLATFORM_OPERATOR, False),
        (Role.SEOUL_ADMIN, Role.SYSTEM, False),
    ],
)
def test_who_may_give_which_role(giver: Role, role: Role, may: bool) -> None:
    assert (role in GRANTABLE.get(giver, frozenset())) is may


@pytest.mark.rule("XX-15")
@pytest.mark.parametrize(
    ("role", "kind", "fits"),
    [
        (Role.CENTRE_DIRECTOR, "KIUM_CENTRE", True),
        (Role.CENTRE_DIRECTOR, "DISTRICT", False),
        (Role.CENTRE_DIRECTOR, None, False),
        (Role.DISTRICT_OFFICER, "DISTRICT", True),
        (Role.DISTRICT_OFFICER, "KIUM_CENTRE", False),
        (Role.DISTRICT_OFFICER, None, False),
        (Role.SEOUL_ADMIN, None, True),
        (Role.SEOUL_ADMIN, "DISTRICT", False),
        (Role.COORDINATOR, "REGIONAL_CENTRE", True),
        (Role.COORDINATOR, None, False),
        (Role.REGIONAL_DIRECTOR, "REGIONAL_CENTRE", True),
        (Role.REGIONAL_DIRECTOR, "DAYCARE", False),
        (Role.DAYCARE_DIRECTOR, "DAYCARE", True),
        (Role.DAYCARE_TEACHER, "DAYCARE", True),
        (Role.DAYCARE_TEACHER, "KIUM_CENTRE", False),
        (Role.CITY_OFFICER, None, True),
        (Role.CITY_OFFICER, "DAYCARE", False),
    ],
)
def test_every_role_has_its_kind_of_place(role: Role, kind: str | None, fits: bool) -> None:
    assert fits_place(role, kind) is fits


@pytest.mark.rule("KP-08")
@pytest.mark.rule("KP-09")
@pytest.mark.parametrize(
    ("before", "after", "role", "problem"),
    [
        (UserState.SUSPENDED, UserState.ACTIVE, Role.DISTRICT_OFFICER, None),
        (UserState.SUSPENDED, UserState.ACTIVE, Role.SEOUL_ADMIN, None),
        (UserState.SUSPENDED, UserState.ACTIVE, Role.CITY_OFFICER, None),
        (UserState.SUSPENDED, UserState.ACTIVE, Role.CENTRE_DIRECTOR, WRONG_ROLE),
        (UserState.SUSPENDED, UserState.ACTIVE, Role.VISITOR, WRONG_ROLE),
        (UserState.ACTIVE, UserState.SUSPENDED, Role.SYSTEM, None),
        (UserState.ACTIVE, UserState.SUSPENDED, Role.DISTRICT_OFFICER, None),
        (UserState.ACTIVE, UserState.SUSPENDED, Role.GUARDIAN, WRONG_ROLE),
        (UserState.LOCKED, UserState.ACTIVE, Role.VISITOR, None),
        (UserState.LOCKED, UserState.ACTIVE, Role.DISTRICT_OFFICER, WRONG_ROLE),
        (UserState.LOCKED, UserState.SUSPENDED, Role.DISTRICT_OFFICER, WRONG_STEP),
        (UserState.INVITED, UserState.ACTIVE, Role.VISITOR, None),
        (UserState.DISABLED, UserState.ACTIVE, Role.SEOUL_ADMIN, WRONG_STEP),
        (UserState.INVITED, UserState.DISABLED, Role.SYSTEM, None),
        (UserState.ACTIVE, UserState.DISABLED, Role.SYSTEM, None),
        (UserState.ACTIVE, UserState.DISABLED, Role.SEOUL_ADMIN, WRONG_ROLE),
    ],
)
def test_states_of_an_account(before: UserState, after: UserState, role: Role, problem: object) -> None:
    assert STATES.check(before, after, role) == problem


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-S921N) Chrome/130.0 Mobile Safari/537.36", "안드로이드 · 크롬"),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
            "안드로이드 · 삼성 인터넷",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "아이폰 · 사파리",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "윈도우 · 엣지"),
        ("curl/8.0", "알 수 없는 기기"),
        ("", "알 수 없는 기기"),
    ],
)
def test_devices_are_named_as_their_owners_would(agent: str, words: str) -> None:
    assert device_words(agent) == words
