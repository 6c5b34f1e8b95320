"""A summer shorter than five weeks: its draft, who reads it, and its way to the families (KQ-14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booking import parameters, service
from app.booking.service.notices import Notice, notice_of, send_notice
from app.centres.models import KiumCentre
from app.centres.rules import QuarterKind, QuarterState
from app.kernel.actor import Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import kst
from app.messaging.models import Message
from app.tenancy import settings
from tests.booking.desk import As, one
from tests.booking.town import TUESDAY, WEDNESDAY, Town, codes, found_town
from tests.cast import make_quarter

FIRST = date(2027, 7, 19)


def summer(town: Town, days: int = 28, kind: QuarterKind = QuarterKind.SUMMER) -> str:
    """The ref of a coming quarter of that many days."""
    with town.unit() as uow:
        centre = uow.session.get_one(KiumCentre, town.centre_id)
        row = make_quarter(uow, centre, FIRST, FIRST + timedelta(days=days - 1), kind=kind)
        row.state = QuarterState.PLANNED
        return row.ref


def read(town: Town, ref: str, by: Actor | None = None) -> Notice:
    with town.unit(by or town.director) as uow:
        return notice_of(uow, ref)


def sent(town: Town) -> list[Message]:
    with town.unit() as uow:
        return list(
            uow.session.scalars(
                select(Message).where(Message.template == "booking.short_summer").order_by(Message.to)
            )
        )


@pytest.mark.rule("KQ-14")
@pytest.mark.parametrize(
    ("days", "kind", "needed"),
    [
        (34, QuarterKind.SUMMER, True),
        (35, QuarterKind.SUMMER, False),
        (28, QuarterKind.SEM1, False),
    ],
)
def test_a_summer_under_five_weeks_has_a_notice(
    town: Town, days: int, kind: QuarterKind, needed: bool
) -> None:
    ref = summer(town, days, kind)
    town.temporary(town.family(), TUESDAY)
    assert (read(town, ref).closed is None) is needed
    if not needed:
        with town.unit(town.director) as uow, pytest.raises(RuleBroken, match="not_short"):
            send_notice(uow, ref, "안내")
        assert sent(town) == []


@pytest.mark.rule("KQ-14")
@pytest.mark.parametrize(("today", "over"), [(date(2027, 8, 15), False), (date(2027, 8, 16), True)])
def test_a_summer_that_is_over_is_not_announced(
    town: Town, clock: time_machine.Coordinates, today: date, over: bool
) -> None:
    ref = summer(town)
    clock.move_to(kst(today, 600))
    assert (read(town, ref).closed is not None) is over


@pytest.mark.rule("KQ-14")
@pytest.mark.rule("KB-05")
def test_the_draft_says_when_and_what_it_means_for_regular_care(town: Town) -> None:
    ref = summer(town)
    text = read(town, ref).text
    for words in ("7월 19일(월)~8월 15일(일), 28일", "월–금 11:00–19:00", "5주보다 짧아", "더 짧아도 받아요"):
        assert words in text
    with town.unit(town.city) as uow:
        settings.set_value(
            uow, parameters.SHORT_QUARTER_WAIVER, False, effective_from=uow.today, reason="시 방침"
        )
    text = read(town, ref).text
    assert "더 짧아도 받아요" not in text
    assert "일시돌봄을 신청해 주세요" in text


@pytest.mark.rule("KQ-14")
def test_it_goes_once_to_each_family_that_is_still_with_the_centre(town: Town) -> None:
    ref = summer(town)
    mine, other, gone = (town.family(name) for name in ("김하늘", "이바다", "박노을"))
    for day in (TUESDAY, WEDNESDAY):
        town.temporary(mine, day, contact_phone="01011110000")
    town.temporary(other, TUESDAY, contact_phone="01022220000")
    withdrawn = one(town.temporary(gone, TUESDAY, contact_phone="01033330000"))
    with town.unit(gone.actor) as uow:
        service.withdraw_booking(uow, withdrawn)
    elsewhere = found_town(town.place)
    elsewhere.temporary(elsewhere.family("남의집"), TUESDAY, contact_phone="01044440000")
    assert read(town, ref).families == 2
    with town.unit(town.director) as uow:
        assert send_notice(uow, ref, " 고친 안내문 {중괄호} ") == 2
    assert [(m.to, m.body) for m in sent(town)] == [
        ("01011110000", "고친 안내문 {중괄호}"),
        ("01022220000", "고친 안내문 {중괄호}"),
    ]
    after = read(town, ref)
    assert (after.sent_to, after.sent_at is not None) == (2, True)
    with town.unit() as uow:
        row = uow.session.scalars(select(AuditLog).where(AuditLog.action == "quarter.notice")).one()
        assert row.diff == {"families": [None, 2]}


@pytest.mark.parametrize(
    ("text", "code"), [("", "notice.no_text"), (" \n", "notice.no_text"), ("가" * 1001, "notice.text_long")]
)
def test_no_empty_and_no_endless_notice(town: Town, text: str, code: str) -> None:
    ref = summer(town)
    town.temporary(town.family(), TUESDAY)
    with town.unit(town.director) as uow, pytest.raises(RuleBroken) as refused:
        send_notice(uow, ref, text)
    assert codes(refused) == [code]


def test_without_families_it_is_only_printed(town: Town) -> None:
    with town.unit(town.director) as uow, pytest.raises(RuleBroken, match="nobody"):
        send_notice(uow, summer(town), "안내")


@pytest.mark.rule("XX-05")
def test_whose_notice_it_is(town: Town) -> None:
    ref = summer(town)
    officer = Actor(Role.DISTRICT_OFFICER, 1, "한담당", scope=town.district_id)
    for actor in (town.teacher, officer, town.city):
        assert read(town, ref, actor).closed is None
    elsewhere = found_town(town.place)
    for actor in (elsewhere.director, Actor(Role.DISTRICT_OFFICER, 1, "정담당", scope=elsewhere.district_id)):
        with pytest.raises(NotFound):
            read(town, ref, actor)
    with pytest.raises(Forbidden):
        read(town, ref, town.family().actor)


@pytest.mark.rule("KQ-14")
def test_from_the_quarters_to_the_families(town: Town, as_: As) -> None:
    ref = summer(town)
    town.temporary(town.family(), TUESDAY)
    desk, url = as_(town.director), f"/seoul/quarters/{ref}/notice"
    assert f'href="{url}"' in desk.get("/seoul/centre/quarters?year=2027").text
    assert "더 짧아도 받아요" in desk.get(url).text
    assert desk.post(url, data={"text": ""}).status_code == 422
    shown = desk.post(url, data={"text": "첫 줄\n<b>둘째</b>"})
    assert "<p>첫 줄</p>" in shown.text
    assert "<p>&lt;b&gt;둘째&lt;/b&gt;</p>" in shown.text
    assert "보호자 1명에게 보내기" in shown.text
    assert "둘째" in desk.post(url, data={"text": "둘째", "step": "edit"}).text
    assert sent(town) == []
    data = {"text": "첫 줄", "step": "send", "request_id": "a" * 32}
    for _ in range(2):
        assert desk.post(url, data=data).status_code == 303
    assert len(sent(town)) == 1
    assert "1명에게 보냈어요" in desk.get(url).text
    city = as_(town.city)
    assert "7월 19일(월)" in city.get(url).text
    assert f'href="{url}"' in city.get(f"/seoul/district/centres/{town.centre}").text


def test_an_ordinary_quarter_says_that_no_notice_is_needed(town: Town, as_: As) -> None:
    ref = summer(town, 35)
    page = as_(town.director).get(f"/seoul/quarters/{ref}/notice")
    assert page.status_code == 200
    assert "따로 안내하지 않아도 돼요" in page.text
    assert "textarea" not in page.text
