"""Registering a centre and editing what it says of itself (KP-05, KP-06, KB-47, KB-36)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from app.centres import actions, parameters, rules
from app.centres.models import Gate, KiumCentre
from app.centres.queries import CentreRow, centre_by_id, centre_by_ref, policy_at
from app.centres.rules import CentreKind
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.tenancy import settings
from app.tenancy.models import Institution
from app.tenancy.queries import institution_by_ref
from app.tenancy.rules import InstitutionKind
from app.tenancy.settings import Place

PHONE_SHAPE = Problem(
    "centre.phone",
    N_("전화번호를 지역번호부터 숫자로 적어 주세요. 예: 02-2600-1234"),
    rule="KP-06",
    field="phone",
)
NAME_TAKEN = Problem(
    "centre.name_taken",
    N_("{district}에 같은 이름의 센터가 이미 있어요. 목록에서 확인하거나 다른 이름을 적어 주세요."),
    rule="KP-05",
    field="name",
)
SICK_SEATS_MISSING = Problem(
    "centre.sick_seats",
    N_("아픈아이 돌봄을 하려면 자리 수를 1명 이상으로 적어 주세요."),
    rule="KB-47",
    field="sick_seats",
)

STILL_BOOKED = Problem(
    "centre.still_booked",
    N_("오늘부터 남은 예약과 대기가 {count}건 있어요. 센터에서 모두 정리한 뒤 운영을 마쳐 주세요."),
    rule="KP-05",
)


@dataclass(frozen=True, slots=True)
class NewCentre:
    """What a district officer enters; area in m². ``accepted`` repeats the form after a warning was read."""

    district_ref: str
    name: str
    kind: CentreKind
    area: Decimal
    capacity: int
    phone: str
    address: str = ""
    capacity_reason: str = ""
    opened_on: date | None = None


@dataclass(frozen=True, slots=True)
class FacilityInfo:
    """What a centre says of itself; capacity and area have their own way (KC-10)."""

    phone: str
    address: str
    introduction: str
    sick_care: bool
    sick_seats: int
    allow_preschool_sibling: bool
    preschool_sibling_min_age: int


def clean_phone(text: str) -> str:
    """National digits of a centre's telephone, e.g. ``0226001234``; RuleBroken otherwise."""
    digits = "".join(character for character in text if character not in "-. ()")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 12 and digits[0] in "01"):
        raise RuleBroken(PHONE_SHAPE)
    return digits


def register_centre(uow: UnitOfWork, new: NewCentre) -> CentreRow:
    """A district officer registers a centre of the own district, the city's administrator anywhere (KP-05)."""
    district = institution_by_ref(uow.session, new.district_ref, InstitutionKind.DISTRICT)
    actions.REGISTER.check(uow.actor, district.id)
    where = Place(None, district.id)
    problems = _capacity_problems(uow, new, where)
    name = " ".join(new.name.split())
    if _name_taken(uow, district.id, name):
        problems.append(NAME_TAKEN.of(district=district.name))
    if problems:
        raise RuleBroken(problems)
    institution = Institution(
        kind=InstitutionKind.KIUM_CENTRE,
        parent_id=district.id,
        name=name,
        phone=clean_phone(new.phone),
        address=new.address.strip(),
    )
    uow.session.add(institution)
    uow.session.flush()
    centre = KiumCentre(
        id=institution.id,
        kind=new.kind,
        exclusive_area=new.area,
        base_capacity=new.capacity,
        capacity_reason=new.capacity_reason.strip(),
        opened_on=new.opened_on,
        **_first_offers(uow, where),
    )
    uow.session.add(centre)
    uow.session.flush()
    uow.session.add(Gate(centre_id=centre.id))
    uow.session.flush()
    audit.record(
        uow,
        "centre.register",
        "centre",
        centre.id,
        reason=new.capacity_reason or None,
        diff={"name": [None, name], "kind": [None, new.kind], "capacity": [None, new.capacity]},
    )
    return centre_by_id(uow, centre.id)


def _capacity_problems(uow: UnitOfWork, new: NewCentre, where: Place) -> list[Problem]:
    """KC-01 blocks; the warning of KC-03 is answered by a reason."""
    found = rules.check_capacity(new.kind, new.area, new.capacity, policy_at(uow, where))
    answered = bool(new.capacity_reason.strip())
    return [problem for problem in found if not (problem.soft and answered)]


def _name_taken(uow: UnitOfWork, district_id: int, name: str) -> bool:
    # The district's row is locked, so that two officers cannot register the same centre at once.
    uow.session.execute(select(Institution.id).where(Institution.id == district_id).with_for_update())
    return (
        uow.session.scalar(
            select(Institution.id).where(
                Institution.parent_id == district_id,
                Institution.kind == InstitutionKind.KIUM_CENTRE,
                Institution.name == name,
            )
        )
        is not None
    )


def _first_offers(uow: UnitOfWork, where: Place) -> dict[str, Any]:
    """What a new centre offers until it says otherwise."""
    return {
        "sick_care": settings.value(uow, parameters.SICK_CARE, place=where),
        "sick_seats": settings.value(uow, parameters.SICK_SEATS, place=where),
        "allow_preschool_sibling": settings.value(uow, parameters.PRESCHOOL_SIBLING, place=where),
        "preschool_sibling_min_age": settings.value(uow, parameters.PRESCHOOL_MIN_AGE, place=where),
    }


def edit_facility(uow: UnitOfWork, centre_ref: str, info: FacilityInfo, version: int) -> CentreRow:
    """KP-06. Raises StaleVersion when somebody else saved since the form was opened."""
    before = centre_by_ref(uow, centre_ref)
    actions.EDIT.check(uow.actor, before.id, before.district_id)
    if info.sick_care and info.sick_seats < 1:
        raise RuleBroken(SICK_SEATS_MISSING)
    phone = clean_phone(info.phone)
    changed = uow.session.execute(
        update(KiumCentre)
        .where(KiumCentre.id == before.id, KiumCentre.version == version)
        .values(
            introduction=info.introduction.strip(),
            sick_care=info.sick_care,
            sick_seats=info.sick_seats,
            allow_preschool_sibling=info.allow_preschool_sibling,
            preschool_sibling_min_age=info.preschool_sibling_min_age,
            version=version + 1,
        )
        .returning(KiumCentre.id)
    ).scalar()
    if changed is None:
        raise StaleVersion("centre")
    uow.session.execute(
        update(Institution)
        .where(Institution.id == before.id)
        .values(phone=phone, address=info.address.strip(), version=Institution.version + 1)
    )
    after = centre_by_id(uow, before.id)
    audit.record(uow, "centre.edit", "centre", after.id, diff=changes(asdict(before), asdict(after)))
    return after


def set_active(
    uow: UnitOfWork, centre_ref: str, active: bool, *, reason: str, version: int, holding: int
) -> None:
    """Close a centre down, or open it again (KP-05). It keeps its records; nobody finds or books it while closed.

    ``holding``: its bookings and waits of today and later, counted under the gate. Raises StaleVersion.
    """
    centre = centre_by_ref(uow, centre_ref)
    actions.CLOSE_DOWN.check(uow.actor, centre.id, centre.district_id)
    if holding and not active:
        raise RuleBroken(STILL_BOOKED.of(count=holding))
    changed = uow.session.execute(
        update(KiumCentre)
        .where(KiumCentre.id == centre.id, KiumCentre.version == version)
        .values(version=version + 1)
        .returning(KiumCentre.id)
    ).scalar()
    if changed is None:
        raise StaleVersion("centre")
    uow.session.execute(
        update(Institution)
        .where(Institution.id == centre.id)
        .values(active=active, version=Institution.version + 1)
    )
    audit.record(
        uow,
        "centre.open_again" if active else "centre.close_down",
        "centre",
        centre.id,
        reason=reason,
        diff={"active": [centre.active, active]},
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Field → [before, after] of what differs, as plain JSON."""
    return {
        key: [_plain(before[key]), _plain(after[key])]
        for key in after
        if key != "version" and before[key] != after[key]
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | str | None) else str(value)


def own_centre(uow: UnitOfWork) -> CentreRow:
    """The centre the acting role is bound to; NotFound for roles above a centre."""
    if uow.actor.scope is None:
        raise NotFound("centre")
    return centre_by_id(uow, uow.actor.scope)
