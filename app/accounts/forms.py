"""Shapes of what people type about accounts; what it means is decided by the rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.accounts.rules import GRANTABLE, PASSWORD_MOST, UserState, fits_place
from app.kernel.actor import Role
from app.kernel.fields import DayField


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


NEEDED = DataRequired(_l("빈칸입니다. 적어 주세요."))
LOGIN = [NEEDED, Length(max=60, message=_l("60자 안으로 적어 주세요."))]
SECRET = [NEEDED, Length(max=200, message=_l("너무 깁니다."))]
NEW_SECRET = {"autocomplete": "new-password", "maxlength": str(PASSWORD_MOST)}
CODE = [NEEDED, Length(min=6, max=6, message=_l("숫자 여섯 자리를 적어 주세요."))]
CODE_BOX = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "6"}


class LoginForm(FlaskForm):
    login_id = StringField(
        _l("아이디"),
        LOGIN,
        filters=[_strip],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(_l("비밀번호"), SECRET, render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class NewPasswordForm(FlaskForm):
    """Twice, so that a slip of the finger shows."""

    password = PasswordField(_l("새 비밀번호"), SECRET, render_kw=NEW_SECRET)
    again = PasswordField(_l("새 비밀번호 확인"), SECRET, render_kw=NEW_SECRET)


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(_l("지금 비밀번호"), SECRET, render_kw={"autocomplete": "current-password"})


class AgreeForm(FlaskForm):
    terms = BooleanField(_l("[필수] 이용약관 동의"))
    privacy = BooleanField(_l("[필수] 개인정보 수집·이용 동의"))


class JoinPhoneForm(FlaskForm):
    name = StringField(
        _l("보호자 이름"), [NEEDED], filters=[_strip], render_kw={"autocomplete": "name", "maxlength": "40"}
    )
    phone = StringField(
        _l("휴대전화"),
        [NEEDED],
        filters=[_strip],
        render_kw={"type": "tel", "autocomplete": "tel", "maxlength": "20"},
    )


class CodeForm(FlaskForm):
    code = StringField(_l("인증번호"), CODE, filters=[_strip], render_kw=CODE_BOX)


class JoinAccountForm(FlaskForm):
    login_id = StringField(
        _l("아이디"),
        LOGIN,
        filters=[_strip],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(_l("비밀번호"), SECRET, render_kw=NEW_SECRET)
    again = PasswordField(_l("비밀번호 확인"), SECRET, render_kw=NEW_SECRET)


class RecoverForm(FlaskForm):
    login_id = StringField(
        _l("아이디"),
        LOGIN,
        filters=[_strip],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    facility_phone = StringField(
        _l("시설 전화번호"), [Length(max=20)], filters=[_strip], render_kw={"type": "tel", "maxlength": "20"}
    )


class RecoverCodeForm(NewPasswordForm):
    code = StringField(_l("인증번호"), CODE, filters=[_strip], render_kw=CODE_BOX)


class PersonForm(FlaskForm):
    name = StringField(_l("이름"), [NEEDED], filters=[_strip], render_kw={"maxlength": "40"})
    login_id = StringField(
        _l("아이디"), LOGIN, filters=[_strip], render_kw={"autocapitalize": "none", "maxlength": "30"}
    )
    phone = StringField(
        _l("휴대전화"), [NEEDED], filters=[_strip], render_kw={"type": "tel", "maxlength": "20"}
    )
    email = StringField(
        _l("전자우편"), [Optional(), Length(max=120)], filters=[_strip], render_kw={"type": "email"}
    )


class PostForm(FlaskForm):
    role = SelectField(_l("역할"), [NEEDED])
    institution = SelectField(_l("기관"), [Optional()])
    starts_on = DayField(_l("시작하는 날"), [DataRequired(_l("2026-03-02처럼 날짜를 적어 주세요."))])
    ends_on = DayField(_l("끝나는 날"), [Optional()])

    def offer(self, acting: Role, places: list[tuple[str, str]]) -> None:
        """Only what this officer may give."""
        roles = sorted(GRANTABLE.get(acting, ()), key=list(Role).index)
        self.role.choices = [(role.value, role.label) for role in roles]
        whole = any(fits_place(role, None) for role in roles)
        nowhere = _l("시 전체 역할(기관 없음)") if whole else _l("기관을 고르세요")
        self.institution.choices = [("", nowhere), *places]


class NewAccountForm(PersonForm, PostForm):
    pass


class ReasonForm(FlaskForm):
    reason = StringField(
        _l("까닭"), [NEEDED, Length(max=200)], filters=[_strip], render_kw={"maxlength": "200"}
    )


class EndRoleForm(FlaskForm):
    ends_on = DayField(_l("끝나는 날"), [DataRequired(_l("2026-03-02처럼 날짜를 적어 주세요."))])


STATE_CHOICES = [("", _l("모든 상태")), *((state.value, state.label) for state in UserState)]
