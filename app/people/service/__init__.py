"""Commands about families, by story; other rooms import them from here."""

from __future__ import annotations

from app.people.service.children import (
    ChildData,
    LegalConsent,
    LikelyTwice,
    edit_child,
    know_child,
    register_child,
    register_family,
    take_on_child,
)
from app.people.service.circle import (
    GuardianData,
    GuardianLink,
    add_guardian,
    add_pickup_person,
    change_guardian_link,
    remove_guardian,
    remove_pickup_person,
)
from app.people.service.consents import (
    Wording,
    consent_text,
    consents_of,
    give_consent,
    has_consent,
    withdraw_consent,
)
from app.people.service.evidence import (
    evidence_of,
    evidence_to_verify,
    expire_evidence,
    keep_evidence,
    open_evidence,
    reject_evidence,
    verify_evidence,
)
from app.people.service.guardians import (
    correct_guardian,
    edit_own_details,
    guardian_joined,
    invite_guardian,
)
from app.people.service.health import add_health_note, open_health_notes, remove_health_note
from app.people.service.linking import ask_link, decide_link, link_requests, refuse_link
from app.people.service.search import SearchWords, open_contacts, search_children

__all__ = [
    "ChildData",
    "GuardianData",
    "GuardianLink",
    "LegalConsent",
    "LikelyTwice",
    "SearchWords",
    "Wording",
    "add_guardian",
    "add_health_note",
    "add_pickup_person",
    "ask_link",
    "change_guardian_link",
    "consent_text",
    "consents_of",
    "correct_guardian",
    "decide_link",
    "edit_child",
    "edit_own_details",
    "evidence_of",
    "evidence_to_verify",
    "expire_evidence",
    "give_consent",
    "guardian_joined",
    "has_consent",
    "invite_guardian",
    "keep_evidence",
    "know_child",
    "link_requests",
    "open_contacts",
    "open_evidence",
    "open_health_notes",
    "refuse_link",
    "register_child",
    "register_family",
    "reject_evidence",
    "remove_guardian",
    "remove_health_note",
    "remove_pickup_person",
    "search_children",
    "take_on_child",
    "verify_evidence",
    "withdraw_consent",
]
