"""Who a child is, whom it belongs to, and whether Kium is for it (KB-34 … KB-36)."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from app.kernel.errors import N_, Problem
from app.kernel.ranges import TimeSpan, age_on
from app.kernel.states import StateTable

NAME_MAX = 40
CHILD_MAX_AGE = 18  # a minor, with room for every service
PUPIL_MIN_AGE = 5  # 조기입학: nobody enters elementary school younger
LAST_GRADE = 6
STAFF = frozenset({"care_teacher", "team_leader", "centre_director"})


class Sex(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"

    @property
    def label(self) -> str:
        return {"MALE": N_("남"), "FEMALE": N_("여")}[self.value]


class Relation(StrEnum):
    """What a guardian is to a child."""

    PARENT = "PARENT"
    GRANDPARENT = "GRANDPARENT"
    LEGAL_REP = "LEGAL_REP"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        return {
            "PARENT": N_("부모"),
            "GRANDPARENT": N_("조부모"),
            "LEGAL_REP": N_("법정대리인"),
            "OTHER": N_("기타"),
        }[self.value]


class Disability(StrEnum):
    """Asked only where a ratio or a refusal hangs on it (AD-03)."""

    NONE = "NONE"
    MILD = "MILD"
    SEVERE = "SEVERE"

    @property
    def label(self) -> str:
        return {
            "NONE": N_("없어요"),
            "MILD": N_("심하지 않은 장애"),
            "SEVERE": N_("심한 장애"),
        }[self.value]


class HealthKind(StrEnum):
    DISEASE = "DISEASE"
    MEDICINE = "MEDICINE"
    ALLERGY = "ALLERGY"
    PSYCH = "PSYCH"
    HABIT = "HABIT"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        return {
            "DISEASE": N_("질환"),
            "MEDICINE": N_("복용약"),
            "ALLERGY": N_("알레르기"),
            "PSYCH": N_("심리·정서"),
            "HABIT": N_("생활습관"),
            "OTHER": N_("기타"),
        }[self.value]


class ConsentKind(StrEnum):
    PRIVACY = "PRIVACY"
    SENSITIVE = "SENSITIVE"
    THIRD_PARTY = "THIRD_PARTY"
    ARRIVAL_DEPARTURE = "ARRIVAL_DEPARTURE"

    @property
    def label(self) -> str:
        return {
            "PRIVACY": N_("개인정보 수집·이용 동의"),
            "SENSITIVE": N_("민감정보 수집·이용 동의"),
            "THIRD_PARTY": N_("개인정보 제3자 제공 동의"),
            "ARRIVAL_DEPARTURE": N_("등원·하원(귀가)·야외활동 및 응급처치 동의"),
        }[self.value]


class ConsentChannel(StrEnum):
    ONLINE = "ONLINE"
    PAPER = "PAPER"
    PHONE = "PHONE"

    @property
    def label(self) -> str:
        return {"ONLINE": N_("온라인"), "PAPER": N_("서면"), "PHONE": N_("전화")}[self.value]


class Channel(StrEnum):
    """How an application reached the centre (KB-14)."""

    ONLINE = "ONLINE"
    PHONE = "PHONE"
    VISIT = "VISIT"

    @property
    def label(self) -> str:
        return {"ONLINE": N_("온라인"), "PHONE": N_("전화"), "VISIT": N_("방문")}[self.value]


class EvidenceKind(StrEnum):
    """Papers that prove a priority ground (KB-17); values as in ``kb.evidence_kinds``."""

    EMPLOYMENT_CERTIFICATE = "employment_certificate"
    SINGLE_PARENT_CERTIFICATE = "single_parent_certificate"
    MULTI_CHILD = "multi_child"
    DISABILITY_OR_ILLNESS = "disability_or_illness"

    @property
    def label(self) -> str:
        return {
            "employment_certificate": N_("재직증명서"),
            "single_parent_certificate": N_("한부모가족증명서"),
            "multi_child": N_("다자녀 확인서류"),
            "disability_or_illness": N_("장애·질병 확인서류"),
        }[self.value]


class EvidenceState(StrEnum):
    UPLOADED = "UPLOADED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    PURGED = "PURGED"

    @property
    def label(self) -> str:
        return {
            "UPLOADED": N_("확인 전"),
            "VERIFIED": N_("확인됨"),
            "REJECTED": N_("반려"),
            "EXPIRED": N_("기간 지남"),
            "PURGED": N_("파기됨"),
        }[self.value]


EVIDENCE_STEPS: StateTable[EvidenceState] = StateTable(
    {
        (EvidenceState.UPLOADED, EvidenceState.VERIFIED): STAFF,
        (EvidenceState.UPLOADED, EvidenceState.REJECTED): STAFF,
        (EvidenceState.VERIFIED, EvidenceState.EXPIRED): {"system"},
        **{
            (state, EvidenceState.PURGED): {"system"}
            for state in EvidenceState
            if state is not EvidenceState.PURGED
        },
    }
)

NAME_MISSING = Problem("child.name_missing", N_("이름을 적어 주세요."), rule="KB-32", field="name")
NAME_TOO_LONG = Problem(
    "child.name_too_long",
    N_("이름은 {max}자까지 적을 수 있어요. 짧게 적어 주세요."),
    rule="KB-32",
    field="name",
)
NAME_BAD_CHARACTER = Problem(
    "child.name_bad_character",
    N_("이름에 쓸 수 없는 글자가 들어 있어요. 지우고 다시 적어 주세요."),
    rule="KB-32",
    field="name",
)
BIRTH_IN_FUTURE = Problem(
    "child.birth_in_future",
    N_("생년월일이 오늘보다 뒤예요. 다시 확인해 주세요."),
    rule="KB-32",
    field="birth_date",
)
BIRTH_TOO_EARLY = Problem(
    "child.birth_too_early",
    N_("만 {max}세를 넘은 생년월일이에요. 연도를 다시 확인해 주세요."),
    rule="KB-32",
    field="birth_date",
)
LINK_MISMATCH = Problem(
    "child.link_mismatch",
    N_("센터에 등록된 아동 정보와 달라 바로 연결할 수 없어요. 센터에 문의해 확인을 받아 주세요."),
    rule="KB-34",
)
LINK_UNCONFIRMED = Problem(
    "child.link_unconfirmed",
    N_("정보가 일치해요. 센터가 확인하면 연결돼요. 조금만 기다려 주세요."),
    rule="KB-34",
)
TOO_YOUNG = Problem(
    "child.too_young",
    N_("이용 시작일에 만 {min}세 이상이거나 초등학생이어야 이용할 수 있어요."),
    rule="KB-35",
    field="child",
)
NOT_A_PUPIL = Problem(
    "child.not_a_pupil",
    N_("초등학생이거나 입학 전 만 {min}세 아동이 이용할 수 있어요. 재학 여부를 확인해 주세요."),
    rule="KB-35",
    field="child",
)
TOO_OLD = Problem(
    "child.too_old", N_("초등학교를 마친 아동은 이용할 수 없어요."), rule="KB-35", field="child"
)
GRADE_NEEDED = Problem(
    "child.grade_needed",
    N_("초등학생인지 확인이 필요해요. 아동 정보에 학년을 적어 주세요."),
    rule="KB-35",
    field="grade",
)
SIBLING_NOT_ALLOWED = Problem(
    "child.sibling_not_allowed",
    N_("이 센터는 미취학 형제·자매 돌봄을 하지 않아요. 다른 센터를 찾아 주세요."),
    rule="KB-36",
    field="child",
)
SIBLING_TOO_YOUNG = Problem(
    "child.sibling_too_young",
    N_("미취학 형제·자매는 만 {min}세부터 이용할 수 있어요."),
    rule="KB-36",
    field="child",
)
SIBLING_ALONE = Problem(
    "child.sibling_alone",
    N_(
        "미취학 형제·자매는 만 6세 이상 형제·자매가 예약한 시간 안에서만 이용할 수 있어요. 시간을 맞춰 주세요."
    ),
    rule="KB-36",
    field="hours",
)


@dataclass(frozen=True, slots=True)
class EligibilityPolicy:
    """Ages in completed years (parameters ``kb.age_*``, ``kb.pupil_extends_age``, ``kb.preschool_sibling*``)."""

    age_min: int = 6
    age_max: int = 12
    pupil_extends_age: bool = True
    preschool_sibling: bool = False
    preschool_sibling_min_age: int = 5


class Person(Protocol):
    """Anything with a name and a birth date."""

    @property
    def name(self) -> str: ...

    @property
    def birth_date(self) -> date: ...


def clean_name(text: str) -> str:
    """The name as it is stored: NFC, no blanks around it, one blank between its parts."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def check_name(text: str) -> Problem | None:
    """1 to 40 characters with a letter among them, and nothing invisible or direction-changing."""
    name = clean_name(text)
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        return NAME_BAD_CHARACTER
    if not any(sign.isalpha() for sign in name):
        return NAME_MISSING
    return NAME_TOO_LONG.of(max=NAME_MAX) if len(name) > NAME_MAX else None


def check_child(name: str, birth_date: date, today: date) -> list[Problem]:
    """What stands against registering a child."""
    found = [problem] if (problem := check_name(name)) else []
    if birth_date > today:
        found.append(BIRTH_IN_FUTURE)
    elif age_on(birth_date, today) > CHILD_MAX_AGE:
        found.append(BIRTH_TOO_EARLY.of(max=CHILD_MAX_AGE))
    return found


def same_child(a: Person, b: Person) -> bool:
    """Same birth date and same name, whatever the blanks and capitals: likely registered twice."""
    return a.birth_date == b.birth_date and _name_key(a.name) == _name_key(b.name)


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A child as the centre registered it offline, with the guardian's numbers it knows (normalised)."""

    name: str
    birth_date: date
    phones: Collection[str]


def may_link(
    child_name: str, birth: date, verified_phone: str, record: LinkRecord, *, confirmed_by_centre: bool
) -> Problem | None:
    """KB-34: name, birth date and verified number must all match, and the centre must say yes."""
    matches = (
        _name_key(child_name) == _name_key(record.name)
        and birth == record.birth_date
        and verified_phone in record.phones
    )
    if not matches:
        return LINK_MISMATCH
    return None if confirmed_by_centre else LINK_UNCONFIRMED


def grade_on(grade: int, known_on: date, on: date) -> int:
    """The grade of ``on`` for a child who was in ``grade`` on ``known_on``; a school year starts on 1 March."""
    return grade + _school_year(on) - _school_year(known_on)


def kium_eligibility(
    birth: date, in_school: bool | None, grade: int | None, on: date, policy: EligibilityPolicy
) -> Problem | None:
    """Whether the child may use Kium on ``on``, the service start date (KB-35).

    ``grade`` is that of ``on`` (7 and above: middle school); None is not yet known, as is ``in_school``.
    """
    age = age_on(birth, on)
    in_age_range = policy.age_min <= age <= policy.age_max
    if grade is not None:
        if grade > LAST_GRADE:
            return TOO_OLD
        return None if in_age_range else _pupil_outside_ages(age, policy)
    if in_school is False:
        if age < policy.age_min:
            return TOO_YOUNG.of(min=policy.age_min)
        return None if age == policy.age_min else NOT_A_PUPIL.of(min=policy.age_min)
    if age < policy.age_min:
        known_pupil = in_school is True
        return _pupil_outside_ages(age, policy) if known_pupil else TOO_YOUNG.of(min=policy.age_min)
    if age > policy.age_max + 1:
        return TOO_OLD
    must_confirm = on >= date(birth.year + policy.age_max + 1, 3, 1)
    return GRADE_NEEDED if must_confirm or not in_age_range else None


@dataclass(frozen=True, slots=True)
class ElderStay:
    """A brother's or sister's booked stay on the day in question."""

    birth: date
    hours: TimeSpan


def preschool_sibling(
    birth: date, on: date, hours: TimeSpan, elders: Iterable[ElderStay], policy: EligibilityPolicy
) -> Problem | None:
    """KB-36: whether a pre-school child may come for ``hours``, all of it beside one elder aged 6 or more."""
    if not policy.preschool_sibling:
        return SIBLING_NOT_ALLOWED
    if age_on(birth, on) < policy.preschool_sibling_min_age:
        return SIBLING_TOO_YOUNG.of(min=policy.preschool_sibling_min_age)
    beside = (elder.hours.contains(hours) for elder in elders if age_on(elder.birth, on) >= policy.age_min)
    return None if any(beside) else SIBLING_ALONE


def _pupil_outside_ages(age: int, policy: EligibilityPolicy) -> Problem | None:
    """A pupil younger than six or older than twelve: attending school decides, where the tenant lets it."""
    if age < PUPIL_MIN_AGE or (age < policy.age_min and not policy.pupil_extends_age):
        return TOO_YOUNG.of(min=policy.age_min)
    return None if policy.pupil_extends_age else TOO_OLD


def _school_year(day: date) -> int:
    return day.year if day.month >= 3 else day.year - 1


def _name_key(name: str) -> str:
    return clean_name(name).replace(" ", "").casefold()
