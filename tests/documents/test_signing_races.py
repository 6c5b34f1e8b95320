"""Two people sign, invite or take back at once: one of them does it, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select

from app.documents.models import Paper, Signature, SignLink
from app.documents.service import links
from app.documents.service.issuing import void_paper
from app.documents.service.signing import sign_paper
from app.kernel.actor import SYSTEM, VISITOR, Actor, Role
from app.kernel.db import Database, UnitOfWork, unit_of_work
from app.people.models import Child, Guardian
from tests.cast import make_centre
from tests.cast_accounts import last_code
from tests.conftest import SEOUL
from tests.documents.to_sign import DRAWN, FIELD, PARENT, prepared
from tests.racing import at_once

pytestmark = pytest.mark.race
PHONE = "01055556666"
TRIES = range(3)


@pytest.fixture
def teacher(own_house: Database) -> Actor:
    """Somebody of a centre."""
    with unit_of_work(SEOUL, SYSTEM) as uow:
        centre = make_centre(uow)
        uow.session.add(Guardian(id=90_007, name="한지원", phone=PHONE, created_at=uow.now))
        uow.session.add(
            Child(
                id=90_003,
                name="윤서담",
                birth_date=uow.today.replace(2018),
                sex="MALE",
                created_at=uow.now,
            )
        )
    return Actor(Role.CARE_TEACHER, user_id=21, scope=centre.id)


def paper_with_link(teacher: Actor) -> tuple[Paper, str, str]:
    """A paper to sign, the token of its link and the proof of its phone."""
    paper, sent = prepared(SEOUL, teacher), list[str]()
    with unit_of_work(SEOUL, teacher) as uow:
        links.invite_signer(
            uow, paper.ref, FIELD, signer="한지원", phone=PHONE, address=lambda t: sent.append(t) or t
        )
    with unit_of_work(SEOUL, VISITOR) as uow:
        links.ask_code(uow, sent[0])
    with unit_of_work(SEOUL, VISITOR) as uow:
        proof, _ = links.prove_phone(uow, sent[0], last_code(SEOUL, PHONE))
    return paper, sent[0], proof


def answers_to(*acts: tuple[Actor, Callable[[UnitOfWork], object]]) -> list[str]:
    """ "" for what went through, or the refusal's words, in the order of the acts."""

    def run(actor: Actor, act: Callable[[UnitOfWork], object]) -> None:
        with unit_of_work(SEOUL, actor) as uow:
            act(uow)

    return [str(answer or "") for answer in at_once(*[partial(run, *act) for act in acts])]


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize("number", TRIES)
def test_at_once_by_account_and_by_link_one_signs(teacher: Actor, number: int) -> None:
    paper, token, proof = paper_with_link(teacher)
    seen = paper.data_sha256
    answers = answers_to(
        (VISITOR, lambda uow: links.sign_by_link(uow, token, proof, strokes=DRAWN, seen=seen)),
        (PARENT, lambda uow: sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)),
        (VISITOR, lambda uow: links.sign_by_link(uow, token, proof, strokes=DRAWN, seen=seen)),
    )
    assert answers.count("") == 1
    assert set(answers) <= {"", "link.ended", "paper.signed_already"}
    with unit_of_work(SEOUL, SYSTEM) as uow:
        signed = select(func.count()).select_from(Signature).where(Signature.paper_id == paper.id)
        assert uow.session.scalar(signed) == 1
        ended = uow.session.scalars(select(SignLink.ended_as).where(SignLink.paper_id == paper.id)).one()
        assert ended == ("OVERTAKEN" if answers[1] == "" else "SIGNED")


@pytest.mark.parametrize("number", TRIES)
def test_signed_or_void_or_taken_back_but_not_two_of_them(teacher: Actor, number: int) -> None:
    paper, token, proof = paper_with_link(teacher)
    with unit_of_work(SEOUL, SYSTEM) as uow:
        link = uow.session.scalars(select(SignLink.ref).where(SignLink.paper_id == paper.id)).one()
    seen = paper.data_sha256
    answers = answers_to(
        (VISITOR, lambda uow: links.sign_by_link(uow, token, proof, strokes=DRAWN, seen=seen)),
        (teacher, lambda uow: links.withdraw_link(uow, link)),
        (teacher, lambda uow: void_paper(uow, paper.ref, "잘못 만듦")),
    )
    assert answers[2] == ""  # signed or not, a paper can be taken out of use
    assert (answers[0] == "") + (answers[1] == "") <= 1
    with unit_of_work(SEOUL, SYSTEM) as uow:
        signed = select(func.count()).select_from(Signature).where(Signature.paper_id == paper.id)
        assert uow.session.scalar(signed) == (answers[0] == "")
