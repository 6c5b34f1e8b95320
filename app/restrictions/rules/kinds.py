"""The words of the room: what may happen, what a case may rest on, how long it binds and where it stands."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.errors import N_


class Family(StrEnum):
    """Whose restriction it is; ``BINDS`` says what it closes."""

    ANYTIME = "ANYTIME"
    """All of 언제나돌봄 in the municipality (AS-01)."""
    DAYCARE = "DAYCARE"
    """The one daycare that imposed it (AS-25)."""


BINDS = {
    Family.ANYTIME: frozenset({"FACILITY", "VISITING", "DAYCARE"}),
    Family.DAYCARE: frozenset({"DAYCARE"}),
}
"""The services a restriction closes. Kium has no restrictions."""


class EventKind(StrEnum):
    """Something that happened and may count against a household."""

    UNPAID = "UNPAID"
    CANCELLATION = "CANCELLATION"
    NO_SHOW = "NO_SHOW"
    DEMAND = "DEMAND"
    ILLNESS = "ILLNESS"
    INSULT = "INSULT"
    UNREACHABLE = "UNREACHABLE"
    CRIME_SUSPECT = "CRIME_SUSPECT"
    CONFLICT = "CONFLICT"
    LATE_END = "LATE_END"
    VIOLENCE = "VIOLENCE"
    FRAUD = "FRAUD"
    CRIME_PROVEN = "CRIME_PROVEN"
    LATE_CANCEL = "LATE_CANCEL"
    """Of a daycare's night, after the last hour for it (AD-16); its director weighs it (AS-25)."""

    @property
    def label(self) -> str:
        return EVENT_LABELS[self]


EVENT_LABELS = {
    EventKind.UNPAID: N_("미납"),
    EventKind.CANCELLATION: N_("예고 없는 취소"),
    EventKind.NO_SHOW: N_("연락 없이 오지 않음"),
    EventKind.DEMAND: N_("사전등록 없는 무리한 요구"),
    EventKind.ILLNESS: N_("감염병 미고지"),
    EventKind.INSULT: N_("폭언·모욕·성희롱 언행"),
    EventKind.UNREACHABLE: N_("종료 때 연락두절"),
    EventKind.CRIME_SUSPECT: N_("범죄 의심행위"),
    EventKind.CONFLICT: N_("갈등행위"),
    EventKind.LATE_END: N_("종료시간 미준수"),
    EventKind.VIOLENCE: N_("돌보미에 대한 위해 폭언·폭행"),
    EventKind.FRAUD: N_("허위·과다청구 부정수급"),
    EventKind.CRIME_PROVEN: N_("범죄 혐의 인정"),
    EventKind.LATE_CANCEL: N_("야간보육 늦은 취소"),
}


class Ground(StrEnum):
    """What a case rests on."""

    UNPAID = "UNPAID"
    CANCELLATIONS = "CANCELLATIONS"
    NO_SHOWS = "NO_SHOWS"
    DEMANDS = "DEMANDS"
    ILLNESS = "ILLNESS"
    INSULT = "INSULT"
    UNREACHABLE = "UNREACHABLE"
    CRIME_SUSPECT = "CRIME_SUSPECT"
    CONFLICT = "CONFLICT"
    LATE_ENDS = "LATE_ENDS"
    CONFLICTS = "CONFLICTS"
    VIOLENCE = "VIOLENCE"
    FRAUD = "FRAUD"
    CRIME_PROVEN = "CRIME_PROVEN"
    RULE_BREACH = "RULE_BREACH"
    FALSE_PAPERS = "FALSE_PAPERS"
    LEISURE = "LEISURE"

    @property
    def label(self) -> str:
        return GROUND_LABELS[self]


GROUND_LABELS = {
    Ground.UNPAID: N_("미납금"),
    Ground.CANCELLATIONS: N_("예고 없는 일방적 취소"),
    Ground.NO_SHOWS: N_("연락 없이 오지 않음"),
    Ground.DEMANDS: N_("사전등록 없는 무리한 요구"),
    Ground.ILLNESS: N_("감염병 미고지"),
    Ground.INSULT: N_("폭언·모욕·성희롱 언행"),
    Ground.UNREACHABLE: N_("인계 없는 연락두절"),
    Ground.CRIME_SUSPECT: N_("범죄 의심행위"),
    Ground.CONFLICT: N_("갈등행위"),
    Ground.LATE_ENDS: N_("종료시간 미준수"),
    Ground.CONFLICTS: N_("갈등행위 누적"),
    Ground.VIOLENCE: N_("돌보미에 대한 위해 폭언·폭행"),
    Ground.FRAUD: N_("허위·과다청구 부정수급"),
    Ground.CRIME_PROVEN: N_("범죄 혐의 인정"),
    Ground.RULE_BREACH: N_("이용수칙 미준수"),
    Ground.FALSE_PAPERS: N_("증빙서류 허위 제출"),
    Ground.LEISURE: N_("여행·취미 목적의 지나친 장시간 이용"),
}
DAYCARE_GROUNDS = (Ground.RULE_BREACH, Ground.FALSE_PAPERS, Ground.LEISURE)


class Level(StrEnum):
    """How heavy it is (AS-02)."""

    M1 = "M1"
    M3 = "M3"
    M6 = "M6"
    YEAR = "YEAR"
    PERMANENT = "PERMANENT"
    DAYCARE = "DAYCARE"

    @property
    def label(self) -> str:
        return LEVEL_LABELS[self]


LEVEL_LABELS = {
    Level.M1: N_("1개월"),
    Level.M3: N_("3개월"),
    Level.M6: N_("6개월"),
    Level.YEAR: N_("1년 이내"),
    Level.PERMANENT: N_("영구"),
    Level.DAYCARE: N_("어린이집이 정한 기간"),
}
FIXED_MONTHS = {Level.M1: 1, Level.M3: 3, Level.M6: 6}
MOST_MONTHS_OF_A_YEAR = 12


class State(StrEnum):
    """Where a case stands (AS-17)."""

    REPORTED = "REPORTED"
    FACT_CHECK = "FACT_CHECK"
    STATEMENT = "STATEMENT"
    DISMISSED = "DISMISSED"
    DECIDED = "DECIDED"
    NOTIFIED = "NOTIFIED"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    LIFTED = "LIFTED"
    OVERTURNED = "OVERTURNED"
    SHORTENED = "SHORTENED"
    REPLACED = "REPLACED"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS = {
    State.REPORTED: N_("접수"),
    State.FACT_CHECK: N_("사실확인"),
    State.STATEMENT: N_("소명 기다림"),
    State.DISMISSED: N_("제한하지 않음"),
    State.DECIDED: N_("결정"),
    State.NOTIFIED: N_("통지함"),
    State.ACTIVE: N_("제한 중"),
    State.EXPIRED: N_("기간 끝남"),
    State.LIFTED: N_("일찍 풀림"),
    State.OVERTURNED: N_("취소됨"),
    State.SHORTENED: N_("줄여서 제한"),
    State.REPLACED: N_("더 무거운 제한으로 바뀜"),
}
UNDECIDED = frozenset({State.REPORTED, State.FACT_CHECK, State.STATEMENT})
BINDING = frozenset({State.NOTIFIED, State.ACTIVE, State.SHORTENED})
"""Those whose dates bind; whether today is among them, the dates say."""
HEARD = BINDING | {State.EXPIRED, State.LIFTED, State.REPLACED}
"""An objection in time is heard, also when the restriction binds no more: it still counts against the household."""
VOID = frozenset({State.DISMISSED, State.OVERTURNED})
"""They count nowhere (AS-21)."""


class Outcome(StrEnum):
    """What an objection leads to (AS-21)."""

    UPHELD = "UPHELD"
    SHORTENED = "SHORTENED"
    OVERTURNED = "OVERTURNED"

    @property
    def label(self) -> str:
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.UPHELD: N_("제한을 그대로 둠"),
    Outcome.SHORTENED: N_("기간을 줄임"),
    Outcome.OVERTURNED: N_("제한을 취소함"),
}


class Channel(StrEnum):
    """How a guardian's words came."""

    ONLINE = "ONLINE"
    PHONE = "PHONE"
    PAPER = "PAPER"

    @property
    def label(self) -> str:
        return {"ONLINE": N_("누리집"), "PHONE": N_("전화"), "PAPER": N_("서면")}[self.value]
