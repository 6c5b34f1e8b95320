"""Shapes of what a family types: the end of a reservation, the application step by step, medicine, pick-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.daycare.rules.application import DECISIONS, MOST_GUARDIANS, WORDS_MAX, ChildAnswers, GuardianAnswers
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.fields import DayField
from app.kernel.ranges import parse_day
from app.people.phones import clean_phone

TOO_LONG = _("%(max)d자까지 적을 수 있어요.")
NEEDED = InputRequired(_("빈칸이에요. 적어 주세요."))
YES_NO = {"yes": True, "no": False}
BAD_BIRTH = Problem("daycare.bad_birth", N_("생년월일을 1990-01-31처럼 적어 주세요."), rule="AD-19")


class ConfirmForm(FlaskForm):
    """What does not stand in the address: numbers and words of people never do."""

    contact_phone = TelField(
        _("연락받을 전화번호"),
        [InputRequired(_("연락받을 전화번호를 적어 주세요.")), Length(max=20, message=TOO_LONG)],
        description=_("확정과 입소·귀가를 이 번호로 알려 드려요."),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    purpose = StringField(
        _("이용 사유"),
        [Optional(), Length(max=200, message=TOO_LONG)],
        description=_("예: 야간 근무, 병원 입원"),
    )


class PickupForm(FlaskForm):
    """Somebody else comes for the child (AD-22)."""

    person = StringField(_("데리러 오는 분 이름"), [NEEDED, Length(max=40, message=TOO_LONG)])
    relation = StringField(
        _("아이와의 관계"), [NEEDED, Length(max=20, message=TOO_LONG)], description=_("예: 이모, 이웃")
    )
    phone = TelField(
        _("그분의 전화번호"),
        [NEEDED, Length(max=20, message=TOO_LONG)],
        render_kw={"inputmode": "tel"},
    )
    valid_on = DayField(_("데리러 오는 날"), [InputRequired(_("데리러 오는 날을 골라 주세요."))])


class MedicineForm(FlaskForm):
    """투약의뢰서 (AD-27)."""

    symptom = StringField(
        _("증상"), [NEEDED, Length(max=100, message=TOO_LONG)], description=_("예: 기침, 콧물")
    )
    medicine = StringField(
        _("약 이름"), [NEEDED, Length(max=100, message=TOO_LONG)], description=_("예: 감기약 물약")
    )
    dose = StringField(_("먹일 양"), [NEEDED, Length(max=60, message=TOO_LONG)], description=_("예: 5mL"))
    kept = StringField(
        _("보관 방법"), [NEEDED, Length(max=60, message=TOO_LONG)], description=_("예: 냉장, 실온")
    )
    times = StringField(
        _("먹일 시각"),
        [NEEDED, Length(max=60, message=TOO_LONG)],
        description=_("여러 번이면 쉼표로 나눠요. 예: 21:00, 07:00"),
    )
    starts_on = DayField(_("첫날"), [InputRequired(_("첫날을 골라 주세요."))])
    ends_on = DayField(_("마지막 날"), [InputRequired(_("마지막 날을 골라 주세요."))])
    remarks = TextAreaField(_("더 알릴 것"), [Optional(), Length(max=WORDS_MAX, message=TOO_LONG)])
    strokes = HiddenField(filters=[lambda text: (text or "").strip()])
    signed_name = StringField(_("서명 대신 이름 적기"), [Optional(), Length(max=40, message=TOO_LONG)])

    def clock_times(self) -> tuple[str, ...]:
        """ "21:00, 07:00" → ("21:00", "07:00"); what they mean is the rule's."""
        return tuple(part.strip() for part in (self.times.data or "").split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed, as far as it can be read, and what cannot."""

    value: Any
    problems: list[Problem]


def read_child(posted: Mapping[str, str], ref: str, name: str) -> ChildAnswers:
    """One child's answers; a question without an answer stays None."""
    words = {
        key: "" if _denied(posted, key) else (posted.get(key) or "").strip()[:WORDS_MAX]
        for key in WORDS_OF_CHILD
    }
    return ChildAnswers(
        child=ref,
        name=name,
        disease=YES_NO.get(posted.get("disease", "")),
        allergy=YES_NO.get(posted.get("allergy", "")),
        medicine=YES_NO.get(posted.get("medicine", "")),
        qualification=posted.get("qualification", ""),
        **words,
    )


def _denied(posted: Mapping[str, str], key: str) -> bool:
    """Words behind a question that was answered with no are not kept."""
    return posted.get(key.partition("_")[0]) == "no"


WORDS_OF_CHILD = (
    "disease_words",
    "allergy_food",
    "allergy_symptom",
    "allergy_substitute",
    "medicine_words",
    "habits",
    "blood_type",
)


def read_guardians(posted: Mapping[str, str], known: Mapping[str, str]) -> Read:
    """Three lines in the order of emergency calls; an empty line stays empty, wherever it stands.

    ``known``: cleaned phone → ref of the family's guardians, so that a line about one of them is tied to the person.
    """
    lines: list[GuardianAnswers | None] = []
    problems: list[Problem] = []
    for number in range(1, MOST_GUARDIANS + 1):
        line, wrong = _guardian(posted, number, known)
        lines.append(line)
        problems += wrong
    while lines and lines[-1] is None:
        lines.pop()
    return Read(tuple(lines), problems)


GUARDIAN_FIELDS = {"relation": 20, "name": 40, "phone": 20, "birth": 10, "address": 200}
"""How much of each can be kept; what is longer is said, never cut."""
LABELS = {"relation": N_("관계"), "name": N_("이름"), "phone": N_("연락처"), "address": N_("주소")}
GUARDIAN_TOO_LONG = Problem(
    "daycare.guardian_too_long",
    N_("{position}순위 보호자의 {label}은(는) {most}자까지 적을 수 있어요. 짧게 적어 주세요."),
    rule="AD-19",
)
MOST_TYPED = 1000


def _guardian(
    posted: Mapping[str, str], number: int, known: Mapping[str, str]
) -> tuple[GuardianAnswers | None, list[Problem]]:
    typed = {key: (posted.get(f"{key}_{number}") or "").strip()[:MOST_TYPED] for key in GUARDIAN_FIELDS}
    if not any(typed.values()):
        return None, []
    problems = [
        GUARDIAN_TOO_LONG.of(
            field=f"guardian_{number}", position=number, label=label, most=GUARDIAN_FIELDS[key]
        )
        for key, label in LABELS.items()
        if len(typed[key]) > GUARDIAN_FIELDS[key]
    ]
    phone, birth = typed["phone"], None
    if phone and len(phone) <= GUARDIAN_FIELDS["phone"]:
        try:
            phone = clean_phone(phone)
        except RuleBroken as refused:
            problems += [one.of(field=f"guardian_{number}") for one in refused.problems]
    if typed["birth"]:
        try:
            birth = parse_day(typed["birth"])
        except ValueError:
            problems.append(BAD_BIRTH.of(field=f"guardian_{number}"))
    return (
        GuardianAnswers(
            typed["relation"], typed["name"], phone, birth, typed["address"], known.get(phone, "")
        ),
        problems,
    )


def read_consents(posted: Mapping[str, str]) -> dict[str, bool | None]:
    return {key: YES_NO.get(posted.get(key, "")) for key in DECISIONS}
