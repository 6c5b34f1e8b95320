"""What a family still has to hand in for a booking, in words, each with the page where it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.booking.rules.decision import DocumentKind
from app.booking.rules.priority import Ground, needs_paper
from app.booking.rules.states import BookingKind, BookingState

OPEN = frozenset({BookingState.APPLIED, BookingState.WAITING, BookingState.SCHEDULED, BookingState.IN_USE})
"""A booking that is over asks for nothing."""
CONSENTS = (DocumentKind.PRIVACY_CONSENT, DocumentKind.ARRIVAL_CONSENT)


@dataclass(frozen=True, slots=True)
class HandIn:
    """``url`` is empty where the phone cannot do it: a paper of the centre's own wish is brought or sent to it."""

    text: str
    note: str
    url: str = ""
    label: str = ""


def to_hand_in(
    state: BookingState,
    child: str,
    *,
    kind: BookingKind,
    ground: Ground,
    missing: Collection[DocumentKind],
    evidence_asked: bool,
    paper_asked: str,
) -> list[HandIn]:
    """What was asked for first, then what keeps the centre from approving: evidence, consents (KB-17, KB-19)."""
    if state not in OPEN:
        return []
    found = []
    claimed = kind is BookingKind.REGULAR and needs_paper([ground])
    if (evidence_asked or claimed) and DocumentKind.EVIDENCE in missing:
        found.append(
            HandIn(
                _("우선순위 증빙서류를 올려 주세요"),
                _("%(ground)s 사유를 서류로 확인해야 승인할 수 있어요.", ground=_(ground.label))
                if claimed
                else _("신청이 자리보다 많아 순서를 정해야 해요."),
                url_for("booking.evidence", ref=child),
                _("올리기"),
            )
        )
    if paper_asked:
        found.append(HandIn(_("센터가 서류를 기다려요"), paper_asked))
    if any(kind in missing for kind in CONSENTS):
        found.append(
            HandIn(
                _("동의를 마저 해 주세요"),
                _("동의가 있어야 센터가 승인할 수 있어요."),
                url_for("people.consents", ref=child),
                _("동의하기"),
            )
        )
    return found
