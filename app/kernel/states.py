"""State machines as tables: which step leads where, and who may take it.

TABLE = StateTable({(State.ASKED, State.GRANTED): {"centre_director"}, …})
TABLE.check(State.ASKED, State.GRANTED, role)   # None, or the Problem to answer with
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.kernel.errors import N_, Problem

WRONG_STEP = Problem(
    "state.wrong_step",
    N_("지금 상태에서는 할 수 없는 처리예요. 화면을 새로 고쳐 현재 상태를 확인해 주세요."),
)
WRONG_ROLE = Problem("state.wrong_role", N_("이 처리를 할 권한이 없어요. 담당자에게 요청해 주세요."))

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StateTable(Generic[S]):
    """Allowed steps ``(before, after) → roles``; a pair that is missing is impossible for everybody."""

    steps: Mapping[tuple[S, S], Collection[str]]

    def check(self, before: S, after: S, role: str) -> Problem | None:
        roles = self.steps.get((before, after))
        if roles is None:
            return WRONG_STEP
        return None if role in roles else WRONG_ROLE

    def next_states(self, before: S, role: str) -> list[S]:
        """Where this role may lead on to, in the table's order."""
        return [after for (frm, after), roles in self.steps.items() if frm == before and role in roles]
