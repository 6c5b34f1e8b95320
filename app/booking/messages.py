"""What families and centres are told about bookings."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

TEMPLATES = (
    Template(
        "booking.applied",
        N_("예약 신청을 받았어요"),
        N_("[{centre}] {child} 예약 신청을 받았어요.\n{summary}\n센터가 확인하면 다시 알려 드려요."),
    ),
    Template(
        "booking.approved",
        N_("이용이 승인되었어요"),
        N_(
            "[{centre}] {child} {kind} 이용이 승인되었어요.\n{when}\n바꿀 일이 있으면 센터({phone})로 연락해 주세요."
        ),
    ),
    Template(
        "booking.disapproved",
        N_("이용이 승인되지 않았어요"),
        N_(
            "[{centre}] {child} {kind} 신청이 승인되지 않았어요.\n{when}\n사유: {reason}\n다시 신청하실 수 있어요."
        ),
    ),
    Template(
        "booking.reversed",
        N_("미승인이 해제되었어요"),
        N_("[{centre}] {child} {kind} 신청을 다시 검토해요.\n{when}\n결과는 따로 알려 드려요."),
    ),
    Template(
        "booking.changed",
        N_("예약이 바뀌었어요"),
        N_(
            "[{centre}] {child} {kind} 예약이 바뀌었어요.\n{before} → {when}\n"
            "다르게 알고 계시면 센터({phone})로 연락해 주세요."
        ),
    ),
    Template(
        "booking.cancelled",
        N_("이용이 취소되었어요"),
        N_(
            "[{centre}] {child} {kind} 이용을 {from_day}부터 취소했어요.\n"
            "사유: {reason}\n불이익은 없고, 언제든 다시 신청하실 수 있어요."
        ),
    ),
    Template(
        "booking.closed",
        N_("이용이 종결되었어요"),
        N_(
            "[{centre}] {child} {kind} 이용이 {from_day}부터 종결돼요.\n"
            "운영규정의 종결기준: {reason}\n궁금한 점은 센터({phone})로 물어 주세요."
        ),
    ),
    Template("booking.short_summer", N_("여름방학 운영 안내"), "{text}"),
    Template(
        "booking.expired",
        N_("신청 기간이 지났어요"),
        N_(
            "[{centre}] {child} {kind} 신청이 처리되지 않은 채 시작일이 지나 끝났어요.\n{when}\n다시 신청해 주세요."
        ),
    ),
    Template(
        "booking.expired_centre",
        N_("처리하지 못한 신청이 있어요"),
        N_("시작일이 지나도록 승인되지 않은 신청 {count}건이 기간만료되었어요.\n신청번호: {numbers}"),
    ),
    Template(
        "booking.cancel_asked",
        N_("이용취소 요청이 왔어요"),
        N_("신청번호 {number} {kind} {when}\n보호자가 이용취소를 요청했어요. 확인하고 처리해 주세요."),
    ),
    Template(
        "booking.evidence_asked",
        N_("증빙서류를 내 주세요"),
        N_(
            "[{centre}] {child} {when}에 신청이 자리보다 많아 우선순위를 정해야 해요.\n"
            "로그인하면 처음 화면에서 바로 올릴 수 있어요."
        ),
    ),
    Template(
        "booking.paper_asked",
        N_("서류를 기다리고 있어요"),
        N_("[{centre}] {child} {kind} 신청에 필요한 서류를 내 주세요.\n{paper}"),
    ),
    Template(
        "booking.demand",
        N_("일시돌봄 수요가 이어지고 있어요"),
        N_(
            "{until}까지 {weeks}주 동안 매주 일시돌봄 자리가 거의 찬 시간이에요.\n{slots}\n"
            "운영시간을 조정할지 검토해 주세요."
        ),
    ),
    Template(
        "booking.day_closed",
        N_("센터가 쉬는 날이에요"),
        N_("[{centre}] {day}에 센터가 쉬어요({reason}).\n{child} {kind} 그날 이용은 취소되었어요."),
    ),
    Template(
        "booking.shortened",
        N_("이용기간이 줄었어요"),
        N_(
            "[{centre}] 운영기간이 바뀌어 {child} {kind} 이용기간이 {before}에서 {when}(으)로 줄었어요.\n문의: {phone}"
        ),
    ),
    Template(
        "booking.ended",
        N_("이용기간이 끝났어요"),
        N_("[{centre}] {child} {kind} 이용기간이 끝났어요.\n{when}\n함께해 주셔서 고맙습니다."),
    ),
    Template(
        "booking.sibling_cancelled",
        N_("형제·자매 이용도 취소되었어요"),
        N_(
            "[{centre}] 함께 오던 형제·자매의 예약이 없어져 {child} {when} 예약도 취소되었어요.\n문의: {phone}"
        ),
    ),
    Template(
        "waiting.offered",
        N_("빈자리가 났어요"),
        N_("[{centre}] {child} {kind} 자리가 났어요.\n{when}\n{until}까지 수락하거나 거절해 주세요."),
    ),
    Template(
        "waiting.offer_expired",
        N_("자리 제안 시간이 지났어요"),
        N_(
            "[{centre}] {child} {when} 자리 제안의 답할 시간이 지나 대기가 끝났어요.\n"
            "계속 원하시면 다시 신청해 주세요."
        ),
    ),
    Template(
        "waiting.expired",
        N_("대기가 끝났어요"),
        N_("[{centre}] {child} {kind} 대기가 자리 없이 끝났어요.\n{when}"),
    ),
    Template(
        "waiting.withdrawn",
        N_("겹치는 대기를 정리했어요"),
        N_("[{centre}] 같은 시간에 다른 예약이 있어 {child} {when} 대기를 정리했어요."),
    ),
)
register_template(*TEMPLATES)
