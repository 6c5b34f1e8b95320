"""The shape of what staff type about bookings. What it means is decided by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from app.booking.rules.priority import INACTIVE, Ground
from app.booking.rules.states import BookingKind
from app.centres.forms import options, tidy
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.fields import DayField, WholeField
from app.kernel.ranges import TimeSpan, parse_minute
from app.people.rules import Channel
from app.people.service import SearchWords

ALL = ("", N_("전체"))
KINDS = [(kind.value, kind.label) for kind in BookingKind]
GROUNDS = [(ground.value, ground.label) for ground in Ground if ground not in INACTIVE]
PAPERS = [("yes", N_("다 갖춤")), ("no", N_("모자람"))]
CHANNELS = [(c.value, c.label) for c in (Channel.PHONE, Channel.VISIT)]
REFUSALS = [
    ("", N_("고르거나, 아래에 적어 주세요")),  # nothing preselected: one press must not refuse
    (N_("정원이 찼어요"), N_("정원이 찼어요")),
    (N_("신청 서류를 받지 못했어요"), N_("신청 서류를 받지 못했어요")),
    (N_("이용 대상이 아니에요"), N_("이용 대상이 아니에요")),
    (N_("다른 공적 돌봄을 이용하고 있어요"), N_("다른 공적 돌봄을 이용하고 있어요")),
    (N_("보호자가 이용하지 않기로 했어요"), N_("보호자가 이용하지 않기로 했어요")),
]
GOING_HOME = [
    ("", N_("정하지 않음")),
    (N_("보호자 인계"), N_("보호자 인계")),
    (N_("혼자 귀가"), N_("혼자 귀가")),
    (N_("학원 차량"), N_("학원 차량")),
    (N_("지정한 사람 인계"), N_("지정한 사람 인계")),
]
NEEDED = InputRequired(N_("적어 주세요."))
CHOSEN = InputRequired(N_("하나를 골라 주세요."))
DATE_NEEDED = InputRequired(N_("날짜를 적어 주세요."))
FOUR = N_("네 자리만 적어 주세요.")
WORDS = Length(max=300, message=N_("300자까지 적을 수 있어요."))
BAD_HOURS = Problem(
    "staff.bad_hours",
    N_("시작과 끝 시각을 14:00처럼 적어 주세요. 끝이 시작보다 늦어야 해요."),
    rule="KB-11",
    field="start",
)


def read_hours(start: str | None, end: str | None) -> TimeSpan:
    """Two typed times of one day; RuleBroken when they are none."""
    try:
        return TimeSpan(parse_minute(start or ""), parse_minute(end or ""))
    except ValueError:
        raise RuleBroken(BAD_HOURS) from None


def read_reasons(fields: Mapping[str, Any]) -> dict[str, str]:
    """Reasons for passing soft problems: inputs named ``why:<code of the problem>``."""
    return {
        key[4:]: tidy(fields[key])[:300] for key in fields if key.startswith("why:") and fields[key].strip()
    }


class QueueForm(Form):
    """Filters of the address; ``validate`` drops what cannot be read into ``errors``.

    The choices are not ``Optional``: that would let a blank through which is none of them.
    """

    kind = SelectField(N_("돌봄 종류"), choices=options([ALL, *KINDS]), default="")
    first = DayField(N_("이용일부터"), [Optional()])
    last = DayField(N_("이용일까지"), [Optional()])
    ground = SelectField(N_("우선순위 사유"), choices=options([ALL, *GROUNDS]), default="")
    papers = SelectField(N_("서류"), choices=options([ALL, *PAPERS]), default="")

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """The options of one filter as (value, label)."""
        field: Any = self[name]
        return [(choice.value, choice.label) for choice in field.choices]

    def validate_last(self, field: DayField) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(N_("끝 날짜는 시작 날짜와 같거나 그 뒤여야 해요."))


class VersionedForm(FlaskForm):
    version = WholeField(validators=[Optional()])


class RefusalForm(VersionedForm):
    choice = SelectField(N_("사유"), choices=options(REFUSALS))
    words = TextAreaField(N_("보호자에게 전할 말"), [WORDS], filters=[tidy])

    @property
    def reason(self) -> str:
        return ". ".join(part for part in (self.choice.data, self.words.data) if part)


class CancelForm(VersionedForm):
    from_day = DayField(N_("취소 시작일"), [DATE_NEEDED])
    reason = TextAreaField(N_("사유"), [NEEDED, WORDS], filters=[tidy])


class CloseForm(VersionedForm):
    from_day = DayField(N_("종결일"), [DATE_NEEDED])
    ground = RadioField(N_("운영규정의 종결기준"), [CHOSEN], choices=[])


class MoveForm(VersionedForm):
    day = DayField(N_("날짜"), [DATE_NEEDED])
    start = StringField(N_("시작"), [NEEDED, Length(max=5)])
    end = StringField(N_("끝"), [NEEDED, Length(max=5)])


class WordsForm(FlaskForm):
    """One line of words: a paper to ask for, a reason, what was said on the telephone."""

    words = StringField(N_("내용"), [NEEDED, WORDS], filters=[tidy])


class CounsellingForm(FlaskForm):
    counselled_on = DayField(N_("상담일"), [DATE_NEEDED])


class ContactForm(FlaskForm):
    contact_phone = TelField(N_("연락받을 전화번호"), [NEEDED, Length(max=20)])


class FindForm(FlaskForm):
    name = StringField(N_("이름"), [Length(max=40)], filters=[tidy])
    phone_tail = StringField(N_("전화 끝 네 자리"), [Length(max=4, message=FOUR)], filters=[tidy])
    birth_date = DayField(N_("생년월일"), [Optional()])


def search_words(form: FindForm) -> SearchWords:
    """One box serves both: four digits in place of a name are the tail of a telephone number."""
    name, tail = form.name.data or "", form.phone_tail.data or ""
    if not tail and len(name) == 4 and name.isascii() and name.isdigit():
        name, tail = "", name
    return SearchWords(name, tail, form.birth_date.data)


class StaffApplicationForm(FlaskForm):
    """The words of an application; its dates and hours are read by ``choice.read_choice``."""

    channel = RadioField(
        N_("어떻게 신청했나요"), [CHOSEN], choices=options(CHANNELS), default=Channel.PHONE.value
    )
    guardian = RadioField(N_("신청한 보호자"), [CHOSEN], choices=[])
    contact_phone = TelField(N_("연락받을 전화번호"), [NEEDED, Length(max=20)])
    ground = SelectField(N_("우선순위 사유"), [CHOSEN], choices=options(GROUNDS), default=Ground.OTHER.value)
    reason = StringField(N_("신청 이유"), [WORDS], filters=[tidy])
    illness = StringField(N_("어디가 아픈가요(아픈아이 돌봄)"), [WORDS], filters=[tidy])
    notifiable = BooleanField(N_("제1급·제2급 법정감염병 진단을 받았어요"))
    other_service = StringField(N_("이용 중인 다른 돌봄서비스"), [WORDS], filters=[tidy])
    may_wait = BooleanField(N_("자리가 없으면 대기해요"), default=True)


class CareCardForm(FlaskForm):
    arrival = StringField(N_("등원 시각"), [NEEDED, Length(max=5)])
    departure = StringField(N_("하원 시각"), [NEEDED, Length(max=5)])
    going_home = SelectField(N_("귀가 방법"), choices=options(GOING_HOME), default="")
    activities = TextAreaField(
        N_("시간대별 활동"),
        [Length(max=1000)],
        filters=[tidy],
        description=N_("한 줄에 하나씩: 14:00-15:00 숙제"),
    )
    counselling = TextAreaField(N_("상담 결과"), [Length(max=2000)], filters=[tidy])
    counselled_on = DayField(N_("상담일"), [Optional()])


BAD_ACTIVITY = Problem(
    "staff.bad_activity",
    N_("{line}번째 줄을 14:00-15:00 숙제처럼 적어 주세요."),
    rule="KB-42",
    field="activities",
)


def read_activities(text: str) -> tuple[tuple[str, str, str], ...]:
    """``14:00-15:00 숙제`` per line as (from, to, what); RuleBroken names the line that is none."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        hours, _, what = line.strip().partition(" ")
        try:
            span = TimeSpan.parse(hours.replace("–", "-").replace("~", "-"))
        except ValueError:
            raise RuleBroken(BAD_ACTIVITY.of(line=number)) from None
        start, end = str(span).split("–")
        rows.append((start, end, what.strip()[:60]))
    return tuple(rows)


def write_activities(rows: Iterable[Iterable[str]]) -> str:
    return "\n".join("{}-{} {}".format(*row) for row in rows)
