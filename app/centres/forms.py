"""The shape of what people type about centres. What it means is decided by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.centres.rules import CentreKind, QuarterKind, SpecialDayKind
from app.kernel import web
from app.kernel.errors import N_, Problem
from app.kernel.fields import DayField, WholeField

NEEDED = InputRequired(N_("적어 주세요."))
WORDS_NEEDED = DataRequired(N_("적어 주세요."))
CHOICE_NEEDED = InputRequired(N_("하나를 골라 주세요."))
DATE_NEEDED = InputRequired(N_("날짜를 적어 주세요."))
YEARS = NumberRange(2000, 2100, N_("네 자리 연도를 적어 주세요."))
PLACES = NumberRange(0, 9999, N_("0에서 9999 사이로 적어 주세요."))
AREA = NumberRange(1, 99_999, N_("㎡로 적어 주세요. 예: 82.50"))


def tidy(text: str | None) -> str:
    """Without control and direction characters, which would make a name look like another."""
    return "".join(c for c in text or "" if c == "\n" or c.isprintable()).strip()


T = TypeVar("T")


def given(value: T | None) -> T:
    """What a validated field that must be filled holds."""
    if value is None:
        raise ValueError("not validated")
    return value


def refuse(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Put a command's problems beside their fields, the others at the top of the form."""
    form.form_errors = [*form.form_errors, *map(web.sentence, web.attach(form, problems))]


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """(value, label) pairs to choose from."""
    return [SelectChoice(value, label) for value, label in pairs]


def labelled(kinds: Iterable[Any]) -> list[SelectChoice]:
    return options((kind.value, kind.label) for kind in kinds)


class AreaField(DecimalField):
    """m². What Python reads as a number and nobody can measure (NaN, 1e999) is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not (self.data.is_finite() and self.data.adjusted() < 6):
            self.data = None
            raise ValueError(AREA.message)


def two_places(form: FlaskForm, field: Any) -> None:
    """Floor areas are measured to 0.01 m²; more would be rounded, perhaps over a limit (KC-01)."""
    if field.data is not None and field.data != round(field.data, 2):
        raise ValidationError(N_("소수점 둘째 자리까지 적어 주세요."))


class VersionedForm(FlaskForm):
    version = WholeField(validators=[Optional()], default=0)


class FacilityForm(VersionedForm):
    phone = StringField(N_("대표 전화"), [WORDS_NEEDED, Length(max=20)], filters=[tidy])
    address = StringField(N_("주소"), [Length(max=200)], filters=[tidy])
    introduction = TextAreaField(N_("소개"), [Length(max=1000)], filters=[tidy])
    sick_care = BooleanField(N_("아픈아이 돌봄을 합니다"))
    sick_seats = WholeField(N_("아픈아이 자리"), [Optional(), NumberRange(0, 99)], default=0)
    allow_preschool_sibling = BooleanField(N_("미취학 형제·자매의 일시돌봄을 받습니다"))
    preschool_sibling_min_age = WholeField(
        N_("미취학 형제·자매 최소 나이(만)"), [Optional(), NumberRange(3, 6)], default=5
    )


class NewCentreForm(FlaskForm):
    district_ref = SelectField(N_("자치구"), [CHOICE_NEEDED], choices=[])
    name = StringField(N_("센터 이름"), [WORDS_NEEDED, Length(max=80)], filters=[tidy])
    kind = RadioField(N_("종류"), [CHOICE_NEEDED], choices=labelled(CentreKind), default=CentreKind.GENERAL)
    phone = StringField(N_("대표 전화"), [WORDS_NEEDED, Length(max=20)], filters=[tidy])
    address = StringField(N_("주소"), [Length(max=200)], filters=[tidy])
    area = AreaField(N_("전용면적(㎡)"), [NEEDED, AREA, two_places], places=2)
    capacity = WholeField(N_("정원(명)"), [NEEDED, PLACES])
    capacity_reason = TextAreaField(N_("권장 면적보다 좁은 사유"), [Length(max=500)], filters=[tidy])
    opened_on = DayField(N_("개소일"), [Optional()])


class CapacityForm(FlaskForm):
    capacity = WholeField(N_("새 정원(명)"), [NEEDED, PLACES])
    area = AreaField(N_("새 전용면적(㎡)"), [NEEDED, AREA, two_places], places=2)
    effective_on = DayField(N_("적용일"), [DATE_NEEDED])
    reason = TextAreaField(N_("사유"), [WORDS_NEEDED, Length(max=500)], filters=[tidy])


class DecisionForm(VersionedForm):
    decision = RadioField(
        N_("결정"), [CHOICE_NEEDED], choices=options([("approve", N_("승인")), ("reject", N_("반려"))])
    )
    reason = TextAreaField(N_("의견"), [Length(max=500)], filters=[tidy])


class ActiveForm(VersionedForm):
    reason = StringField(N_("사유"), [WORDS_NEEDED, Length(max=300)], filters=[tidy])


class RulesForm(VersionedForm):
    priority = TextAreaField(N_("이용 우선순위"), [WORDS_NEEDED, Length(max=4000)], filters=[tidy])
    ending = TextAreaField(N_("이용 종결기준"), [WORDS_NEEDED, Length(max=4000)], filters=[tidy])
    deliberated_on = DayField(N_("운영위원회 심의일"), [Optional()])
    order = TextAreaField(N_("우선순위의 순서"), [WORDS_NEEDED, Length(max=500)], filters=[tidy])


class SpecialDayForm(FlaskForm):
    day = DayField(N_("날짜"), [DATE_NEEDED])
    kind = RadioField(N_("어떤 날"), [CHOICE_NEEDED], choices=labelled(SpecialDayKind))
    opens = StringField(N_("여는 시각"), [Length(max=5)])
    closes = StringField(N_("닫는 시각"), [Length(max=5)])
    heads = WholeField(N_("근무하는 돌봄필수인력(명)"), [Optional(), NumberRange(0, 99)], default=0)
    note = StringField(N_("알림말"), [Length(max=200)], filters=[tidy])


class QuarterForm(VersionedForm):
    """Dates of one quarter; its week is read by ``week`` from the same request."""

    kind = RadioField(N_("분기"), [CHOICE_NEEDED], choices=labelled(QuarterKind))
    year_label = WholeField(N_("연도"), [NEEDED, YEARS])
    first = DayField(N_("시작일"), [DATE_NEEDED])
    last = DayField(N_("종료일"), [DATE_NEEDED])
    lunch = BooleanField(N_("점심"))
    dinner = BooleanField(N_("저녁"))
    snack = BooleanField(N_("간식"))
    vacation_opens = StringField(N_("학교가 쉬는 날 여는 시각"), [Length(max=5)])
    vacation_closes = StringField(N_("학교가 쉬는 날 닫는 시각"), [Length(max=5)])

    def validate_last(self, field: Any) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(N_("종료일은 시작일과 같거나 그 뒤여야 해요."))


class FirstYearForm(FlaskForm):
    """The dates of all four quarters (KQ-03); two weeks, of semester and of vacation, go with them."""

    year_label = WholeField(N_("연도"), [NEEDED, YEARS])


for _kind in QuarterKind:
    setattr(FirstYearForm, f"first_{_kind}", DayField(f"{_kind.label} {N_('시작일')}", [DATE_NEEDED]))
    setattr(FirstYearForm, f"last_{_kind}", DayField(f"{_kind.label} {N_('종료일')}", [DATE_NEEDED]))
