"""Fields of forms that every room needs."""

from __future__ import annotations

from wtforms import DateField, IntegerField

from app.kernel.language import gettext as _
from app.kernel.ranges import is_speakable

MOST = 1_000_000_000


class DayField(DateField):
    """A day people speak of. The year 9999 would be counted day by day, and has no day after it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not is_speakable(self.data):
            self.data = None
            raise ValueError(_("1900년에서 2100년 사이의 날짜를 적어 주세요."))


class WholeField(IntegerField):
    """A whole number that somebody counts. Hundreds of digits would break the sums that check it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > MOST:
            self.data = None
            raise ValueError(_("수가 너무 커요. 다시 확인해 주세요."))
