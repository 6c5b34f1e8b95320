"""The shape of what a teacher types about an incident, with one hand. What it means is decided by the rules."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.centres.forms import CHOICE_NEEDED, DATE_NEEDED, WORDS_NEEDED, labelled, tidy
from app.incidents.rules import IncidentKind
from app.incidents.service import PLACE_MAX, WORDS_MAX
from app.kernel.errors import N_
from app.kernel.fields import DayField

NO_CHILD = "none"


class IncidentForm(FlaskForm):
    child = RadioField(N_("어느 아이"), [CHOICE_NEEDED], choices=[])
    happening = RadioField(N_("어떤 일"), [CHOICE_NEEDED], choices=labelled(IncidentKind))
    day = DayField(N_("날짜"), [DATE_NEEDED])
    time = StringField(N_("시각"), [InputRequired(N_("시각을 14:05처럼 적어 주세요."))])
    what = TextAreaField(N_("무슨 일이 있었나요"), [WORDS_NEEDED, Length(max=WORDS_MAX)], filters=[tidy])
    place = StringField(N_("어디서"), [Length(max=PLACE_MAX)], filters=[tidy])
    done = TextAreaField(N_("지금까지 한 조치"), [Length(max=WORDS_MAX)], filters=[tidy])
