"""A link to sign one place on one's own phone: what has become of it, and how often a code may be wrong (GC-24)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from app.documents.rules.papers import PaperState
from app.kernel.errors import N_, Problem

WRONG_CODES_MAX = 15
"""Over all codes of one link; then it is closed and a new one has to be sent."""
LINK_PAUSE = timedelta(minutes=1)
"""Between two links to the same place: a button pressed twice sends one message."""
HANDED_FOR = timedelta(minutes=5)
"""How long a device of the institution is in the signer's hands."""


class LinkState(StrEnum):
    """``OPEN`` lives in the clock and the paper; the others are written down when they happen, save the last three."""

    OPEN = "OPEN"
    SIGNED = "SIGNED"
    WITHDRAWN = "WITHDRAWN"
    REPLACED = "REPLACED"
    LOCKED = "LOCKED"
    OVERTAKEN = "OVERTAKEN"
    EXPIRED = "EXPIRED"
    VOID = "VOID"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def answer(self) -> str:
        """What the signer reads who opens such a link."""
        return _ANSWERS.get(self, "")


_LABELS = {
    LinkState.OPEN: N_("링크를 보냈어요"),
    LinkState.SIGNED: N_("링크로 서명했어요"),
    LinkState.WITHDRAWN: N_("링크를 거두었어요"),
    LinkState.REPLACED: N_("새 링크를 보냈어요"),
    LinkState.LOCKED: N_("인증번호를 너무 여러 번 틀려 링크가 닫혔어요"),
    LinkState.OVERTAKEN: N_("다른 방법으로 서명을 받았어요"),
    LinkState.EXPIRED: N_("링크 기한이 지났어요"),
    LinkState.VOID: N_("더 쓰지 않는 서류예요"),
}
_ANSWERS = {
    LinkState.SIGNED: N_("이미 서명을 마쳤어요. 더 하실 일은 없어요."),
    LinkState.WITHDRAWN: N_("보낸 곳에서 서명 요청을 거두었어요. 궁금한 점은 아래로 문의해 주세요."),
    LinkState.REPLACED: N_("새로 보낸 링크가 있어요. 가장 나중에 받은 메시지의 링크를 열어 주세요."),
    LinkState.LOCKED: N_(
        "인증번호가 여러 번 맞지 않아 링크를 닫았어요. 아래로 연락해 새 링크를 받아 주세요."
    ),
    LinkState.OVERTAKEN: N_("이 칸의 서명을 다른 방법으로 이미 받았어요. 더 하실 일은 없어요."),
    LinkState.EXPIRED: N_("서명할 수 있는 기한이 지났어요. 아래로 연락해 새 링크를 받아 주세요."),
    LinkState.VOID: N_("더 쓰지 않는 서류라 서명하지 않으셔도 돼요. 궁금한 점은 아래로 문의해 주세요."),
}

NOT_THE_FAMILYS = Problem(
    "link.not_the_familys",
    N_("보호자가 서명하는 칸만 이 기기를 건네 서명받을 수 있어요."),
    rule="GC-24",
)
LINK_ENDED = Problem(
    "link.ended", N_("이미 끝난 링크예요. 화면을 새로 고쳐 지금 상태를 확인해 주세요."), rule="GC-24"
)
LINK_TOO_SOON = Problem(
    "link.too_soon", N_("방금 링크를 보냈어요. 1분 뒤에 다시 보낼 수 있어요."), rule="GC-24"
)
BAD_PHONE = Problem(
    "link.bad_phone",
    N_("문자를 받을 수 있는 휴대전화 번호를 적어 주세요. 예: 010-1234-5678"),
    rule="GC-24",
    field="phone",
)


OUT_OF_USE = frozenset({PaperState.VOID, PaperState.DROPPED})


def link_state(ended_as: str | None, expires_at: datetime, paper: PaperState, now: datetime) -> LinkState:
    """``ended_as``: how it ended, if it did. A link is good until ``expires_at``, that moment excluded."""
    if ended_as is not None:
        return LinkState(ended_as)
    if paper in OUT_OF_USE:
        return LinkState.VOID
    return LinkState.OPEN if now < expires_at else LinkState.EXPIRED
