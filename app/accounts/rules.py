"""Accounts: their states, passwords, codes and brakes (KP-05, KP-07 – KP-09, XX-13 – XX-15, PO-04)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from app.kernel.actor import CENTRE_STAFF, DAYCARE_STAFF, OFFICERS, REGIONAL_STAFF, Role
from app.kernel.errors import N_, Problem
from app.kernel.states import StateTable


class UserState(StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    SUSPENDED = "SUSPENDED"
    DISABLED = "DISABLED"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS = {
    UserState.INVITED: N_("초대함"),
    UserState.ACTIVE: N_("사용중"),
    UserState.LOCKED: N_("잠김"),
    UserState.SUSPENDED: N_("사용중지"),
    UserState.DISABLED: N_("해지"),
}
_OFFICER = frozenset(OFFICERS)
_SYSTEM = frozenset({Role.SYSTEM})
_OWNER = frozenset({Role.VISITOR})
"""Somebody who is not signed in and proves who they are with a link or a code."""
STATES: StateTable[UserState] = StateTable(
    {
        (UserState.INVITED, UserState.ACTIVE): _OWNER,
        (UserState.ACTIVE, UserState.LOCKED): _OWNER,
        (UserState.LOCKED, UserState.ACTIVE): _OWNER,
        (UserState.ACTIVE, UserState.SUSPENDED): _OFFICER | _SYSTEM,
        (UserState.SUSPENDED, UserState.ACTIVE): _OFFICER,
        **{(state, UserState.DISABLED): _SYSTEM for state in UserState if state is not UserState.DISABLED},
    }
)

WRONG_LOGIN = Problem(
    "wrong_login",
    N_("아이디 또는 비밀번호가 맞지 않습니다. {limit}번 틀리면 계정이 잠깁니다."),
    rule="XX-13",
)
LOCKED = Problem(
    "locked",
    N_("여러 번 틀려 계정이 잠겼습니다. ‘비밀번호 찾기·잠금 풀기’에서 인증번호로 풀어 주세요."),
    rule="KP-08",
)
SUSPENDED = Problem(
    "suspended", N_("사용중지된 계정입니다. 자치구(시군) 담당자에게 해제를 요청해 주세요."), rule="KP-09"
)
NOT_IN_USE = Problem("not_in_use", N_("쓸 수 없는 계정입니다. 담당자에게 문의해 주세요."))
NO_ROLE = Problem("no_role", N_("오늘 쓸 수 있는 역할이 없습니다. 담당자에게 역할 기간을 확인해 주세요."))
TOO_MANY = Problem(
    "too_many",
    N_("이곳에서 로그인에 실패한 횟수가 많아 잠시 막았습니다. {seconds}초 뒤에 다시 해 주세요."),
    rule="XX-13",
)
LOGIN_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{3,29}$")
BAD_LOGIN_ID = Problem(
    "bad_login_id",
    N_("아이디는 영문 소문자·숫자로 시작하는 4~30자로 적어 주세요. 쓸 수 있는 기호는 . _ - 입니다."),
    field="login_id",
)
LOGIN_ID_TAKEN = Problem(
    "login_id_taken", N_("이미 쓰는 아이디입니다. 다른 아이디를 적어 주세요."), field="login_id"
)

PASSWORD_LENGTH = Problem(
    "password_length",
    N_("비밀번호는 {least}자 이상 {most}자 이하로 적어 주세요."),
    rule="PO-04",
    field="password",
)
PASSWORD_LETTERS = Problem(
    "password_letters", N_("비밀번호에 영문자와 숫자를 함께 적어 주세요."), rule="XX-13", field="password"
)
PASSWORD_CLASSES = Problem(
    "password_classes",
    N_("비밀번호에 영문 대문자·소문자·숫자·특수문자를 하나 이상씩 적어 주세요."),
    rule="PO-04",
    field="password",
)
PASSWORD_COMMON = Problem(
    "password_common", N_("남이 쉽게 맞힐 수 있는 비밀번호입니다. 다른 것으로 정해 주세요."), field="password"
)
PASSWORD_AGAIN = Problem("password_again", N_("두 번 적은 비밀번호가 서로 다릅니다."), field="again")
PASSWORD_OLD = Problem("password_old", N_("지금 쓰는 비밀번호가 맞지 않습니다."), field="current")
PASSWORD_SAME = Problem("password_same", N_("지금과 다른 비밀번호로 정해 주세요."), field="password")
PASSWORD_MOST = 64

_COMMON_WORDS = """
password passw0rd p@ssw0rd qwertyuiop qwerty123 qwer1234 asdf1234 zxcv1234 abcd1234 abc123456 a123456789
1q2w3e4r 1q2w3e4r5t 1qaz2wsx 123456789 1234567890 12345678a iloveyou letmein welcome admin1234 administrator
korea1234 seoul1234 password1 password12 password123 test1234 changeme sarang1234 dolbom1234 kium1234
"""
COMMON = frozenset(_COMMON_WORDS.split())
_TRIM = str.maketrans({"@": "a", "0": "o", "$": "s", "!": "i"})


def password_problems(password: str, *, staff: bool, login_id: str, least: int = 9) -> list[Problem]:
    """PO-04 for people at work, letters and digits for guardians (XX-13); never a very common one or the login id."""
    if not least <= len(password) <= PASSWORD_MOST:
        return [PASSWORD_LENGTH.of(least=least, most=PASSWORD_MOST)]
    upper = any("A" <= c <= "Z" for c in password)
    lower = any("a" <= c <= "z" for c in password)
    digit = any("0" <= c <= "9" for c in password)
    special = any(not c.isalnum() and not c.isspace() for c in password)
    if staff and not (upper and lower and digit and special):
        return [PASSWORD_CLASSES]
    if not staff and not ((upper or lower) and digit):
        return [PASSWORD_LETTERS]
    if _is_common(password, login_id):
        return [PASSWORD_COMMON]
    return []


def _is_common(password: str, login_id: str) -> bool:
    folded = password.casefold()
    core = folded.strip("!@#$%^&*()-_=+.,?~ ")
    known = {folded, core, core.translate(_TRIM)}
    return bool(known & COMMON) or len(set(core)) <= 2 or bool(login_id and core == login_id)


def fold_login_id(text: str) -> str:
    """Login ids do not know capitals or outer blanks."""
    return text.strip().casefold()


BRAKE_WINDOW = timedelta(hours=1)
BRAKE_FREE = 20
"""Failures an address may make within the window before it has to wait (many share one address)."""
BRAKE_LONGEST = timedelta(minutes=15)


def brake(failures: int, last: datetime | None, now: datetime) -> timedelta:
    """How long an address must still wait: 5 s after the 20th failure, twice as long after each further one."""
    if failures < BRAKE_FREE or last is None:
        return timedelta(0)
    pause = min(timedelta(seconds=5 * (1 << min(failures - BRAKE_FREE, 10))), BRAKE_LONGEST)
    return max(timedelta(0), last + pause - now)


CODE_LIFE = timedelta(minutes=3)
CODE_TRIES = 5
CODE_PAUSE = timedelta(seconds=30)
CODES_AN_HOUR = 5
CODES_AN_HOUR_FROM_ONE_ADDRESS = 30
WRONG_CODE = Problem(
    "wrong_code", N_("인증번호가 맞지 않습니다. 문자를 다시 확인해 주세요."), rule="KP-07", field="code"
)
CODE_EXPIRED = Problem(
    "code_expired",
    N_("인증번호의 시간이 지났습니다. ‘인증번호 다시 받기’를 눌러 주세요."),
    rule="KP-07",
    field="code",
)
CODE_SPENT = Problem(
    "code_spent",
    N_("여러 번 틀려 이 인증번호는 쓸 수 없습니다. 다시 받아 주세요."),
    rule="KP-07",
    field="code",
)
CODE_TOO_SOON = Problem("code_too_soon", N_("방금 보냈습니다. {seconds}초 뒤에 다시 받을 수 있습니다."))
CODE_TOO_MANY = Problem(
    "code_too_many", N_("인증번호를 너무 자주 요청했습니다. 한 시간 뒤에 다시 해 주세요.")
)


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What is known of a code when somebody types one."""

    expires_at: datetime
    attempts: int
    """Wrong tries so far."""
    used: bool


def code_problem(facts: CodeFacts, matches: bool, now: datetime) -> Problem | None:
    """A code works once, for 3 minutes (its end excluded) and for 5 tries."""
    if facts.used or facts.attempts >= CODE_TRIES:
        return CODE_SPENT
    if now >= facts.expires_at:
        return CODE_EXPIRED
    if matches:
        return None
    return CODE_SPENT if facts.attempts + 1 >= CODE_TRIES else WRONG_CODE


def may_send_code(sent: list[datetime], from_address: int, now: datetime) -> Problem | None:
    """``sent``: codes to the same receiver within the last hour; ``from_address``: how many were asked for there."""
    if sent and now < max(sent) + CODE_PAUSE:
        return CODE_TOO_SOON.of(seconds=ceil((max(sent) + CODE_PAUSE - now).total_seconds()))
    if len(sent) >= CODES_AN_HOUR or from_address >= CODES_AN_HOUR_FROM_ONE_ADDRESS:
        return CODE_TOO_MANY
    return None


INVITATION_LIFE = timedelta(days=7)
SESSION_LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


def session_alive(*, last_seen: datetime, idle_minutes: int, absolute_end: datetime, now: datetime) -> bool:
    """XX-14: a session ends when nothing was done for the idle time, and 12 hours after the login in any case."""
    return now < last_seen + timedelta(minutes=idle_minutes) and now < absolute_end


def in_force(starts_on: date, ends_on: date | None, on: date) -> bool:
    """Both ends included; no end: until further notice."""
    return starts_on <= on and (ends_on is None or on <= ends_on)


DORMANT_WARNING_DAYS = 14


class Dormancy(StrEnum):
    """What the nightly look at unused accounts does with one (KP-09)."""

    NOTHING = "NOTHING"
    WARN = "WARN"
    SUSPEND = "SUSPEND"


def dormancy(last_used: date, on: date, suspend_after: int) -> Dormancy:
    """``suspend_after`` days without a login suspend; 14 days before that the person is warned."""
    unused = (on - last_used).days
    if unused >= suspend_after:
        return Dormancy.SUSPEND
    return Dormancy.WARN if unused >= suspend_after - DORMANT_WARNING_DAYS else Dormancy.NOTHING


DISTRICT_ROLES = frozenset({Role.DISTRICT_OFFICER})
GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.DISTRICT_OFFICER: CENTRE_STAFF,
    Role.SEOUL_ADMIN: CENTRE_STAFF | {Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN},
    Role.CITY_OFFICER: CENTRE_STAFF | REGIONAL_STAFF | DAYCARE_STAFF | {Role.CITY_OFFICER},
}
"""Who may give which role (KP-05, roles.md: accounts)."""
NOT_YOUR_ROLE = Problem(
    "role_not_grantable", N_("이 역할은 줄 수 없습니다. 다른 역할을 고르세요."), rule="KP-05", field="role"
)
OWN_ACCOUNT = Problem(
    "own_account", N_("자기 계정의 역할과 상태는 바꿀 수 없습니다. 다른 담당자에게 요청하세요."), rule="KP-05"
)
WRONG_PLACE = Problem(
    "role_wrong_place", N_("이 역할에 맞는 기관을 고르세요."), rule="XX-15", field="institution"
)
DATES_REVERSED = Problem("role_dates", N_("끝나는 날은 시작하는 날이거나 그 뒤여야 합니다."), field="ends_on")
PAST_END = Problem("role_end_past", N_("끝나는 날은 오늘이거나 그 뒤여야 합니다."), field="ends_on")
ROLE_TWICE = Problem("role_twice", N_("같은 기간에 같은 역할이 이미 있습니다."), field="role")
NO_REASON = Problem("no_reason", N_("까닭을 적어 주세요."), field="reason")


def fits_place(role: Role, kind: str | None) -> bool:
    """People at work stand in their house, a district's officer in a district, the rest nowhere (XX-15)."""
    houses = (
        (CENTRE_STAFF, "KIUM_CENTRE"),
        (REGIONAL_STAFF, "REGIONAL_CENTRE"),
        (DAYCARE_STAFF, "DAYCARE"),
        (DISTRICT_ROLES, "DISTRICT"),
    )
    return kind == next((house for roles, house in houses if role in roles), None)


BAD_NAME = Problem(
    "bad_name", N_("이름을 1~40자로 적어 주세요. 보이지 않는 글자는 쓸 수 없습니다."), field="name"
)
BAD_PHONE = Problem("bad_phone", N_("문자를 받을 수 있는 휴대전화 번호를 적어 주세요."), field="phone")
NOT_AGREED = Problem(
    "not_agreed", N_("필수 동의 두 가지에 모두 표시해야 가입할 수 있습니다."), rule="XX-01", field="terms"
)
JOIN_AGAIN = Problem("join_again", N_("가입 시간이 지났습니다. 처음부터 다시 해 주세요."))
PHONE_TAKEN = Problem(
    "phone_taken",
    N_("이 번호로 가입한 계정({login_id})이 이미 있습니다. 로그인하거나 비밀번호를 찾아 주세요."),
    field="phone",
)
BAD_INVITATION = Problem(
    "bad_invitation",
    N_("이미 쓴 초대이거나 기간이 지난 초대입니다. 담당자에게 다시 보내 달라고 하세요."),
    rule="KP-05",
)


def clean_name(text: str) -> str | None:
    """One line in composed letters, inner blanks single; None when it is empty, too long or holds hidden signs."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    hidden = any(unicodedata.category(sign).startswith("C") for sign in name)
    return name if 1 <= len(name) <= 40 and not hidden else None


def masked_login(login_id: str) -> str:
    """kim***"""
    return login_id[:3] + "*" * max(3, len(login_id) - 3)


BROWSERS = (
    ("SamsungBrowser", N_("삼성 인터넷")),
    ("Whale", N_("웨일")),
    ("KAKAOTALK", N_("카카오톡")),
    ("Edg", N_("엣지")),
    ("Firefox", N_("파이어폭스")),
    ("Chrome", N_("크롬")),
    ("Safari", N_("사파리")),
)
SYSTEMS = (
    ("iPhone", N_("아이폰")),
    ("iPad", N_("아이패드")),
    ("Android", N_("안드로이드")),
    ("Windows", N_("윈도우")),
    ("Mac OS", N_("맥")),
    ("Linux", N_("리눅스")),
)


def device_words(agent: str) -> str:
    """What a browser calls itself, as its owner would: 안드로이드 · 크롬."""
    found = [next((name for sign, name in names if sign in agent), "") for names in (SYSTEMS, BROWSERS)]
    return " · ".join(name for name in found if name) or N_("알 수 없는 기기")
