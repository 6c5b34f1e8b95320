"""Sending: one work row, one message. Never twice, never at night, never silently lost.

PENDING → SENDING is committed before anything leaves the house; so a message found in SENDING or UNKNOWN may be out
already, and the other side is asked before it is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.work import Hopeless, RetryLater, WorkKind
from app.messaging.models import Message
from app.messaging.parameters import QUIET_HOURS
from app.messaging.routes import sender_for
from app.messaging.rules import MessageState, quiet_until
from app.messaging.senders import Accepted, Outcome, Outgoing, Rejected, Retry, Sender, Unknown
from app.messaging.service import SEND
from app.messaging.templates import all_templates
from app.tenancy import settings

MAY_BE_OUT = (MessageState.SENDING, MessageState.UNKNOWN)
WIPED = "(보안을 위해 지웠습니다.)"


@dataclass(frozen=True, slots=True)
class _Task:
    outgoing: Outgoing
    may_be_out: bool
    last_try: bool


def run(place: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Send the message ``payload["message"]`` names. Raises RetryLater or Hopeless."""
    ref = str(payload["message"])
    with unit_of_work(place, SYSTEM) as uow:
        task = _begin(uow, work_id, ref)
    if task is None:
        return {"state": MessageState.SENT.value}
    sender = sender_for(task.outgoing.channel)
    outcome = _deliver(sender, task)
    with unit_of_work(place, SYSTEM) as uow:
        state = _note(uow, ref, outcome, task.last_try, keep_text=sender.keeps_text)
    if isinstance(outcome, Accepted):
        return {"state": state.value, "provider_id": outcome.provider_id}
    if isinstance(outcome, Rejected) or task.last_try:
        raise Hopeless(outcome.reason)
    raise RetryLater(outcome.reason, outcome.after if isinstance(outcome, Retry) else None)


def _begin(uow: UnitOfWork, work_id: int, ref: str) -> _Task | None:
    """Mark the message as leaving; None when it left before. Raises RetryLater in the quiet hours (KP-10)."""
    message = uow.session.scalars(select(Message).where(Message.ref == ref).with_for_update()).one()
    if message.state == MessageState.SENT:
        return None
    quiet = None if message.urgent else quiet_until(uow.now, settings.value(uow, QUIET_HOURS))
    if quiet is not None:
        raise RetryLater("quiet hours", int((quiet - uow.now).total_seconds()) + 1)
    row = uow.session.get(work.Work, work_id)
    may_be_out = message.state in MAY_BE_OUT
    message.state = MessageState.SENDING
    outgoing = Outgoing(
        message.ref, message.channel, message.to, message.title, message.body, message.template
    )
    return _Task(outgoing, may_be_out, last_try=row is not None and row.attempts > len(work.PAUSES))


def _deliver(sender: Sender, task: _Task) -> Outcome:
    if task.may_be_out:
        answer = sender.ask(task.outgoing)
        if not isinstance(answer, Retry):
            return answer
    return sender.send([task.outgoing])[0]


def _note(uow: UnitOfWork, ref: str, outcome: Outcome, last_try: bool, *, keep_text: bool) -> MessageState:
    message = uow.session.scalars(select(Message).where(Message.ref == ref).with_for_update()).one()
    if isinstance(outcome, Accepted):
        message.state, message.sent_at, message.error = MessageState.SENT, uow.now, ""
        message.provider_id = outcome.provider_id
        known = all_templates().get(message.template)
        if known is not None and known.secret and not keep_text:
            message.body, message.values = WIPED, {}
    else:
        message.error = outcome.reason[:500]
        message.state = _state_after(outcome, last_try)
    return MessageState(message.state)


def _state_after(outcome: Outcome, last_try: bool) -> MessageState:
    if isinstance(outcome, Unknown):
        return MessageState.UNKNOWN
    return MessageState.FAILED if last_try or isinstance(outcome, Rejected) else MessageState.PENDING


WORK = (WorkKind(SEND, run),)
