"""Commands about restrictions, by story; other rooms import them from here."""

from __future__ import annotations

from app.restrictions.service.cases import ask_statement, check_facts, give_statement, hold
from app.restrictions.service.clock import begin, expire, reconcile
from app.restrictions.service.daycare import impose_at_daycare, lift_at_daycare
from app.restrictions.service.deciding import co_decide, decide, dismiss, send_back
from app.restrictions.service.entering import enter_event
from app.restrictions.service.events import NewEvent, excuse_event, record_event
from app.restrictions.service.objection import (
    consent_lift,
    decide_objection,
    decline_lift,
    object_to,
    propose_lift,
)

__all__ = [
    "NewEvent",
    "ask_statement",
    "begin",
    "check_facts",
    "co_decide",
    "consent_lift",
    "decide",
    "decide_objection",
    "decline_lift",
    "dismiss",
    "enter_event",
    "excuse_event",
    "expire",
    "give_statement",
    "hold",
    "impose_at_daycare",
    "lift_at_daycare",
    "object_to",
    "propose_lift",
    "reconcile",
    "record_event",
    "send_back",
]
