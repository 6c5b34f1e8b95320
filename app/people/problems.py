"""What commands about families refuse, in words a person can act on."""

from __future__ import annotations

from app.documents.text import clean
from app.kernel.errors import N_, Problem, RuleBroken

LEGAL_CONSENT_MISSING = Problem(
    "child.legal_consent_missing",
    N_("만 14세 미만 아동은 법정대리인의 동의가 먼저 필요해요. 동의 내용을 읽고 표시해 주세요."),
    rule="XX-02",
    field="legal_consent",
)
LEGAL_REP_UNNAMED = Problem(
    "child.legal_rep_unnamed",
    N_("부모나 법정대리인이 아니면, 동의한 법정대리인의 이름을 적어 주세요."),
    rule="XX-02",
    field="legal_rep",
)
ALREADY_YOURS = Problem(
    "child.already_yours",
    N_("이미 등록한 아이예요. 아이 목록에서 확인해 주세요."),
    rule="KB-32",
    field="name",
)
LIKELY_TWICE = Problem(
    "child.likely_twice",
    N_("이름·생년월일·연락처가 같은 아동이 이미 있어요. 같은 아이인지 먼저 확인해 주세요."),
    rule="KB-32",
    field="confirmed_new",
)
GRADE_BAD = Problem(
    "child.grade_bad", N_("학년은 1부터 9까지(중학교 1학년은 7) 적어 주세요."), rule="KB-35", field="grade"
)
SEX_MISSING = Problem("child.sex_missing", N_("성별을 골라 주세요."), rule="KB-32", field="sex")
RELATION_MISSING = Problem(
    "child.relation_missing", N_("아이와의 관계를 골라 주세요."), rule="KB-32", field="relation"
)
CHANNEL_BAD = Problem(
    "child.channel_bad", N_("전화와 방문 가운데 하나를 골라 주세요."), rule="KB-14", field="channel"
)
TOO_MANY_GUARDIANS = Problem(
    "guardian.too_many",
    N_("보호자는 {max}명까지 적을 수 있어요. 더 이상 돌보지 않는 분을 먼저 지워 주세요."),
    field="name",
)
GUARDIAN_TWICE = Problem("guardian.twice", N_("이름과 연락처가 같은 보호자가 이미 있어요."), field="phone")
LAST_GUARDIAN = Problem("guardian.last", N_("보호자는 한 명 이상 있어야 해요."))
NOT_YOURSELF = Problem("guardian.not_yourself", N_("자신은 목록에서 지울 수 없어요. 센터에 문의해 주세요."))
OTHER_MEMBER = Problem(
    "guardian.other_member",
    N_("회원인 다른 보호자의 정보와 인계 여부는 그 보호자나 센터가 바꿔요. 센터에 문의해 주세요."),
    rule="XX-05",
)
ORDER_BAD = Problem("guardian.order_bad", N_("연락 순서는 1부터 {max}까지예요."), field="emergency_order")
NO_PHONE_CHANGE = Problem(
    "guardian.no_phone_change",
    N_("연락처는 센터에서 바꿔 드려요. 센터에 전화해 주세요."),
    rule="KB-48",
    field="phone",
)
RELATION_UNNAMED = Problem("pickup.relation_unnamed", N_("아이와의 관계를 적어 주세요."), field="relation")
TOO_MANY_PICKUPS = Problem(
    "pickup.too_many", N_("데리러 올 사람은 {max}명까지 적을 수 있어요."), field="name"
)
HEALTH_TEXT_MISSING = Problem("health.text_missing", N_("내용을 적어 주세요."), field="text")
HEALTH_KIND_MISSING = Problem("health.kind_missing", N_("종류를 골라 주세요."), field="kind")
SENSITIVE_CONSENT_MISSING = Problem(
    "health.consent_missing",
    N_("건강 정보는 민감정보 동의를 먼저 해 주셔야 적을 수 있어요. 동의 화면에서 표시해 주세요."),
    rule="XX-01",
)
TEXT_CHANGED = Problem(
    "consent.text_changed",
    N_("동의서 문구가 바뀌었어요. 새 문구를 읽고 다시 표시해 주세요."),
    rule="XX-01",
)
WITHDRAWN_ALREADY = Problem("consent.withdrawn_already", N_("이미 철회한 동의예요."), rule="XX-01")
NOT_GIVEN = Problem("consent.not_given", N_("철회할 동의가 없어요."), rule="XX-01")
CONSENT_NEEDS_SCAN = Problem(
    "consent.needs_scan", N_("서면 동의는 서명한 동의서를 스캔해서 올려 주세요."), rule="GC-25", field="file"
)
STAFF_CANNOT_CONSENT = Problem(
    "consent.staff_cannot",
    N_("직원은 보호자를 대신해 온라인으로 동의할 수 없어요. 전화 또는 서면으로 받은 동의를 적어 주세요."),
    rule="XX-01",
    field="channel",
)
GROUND_UNKNOWN = Problem(
    "evidence.ground_unknown", N_("우선순위 사유를 골라 주세요."), rule="KB-17", field="ground"
)
PAPER_NOT_ACCEPTED = Problem(
    "evidence.paper_not_accepted",
    N_("이 사유에는 {papers}을(를) 내 주세요."),
    rule="KB-40",
    field="paper",
)
REASON_MISSING = Problem(
    "people.reason_missing", N_("사유를 적어 주세요. 보호자에게 함께 안내돼요."), rule="GC-18", field="reason"
)
OWN_CASE = Problem("people.own_case", N_("본인 가족의 일은 다른 직원이 확인해야 해요."), rule="KB-39")
PHONE_UNVERIFIED = Problem(
    "link.phone_unverified",
    N_("휴대전화 번호를 먼저 확인해 주세요. 내 정보에서 인증할 수 있어요."),
    rule="KB-34",
    field="phone",
)
LINK_ASKED = Problem(
    "link.asked", N_("이미 확인을 요청했어요. 센터가 확인하면 문자로 알려 드려요."), rule="KB-34"
)
CENTRE_MISSING = Problem(
    "link.centre_missing", N_("아이를 등록한 센터를 골라 주세요."), rule="KB-34", field="centre"
)
CHILD_NOT_CHOSEN = Problem(
    "link.child_not_chosen", N_("연결할 아동을 골라 주세요."), rule="KB-34", field="child"
)
DECIDED_ALREADY = Problem("people.decided_already", N_("이미 처리된 요청이에요. 목록을 새로 고쳐 주세요."))
NO_CRITERION = Problem(
    "search.no_criterion",
    N_("이름, 전화번호 뒤 4자리, 생년월일 가운데 하나를 적어 주세요."),
    rule="KB-32",
    field="name",
)
BAD_TAIL = Problem(
    "search.bad_tail", N_("전화번호 뒤 4자리를 숫자로 적어 주세요."), rule="KB-32", field="phone_tail"
)
LINE_TOO_LONG = Problem("people.line_too_long", N_("{max}자까지 적을 수 있어요. 짧게 적어 주세요."))
MEMBER_ALREADY = Problem("invite.member_already", N_("이미 가입한 보호자예요."), rule="KB-33")
NO_MOBILE = Problem(
    "invite.no_mobile",
    N_("휴대전화 번호가 없어 문자를 보낼 수 없어요. 연락처를 먼저 고쳐 주세요."),
    rule="KB-33",
)


def clean_line(text: str, limit: int, field: str) -> str:
    """One line as it is stored: composed, nothing invisible, no line breaks; RuleBroken when it is too long."""
    line = " ".join(clean(text).split())
    if len(line) > limit:
        raise RuleBroken(LINE_TOO_LONG.of(field=field, max=limit))
    return line
