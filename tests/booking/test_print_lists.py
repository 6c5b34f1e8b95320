"""Papers of a list: of everybody in it or of those picked, as one PDF or as files of their own (XX-12)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.documents.print_runs import PART
from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from app.kernel.work import Work
from tests.booking.desk import applied, stranger_ref
from tests.booking.town import Town


def parts(town: Town) -> list[dict[str, object]]:
    """What the worker is asked to make, in order."""
    with unit_of_work(town.place, SYSTEM) as uow:
        return list(uow.session.scalars(select(Work.payload).where(Work.kind == PART).order_by(Work.id)))


def people(part: dict[str, object]) -> list[str]:
    return [sheet["person"] for sheet in part["sheets"]]  # type: ignore[attr-defined]


@pytest.mark.rule("XX-12")
def test_people_and_forms_are_chosen_in_the_list(town: Town, desk: FlaskClient) -> None:
    first, _, third = (applied(town, name) for name in ("김하늘", "이나린", "박도윤"))
    page = desk.get("/seoul/bookings?tab=applied").text
    assert "아래에서 고른 사람만" in page
    assert f'name="pick" value="{third}"' in page
    forms = ["kium-application", "kium-consent-5"]
    chosen = {"form": forms, "who": "picked", "pick": [third, first, stranger_ref(town)]}
    assert desk.post("/seoul/bookings/print?tab=applied", data=chosen).status_code == 303
    [part] = parts(town)
    assert people(part) == ["김하늘", "김하늘", "박도윤", "박도윤"], "in the list's order; no other centre's"
    nobody = desk.post("/seoul/bookings/print?tab=applied", data={"form": forms, "who": "picked"})
    assert nobody.status_code == 422
    assert (
        desk.post("/seoul/bookings/print?tab=applied", data={"form": forms, "who": "all"}).status_code == 303
    )
    assert len(people(parts(town)[1])) == 6


def test_the_shape_of_the_file_is_chosen_there_too(town: Town, desk: FlaskClient) -> None:
    applied(town)
    data = {"form": "kium-application", "print_as": "ZIP", "masked": "y"}
    assert desk.post("/seoul/bookings/print?tab=applied", data=data).status_code == 303
    assert desk.post("/seoul/daily/print", data={"print_as": "HWPX"}).status_code == 303
    assert desk.post("/seoul/waiting/print", data={"print_as": "HWPX"}).status_code == 303
    assert [(part["as"], part["masked"]) for part in parts(town)] == [
        ("ZIP", True),
        ("HWPX", False),
        ("HWPX", False),
    ]
