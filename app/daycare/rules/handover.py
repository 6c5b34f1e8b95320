"""Entry and exit at the door: who, how identified, signed when (AD-06, AD-13, AD-18, AD-21, AD-22)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.daycare.rules.capacity import ROOM_FULL
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import in_curfew
from app.daycare.rules.states import ApplicationState, StayState
from app.kernel.errors import N_, Problem
from app.kernel.ranges import minute_text, to_minute

IDENTITY: Mapping[str, str] = {
    "id_card": N_("신분증"),
    "known": N_("얼굴을 아는 보호자"),
    "foreigner": N_("외국인등록증"),
    "phone": N_("휴대전화 본인확인"),
}
MOST_POINTS = 20_000
NOT_PLANNED = Problem(
    "daycare.not_planned", N_("들어올 차례가 아니에요. 예약을 먼저 확인해 주세요."), rule="AD-21"
)
NOT_INSIDE = Problem(
    "daycare.not_inside",
    N_("먼저 입소를 적고 서명을 받아야 귀가를 적을 수 있어요."),
    rule="AD-21",
)
NO_SIGNATURE = Problem(
    "daycare.no_signature", N_("보호자의 서명을 받아 주세요."), rule="AD-21", field="signature"
)
SAME_SIGNATURE = Problem(
    "daycare.same_signature",
    N_("입소 때 서명을 다시 쓸 수 없어요. 귀가할 때 새로 서명을 받아 주세요."),
    rule="AD-21",
    field="signature",
)
OTHER_NAME = Problem(
    "daycare.other_name",
    N_("서명하는 분({name})의 이름을 똑같이 적어 주세요."),
    rule="AD-21",
    field="signed_name",
)
SAME_MOMENT = Problem(
    "daycare.same_moment",
    N_("입소와 귀가를 한 번에 적을 수 없어요. 아이가 나갈 때 따로 적어 주세요."),
    rule="AD-21",
)
NOT_LISTED = Problem(
    "daycare.not_listed",
    N_("누가 왔는지 골라 주세요. 신청서에 없는 분이면 보호자의 사전연락을 먼저 적어 주세요."),
    rule="AD-22",
    field="person",
)
UNKNOWN_CONTACT = Problem(
    "daycare.unknown_contact",
    N_("그 사전연락을 찾을 수 없어요. 누가 왔는지 다시 골라 주세요."),
    rule="AD-22",
    field="person",
)
CONTACT_NOT_TODAY = Problem(
    "daycare.contact_not_today",
    N_("이 사전연락은 {day}에만 쓸 수 있어요. 보호자에게 다시 확인해 주세요."),
    rule="AD-22",
    field="person",
)
NO_IDENTITY = Problem(
    "daycare.no_identity", N_("본인을 어떻게 확인했는지 골라 주세요."), rule="AD-22", field="identity"
)
CURFEW = Problem(
    "daycare.curfew",
    N_("{start}부터 다음 날 {end} 사이에는 드나들 수 없어요. 응급이면 까닭을 적어 주세요."),
    rule="AD-06",
    field="emergency",
)
UNPAID = Problem(
    "daycare.unpaid",
    N_("이용료({amount}원)를 아직 받지 않았어요. 먼저 받거나, 원장이 까닭을 적어 주세요."),
    rule="AD-13",
    field="unpaid_reason",
    soft=True,
)
APPLICATION_OPEN = Problem(
    "daycare.application_open",
    N_("이용신청서를 아직 접수하지 않았어요. 신청서를 먼저 확인해 주세요."),
    rule="AD-18",
)
APPLICATION_OLD = Problem(
    "daycare.application_old",
    N_(
        "이용신청서를 낸 뒤 아이나 보호자 정보가 바뀌었어요. 보호자가 다시 낸 신청서를 접수한 뒤 입소를 적어 주세요."
    ),
    rule="AD-18",
)
NOT_DESIGNATED = Problem(
    "daycare.not_designated_now",
    N_("{day}에는 언제나어린이집으로 지정되어 있지 않아 들어올 수 없어요. 담당 공무원에게 물어봐 주세요."),
    rule="AD-33",
)
PAPERS_OPEN = Problem(
    "daycare.papers_open",
    N_("{papers} 확인이 남았어요. 확인하고 돌려드린 뒤 입소를 적어 주세요."),
    rule="AD-18",
)
TOO_EARLY = Problem("daycare.too_early", N_("{day} 이용이라 오늘은 들어올 수 없어요."), rule="AD-21")
CHECK_LABELS = {"family": N_("가족관계서류"), "identity": N_("보호자 신분증")}


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands at the door. ``listed``: in the application, or announced by a recorded call valid that day."""

    listed: bool
    identity: str


def is_same_person(listed: tuple[str, str, str], announced: tuple[str, str, str]) -> bool:
    """Name, relation and telephone of two people: the same name, and the relation or the telephone as well.

    A name alone is shared by many; a number alone may be the caller's own (AD-22).
    """
    (name, relation, phone), (their_name, their_relation, their_phone) = listed, announced
    if name.strip() != their_name.strip():
        return False
    return relation.strip() == their_relation.strip() or bool(phone and phone == their_phone)


def check_papers(state: ApplicationState, checks: Mapping[str, Any]) -> list[Problem]:
    """AD-18: the application is accepted, family document and identity card were seen and given back."""
    if state is not ApplicationState.ACCEPTED:
        return [APPLICATION_OLD if state is ApplicationState.OUTDATED else APPLICATION_OPEN]
    open_ = [label for key, label in CHECK_LABELS.items() if not checks.get(key, {}).get("returned")]
    return [PAPERS_OPEN.of(papers=", ".join(open_))] if open_ else []


def check_entry(
    state: StayState,
    person: Person,
    signature: Sequence[Any] | None,
    now: datetime,
    policy: DaycarePolicy,
    *,
    emergency: str = "",
) -> list[Problem]:
    """What stands against writing the entry, payment and papers apart."""
    found = [] if state is StayState.PLANNED else [NOT_PLANNED]
    return found + _at_the_door(person, signature, now, policy, emergency)


def check_exit(
    state: StayState,
    entered_at: datetime | None,
    entry_signature: Sequence[Any] | None,
    person: Person,
    signature: Sequence[Any] | None,
    now: datetime,
    policy: DaycarePolicy,
    *,
    emergency: str = "",
) -> list[Problem]:
    """AD-21: the exit line opens only after a signed entry, at the exit itself, with a signature of its own."""
    if state is not StayState.INSIDE or entered_at is None or not entry_signature:
        return [NOT_INSIDE]
    found = _at_the_door(person, signature, now, policy, emergency)
    if has_ink(signature) and signature == entry_signature:
        found.append(SAME_SIGNATURE)
    if to_minute(now) <= to_minute(entered_at):
        found.append(SAME_MOMENT)
    return found


def check_paid(balance: int, reason: str, *, director: bool) -> Problem | None:
    """AD-13: paid before use; otherwise the director lets the child in and writes why."""
    if balance <= 0 or (director and reason.strip()):
        return None
    return UNPAID.of(amount=f"{balance:,}")


def check_crowded(problems: Sequence[Problem], reason: str, *, director: bool, begun: bool) -> list[Problem]:
    """A full room stays one, unless the director lets the child in whose time has begun and writes why (GC-19)."""
    if not (director and begun and reason.strip()):
        return list(problems)
    return [problem for problem in problems if problem.code != ROOM_FULL.code]


def has_ink(signature: Sequence[Any] | None) -> bool:
    """Strokes of points [x, y]; at least one with two points."""
    if not signature or not isinstance(signature, list | tuple):
        return False
    points = 0
    for stroke in signature:
        if not isinstance(stroke, list | tuple) or not all(_is_point(point) for point in stroke):
            return False
        points += len(stroke)
    return 2 <= points <= MOST_POINTS


def typed_name(signature: Sequence[Any] | None) -> str:
    """The name typed instead of a drawing (GC-24), kept as the only element; else nothing."""
    one = signature[0] if isinstance(signature, list | tuple) and len(signature) == 1 else None
    return " ".join(one.split()) if isinstance(one, str) else ""


def check_typed(signature: Sequence[Any] | None, name: str) -> Problem | None:
    """A typed name signs only for the person who stands there."""
    typed = typed_name(signature)
    if not typed or typed.replace(" ", "") == name.replace(" ", ""):
        return None
    return OTHER_NAME.of(name=name)


def _is_point(point: object) -> bool:
    pair: Collection[object] = point if isinstance(point, list | tuple) else ()
    return len(pair) == 2 and all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 for value in pair
    )


def _at_the_door(
    person: Person, signature: Sequence[Any] | None, now: datetime, policy: DaycarePolicy, emergency: str
) -> list[Problem]:
    found = []
    if not person.listed:
        found.append(NOT_LISTED)
    if person.identity not in IDENTITY:
        found.append(NO_IDENTITY)
    if not has_ink(signature) and not typed_name(signature):
        found.append(NO_SIGNATURE)
    if in_curfew(now, policy) and not emergency.strip():
        start, end = (minute_text(minute) for minute in policy.curfew)
        found.append(CURFEW.of(start=start, end=end))
    return found
