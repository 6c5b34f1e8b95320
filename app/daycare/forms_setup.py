"""The shape of what directors and officers type about a daycare. What it means is decided by the rules."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.centres.forms import (
    CHOICE_NEEDED,
    DATE_NEEDED,
    NEEDED,
    WORDS_NEEDED,
    VersionedForm,
    options,
    tidy,
)
from app.kernel.errors import N_
from app.kernel.fields import DayField, WholeField

WEEKDAYS = {
    "mon": N_("월요일"),
    "tue": N_("화요일"),
    "wed": N_("수요일"),
    "thu": N_("목요일"),
    "fri": N_("금요일"),
    "sat": N_("토요일"),
    "sun": N_("일요일"),
    "holiday": N_("공휴일"),
}
STANDARD, OWN, CLOSED = "standard", "own", "closed"
HOURS = [(STANDARD, N_("우리 시 기준대로")), (OWN, N_("따로 정함"))]
HOLIDAY_HOURS = [*HOURS, (CLOSED, N_("열지 않음"))]
CLOCK = Length(max=5)


class FacilityForm(VersionedForm):
    phone = StringField(N_("대표 전화"), [WORDS_NEEDED, Length(max=20)], filters=[tidy])
    account = StringField(N_("이용료 받는 계좌"), [Length(max=120)], filters=[tidy])
    introduction = TextAreaField(N_("소개"), [Length(max=1000)], filters=[tidy])
    emergency_manual = TextAreaField(N_("비상대응 절차"), [Length(max=4000)], filters=[tidy])
    weekday = RadioField(N_("평일 운영시간"), [CHOICE_NEEDED], choices=options(HOURS), default=STANDARD)
    weekday_opens = StringField(N_("평일 여는 시각"), [CLOCK])
    weekday_closes = StringField(N_("평일 닫는 시각"), [CLOCK])
    holiday = RadioField(
        N_("토·일·공휴일 운영시간"), [CHOICE_NEEDED], choices=options(HOLIDAY_HOURS), default=STANDARD
    )
    holiday_opens = StringField(N_("토·일·공휴일 여는 시각"), [CLOCK])
    holiday_closes = StringField(N_("토·일·공휴일 닫는 시각"), [CLOCK])


class ClassForm(VersionedForm):
    name = StringField(N_("반 이름"), [WORDS_NEEDED, Length(max=40)], filters=[tidy])
    places = WholeField(
        N_("정원(명)"), [NEEDED, NumberRange(1, 99, N_("1명 이상으로 적어 주세요."))], default=5
    )
    weekdays = SelectMultipleField(
        N_("여는 요일"),
        [InputRequired(N_("하루라도 골라 주세요."))],
        choices=options(WEEKDAYS.items()),
        default=list(WEEKDAYS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    opens = StringField(N_("여는 시각"), [WORDS_NEEDED, CLOCK], default="07:30")
    closes = StringField(N_("닫는 시각"), [WORDS_NEEDED, CLOCK], default="07:30")
    teachers = WholeField(
        N_("교사(명)"), [NEEDED, NumberRange(1, 9, N_("1명에서 9명 사이로 적어 주세요."))], default=1
    )
    starts_on = DayField(N_("시작일"), [DATE_NEEDED])
    ends_on = DayField(N_("마지막 날"), [Optional()])

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(N_("마지막 날은 시작일과 같거나 그 뒤여야 해요."))


class ClosureForm(FlaskForm):
    day = DayField(N_("쉬는 날"), [DATE_NEEDED])
    reason = StringField(N_("사유"), [WORDS_NEEDED, Length(max=120)], filters=[tidy])


class DesignationForm(FlaskForm):
    letter = StringField(N_("지정서 번호"), [WORDS_NEEDED, Length(max=60)], filters=[tidy])
    designated_on = DayField(N_("지정일"), [DATE_NEEDED])
    designation_ends_on = DayField(N_("지정 마지막 날"), [Optional()])
    groups = WholeField(N_("반 수"), [Optional(), NumberRange(1, 20, N_("1개에서 20개 사이로 적어 주세요."))])

    def validate_designation_ends_on(self, field: Any) -> None:
        if field.data and self.designated_on.data and field.data < self.designated_on.data:
            raise ValidationError(N_("지정 마지막 날은 지정일과 같거나 그 뒤여야 해요."))


class EndForm(FlaskForm):
    last_day = DayField(N_("마지막 날"), [DATE_NEEDED])
    end_reason = StringField(N_("사유"), [WORDS_NEEDED, Length(max=300)], filters=[tidy])
