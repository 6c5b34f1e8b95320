"""The shape of what a director types about a policy. What it means is decided by the rules."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import FileField, SelectField, StringField
from wtforms.validators import Length

from app.centres.forms import CHOICE_NEEDED, DATE_NEEDED, WORDS_NEEDED, labelled, tidy
from app.insurance.rules import DAYCARE_KINDS, PolicyKind
from app.insurance.service import INSURER_MAX, NUMBER_MAX
from app.kernel.errors import N_
from app.kernel.fields import DayField

ACCEPT = ".pdf,.jpg,.jpeg,.png,.hwp,.hwpx,.docx"
_FIRST_THESE = (*DAYCARE_KINDS, *(kind for kind in PolicyKind if kind not in DAYCARE_KINDS))


class PolicyForm(FlaskForm):
    insured = SelectField(N_("종류"), [CHOICE_NEEDED], choices=labelled(_FIRST_THESE))
    insurer = StringField(N_("보험사·공제회"), [WORDS_NEEDED, Length(max=INSURER_MAX)], filters=[tidy])
    number = StringField(N_("증권번호"), [WORDS_NEEDED, Length(max=NUMBER_MAX)], filters=[tidy])
    starts_on = DayField(N_("시작하는 날"), [DATE_NEEDED])
    ends_on = DayField(N_("끝나는 날"), [DATE_NEEDED])
    file = FileField(N_("증권 사본"), render_kw={"accept": ACCEPT})
