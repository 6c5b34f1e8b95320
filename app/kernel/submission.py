"""A form pressed twice is one submission: the first insert of a creating command decides."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import BigInteger, String, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, UnitOfWork
from app.kernel.errors import N_, AlreadySubmitted, Problem, RuleBroken

REQUEST_ID = re.compile(r"^[0-9a-f]{32}$")
NO_REQUEST_ID = Problem("no_request_id", N_("화면이 오래되었습니다. 새로고침한 뒤 다시 신청해 주세요."))


class Submission(Base):
    __tablename__ = "submission"

    request_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
    result_url: Mapped[str] = mapped_column(String(300), default="")


def submit_once(uow: UnitOfWork, request_id: str) -> None:
    """First insert of a creating command. A concurrent twin waits here and then learns the stored page.

    Raises AlreadySubmitted (303) on a repeat by the same person, RuleBroken when the id is missing or another's.
    """
    if not REQUEST_ID.fullmatch(request_id or ""):
        raise RuleBroken(NO_REQUEST_ID)
    made = uow.rows(_FIRST, request_id=request_id, user_id=uow.actor.user_id, at=uow.now).scalar()
    if made is None:
        owner, url = uow.session.execute(
            select(Submission.user_id, Submission.result_url).where(Submission.request_id == request_id)
        ).one()
        if owner != uow.actor.user_id or not url:
            raise RuleBroken(NO_REQUEST_ID)
        raise AlreadySubmitted(url)


_FIRST = (
    insert(Submission)
    .values(
        request_id=bindparam("request_id"), user_id=bindparam("user_id"), at=bindparam("at"), result_url=""
    )
    .on_conflict_do_nothing()
    .returning(Submission.request_id)
)


def answered_at(uow: UnitOfWork, request_id: str, result_url: str) -> None:
    """Remember where the command's result stands, for the second press."""
    uow.last.change(_ANSWERED, submission=request_id, answer=result_url)


_ANSWERED = (
    update(Submission)
    .where(Submission.request_id == bindparam("submission"))
    .values(result_url=bindparam("answer"))
)
