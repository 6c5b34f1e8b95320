"""What the house knows about whoever opens a form, written into the fields that ask for it."""

from __future__ import annotations

from typing import Any

from app.documents.catalogue import Field, Form
from app.kernel.db import UnitOfWork
from app.tenancy.models import Institution
from app.tenancy.registry import registry
from app.tenancy.rules import InstitutionKind

TODAY = {"sign_date", "back_sign_date", "filled_date", "issued_date", "written_date", "as_of"}
TODAY_LABELS = {"작성일", "작성일자", "발행일", "기준일", "년 월 일"}
WRITER = {"filled_by_name", "writer_name", "written_by", "recorder_name"}
WRITER_LABELS = {"작성자", "기록자", "작성자 성명"}


def known(uow: UnitOfWork, form: Form) -> dict[str, Any]:
    """Today's date, the writer's name, the institution's name, telephone and address, the municipality's name.

    Only words in the form's own fields and in those of its addressee; everything may be changed afterwards.
    """
    place = uow.session.get(Institution, uow.actor.scope) if uow.actor.scope is not None else None
    parent = uow.session.get(Institution, place.parent_id) if place is not None and place.parent_id else None
    town = registry.find(uow.tenant.slug)
    words = {"city_name": town.name if town else "", "city": town.name if town else ""}
    words |= _names(place) | _names(parent)
    data: dict[str, Any] = {}
    for field in form.fields:
        if (value := _value(uow, field, words)) not in (None, ""):
            data[field.name] = value
    fields = {field.name for field in form.fields}
    data |= {name: words[name] for name in form.variables if name not in fields and words.get(name)}
    return data


def _names(place: Institution | None) -> dict[str, str]:
    """The institution's words under the names that forms give them."""
    if place is None:
        return {}
    stems = {
        InstitutionKind.DISTRICT: ("district",),
        InstitutionKind.KIUM_CENTRE: ("centre",),
        InstitutionKind.REGIONAL_CENTRE: ("centre",),
        InstitutionKind.PROVIDER: ("provider", "org"),
        InstitutionKind.VISITING_AGENCY: ("provider", "org"),
        InstitutionKind.DAYCARE: ("daycare",),
    }[InstitutionKind(place.kind)]
    words: dict[str, str] = {}
    for stem in stems:
        words |= {stem: place.name, f"{stem}_name": place.name}
        words |= {f"{stem}_phone": place.phone, f"{stem}_address": place.address}
    return words


def _value(uow: UnitOfWork, field: Field, words: dict[str, str]) -> Any:
    label = field.label.strip().rstrip(":").strip()
    match field.type:
        case "date" if field.name in TODAY or label in TODAY_LABELS:
            return uow.today.isoformat()
        case "int" if field.name == "year":
            return uow.today.year
        case "text" | "phone" if words.get(field.name):
            return words[field.name]
        case "text" if field.name in WRITER or label in WRITER_LABELS:
            return uow.actor.name
        case _:
            return None
