"""Shapes of what people type about families; what it means is decided by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from app.documents.filetypes import ACCEPT
from app.kernel import web
from app.kernel.errors import Problem
from app.kernel.fields import DayField, WholeField
from app.people.problems import LEGAL_CONSENT_MISSING
from app.people.rules import Channel, ConsentChannel, Disability, HealthKind, Relation, Sex
from app.people.service import ChildData, GuardianData, LegalConsent

NEEDED = DataRequired(_l("빈칸이에요. 적어 주세요."))
CHOSEN = InputRequired(_l("하나를 골라 주세요."))
MAYBE = Optional()


def labelled(kinds: Iterable[Any]) -> list[tuple[str, str]]:
    return [(kind.value, gettext(kind.label)) for kind in kinds]


def chosen(kind: type[StrEnum], text: str | None) -> Any:
    """The member a field names, or None."""
    return kind(text) if text in set(kind) else None


def show(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Problems beside the fields they name, the others at the head of the form."""
    form.form_errors = [*form.form_errors, *map(web.sentence, web.attach(form, problems))]


class ChildForm(FlaskForm):
    """A child's record."""

    name = StringField(_l("아이 이름"), [NEEDED], render_kw={"autocomplete": "off"})
    birth_date = DayField(_l("생년월일"), [NEEDED])
    sex = RadioField(_l("성별"), [CHOSEN])
    schooling = RadioField(_l("다니는 곳"), [MAYBE], default="")
    school = StringField(_l("학교"), [MAYBE])
    grade = WholeField(_l("학년"), [MAYBE], render_kw={"inputmode": "numeric"})
    school_class = StringField(_l("반"), [MAYBE])
    address = StringField(_l("주소"), [MAYBE], render_kw={"autocomplete": "street-address"})
    disability = RadioField(_l("장애"), [MAYBE], default="", validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sex.choices = labelled(Sex)
        self.disability.choices = labelled(Disability)
        self.schooling.choices = [
            ("yes", gettext("초등학교에 다녀요")),
            ("no", gettext("아직 학교에 다니지 않아요")),
            ("", gettext("아직 몰라요")),
        ]

    def child(self) -> ChildData:
        """What was typed, once the form has validated."""
        assert self.birth_date.data is not None  # noqa: S101 - NEEDED
        return ChildData(
            name=self.name.data or "",
            birth_date=self.birth_date.data,
            sex=chosen(Sex, self.sex.data),
            in_school={"yes": True, "no": False}.get(self.schooling.data or ""),
            school=self.school.data or "",
            grade=self.grade.data,
            school_class=self.school_class.data or "",
            address=self.address.data or "",
            disability=chosen(Disability, self.disability.data),
        )


class NewChildForm(ChildForm):
    """Registering: the record, what the guardian is to the child, and the consent that comes first."""

    relation = RadioField(_l("아이와의 관계"), [CHOSEN])
    legal_consent = BooleanField(_l("[필수] 법정대리인으로서 아이의 개인정보 수집·이용에 동의해요."))
    legal_rep = StringField(_l("동의한 법정대리인 이름"), [MAYBE])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relation.choices = labelled(Relation)

    @property
    def consent_channel(self) -> ConsentChannel:
        return ConsentChannel.ONLINE

    def consent(self) -> LegalConsent:
        return LegalConsent(bool(self.legal_consent.data), self.consent_channel, self.legal_rep.data or "")

    def validate_legal_consent(self, field: BooleanField) -> None:
        """Said together with the empty fields; the rule itself is the service's (XX-02)."""
        if not field.data:
            raise ValidationError(web.sentence(LEGAL_CONSENT_MISSING))

    def kin(self) -> Relation | None:
        found: Relation | None = chosen(Relation, self.relation.data)
        return found


class NewFamilyForm(NewChildForm):
    """Telephone or visit: the guardian too, and how the application came (KB-14)."""

    guardian_name = StringField(_l("보호자 이름"), [NEEDED])
    phone = StringField(_l("보호자 연락처"), [NEEDED], render_kw={"type": "tel", "inputmode": "tel"})
    channel = RadioField(_l("신청 방법"), [CHOSEN])
    consent_by = RadioField(_l("동의를 받은 방법"), [CHOSEN])
    confirmed_new = BooleanField(_l("다른 아이예요. 새로 등록할게요."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = labelled((Channel.PHONE, Channel.VISIT))
        self.consent_by.choices = labelled((ConsentChannel.PHONE, ConsentChannel.PAPER))
        self.legal_consent.label.text = gettext("[필수] 법정대리인의 개인정보 수집·이용 동의를 받았어요.")

    @property
    def consent_channel(self) -> ConsentChannel:
        return chosen(ConsentChannel, self.consent_by.data) or ConsentChannel.PHONE


class GuardianForm(FlaskForm):
    name = StringField(_l("이름"), [NEEDED])
    phone = StringField(_l("연락처"), [NEEDED], render_kw={"type": "tel", "inputmode": "tel"})
    relation = SelectField(_l("아이와의 관계"), [CHOSEN])
    lives_together = BooleanField(_l("함께 살아요"))
    may_pick_up = BooleanField(_l("아이를 데리러 올 수 있어요"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relation.choices = [("", gettext("골라 주세요")), *labelled(Relation)]

    def guardian(self) -> GuardianData:
        return GuardianData(
            self.name.data or "",
            self.phone.data or "",
            chosen(Relation, self.relation.data),
            bool(self.lives_together.data),
            bool(self.may_pick_up.data),
        )


class PickupForm(FlaskForm):
    name = StringField(_l("이름"), [NEEDED])
    relation = StringField(_l("아이와의 관계"), [NEEDED])
    phone = StringField(_l("연락처"), [NEEDED], render_kw={"type": "tel", "inputmode": "tel"})


class HealthForm(FlaskForm):
    kind = SelectField(_l("종류"), [CHOSEN])
    text = TextAreaField(_l("내용"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [("", gettext("골라 주세요")), *labelled(HealthKind)]


class EvidenceForm(FlaskForm):
    """``proof``: ground and paper in one choice, so that no impossible pair can be picked."""

    proof = SelectField(_l("우선순위 사유와 서류"), [CHOSEN])
    file = FileField(_l("파일"), [NEEDED], render_kw={"accept": ACCEPT})


class LinkForm(FlaskForm):
    child_name = StringField(_l("아이 이름"), [NEEDED])
    birth_date = DayField(_l("생년월일"), [NEEDED])
    relation = SelectField(_l("아이와의 관계"), [CHOSEN])
    centre = SelectField(_l("아이를 등록한 센터"), [CHOSEN])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relation.choices = labelled(Relation)


class OwnDetailsForm(FlaskForm):
    email = StringField(_l("전자우편"), [MAYBE], render_kw={"type": "email", "autocomplete": "email"})
    address = StringField(_l("주소"), [MAYBE], render_kw={"autocomplete": "street-address"})
    workplace = StringField(_l("직장(근무시간)"), [MAYBE])


class CorrectGuardianForm(FlaskForm):
    name = StringField(_l("이름"), [NEEDED])
    phone = StringField(_l("연락처"), [NEEDED], render_kw={"type": "tel", "inputmode": "tel"})
    address = StringField(_l("주소"), [MAYBE])
    workplace = StringField(_l("직장(근무시간)"), [MAYBE])


class SearchForm(FlaskForm):
    name = StringField(_l("아이 또는 보호자 이름"), [MAYBE], render_kw={"data-search": True})
    phone_tail = StringField(
        _l("전화번호 뒤 4자리"), [MAYBE], render_kw={"inputmode": "numeric", "maxlength": "4"}
    )
    birth_date = DayField(_l("아이 생년월일"), [MAYBE])
