"""One restriction of a daycare behind another: never longer than any may be for the same thing (AS-25)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from app.documents.models import Paper
from app.kernel.actor import Role
from app.kernel.errors import RuleBroken
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.rules.kinds import Ground, State
from tests.restrictions.office import TODAY, Office
from tests.restrictions.test_after_notice import TOMORROW, impose
from tests.restrictions.test_cases import codes
from tests.restrictions.test_views import OWN, Browser, once

MONTH_END = date(2026, 12, 20)
NEXT = MONTH_END + timedelta(days=1)
LATER = date(2026, 12, 10)
"""While the first one runs."""


def refused(office: Office, first: date, last: date, **more: object) -> set[str]:
    with pytest.raises(RuleBroken) as caught:
        impose(office, first, last, **more)
    return codes(caught)


def lift(office: Office, ref: str) -> None:
    with office.acting(office.daycare) as uow:
        service.lift_at_daycare(uow, ref, version=office.case(ref).version, reason="약속함")


@pytest.mark.rule("AS-25")
def test_seven_months_are_not_imposed_in_one_sitting(office: Office) -> None:
    impose(office, TOMORROW, MONTH_END)
    assert refused(office, NEXT, date(2027, 3, 19)) == {"restriction.nothing_new", "restriction.too_far"}
    assert refused(office, date(2026, 12, 20), date(2027, 3, 19)) == {"restriction.overlaps"}
    assert refused(office, NEXT, NEXT, happened_on=TODAY) == {
        "restriction.nothing_new",
        "restriction.too_far",
    }
    assert refused(office, date(2030, 1, 1), date(2030, 1, 2)) >= {"restriction.too_far"}
    assert len(office.cases()) == 1


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("happened", "fine"),
    [(None, False), (TODAY, False), (TOMORROW, True), (LATER, True), (LATER + timedelta(days=1), False)],
    ids=["nothing new", "before it began", "on its first day", "today", "tomorrow"],
)
def test_something_new_since_it_began(office: Office, happened: date | None, fine: bool) -> None:
    impose(office, TOMORROW, MONTH_END)
    with time_machine.travel(kst(LATER, 600), tick=False):
        if not fine:
            assert refused(office, NEXT, NEXT, happened_on=happened) == {"restriction.nothing_new"}
            return
        case = office.case(impose(office, NEXT, NEXT, happened_on=happened))
    assert happened is not None
    assert case.details["happened_on"] == happened.isoformat()
    with office.acting() as uow:
        paper = uow.session.get_one(Paper, case.paper_id)
        assert f"12월 {happened.day}일" in paper.data["detail"] or happened == TOMORROW
        assert "있었던 일\n여행을 이유로" in paper.data["detail"]


@pytest.mark.rule("AS-25")
def test_another_ground_is_another_thing_but_shares_no_day(office: Office) -> None:
    impose(office, TOMORROW, date(2026, 12, 10))
    with office.acting(office.daycare) as uow:
        for first, code in ((date(2026, 12, 10), "restriction.overlaps"), (date(2026, 12, 11), None)):
            how = {
                "ground": Ground.FALSE_PAPERS,
                "first": first,
                "last": date(2026, 12, 12),
                "reason": "허위",
            }
            if code is None:
                assert service.impose_at_daycare(uow, office.guardian_ref, **how).state == State.NOTIFIED  # type: ignore[arg-type]
                continue
            with pytest.raises(RuleBroken) as caught:
                service.impose_at_daycare(uow, office.guardian_ref, **how)  # type: ignore[arg-type]
            assert codes(caught) == {code}


@pytest.mark.rule("AS-25")
def test_wrong_days_are_put_right_before_it_begins(office: Office) -> None:
    lift(office, impose(office, TOMORROW, MONTH_END))
    impose(office, TOMORROW, date(2026, 12, 10))


@pytest.mark.rule("AS-25")
def test_lifting_on_the_last_day_opens_no_way_around(office: Office) -> None:
    ref = impose(office, TOMORROW, MONTH_END)
    with time_machine.travel(kst(MONTH_END, 600), tick=False):
        lift(office, ref)
        assert refused(office, NEXT, NEXT) == {"restriction.nothing_new"}
        impose(office, NEXT, NEXT, happened_on=LATER)


@pytest.mark.rule("AS-25")
def test_what_is_over_is_over(office: Office) -> None:
    impose(office, TOMORROW, MONTH_END)
    with time_machine.travel(kst(NEXT, 600), tick=False):
        impose(office, NEXT + timedelta(days=1), NEXT + timedelta(days=1))


@pytest.mark.rule("AS-25")
def test_the_form_says_what_stands_and_asks_for_what_is_new(app: Flask, office: Office) -> None:
    director = Browser(app, office).of(Role.DAYCARE_DIRECTOR)
    page = f"{OWN}/new?guardian={office.guardian_ref}"
    assert 'name="happened_on"' not in director.get(page).text
    impose(office, TOMORROW, date(2026, 12, 10))
    found = director.get(page).text
    assert "12월 10일(목)까지 ‘여행·취미" in found
    assert 'value="2026-12-11"' in found, "the first free day"
    form = {
        "request_id": once(),
        "guardian": office.guardian_ref,
        "ground": "LEISURE",
        "starts_on": "2026-12-11",
        "ends_on": "2026-12-12",
        "reason": "또 여행",
    }
    answer = director.post(f"{OWN}/new", data=form)
    assert answer.status_code == 422
    assert "새로 있었던 일이 있어야" in answer.text.partition('id="happened_on-error"')[2][:300]
    assert "또 여행" in answer.text
    with time_machine.travel(kst(date(2026, 12, 9), 600), tick=False):
        director = Browser(app, office).of(Role.DAYCARE_DIRECTOR)
        answer = director.post(f"{OWN}/new", data={**form, "happened_on": "어제"})
        assert answer.status_code == 422
        answer = director.post(f"{OWN}/new", data={**form, "happened_on": "2026-12-08"})
        assert answer.status_code == 303
        assert "2026년 12월 8일(화)" in director.get(answer.location).text
