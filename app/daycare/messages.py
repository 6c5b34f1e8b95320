"""What families and daycares are told about 24-hour care."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

APPLICATION_RETURNED = "daycare.application_returned"
APPLICATION_ACCEPTED = "daycare.application_accepted"
MEALS_SAID = "daycare.meals_said"
REQUESTED = "daycare.requested"
CONFIRMED = "daycare.confirmed"
REFUSED = "daycare.refused"
CHANGED = "daycare.changed"
REPRICED = "daycare.repriced"
CANCELLED = "daycare.cancelled"
CANCELLED_BY_PLACE = "daycare.cancelled_by_place"
PARTLY_CANCELLED_BY_PLACE = "daycare.partly_cancelled_by_place"
SHORTENED_BY_PLACE = "daycare.shortened_by_place"
NO_SHOW = "daycare.no_show"
ENTERED = "daycare.entered"
LEFT = "daycare.left"
CURFEW_SOON = "daycare.curfew_soon"
CURFEW_STAYS = "daycare.curfew_stays"
ROOM_TONIGHT = "daycare.room_tonight"
NEW_REQUEST = "daycare.new_request"

TEMPLATES = (
    Template(
        APPLICATION_RETURNED,
        N_("이용신청서를 보완해 주세요"),
        N_("[{daycare}] 이용신청서를 다시 확인해 주세요.\n{reason}\n고쳐서 다시 내 주시면 바로 확인할게요."),
    ),
    Template(
        APPLICATION_ACCEPTED,
        N_("이용신청서를 접수했어요"),
        N_(
            "[{daycare}] {children} 이용신청서를 접수했어요. 처음 오실 때 가족관계서류와 신분증을 보여 주세요."
        ),
    ),
    Template(
        MEALS_SAID,
        N_("급·간식 합의를 적었어요"),
        N_(
            "[{daycare}] {who}님이 {how} 알려 주신 대로 급·간식 제공에 ‘{answer}’으로 적었어요. "
            "언제든 이용신청서에서 바꿀 수 있어요. 다르면 {phone}(으)로 알려 주세요."
        ),
    ),
    Template(
        REQUESTED,
        N_("예약 신청을 받았어요"),
        N_(
            "[{daycare}] {child} 예약 신청({number})을 받았어요.\n{when}\n자리를 잡아 두었어요. "
            "어린이집이 확인하면 다시 알려 드려요."
        ),
    ),
    Template(
        CONFIRMED,
        N_("예약이 확정되었어요"),
        N_(
            "[{daycare}] {child} 예약({number})이 확정되었어요.\n{when}\n이용료 {amount}원을 이용 전에 내 주세요. "
            "{account}\n준비물: 기저귀, 이불, 여벌 옷, 도시락과 간식"
        ),
    ),
    Template(
        REFUSED,
        N_("예약을 받지 못했어요"),
        N_("[{daycare}] {child} 예약({number})을 받지 못했어요.\n{when}\n사유: {reason}\n문의: {phone}"),
    ),
    Template(
        CHANGED,
        N_("예약이 바뀌었어요"),
        N_("[{daycare}] {child} 예약({number})이 바뀌었어요.\n{when}\n이용료 {amount}원"),
    ),
    Template(
        REPRICED,
        N_("예약의 이용료가 바뀌었어요"),
        N_(
            "[{daycare}] 이용신청서를 접수해 {child} 예약({number})의 이용료가 {before}원에서 {amount}원으로 "
            "바뀌었어요.\n{when}{rest}\n문의: {phone}"
        ),
    ),
    Template(
        CANCELLED,
        N_("예약이 취소되었어요"),
        N_("[{daycare}] {child} 예약({number})이 취소되었어요.\n{when}\n{fee}"),
    ),
    Template(
        CANCELLED_BY_PLACE,
        N_("예약이 취소되었어요"),
        N_(
            "[{daycare}] {child} 예약({number})이 취소되었어요.\n{when}\n사유: {reason}\n"
            "이용료는 없어요.{back} 문의: {phone}"
        ),
    ),
    Template(
        PARTLY_CANCELLED_BY_PLACE,
        N_("예약한 날 가운데 일부가 취소되었어요"),
        N_(
            "[{daycare}] {child} 예약({number})에서 다음 이용이 취소되었어요.\n{when}\n사유: {reason}\n"
            "그대로 이용하는 날:\n{kept}\n취소된 이용의 이용료는 없어요.{back} 문의: {phone}"
        ),
    ),
    Template(
        SHORTENED_BY_PLACE,
        N_("이용시간이 줄었어요"),
        N_(
            "[{daycare}] {child} 예약({number})의 끝 시각이 당겨졌어요.\n{when}\n사유: {reason}\n"
            "줄어든 시간의 이용료는 없어요.{back} 문의: {phone}"
        ),
    ),
    Template(
        NO_SHOW,
        N_("미입소로 처리되었어요"),
        N_(
            "[{daycare}] {child} {when} 이용이 미입소로 처리되었어요. 착오가 있으면 {phone}(으)로 알려 주세요."
        ),
    ),
    Template(ENTERED, N_("입소했어요"), N_("[{daycare}] {child} {at}에 입소했어요. {until}까지 이용해요.")),
    Template(
        LEFT,
        N_("귀가했어요"),
        N_(
            "[{daycare}] {child} {at}에 {person}님과 귀가했어요. 이용시간 {hours}시간, 이용료 {amount}원{rest}"
        ),
    ),
    Template(
        CURFEW_SOON,
        N_("곧 밤 시간이에요"),
        N_(
            "[{daycare}] {child}이(가) 아직 보육실에 있어요. {start}이(가) 지나면 다음 날 {end}까지 나갈 수 없고 "
            "그 시간의 이용료를 내요. 지금 데리러 와 주세요. {phone}"
        ),
    ),
    Template(
        CURFEW_STAYS,
        N_("아침까지 이용이 늘었어요"),
        N_(
            "[{daycare}] {start}이(가) 지나 {child}은(는) 다음 날 {end}까지 보육실에서 지내요. "
            "늘어난 시간의 이용료는 귀가할 때 정산해요. {phone}"
        ),
    ),
    Template(
        ROOM_TONIGHT,
        N_("데리러 오지 않은 아이가 있어요"),
        N_("{count}명이 밤 예약 없이 보육실에 있어요: {children}. 보호자에게 순위대로 전화해 주세요."),
    ),
    Template(
        NEW_REQUEST,
        N_("새 예약 신청"),
        N_("새 예약 신청이 있어요. {when}\n지금 보육실의 예약 신청에서 확인해 주세요."),
    ),
)

register_template(*TEMPLATES)
