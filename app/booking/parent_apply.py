"""예약하기: 아이 → 어디서 → 언제 → 확인, a page each; the choice stands in the address, so back and reload just work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.booking import actions
from app.booking.choice import Choice, read_choice, read_month
from app.booking.forms import ConfirmForm
from app.booking.parent_month import hour_options, month_view, week_view
from app.booking.parent_pages import choice_text, pages, step_names
from app.booking.place import Place, place_of
from app.booking.place import openings as openings_of
from app.booking.rules.states import BookingKind
from app.booking.service.apply import Application, Applied, Wish, apply_booking
from app.booking.wizard import Forecast, forecast, seat_month, slots_of
from app.centres import queries as centres
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import DateSpan, add_months, age_on
from app.kernel.texts import day_text
from app.people import queries as people
from app.people.models import Child
