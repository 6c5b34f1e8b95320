"""Deciding and starting: papers, approval, reversal, first use (KB-13 … KB-30, KB-33, KB-42, KB-51)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.booking.rules.capacity import SeatConflict
from app.booking.rules.policy import BookingPolicy
from app.booking.rules.states import BookingKind, BookingState, check_transition
from app.centres.rules import CentreKind
from app.kernel.errors import N_, Problem
from app.kernel.texts import day_text


class DocumentKind(StrEnum):
    """The papers of an application; stored by kind, never by the number a manual prints (KB-16)."""

    APPLICATION = "APPLICATION"
    PRIVACY_CONSENT = "PRIVACY_CONSENT"
    ARRIVAL_CONSENT = "ARRIVAL_CONSENT"
    EVIDENCE = "EVIDENCE"

    @property
    def label(self) -> str:
        return {
            "APPLICATION": N_("이용신청서"),
            "PRIVACY_CONSENT": N_("개인정보 수집·이용 및 제공동의서"),
            "ARRIVAL_CONSENT": N_("등원·하원(귀가)·야외활동 및 응급처치 동의서"),
            "EVIDENCE": N_("우선순위 증빙서류"),
        }[self.value]


class DocumentStatus(StrEnum):
    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    MISSING = "MISSING"

    @property
    def label(self) -> str:
        return {"ONLINE": N_("온라인"), "OFFLINE": N_("서면(스캔)"), "MISSING": N_("없음")}[self.value]


Documents = Mapping[DocumentKind, DocumentStatus]

PARALLEL_USE = Problem(
    "decision.parallel_use",
    N_("다른 공적 돌봄서비스를 함께 이용해요({service}). 병행이용이 필요한 사유를 적어 주세요."),
    rule="KB-13",
    field="parallel_use_reason",
    soft=True,
)
NOT_COUNSELLED = Problem(
    "decision.not_counselled",
    N_("방문상담 날짜가 없어요. 상담일을 적거나 상담 없이 승인하는 사유를 적어 주세요."),
    rule="KB-15",
    field="counselled_on",
    soft=True,
)
DOCUMENT_MISSING = Problem(
    "decision.document_missing",
    N_("{document}가 없어요. 보호자에게 요청하거나 받은 서류를 올려 주세요."),
    rule="KB-17",
    field="documents",
)
EVIDENCE_NOT_DUE = Problem(
    "decision.evidence_not_due",
    N_("일시돌봄은 그 시간에 신청이 자리보다 많을 때만 증빙서류를 요청할 수 있어요."),
    rule="KB-19",
)
EVIDENCE_NOT_ASKED = Problem(
    "decision.evidence_not_asked",
    N_("일시돌봄에는 증빙서류를 내지 않아요. 순서를 정해야 할 때 센터가 따로 요청해요."),
    rule="KB-19",
)
EVIDENCE_FOR_NOTHING = Problem(
    "decision.evidence_for_nothing",
    N_("증빙서류는 정기돌봄을 신청한 뒤에 받아요. 먼저 정기돌봄을 신청해 주세요."),
    rule="KB-17",
)
SEAT_CONFLICT = Problem(
    "decision.seat_conflict",
    N_("{conflict}. 시작일을 늦추거나 일시돌봄 예약을 먼저 옮겨 주세요."),
    rule="KC-06",
)
NOT_DECIDER = Problem(
    "decision.not_decider",
    N_("이용 승인은 센터장(융합형은 팀장 포함)이 해요. 센터장에게 요청해 주세요."),
    rule="KB-21",
)
REASON_MISSING = Problem(
    "decision.reason_missing",
    N_("사유를 적어 주세요. 보호자에게 함께 안내돼요."),
    rule="KB-24",
    field="reason",
)
PERIOD_BEGUN = Problem(
    "decision.period_begun",
    N_("이용 시작 시각이 지나 미승인을 되돌릴 수 없어요. 새로 신청하도록 안내해 주세요."),
    rule="KB-25",
)
TOO_EARLY_TO_START = Problem(
    "decision.too_early_to_start",
    N_("첫 이용일({first})부터 이용중으로 바꿀 수 있어요."),
    rule="KB-30",
)
CARD_MISSING = Problem(
    "decision.card_missing",
    N_("출결 카드가 없어요. 카드를 등록하거나 수기 출결 사유를 적어 주세요."),
    rule="KB-30",
    field="card_reason",
    soft=True,
)
CARE_CARD_MISSING = Problem(
    "decision.care_card_missing",
    N_("개인별 관리카드가 없어요. 작성하거나 나중에 작성하는 사유를 적어 주세요."),
    rule="KB-42",
    field="care_card_reason",
    soft=True,
)
ENDING_GROUND_UNKNOWN = Problem(
    "decision.ending_ground_unknown",
    N_("운영규정에 있는 이용 종결 사유 가운데 골라 주세요."),
    rule="KB-51",
    field="end_ground",
)
INVITE_TO_JOIN = N_(
    "포털에 가입하시면 아이의 등원·하원 알림과 출결을 보실 수 있어요. 회원가입을 안내해 주세요."
)

_ALWAYS = (DocumentKind.APPLICATION, DocumentKind.PRIVACY_CONSENT)


def required_documents(
    kind: BookingKind, *, before_use: bool, evidence_required: bool = True
) -> tuple[DocumentKind, ...]:
    """Regular care needs evidence too (KB-17), temporary care must not be asked for it (KB-18).

    The arrival and departure consent may follow the approval, not the first use.
    """
    evidence = (DocumentKind.EVIDENCE,) if kind is BookingKind.REGULAR and evidence_required else ()
    arrival = (DocumentKind.ARRIVAL_CONSENT,) if before_use else ()
    return (*_ALWAYS, *evidence, *arrival)


def missing_documents(
    kind: BookingKind, documents: Documents, *, before_use: bool = False, evidence_required: bool = True
) -> tuple[DocumentKind, ...]:
    """The papers still outstanding for the approval, or with ``before_use`` for the first use."""
    required = required_documents(kind, before_use=before_use, evidence_required=evidence_required)
    missing = DocumentStatus.MISSING
    return tuple(paper for paper in required if documents.get(paper, missing) is missing)


def may_request_evidence(kind: BookingKind, demand: int, seats: int) -> Problem | None:
    """KB-19: for temporary care only while more children want the slot than it has seats."""
    return None if kind is BookingKind.REGULAR or demand > seats else EVIDENCE_NOT_DUE


def may_store_evidence(kind: BookingKind, *, requested: bool) -> Problem | None:
    """KB-19: household papers for temporary care are kept only when they were asked for."""
    return None if kind is BookingKind.REGULAR or requested else EVIDENCE_NOT_ASKED


def may_hand_in_evidence(open_bookings: Iterable[tuple[BookingKind, bool]]) -> Problem | None:
    """Whether one of a child's open bookings needs a paper: (kind, whether it was asked for) of each (KB-17, KB-19).

    A paper hangs on the child and serves every booking, so one that needs it is enough.
    """
    answers = [may_store_evidence(kind, requested=requested) for kind, requested in open_bookings]
    if not answers:
        return EVIDENCE_FOR_NOTHING
    return None if None in answers else answers[0]


def deciders(centre_kind: CentreKind, kind: BookingKind, policy: BookingPolicy) -> frozenset[str]:
    """Who decides (KB-21): the director, a fusion centre's team leader, teachers where the tenant lets them."""
    roles = {"centre_director"}
    if centre_kind is CentreKind.FUSION:
        roles.add("team_leader")
    if kind is not BookingKind.REGULAR and policy.teacher_may_approve_temp:
        roles.add("care_teacher")
    return frozenset(roles)


def check_decider(
    role: str, centre_kind: CentreKind, kind: BookingKind, policy: BookingPolicy
) -> Problem | None:
    return None if role in deciders(centre_kind, kind, policy) else NOT_DECIDER


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """Everything the decision looks at, read under the gate at that moment (KB-22).

    ``request_problems`` are those of the request rules (eligibility, hours, overlap) asked again, for
    temporary care with ``capacity.NO_SEAT`` among them when it has lost its seat; ``conflicts`` are the regular
    seats that are missing (KC-06).
    """

    kind: BookingKind
    documents: Documents
    evidence_required: bool = True
    counselled_on: date | None = None
    other_service: str = ""
    parallel_use_reason: str = ""
    request_problems: Sequence[Problem] = ()
    conflicts: Sequence[SeatConflict] = ()


def approval_problems(facts: ApprovalFacts, policy: BookingPolicy) -> list[Problem]:
    """All unmet conditions: hard ones first, then soft ones that a recorded reason lifts (KB-22)."""
    missing = missing_documents(facts.kind, facts.documents, evidence_required=facts.evidence_required)
    hard = [
        *facts.request_problems,
        *(DOCUMENT_MISSING.of(document=paper.label) for paper in missing),
        *(SEAT_CONFLICT.of(conflict=conflict.sentence) for conflict in facts.conflicts),
    ]
    soft = []
    if facts.other_service.strip() and not facts.parallel_use_reason.strip():
        soft.append(PARALLEL_USE.of(service=facts.other_service.strip()))
    counselling_due = facts.kind is BookingKind.REGULAR and policy.counselling_required_regular
    if counselling_due and facts.counselled_on is None:
        soft.append(NOT_COUNSELLED)
    return sorted(hard, key=lambda problem: problem.soft) + soft


def open_problems(problems: Iterable[Problem], reasons: Mapping[str, str]) -> list[Problem]:
    """What is left once ``reasons`` (problem code → words) lift the soft ones they name."""
    return [problem for problem in problems if not (problem.soft and reasons.get(problem.code, "").strip())]


def check_reason(reason: str) -> Problem | None:
    """KB-24: a disapproval needs words."""
    return None if reason.strip() else REASON_MISSING


def reversal_problems(
    state: BookingState, role: str, reason: str, starts_at: datetime, now: datetime
) -> list[Problem]:
    """KB-25: by the city alone, with a reason, before the first booked minute; KB-22 is asked again besides."""
    found = []
    if refused := check_transition(state, BookingState.APPLIED, role):
        found.append(refused)
    if missing := check_reason(reason):
        found.append(missing)
    if now >= starts_at:
        found.append(PERIOD_BEGUN)
    return found


def start_use_problems(
    kind: BookingKind,
    first_day: date,
    today: date,
    documents: Documents,
    *,
    uses_cards: bool,
    has_card: bool,
    has_care_card: bool,
    evidence_required: bool = True,
) -> list[Problem]:
    """What stands between SCHEDULED and IN_USE (KB-30, KB-42); the soft ones give way to a reason."""
    missing = missing_documents(kind, documents, before_use=True, evidence_required=evidence_required)
    found = [DOCUMENT_MISSING.of(document=paper.label) for paper in missing]
    if today < first_day:
        found.append(TOO_EARLY_TO_START.of(first=day_text(first_day)))
    if uses_cards and not has_card:
        found.append(CARD_MISSING)
    if kind is BookingKind.REGULAR and not has_care_card:
        found.append(CARE_CARD_MISSING)
    return found


def may_auto_start(kind: BookingKind, policy: BookingPolicy) -> bool:
    """KB-29: a tap starts a temporary booking by itself only where the tenant switched it on."""
    return kind is not BookingKind.REGULAR and policy.auto_start_new


def invitation(*, has_account: bool) -> str | None:
    """KB-33: what staff are prompted to tell a guardian without an account."""
    return None if has_account else INVITE_TO_JOIN


def check_ending_ground(ground: str, grounds: Collection[str]) -> Problem | None:
    """KB-51: ending a booking by the rules names one of their grounds."""
    return None if ground in grounds else ENDING_GROUND_UNKNOWN
