"""What families are told about records and papers."""

from __future__ import annotations

from app.messaging.templates import Template, register_template

INVITATION = "people.invitation"
OWN_RECORD = "people.own_record"
LINKED = "people.linked"
LINK_REFUSED = "people.link_refused"
EVIDENCE_REJECTED = "people.evidence_rejected"

register_template(
    Template(
        INVITATION,
        "회원가입 안내",
        "{centre}에 {child} 어린이가 등록되었습니다. {service} 누리집에 가입하시면 도착·귀가 알림과 예약을 직접 "
        "확인하실 수 있습니다. 가입한 뒤 '등록된 아이 연결'을 눌러 주세요.",
    ),
    Template(
        OWN_RECORD,
        "회원가입 안내",
        "{centre}에 {child} 어린이의 신청서가 있습니다. {days}일 안에 이 휴대전화 번호와 '{guardian}' 이름으로 "
        "{service} 누리집에 가입하시면 신청서와 예약을 바로 보고 서명하실 수 있습니다.",
    ),
    Template(
        LINKED,
        "아이 연결 완료",
        "{child} 어린이가 회원님 계정에 연결되었습니다. 누리집에서 예약과 출결을 확인해 주세요.",
    ),
    Template(
        LINK_REFUSED,
        "아이 연결 안내",
        "{child} 어린이를 연결하지 못했습니다. 사유: {reason} 궁금한 점은 {centre}에 전화해 주세요.",
    ),
    Template(
        EVIDENCE_REJECTED,
        "증빙서류 안내",
        "{child} 어린이의 {paper}을(를) 다시 내 주세요. 사유: {reason}",
    ),
)
