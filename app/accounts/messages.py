"""What accounts tells people."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

CODE = "accounts.code"
INVITATION = "accounts.invitation"
DORMANT = "accounts.dormant"
PASSWORD_CHANGED = "accounts.password_changed"  # noqa: S105 - the name of a message

register_template(
    Template(
        CODE,
        N_("인증번호"),
        N_("[{place}] 인증번호 {code}\n3분 안에 적어 주세요. 누구에게도 알려 주지 마세요."),
        secret=True,
    ),
    Template(
        INVITATION,
        N_("계정 안내"),
        N_(
            "[{place}] {name} 님, {login_id} 계정이 만들어졌습니다. "
            "{until}까지 아래 주소에서 비밀번호를 정하면 쓸 수 있습니다.\n{link}"
        ),
        secret=True,
    ),
    Template(
        DORMANT,
        N_("계정 사용중지 예정"),
        N_(
            "[{place}] {name} 님, 오래 로그인하지 않아 {day}에 계정이 사용중지됩니다. "
            "계속 쓰려면 그 전에 로그인해 주세요."
        ),
    ),
    Template(
        PASSWORD_CHANGED,
        N_("비밀번호 변경"),
        N_("[{place}] {name} 님의 비밀번호가 바뀌었습니다. 직접 바꾸지 않았다면 담당자에게 알려 주세요."),
    ),
)
