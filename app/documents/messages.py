"""What papers tell people."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

SIGN_LINK = "documents.sign_link"

register_template(
    Template(
        SIGN_LINK,
        N_("서명 요청"),
        N_(
            "[{place}] {signer} 님, {asker}에서 ‘{title}’ 서명을 부탁드려요. "
            "{until}까지 아래 주소에서 휴대전화를 확인하고 서명해 주세요.\n{link}"
        ),
        secret=True,
    ),
)
