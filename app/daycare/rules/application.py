"""When an application and its pledge are complete (AD-18 – AD-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.ranges import add_months

MOST_CHILDREN = MOST_GUARDIANS = 3
WORDS_MAX = 500


class Qualification(StrEnum):
    """Where the child is enrolled (자격유형)."""

    DAYCARE = "DAYCARE"
    KINDERGARTEN = "KINDERGARTEN"
    HOME = "HOME"

    @property
    def label(self) -> str:
        return {
            "DAYCARE": N_("어린이집"),
            "KINDERGARTEN": N_("유치원"),
            "HOME": N_("가정양육"),
        }[self.value]


class Purpose(StrEnum):
    """이용목적; names as on the printed form."""

    DOUBLE_INCOME = "double_income"
    HOLIDAY_NIGHT_WORK = "holiday_night_work"
    SELF_EMPLOYED = "self_employed"
    ILLNESS = "illness"
    FAMILY_EVENT = "family_event"
    JOB_SEEKING = "job_seeking"
    MOVING = "moving"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "double_income": N_("맞벌이"),
            "holiday_night_work": N_("휴일·야간근로 등"),
            "self_employed": N_("자영업"),
            "illness": N_("질병 및 입원"),
            "family_event": N_("경조사"),
            "job_seeking": N_("구직활동·자기계발"),
            "moving": N_("이사"),
            "other": N_("기타"),
        }[self.value]


class CheckKind(StrEnum):
    """Papers that are shown before the first use and given back (AD-18)."""

    FAMILY = "family"
    IDENTITY = "identity"

    @property
    def label(self) -> str:
        return {"family": N_("가족관계서류"), "identity": N_("보호자 신분증")}[self.value]


FAMILY_PAPERS: Mapping[str, str] = {
    "resident_register": N_("주민등록등본"),
    "family_certificate": N_("가족관계증명서"),
    "foreigner_certificate": N_("외국인등록사실증명서"),
}
IDENTITY_PAPERS: Mapping[str, str] = {
    "id_card": N_("주민등록증"),
    "driver_licence": N_("운전면허증"),
    "passport": N_("여권"),
    "foreigner_card": N_("외국인등록증"),
}
CONSENTS: Mapping[str, str] = {
    "first_aid": N_("응급처치 동의"),
    "going_home": N_("귀가 동의"),
    "rules": N_("운영규정 서약"),
    "privacy": N_("개인정보 수집·이용 동의"),
    "survey": N_("만족도조사용 정보 제공 동의"),
}
AGREEMENTS: Mapping[str, str] = {"meals": N_("급·간식 제공 합의")}
"""Asked with the consents and never needed: no answer is no agreement (AD-23)."""
DECISIONS: Mapping[str, str] = {**CONSENTS, **AGREEMENTS}
DIRECTOR_MAY_PASS = frozenset({"first_aid", "survey"})
"""Their refusal may make use impossible; the director decides (AD-20)."""

NO_CHILD = Problem("daycare.no_child", N_("이용할 아이를 골라 주세요."), rule="AD-18", field="children")
TOO_MANY_CHILDREN = Problem(
    "daycare.too_many_children",
    N_("신청서 한 장에 아이 {most}명까지 적을 수 있어요."),
    rule="AD-18",
    field="children",
)
CHILD_TWICE = Problem(
    "daycare.child_twice", N_("같은 아이를 두 번 골랐어요. 하나를 빼 주세요."), rule="AD-18", field="children"
)
NO_GUARDIAN = Problem(
    "daycare.no_guardian", N_("1순위 보호자를 적어 주세요."), rule="AD-18", field="guardian_1"
)
GUARDIAN_GAP = Problem(
    "daycare.guardian_gap",
    N_("{position}순위 보호자가 비어 있어요. 순위를 차례대로 채워 주세요."),
    rule="AD-18",
)
TOO_MANY_GUARDIANS = Problem(
    "daycare.too_many_guardians",
    N_("보호자는 {most}순위까지 적을 수 있어요."),
    rule="AD-18",
    field="guardians",
)
GUARDIAN_INCOMPLETE = Problem(
    "daycare.guardian_incomplete",
    N_("{position}순위 보호자의 관계, 이름, 생년월일, 연락처, 주소를 모두 적어 주세요."),
    rule="AD-19",
)
GUARDIAN_BIRTH = Problem(
    "daycare.guardian_birth",
    N_("{position}순위 보호자의 생년월일을 확인해 주세요. 만 {age}세 이상인 분만 적을 수 있어요."),
    rule="AD-19",
)
GUARDIAN_AGE_MIN, GUARDIAN_AGE_MAX = 14, 120
"""Years: who is younger signs for nobody (GC-24); who would be older was typed wrongly."""
SAME_GUARDIAN = Problem(
    "daycare.same_guardian",
    N_("같은 보호자를 두 번 적었어요. 다른 분을 적거나 줄을 비워 주세요."),
    rule="AD-19",
)
NO_QUALIFICATION = Problem(
    "daycare.no_qualification",
    N_("{child}: 자격유형(어린이집·유치원·가정양육)을 골라 주세요."),
    rule="AD-19",
)
ANSWER_MISSING = Problem(
    "daycare.answer_missing",
    N_("{child}: 있는지 없는지 골라 주세요({answers})."),
    rule="AD-19",
)
WORDS_MISSING = Problem(
    "daycare.words_missing",
    N_("{child}: {answers}의 내용을 적어 주세요."),
    rule="AD-19",
)
NO_PURPOSE = Problem("daycare.no_purpose", N_("이용목적을 골라 주세요."), rule="AD-19", field="purpose")
PURPOSE_WORDS = Problem(
    "daycare.purpose_words", N_("기타 이용목적을 적어 주세요."), rule="AD-19", field="purpose_words"
)
CONSENT_MISSING = Problem("daycare.consent_missing", N_("{consent} 여부를 골라 주세요."), rule="AD-20")
CONSENT_REFUSED = Problem(
    "daycare.consent_refused",
    N_("{consent}에 동의하지 않으면 이용할 수 없어요."),
    rule="AD-20",
)
CONSENT_DOUBTFUL = {
    key: Problem(
        f"daycare.consent_{key}",
        N_("{consent}에 동의하지 않아 원장이 이용 여부를 정해요."),
        rule="AD-20",
        field=key,
        soft=True,
    )
    for key in sorted(DIRECTOR_MAY_PASS)
}


@dataclass(frozen=True, slots=True)
class ChildAnswers:
    """One child of the form. None: not answered; ``child`` is a ref, ``name`` only for sentences."""

    child: str
    qualification: str = ""
    disease: bool | None = None
    disease_words: str = ""
    allergy: bool | None = None
    allergy_food: str = ""
    allergy_symptom: str = ""
    allergy_substitute: str = ""
    medicine: bool | None = None
    medicine_words: str = ""
    habits: str = ""
    blood_type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class GuardianAnswers:
    """One line of the guardians; ``guardian`` is a ref when the person is a known guardian."""

    relation: str
    name: str
    phone: str
    birth_date: date | None
    address: str
    guardian: str = ""

    @property
    def is_complete(self) -> bool:
        return bool(
            self.relation.strip()
            and self.name.strip()
            and self.phone
            and self.birth_date
            and self.address.strip()
        )


def check_application(
    children: Sequence[ChildAnswers],
    guardians: Sequence[GuardianAnswers | None],
    purpose: str,
    purpose_words: str,
    consents: Mapping[str, bool | None],
) -> list[Problem]:
    """Everything that is missing, hard and soft, in the order of the form."""
    return [
        *_children(children),
        *_guardians(guardians),
        *_purpose(purpose, purpose_words),
        *check_consents(consents),
    ]


def check_births(guardians: Sequence[GuardianAnswers | None], today: date) -> list[Problem]:
    """AD-19: a guardian is a person of an age to be called and to sign."""
    earliest, latest = (add_months(today, -12 * years) for years in (GUARDIAN_AGE_MAX, GUARDIAN_AGE_MIN))
    return [
        GUARDIAN_BIRTH.of(field=f"guardian_{position}", position=position, age=GUARDIAN_AGE_MIN)
        for position, one in enumerate(guardians, 1)
        if one is not None and one.birth_date and not earliest <= one.birth_date <= latest
    ]


def check_consents(consents: Mapping[str, bool | None]) -> list[Problem]:
    """AD-20: five decisions; two refusals are the director's to judge, the other three end it."""
    found = []
    for key, label in CONSENTS.items():
        decision = consents.get(key)
        if decision is None:
            found.append(CONSENT_MISSING.of(field=key, consent=label))
        elif not decision:
            problem = CONSENT_DOUBTFUL.get(key, CONSENT_REFUSED)
            found.append(problem.of(field=key, consent=label))
    return found


def _children(children: Sequence[ChildAnswers]) -> list[Problem]:
    if not children:
        return [NO_CHILD]
    found = []
    if len(children) > MOST_CHILDREN:
        found.append(TOO_MANY_CHILDREN.of(most=MOST_CHILDREN))
    if len({child.child for child in children}) < len(children):
        found.append(CHILD_TWICE)
    for number, child in enumerate(children, 1):
        found += _answers(number, child)
    return found


def _answers(number: int, child: ChildAnswers) -> list[Problem]:
    name = child.name or N_("아이 {number}").format(number=number)
    asked = {
        N_("질병"): (child.disease, child.disease_words),
        N_("식품 알레르기"): (child.allergy, child.allergy_food),
        N_("복용 중인 약"): (child.medicine, child.medicine_words),
    }
    missing = [label for label, (answer, _) in asked.items() if answer is None]
    wordless = [label for label, (answer, words) in asked.items() if answer and not words.strip()]
    if child.allergy and not child.allergy_symptom.strip():
        wordless.append(N_("알레르기 증상"))
    if child.allergy and not child.allergy_substitute.strip():
        wordless.append(N_("대체 식품"))
    field = f"child_{number}"
    found = []
    if child.qualification not in set(Qualification):
        found.append(NO_QUALIFICATION.of(field=field, child=name))
    if missing:
        found.append(ANSWER_MISSING.of(field=field, child=name, answers=", ".join(missing)))
    if wordless:
        found.append(WORDS_MISSING.of(field=field, child=name, answers=", ".join(wordless)))
    return found


def _guardians(guardians: Sequence[GuardianAnswers | None]) -> list[Problem]:
    """The order is the order of emergency calls: first and third without a second are refused."""
    if not guardians or guardians[0] is None:
        return [NO_GUARDIAN]
    found = []
    if len(guardians) > MOST_GUARDIANS:
        found.append(TOO_MANY_GUARDIANS.of(most=MOST_GUARDIANS))
    last = max(number for number, one in enumerate(guardians, 1) if one is not None)
    seen = set()
    for number, one in enumerate(guardians[:last], 1):
        field = f"guardian_{number}"
        if one is None:
            found.append(GUARDIAN_GAP.of(field=field, position=number))
            continue
        if not one.is_complete:
            found.append(GUARDIAN_INCOMPLETE.of(field=field, position=number))
        who = one.guardian or (one.name.strip(), one.phone)
        if who in seen:
            found.append(SAME_GUARDIAN.of(field=field))
        seen.add(who)
    return found


def _purpose(purpose: str, words: str) -> list[Problem]:
    if purpose not in set(Purpose):
        return [NO_PURPOSE]
    return [PURPOSE_WORDS] if purpose == Purpose.OTHER and not words.strip() else []
