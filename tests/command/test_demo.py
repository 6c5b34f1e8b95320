"""The demonstration is whole on whatever day it is made: data checks hold and every state is there."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.pool import NullPool

from app import house as the_house
from app.booking.checks import data_checks
from app.booking.models import Booking, WaitlistEntry
from app.booking.rules.states import BookingState
from app.centres.models import CapacityChange, KiumCentre, Quarter
from app.command import demo
from app.command.demo.centres import CENTRES
from app.command.demo.daycares import play_daycares
from app.command.demo.play import how_far, play
from app.command.problem import CommandProblem
from app.command.tenant import create_all, seeds
from app.daycare.checks import data_checks as daycare_checks
from app.daycare.models import DaycareApplication, DaycareBooking, Journal, RosterShift
from app.daycare.overview import overview
from app.documents.models import Paper
from app.insurance.models import InsurancePolicy
from app.kernel.actor import SYSTEM
from app.kernel.db import Database, UnitOfWork, tenant_ref, unit_of_work
from app.kernel.ranges import KST
from app.people.models import Child, Guardian, HealthNote
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import State
from app.tenancy import provision
from app.tenancy.models import Tenant
from app.tenancy.registry import registry
from tests.conftest import PREFIX, SEOUL, UrlOf, settings_for

FEW = tuple(sketch for sketch in CENTRES if sketch.name in ("온수동", "구로융합형", "한빛거점형", "다솜마을"))


@pytest.fixture
def stage_door(
    request: pytest.FixtureRequest,
    house: Database,
    server: UrlOf,
    new_database: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A database of its own in which Seoul (or who is asked for) is as its folder says, made for demonstration."""
    slugs = getattr(request, "param", ("seoul",))
    name = new_database()
    engine = create_engine(server(name), poolclass=NullPool)
    with engine.begin() as connection:
        provision.prepare_database(connection, PREFIX)
        for slug in ("seoul", "gwacheon"):
            connection.execute(text(f"DROP SCHEMA t_{slug} CASCADE"))
        connection.execute(text("DELETE FROM public.tenant"))
    create_all(engine, [seeds()[slug] for slug in slugs], PREFIX, demo=True)
    engine.dispose()
    alone = Database(settings_for(server, name, tmp_path_factory.mktemp("var")))
    the_house.use_database(alone)
    registry.forget()
    yield name
    alone.engine.dispose()
    the_house.use_database(house)
    registry.forget()


def count(uow: UnitOfWork, table: type, *conditions: object) -> int:
    return uow.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


@pytest.mark.race
@pytest.mark.parametrize(
    "day",
    [
        "2026-12-29",  # three days before one ends: new regular care begins in the next
        "2026-08-05",  # in the short quarter of summer
    ],
)
def test_on_any_day_everything_is_there_and_the_checks_hold(stage_door: str, day: str) -> None:
    with time_machine.travel(datetime.fromisoformat(f"{day}T11:00").replace(tzinfo=KST)):
        assert how_far() == "none"
        play(lambda words: None, FEW)
        assert how_far() == "played"
        with unit_of_work(SEOUL, SYSTEM) as uow:
            assert data_checks(uow) == []
            assert count(uow, Child) >= 60
            assert count(uow, Quarter) == 2 * 4 * len(FEW)
            assert count(uow, KiumCentre, KiumCentre.invented) == len(FEW)
            assert count(uow, HealthNote) > 5
            states = {state for (state,) in uow.session.execute(select(Booking.state).distinct())}
            waits = {state for (state,) in uow.session.execute(select(WaitlistEntry.state).distinct())}
            offered_to = uow.session.scalar(
                select(Guardian.id)
                .join(Booking, Booking.guardian_id == Guardian.id)
                .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
                .where(WaitlistEntry.state == "OFFERED", WaitlistEntry.expires_at > uow.now)
            )
            assert offered_to == uow.session.scalar(select(func.min(Guardian.id)))
            assert count(uow, Paper, Paper.state == "TO_SIGN") >= 1
            assert count(uow, CapacityChange, CapacityChange.state == "REQUESTED") == 1
    assert {"WAITING", "OFFERED"} <= waits
    wanted = {state.value for state in BookingState} - {
        "EXPIRED",
        "CANCELLED",
        "DISAPPROVED",
        "WITHDRAWN",
        "ENDED",
    }
    assert wanted <= states


DAYCARES = ("gimpo", "hanam", "icheon", "bucheon", "namyangju")


@pytest.mark.race
@pytest.mark.parametrize("stage_door", [DAYCARES], indirect=True)
@pytest.mark.parametrize("moment", ["2026-11-20T21:30", "2026-11-21T11:00", "2027-02-08T03:00"])
def test_the_daycares_live_at_any_hour(stage_door: str, moment: str) -> None:
    """A Friday night, a Saturday morning, and the night of a closed day."""
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=KST)):
        play_daycares(lambda words: None)
        children, found = 0, {}
        for slug in DAYCARES:
            with unit_of_work(tenant_ref(slug, PREFIX), SYSTEM) as uow:
                assert daycare_checks(uow) == []
                assert data_checks(uow) == []
                children += count(uow, Child)
                found[slug] = overview(uow).rows[0]
                assert {"ACCEPTED", "RETURNED", "SUBMITTED"} <= states_of(uow, DaycareApplication)
                assert {"COMPLETED", "CONFIRMED", "PAID", "REQUESTED"} <= states_of(uow, DaycareBooking)
                assert states_of(uow, Journal) == {"CLOSED", "SIGNED"}
                if slug == "gimpo":
                    assert states_of(uow, Restriction) == {state.value for state in State} - {
                        "DECIDED",
                        "REPLACED",
                    }
                    assert count(uow, RosterShift) == 28
                    assert count(uow, InsurancePolicy) == 2
    assert children >= 60
    if moment == "2026-11-20T21:30":
        assert all(row.inside >= 3 for row in found.values())
        assert found["hanam"].full
        assert not found["gimpo"].full


def states_of(uow: UnitOfWork, table: type[Any]) -> set[str]:
    return set(uow.session.scalars(select(table.state).distinct()))


def test_production_refuses(house: Database, server: UrlOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOLBOM_ENV", "production")
    monkeypatch.setenv("DOLBOM_KEYS", str(house.settings.keys))
    monkeypatch.setenv("DOLBOM_DATABASE_URL", server("postgres", "dolbom_web"))
    monkeypatch.setenv("DOLBOM_OWNER_URL", server("postgres"))
    with pytest.raises(CommandProblem, match="운영 환경"):
        demo.main(argparse.Namespace(task="create"))


@pytest.mark.race
def test_a_municipality_made_for_real_is_never_filled(stage_door: str, server: UrlOf) -> None:
    engine = create_engine(server(stage_door), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(update(Tenant).values(demo=False))
    with pytest.raises(CommandProblem, match="시연용으로 만들어지지"):
        demo._only_in_a_demonstration(engine)
    engine.dispose()


def test_the_logins_are_those_that_are_made() -> None:
    assert [(row[1].split("/")[1], row[2]) for row in demo.LOGINS] == [
        *(("seoul", name) for name in ("parent1", "director1", "leader1", "teacher1", "guro", "seoul")),
        *(
            ("gimpo", name)
            for name in ("director1", "teacher1", "parent1", "city", "regional", "coordinator")
        ),
        ("platform", "operator"),
    ]
