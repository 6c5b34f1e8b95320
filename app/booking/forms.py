"""What a parent types: the last step of the wizard, and the edit of an application before it is decided."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.booking.rules.priority import INACTIVE, Ground
from app.booking.rules.states import BookingKind

TOO_LONG = _("%(max)d자까지 적을 수 있어요.")
GROUNDS = [SelectChoice(str(ground), ground.label) for ground in Ground if ground not in INACTIVE]


class ConfirmForm(FlaskForm):
    """Everything of an application that does not stand in the address: words and numbers of people never do."""

    contact_phone = TelField(
        _("연락받을 전화번호"),
        [InputRequired(_("연락받을 전화번호를 적어 주세요.")), Length(max=20, message=TOO_LONG)],
        description=_("등원·하원 알림도 이 번호로 가요."),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    illness = StringField(
        _("어디가 아픈가요?"),
        [InputRequired(_("어디가 아픈지 적어 주세요.")), Length(max=200, message=TOO_LONG)],
        description=_("아이를 돌보는 선생님만 볼 수 있어요."),
    )
    notifiable = BooleanField(_("제1급·제2급 법정감염병 진단을 받았어요"))
    ground = SelectField(
        _("우선순위 사유"),
        [Optional()],
        choices=GROUNDS,
        default=Ground.OTHER.value,
        validate_choice=True,
        description=_("신청이 자리보다 많을 때만 봐요. 서류로 확인된 사유만 순서에 들어가요."),
    )
    reason = StringField(
        _("신청 이유"),
        [Optional(), Length(max=200, message=TOO_LONG)],
        description=_("예: 늦은 퇴근, 병원 방문"),
    )
    other_service = StringField(
        _("이용 중인 다른 돌봄서비스"),
        [Optional(), Length(max=100, message=TOO_LONG)],
        description=_("예: 학교 돌봄교실, 지역아동센터"),
    )
    may_wait = BooleanField(
        _("자리가 없으면 대기할게요"), default=True, description=_("자리가 나면 문자로 알려 드려요.")
    )

    def fit(self, kind: BookingKind | None) -> ConfirmForm:
        """Leave out what this kind of care does not ask; grounds are no question of a sick child's day."""
        if kind is BookingKind.SICK:
            del self.ground, self.reason
        else:
            del self.illness, self.notifiable
        if kind is BookingKind.REGULAR:
            del self.reason
        return self


class EditForm(FlaskForm):
    """The words of an undecided application; its dates and hours are read by ``choice.read_choice``."""

    ground = SelectField(_("우선순위 사유"), [Optional()], choices=GROUNDS)
    reason = StringField(_("신청 이유"), [Optional(), Length(max=200, message=TOO_LONG)])
    other_service = StringField(
        _("이용 중인 다른 돌봄서비스"), [Optional(), Length(max=100, message=TOO_LONG)]
    )

    def fit(self, kind: BookingKind) -> EditForm:
        if kind is BookingKind.SICK:
            del self.ground
        if kind is not BookingKind.TEMPORARY:
            del self.reason
        return self
