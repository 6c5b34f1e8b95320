"""The shape of what the daycare's staff type. What it means is decided by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.centres.forms import DATE_NEEDED, given, options, tidy
from app.daycare.forms_parent import MedicineForm
from app.daycare.parameters import METHODS
from app.daycare.queries import PersonRow
from app.daycare.rules.days import clock_minute
from app.daycare.rules.meals import MealKind
from app.daycare.rules.policy import DAY_END, DAY_START, STEP
from app.daycare.rules.request import Wish
from app.daycare.rules.states import Channel
from app.kernel.errors import N_
from app.kernel.fields import DayField, WholeField
from app.kernel.ranges import kst, parse_minute

NEEDED = InputRequired(N_("적어 주세요."))
CHOSEN = InputRequired(N_("하나를 골라 주세요."))
SHORT = Length(max=40, message=N_("40자까지 적을 수 있어요."))
WORDS = Length(max=300, message=N_("300자까지 적을 수 있어요."))
PHONE = Length(max=20, message=N_("전화번호를 다시 확인해 주세요."))
WON = NumberRange(-10_000_000, 10_000_000, N_("금액을 다시 확인해 주세요."))
CLOSES = 1320
"""22:00: between then and 07:30 nobody leaves (AD-06), so no end is offered there."""
STARTS = [(str(minute), clock_minute(minute)) for minute in range(DAY_START, CLOSES + 1, STEP)]
ENDS = [
    (str(minute), clock_minute(minute)) for minute in (*range(DAY_START + STEP, CLOSES + 1, STEP), DAY_END)
]
DAILY, THROUGH = "daily", "through"
RUNS = [
    (DAILY, N_("날마다 그 시간에 다녀가요")),
    (THROUGH, N_("첫날 시작부터 마지막 날 끝까지 이어서 있어요")),
]
CHANNELS = [(channel.value, channel.label) for channel in (Channel.PHONE, Channel.VISIT)]


class WishForm(FlaskForm):
    """Days and hours of a reservation."""

    first_day = DayField(N_("첫날"), [DATE_NEEDED])
    last_day = DayField(N_("마지막 날"), [DATE_NEEDED])
    start = SelectField(N_("시작"), [CHOSEN], choices=options(STARTS), default="1200")
    end = SelectField(N_("끝"), [CHOSEN], choices=options(ENDS), default=str(DAY_END))
    run = RadioField(N_("여러 날이면"), [CHOSEN], choices=options(RUNS), default=DAILY)

    def wish(self) -> Wish:
        """Of a validated form."""
        return Wish(
            given(self.first_day.data),
            given(self.last_day.data),
            int(self.start.data),
            int(self.end.data),
            self.run.data == THROUGH,
        )

    def take(self, text: str) -> bool:
        """``2026-11-21|2026-11-21|1200|1890|daily``: an alternative that was pressed. False when it cannot be read."""
        parts = text.split("|")
        if len(parts) != 5:
            return False
        for field, value in zip(
            (self.first_day, self.last_day, self.start, self.end, self.run), parts, strict=True
        ):
            field.raw_data = [value]
            try:
                field.process_formdata([value])
            except ValueError:
                return False
        return self.first_day.data is not None and self.last_day.data is not None


def as_pressed(wish: Wish) -> str:
    """What ``WishForm.take`` reads."""
    run = THROUGH if wish.continuous else DAILY
    return f"{wish.first_day}|{wish.last_day}|{wish.start}|{wish.end}|{run}"


class IntakeForm(WishForm):
    children = SelectMultipleField(
        N_("이용할 아이"),
        [InputRequired(N_("이용할 아이를 골라 주세요."))],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    contact_phone = TelField(N_("연락받을 전화번호"), [NEEDED, PHONE])
    channel = RadioField(
        N_("어떻게 신청했나요"), [CHOSEN], choices=options(CHANNELS), default=Channel.PHONE.value
    )
    purpose = StringField(N_("이용 목적"), [WORDS], filters=[tidy])


class CallerForm(FlaskForm):
    """Who calls about a booking, and how one knows (AD-16)."""

    caller_phone = TelField(N_("걸려 온 전화번호"), [PHONE], filters=[tidy])
    caller_name = StringField(N_("전화한 사람"), [SHORT], filters=[tidy])
    identity = StringField(
        N_("다르게 확인했으면 어떻게"),
        [WORDS],
        filters=[tidy],
        description=N_("예약한 번호로 걸려 왔으면 비워 두세요. 예: 아이 생년월일과 보호자 이름을 맞게 말함"),
    )


class ChangeForm(WishForm, CallerForm):
    pass


class CancelForm(CallerForm):
    reason = StringField(N_("취소 사유"), [WORDS], filters=[tidy])


class ReasonForm(FlaskForm):
    reason = TextAreaField(N_("사유"), [NEEDED, WORDS], filters=[tidy])


class PaymentForm(FlaskForm):
    amount = WholeField(N_("금액(원)"), [NEEDED, WON])
    method = RadioField(N_("결제 방법"), [CHOSEN], choices=options(METHODS.items()))
    payer = StringField(N_("입금한 사람"), [SHORT], filters=[tidy])

    def offer(self, methods: tuple[str, ...]) -> PaymentForm:
        """Only what the daycare takes."""
        self.method.choices = options((key, METHODS[key]) for key in methods)
        return self


class RefundForm(PaymentForm):
    reason = StringField(N_("사유"), [NEEDED, WORDS], filters=[tidy])


class CorrectionForm(FlaskForm):
    amount = WholeField(
        N_("더하거나 뺄 금액(원)"),
        [NEEDED, WON],
        description=N_("줄이려면 -3000처럼 적어 주세요. 10원 단위예요."),
    )
    reason = StringField(N_("사유"), [NEEDED, WORDS], filters=[tidy])


class PriorContactForm(FlaskForm):
    """A guardian's call before somebody else comes (AD-22)."""

    child = SelectField(N_("아이"), [CHOSEN], choices=[])
    caller = StringField(N_("전화한 보호자"), [NEEDED, SHORT], filters=[tidy])
    caller_phone = TelField(N_("보호자 전화번호"), [NEEDED, PHONE], filters=[tidy])
    person = StringField(N_("데리러 올 사람"), [NEEDED, SHORT], filters=[tidy])
    relation = StringField(N_("아이와의 관계"), [NEEDED, Length(max=20)], filters=[tidy])
    phone = TelField(N_("데리러 올 사람 전화번호"), [PHONE], filters=[tidy])
    valid_on = DayField(N_("데리러 오는 날"), [DATE_NEEDED])


class MealForm(FlaskForm):
    kind = RadioField(N_("무엇을"), [CHOSEN], choices=options((kind.value, kind.label) for kind in MealKind))
    menu = StringField(N_("식단"), [NEEDED, Length(max=200)], filters=[tidy])
    amount = WholeField(
        N_("아이 한 명의 급·간식비(원)"),
        [Optional(), NumberRange(0, 100_000, N_("금액을 다시 확인해 주세요."))],
    )
    not_reused = BooleanField(N_("기본 보육시간의 음식을 다시 쓰지 않았어요"))


class MedicineSheetForm(MedicineForm):
    """A signed 투약의뢰서 written off: the guardian who asks, and how that person signed (AD-27)."""

    signer = RadioField(N_("의뢰한 보호자"), [InputRequired(N_("의뢰한 보호자를 골라 주세요."))], choices=[])

    def offer(self, guardians: Iterable[PersonRow]) -> MedicineSheetForm:
        """Those whom the application names."""
        self.signer.choices = options((one.name, f"{one.name} ({one.relation})") for one in guardians)
        return self


def clock_needed(_form: Any, field: Any) -> None:
    """A time of the day, as 21:00."""
    try:
        minute = parse_minute(field.data or "")
    except ValueError:
        minute = 1440
    if minute >= 1440:
        raise ValidationError(N_("시각을 21:00처럼 적어 주세요."))


class DoseForm(FlaskForm):
    given_on = DayField(N_("먹인 날"), [DATE_NEEDED])
    given_at = StringField(N_("먹인 시각"), [NEEDED, Length(max=5), clock_needed])
    note = StringField(N_("특이사항"), [WORDS], filters=[tidy])

    def moment(self) -> datetime:
        """Of a validated form."""
        return kst(given(self.given_on.data), parse_minute(self.given_at.data or ""))


class AgreementForm(FlaskForm):
    """What a guardian said about food, by telephone or at the door (AD-23)."""

    answer = RadioField(
        N_("급·간식을 주어도 되나요"),
        [CHOSEN],
        choices=options([("yes", N_("합의해요")), ("no", N_("합의를 거두어요"))]),
    )
    said_by = RadioField(N_("누가 말했나요"), [CHOSEN], choices=[])
    how = RadioField(N_("어떻게 말했나요"), [CHOSEN], choices=options(CHANNELS))
    said_on = DayField(N_("말한 날"), [DATE_NEEDED])
    said_at = StringField(N_("말한 시각"), [NEEDED, Length(max=5), clock_needed])

    def offer(self, guardians: Iterable[PersonRow]) -> AgreementForm:
        """Those whom the application names."""
        self.said_by.choices = options((one.name, f"{one.name} ({one.relation})") for one in guardians)
        return self

    def moment(self) -> datetime:
        """Of a validated form."""
        return kst(given(self.said_on.data), parse_minute(self.said_at.data or ""))
