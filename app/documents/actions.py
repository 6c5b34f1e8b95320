"""Who may do what with papers (roles: child and booking rows of the permission matrix)."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, PLACE_STAFF, Role

_STAFF = grant(Reach.SCOPE, *CENTRE_STAFF)
_OFFICE = {
    **grant(Reach.SCOPE, Role.DISTRICT_OFFICER),
    **grant(Reach.TENANT, Role.SEOUL_ADMIN, Role.CITY_OFFICER),
}
_DESKS = {**grant(Reach.SCOPE, *PLACE_STAFF), **_OFFICE}
"""Whoever writes official papers for an institution: a centre its own, an office its own."""
_EVERY_PARTY = {Role.GUARDIAN: Reach.OWN, **_DESKS}

READ_OWN_PAPERS = action("documents.read_own", "내 서류 보기", grant(Reach.OWN, Role.GUARDIAN))
READ_PAPERS = action("documents.read", "서류 보기", _DESKS)
OPEN_PAPER = action("documents.open", "서류 열기", _EVERY_PARTY)
BROWSE_FORMS = action("documents.browse_forms", "서식 찾아보기", _DESKS)
START_PAPER = action("documents.start", "서식 작성 시작", _DESKS)
DROP_DRAFT = action("documents.drop", "작성 중 서류 버리기", _DESKS)
FILL_PAPER = action("documents.fill", "서류 작성", _EVERY_PARTY)
SIGN_PAPER = action("documents.sign", "서류 서명", _EVERY_PARTY)
SCAN_PAPER = action("documents.scan", "서면 서류 등록", _DESKS)
INVITE_SIGNER = action("documents.invite", "서명 링크 보내기", _DESKS)
HAND_DEVICE = action("documents.hand_device", "이 기기에서 서명 받기", _DESKS)
SIGN_BY_LINK = action("documents.sign_by_link", "받은 링크로 서명", EVERYBODY)
VOID_PAPER = action("documents.void", "서류 무효 처리", _DESKS)
REISSUE_PAPER = action("documents.reissue", "서류 다시 발급", _DESKS)
VERIFY_PAPER = action("documents.verify", "발급 문서 확인", EVERYBODY)
EDIT_SEAL = action(
    "documents.edit_seal", "직인 올리기", {**grant(Reach.SCOPE, Role.CENTRE_DIRECTOR), **_OFFICE}
)
RETURN_ORIGINAL = action("documents.return_original", "원본 반환", _STAFF)
PRINT_PAPERS = action("documents.print", "서류 출력", _DESKS)
PUBLISH_TEXT = action(
    "documents.publish_text", "동의서 문구 게시", grant(Reach.TENANT, Role.SEOUL_ADMIN, Role.CITY_OFFICER)
)
