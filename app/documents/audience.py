"""Whose form it is: who of those who sign in here sees it, and who fills it in (the form's own role codes)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.documents.catalogue import Form
from app.kernel.actor import CENTRE_STAFF, DAYCARE_STAFF, DECIDERS, REGIONAL_STAFF, Role
from app.tenancy.rules import Service

SERVICE: Mapping[str, Service] = {
    "kium": Service.KIUM,
    "facility": Service.FACILITY,
    "visiting": Service.VISITING,
    "daycare": Service.DAYCARE,
    "provider": Service.CSI,
    "district": Service.PLEDGE,
}
"""What a form's family of service is called among the services a municipality offers."""
ADMINISTRATORS = frozenset({Role.SEOUL_ADMIN, Role.CITY_OFFICER})
"""They keep every form of their municipality, also those of roles that do not sign in here."""
HOUSES = (CENTRE_STAFF, REGIONAL_STAFF, DAYCARE_STAFF)
"""Who works in one house sees the same forms."""
WRITERS: Mapping[str, frozenset[Role]] = {
    "guardian": frozenset({Role.GUARDIAN}),
    "kium_centre": CENTRE_STAFF,
    "kium_teacher": CENTRE_STAFF,
    "kium_head": DECIDERS,
    "kium_operator": DECIDERS,
    "kium_committee": DECIDERS,
    "district": frozenset({Role.DISTRICT_OFFICER}),
    "seoul": frozenset({Role.SEOUL_ADMIN}),
    "city": frozenset({Role.CITY_OFFICER}),
    "coordinator": REGIONAL_STAFF,
    "intake_staff": REGIONAL_STAFF,
    "care_centre": REGIONAL_STAFF,
    "care_centre_head": frozenset({Role.REGIONAL_DIRECTOR}),
    "daycare": DAYCARE_STAFF,
    "daycare_teacher": DAYCARE_STAFF,
}
"""Role code → who writes in its name. The running corporation and the committee do not sign in: the head writes."""


def offered(form: Form, services: Collection[str]) -> bool:
    """Whether the municipality runs the service this form belongs to (GC-22)."""
    return SERVICE[form.service] in services


def may_see(form: Form, role: Role) -> bool:
    """Whether the role's side fills the form in or receives it."""
    if role in ADMINISTRATORS:
        return True
    side = next((house for house in HOUSES if role in house), frozenset({role}))
    return any(_writers(code) & side for code in (*form.from_, *form.to))


def may_fill(form: Form, role: Role) -> bool:
    """Whether this role writes the form: in its own name, or at the counter for a family that has no account."""
    codes = (*form.from_, *form.to) if "guardian" in form.from_ else form.from_
    return role in ADMINISTRATORS or any(role in _writers(code) for code in codes)


def _writers(code: str) -> frozenset[Role]:
    return WRITERS.get(code, frozenset())
