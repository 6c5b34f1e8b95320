"""The whole demonstration, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from app.accounts.models import UserAccount
from app.command.demo import PASSWORD
from app.command.demo.bookings import (
    Season,
    ask_regular,
    coming_visits,
    enrol,
    is_hub,
    past_visits,
)
from app.command.demo.centres import CENTRES, CentreSketch, open_centres
from app.command.demo.daycares import play_daycares
from app.command.demo.people import Accounts, hire, move_in
from app.command.demo.scenes import play_scenes
from app.command.demo.stage import House, Stage
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, database, tenant_ref, unit_of_work
from app.tenancy import clock, operators
from app.tenancy.models import Institution, PlatformLog

FAMILIES = 15
"""Per centre; with siblings about 330 children in all."""
PLAYED = "demo.play"
CROWD = 22
"""At the first centre, where an hour is to be full, and at the last, where regular care is."""


def how_far() -> str:
    """``none``, ``begun`` (interrupted: to be dropped and played anew) or ``played``."""
    with clock.platform_unit() as uow:
        mine = select(func.max(PlatformLog.id)).where(PlatformLog.subject == "seoul")
        made = uow.session.scalar(mine.where(PlatformLog.action == "tenant.create")) or 0
        if (uow.session.scalar(mine.where(PlatformLog.action == PLAYED)) or 0) > made:
            return "played"
    with unit_of_work(_seoul(), SYSTEM) as uow:
        return "begun" if uow.session.scalar(select(UserAccount.id).limit(1)) else "none"


def _seoul() -> TenantRef:
    return tenant_ref("seoul", database().settings.role_prefix)


def play(tell: Callable[[str], None], sketches: Sequence[CentreSketch] = CENTRES) -> None:
    """Seoul's Kium centres and Gyeonggi's daycares come to life.

    Raises what a command raises: a demonstration that fails is a bug.
    """
    with clock.platform_unit() as uow:
        operators.set_password(uow, "operator", "박운영", PASSWORD)
        today = uow.today
    stage = Stage(_seoul(), today)
    accounts = Accounts(stage)
    admin = accounts.staff("seoul", Role.SEOUL_ADMIN)
    with stage.act() as uow:
        guro, fusion_district = _institution(uow, "구로구"), "구로융합형 키움센터"
    accounts.staff("guro", Role.DISTRICT_OFFICER, guro)
    tell("센터와 분기를 만듭니다")
    centres = open_centres(stage, admin, sketches)
    hire(stage, accounts, centres)
    with stage.act() as uow:
        fusion = _institution(uow, fusion_district)
    accounts.staff("leader1", Role.TEAM_LEADER, fusion)
    for number, house in enumerate(stage.houses, 1):
        tell(f"{house.centre.name}의 가족과 예약을 만듭니다 ({number}/{len(stage.houses)})")
        _fill(stage, accounts, house, CROWD if number in (1, len(stage.houses)) else FAMILIES)
    tell("오늘의 장면을 만듭니다")
    play_scenes(stage)
    play_daycares(tell)
    with clock.platform_unit() as uow:
        operators.note(uow, PLAYED, "seoul")


def _fill(stage: Stage, accounts: Accounts, house: House, families: int) -> None:
    move_in(stage, accounts, house, families)
    if not is_hub(house):
        season = Season(stage, house.centre)
        enrol(stage, house, season, seats=min(12, house.centre.base_capacity - 6))
        ask_regular(stage, house, season, 2)
    past_visits(stage, house, 16)
    coming_visits(stage, house, 10)


def _institution(uow: UnitOfWork, name: str) -> int:
    return uow.session.scalars(select(Institution.id).where(Institution.name == name)).one()
