"""A municipality without a regional centre: paper, messages and pages name the city alone (AS-01, AS-20)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import UserAccount
from app.documents.catalogue import load
from app.documents.models import Paper
from app.documents.render import Renderer, Sheet
from app.documents.rules.sealing import sealer
from app.documents.seals import TOWN, owner_of
from app.messaging.queries import newest_messages
from app.restrictions import service
from app.restrictions.models import Restriction
from app.restrictions.papers import ANYTIME_NOTICE, head_of
from app.restrictions.rules.kinds import EventKind
from app.restrictions.subjects import Office as Sender
from tests.cast_accounts import sign_in
from tests.restrictions.office import Office

CENTRE = "아동돌봄센터"


def decided_by_the_city(office: Office) -> Restriction:
    """Reported and heard by one officer, decided by the other."""
    office.event(EventKind.INSULT, by=office.officer)
    case = office.heard(office.cases()[-1].ref, by=office.officer)
    with office.acting(office.second_officer) as uow:
        return service.decide(uow, case.ref, version=case.version, reason="기준에 따름")


def letter_of(office: Office, case: Restriction) -> dict[str, Any]:
    with office.acting() as uow:
        paper = uow.session.get_one(Paper, case.paper_id)
        assert paper.institution_id == office.centre_id
        return dict(paper.data)


def printed(letter: dict[str, Any]) -> str:
    """The words of the paper, without spaces and what keeps words together."""
    sheet = Sheet(ANYTIME_NOTICE, letter, None, "", {}, {}, None)
    return Renderer().html(sheet).replace("\u2060", "").replace(" ", "")


@pytest.mark.rule("AS-01")
@pytest.mark.rule("AS-20")
def test_the_city_is_the_sender_of_its_notice(small_city: Office) -> None:
    letter = letter_of(small_city, decided_by_the_city(small_city))
    assert (letter["issuer"], letter["city_head"]) == (None, "과천시장")
    assert "과천시(02-120)" in letter["appeal"]
    page = printed(letter)
    assert "과천시장" in page
    assert "시·군담당부서→보호자" in page
    assert CENTRE not in page


@pytest.mark.rule("AS-01")
def test_with_a_centre_the_centre_is(office: Office) -> None:
    office.event(EventKind.INSULT)
    letter = letter_of(office, office.decided(office.cases()[0].ref))
    assert (letter["issuer"], letter["city_head"]) == ("과천", None)
    page = printed(letter)
    assert "경기도아동돌봄과천센터장" in page
    assert "아동돌봄센터→보호자" in page
    assert "과천시장" not in page


def test_whose_seal_it_bears(office: Office) -> None:
    """The sender's own: the centre's where there is one, else the municipality's."""
    (place,) = load(ANYTIME_NOTICE).signatures
    with office.acting() as uow:
        assert owner_of(uow, sealer(place.who), office.centre_id) == ("institution", office.centre_id)
        assert owner_of(uow, sealer(place.who), None) == TOWN


@pytest.mark.parametrize(("town", "head"), [("과천시", "과천시장"), ("가평군", "가평군수")])
def test_the_head_of_a_city_and_of_a_county(town: str, head: str) -> None:
    assert head_of(Sender(None, town, "")) == head


@pytest.mark.rule("AS-23")
def test_messages_and_pages_send_the_family_to_the_city(app: Flask, small_city: Office) -> None:
    for day in (2, 3):
        small_city.event(day=date(2026, 11, day), by=small_city.officer)
    case = decided_by_the_city(small_city)
    with small_city.acting() as uow:
        said = [row.body for row in newest_messages(uow.session)]
        user = uow.session.get_one(UserAccount, small_city.parent.user_id)
    assert len(said) == 3, "warned, asked, notified"
    assert [body for body in said if CENTRE in body.replace(" ", "")] == []
    assert "과천시(02-120)" in small_city.words_of("restriction.warning")
    client = app.test_client()
    sign_in(client, small_city.place, user)
    own = client.get("/gwacheon/my/restrictions").text
    assert "과천시(02-120)에 알려 주세요" in own
    for page in (own, client.get(f"/gwacheon/my/restrictions/{case.ref}").text):
        assert CENTRE not in page.replace(" ", "")
