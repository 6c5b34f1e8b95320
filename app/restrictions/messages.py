"""What guardians are told about restrictions."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

WARNING = "restriction.warning"
ASKED = "restriction.asked"
NOTICE = "restriction.notice"
BEGUN = "restriction.begun"
EXPIRED = "restriction.expired"
DISMISSED = "restriction.dismissed"
LIFTED = "restriction.lifted"
ANSWERED = "restriction.answered"
HELD = "restriction.held"

TEMPLATES = (
    Template(
        WARNING,
        N_("한 번 더 생기면 이용이 제한돼요"),
        N_(
            "[{service}] ‘{kind}’이(가) {window} {count}번 있었어요. {threshold}번이 되면 이용이 제한될 수 있어요.\n"
            "사실과 다르면 {office}({phone})로 알려 주세요."
        ),
    ),
    Template(
        ASKED,
        N_("소명을 듣고자 해요"),
        N_(
            "[{service}] ‘{ground}’(으)로 이용제한을 검토하고 있어요. 결정하기 전에 말씀을 듣고자 해요.\n"
            "{due} 밤 12시까지 누리집이나 전화({phone})로 알려 주세요. 답이 없으면 확인된 사실로 결정해요."
        ),
    ),
    Template(
        HELD,
        N_("새 신청을 잠시 받지 않아요"),
        N_(
            "[{service}] 확인이 끝날 때까지 새 이용 신청을 받지 않아요. 늦어도 {until} 밤 12시에 풀려요.\n"
            "문의: {office}({phone})"
        ),
    ),
    Template(
        NOTICE,
        N_("이용이 제한돼요"),
        N_(
            "[{service}] ‘{ground}’(으)로 {first}부터 {last} 이용이 제한돼요.\n"
            "이의가 있으면 {objection} 밤 12시까지 신청하실 수 있어요. 통지서는 누리집에서 보실 수 있어요.\n"
            "문의: {office}({phone})"
        ),
    ),
    Template(
        BEGUN,
        N_("이용제한이 시작되었어요"),
        N_("[{service}] 오늘부터 {last} 이용이 제한돼요.\n{cancelled}"),
    ),
    Template(
        EXPIRED,
        N_("이용제한이 끝났어요"),
        N_("[{service}] 이용제한이 {last}에 끝났어요. {again}"),
    ),
    Template(
        DISMISSED,
        N_("이용을 제한하지 않기로 했어요"),
        N_("[{service}] ‘{ground}’ 건을 확인한 결과 이용을 제한하지 않기로 했어요.\n{reason}"),
    ),
    Template(
        LIFTED,
        N_("이용제한이 풀렸어요"),
        N_("[{service}] 이용제한이 오늘 풀렸어요. {again}\n{reason}"),
    ),
    Template(
        ANSWERED,
        N_("이의신청 결과를 알려 드려요"),
        N_("[{service}] 이의신청 결과: {outcome}. {period}\n이유: {reason}"),
    ),
)
register_template(*TEMPLATES)
