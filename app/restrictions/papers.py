"""The plain data of the two notices of restriction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.kernel.db import UnitOfWork
from app.kernel.ranges import kst, kst_date
from app.kernel.texts import day_text, long_day, moment_text, phone_text
from app.people.models import Guardian
from app.restrictions.models import Restriction, RestrictionEvent
from app.restrictions.rules.grounds import ACCUMULATED_CODE, line_of
from app.restrictions.rules.kinds import EventKind, Ground, Level
from app.restrictions.subjects import Office, city, household_children

ANYTIME_NOTICE, DAYCARE_NOTICE = "anytime-restriction-notice", "daycare-restriction-notice"
PERIODS = {Level.M1: "1m", Level.M3: "3m", Level.M6: "6m", Level.YEAR: "1y", Level.PERMANENT: "permanent"}
DAYCARE_CODES = {
    Ground.RULE_BREACH: "rule_breach",
    Ground.FALSE_PAPERS: "false_documents",
    Ground.LEISURE: "leisure_overuse",
}
NO_CHILD = "등록된 아동 없음"


def appeal_words(case: Restriction, office: Office) -> str:
    """How and until when to object: to the municipality, whoever imposed it (AS-21)."""
    due = day_text(case.objection_due) if case.objection_due else ""
    return (
        f"이 결정에 이의가 있으면 {due} 밤 12시까지 누리집의 ‘내 이용제한’에서 신청하거나 "
        f"{office.name}({phone_text(office.phone)})에 전화 또는 서면으로 신청할 수 있습니다. "
        "이의를 신청해도 심사 결과가 나올 때까지 제한은 그대로입니다."
    )


def facts_words(case: Restriction, events: Sequence[RestrictionEvent]) -> str:
    """What happened, line by line, and what the check found."""
    lines = [f"{_when(event)} {EventKind(event.kind).label}" for event in events if event.excused_at is None]
    return "\n".join([*lines, case.found or case.decision_reason])


def _when(event: RestrictionEvent) -> str:
    day = kst_date(event.occurred_at)
    return day_text(day) if event.occurred_at == kst(day) else moment_text(event.occurred_at)


def anytime_data(
    uow: UnitOfWork, case: Restriction, guardian: Guardian, events: Sequence[RestrictionEvent], office: Office
) -> dict[str, Any]:
    """The notice of 언제나돌봄, from the 아동돌봄센터; where there is none, from the head of the city."""
    children = household_children(uow, guardian.id)
    codes = [line_of(Ground(case.ground)).form_code]
    if case.details.get("accumulated"):
        codes.append(ACCUMULATED_CODE)
    only = children[0] if len(children) == 1 else None
    town = city(uow)
    return {
        "guardian_name": guardian.name,
        "child_name": ", ".join(child.name for child in children) or NO_CHILD,
        "child_birth_date": only.birth_date.isoformat() if only else None,
        "address": guardian.address or None,
        "grounds": codes,
        "facts": facts_words(case, events),
        "period": PERIODS[Level(case.level)],
        "from_date": case.starts_on.isoformat() if case.starts_on else None,
        "to_date": case.ends_on.isoformat() if case.ends_on else None,
        "appeal": appeal_words(case, town),
        "sign_date": uow.today.isoformat(),
        "issuer": None if office.id is None else town.name.removesuffix("시").removesuffix("군"),
        "city_head": head_of(town) if office.id is None else None,
    }


def head_of(town: Office) -> str:
    """과천시장, 가평군수."""
    return f"{town.name}수" if town.name.endswith("군") else f"{town.name}장"


def detail_words(case: Restriction) -> str:
    """Why; of one that follows another, also when the new thing happened."""
    day = happened_on(case)
    return f"{long_day(day)}에 있었던 일\n{case.decision_reason}" if day else case.decision_reason


def happened_on(case: Restriction) -> date | None:
    """The day of what was new since the one before it began (AS-25)."""
    day = case.details.get("happened_on")
    return date.fromisoformat(day) if day else None


def daycare_data(uow: UnitOfWork, case: Restriction, guardian: Guardian, office: Office) -> dict[str, Any]:
    """The daycare's own notice (AS-25)."""
    children = household_children(uow, guardian.id)
    return {
        "guardian_name": guardian.name,
        "child_name": ", ".join(child.name for child in children) or NO_CHILD,
        "grounds": [DAYCARE_CODES[Ground(case.ground)]],
        "detail": detail_words(case),
        "from_date": case.starts_on.isoformat() if case.starts_on else None,
        "to_date": case.ends_on.isoformat() if case.ends_on else None,
        "appeal_info": appeal_words(case, city(uow)),
        "sign_date": uow.today.isoformat(),
        "daycare_name": office.name,
    }
