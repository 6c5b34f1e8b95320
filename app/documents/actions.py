"""Who may do what with papers (roles: child and booking rows of the permission matrix)."""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, Role

_STAFF = grant(Reach.SCOPE, *CENTRE_STAFF)
_FAMILY_AND_STAFF = {Role.GUARDIAN: Reach.OWN, **_STAFF}

READ_OWN_PAPERS = action("documents.read_own", "내 서류 보기", grant(Reach.OWN, Role.GUARDIAN))
READ_PAPERS = action("documents.read", "서류 보기", _STAFF)
OPEN_PAPER = action("documents.open", "서류 열기", _FAMILY_AND_STAFF)
FILL_PAPER = action("documents.fill", "서류 작성", _FAMILY_AND_STAFF)
SIGN_PAPER = action("documents.sign", "서류 서명", _FAMILY_AND_STAFF)
SCAN_PAPER = action("documents.scan", "서면 서류 등록", _STAFF)
VOID_PAPER = action("documents.void", "서류 무효 처리", _STAFF)
RETURN_ORIGINAL = action("documents.return_original", "원본 반환", _STAFF)
PRINT_PAPERS = action("documents.print", "서류 출력", _STAFF)
PUBLISH_TEXT = action(
    "documents.publish_text", "동의서 문구 게시", grant(Reach.TENANT, Role.SEOUL_ADMIN, Role.CITY_OFFICER)
)
