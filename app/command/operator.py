"""``./dolbom operator``: make an operator of the platform, or give one a new password (which also unlocks)."""

import argparse
import secrets

from app import house
from app.command.database import running_database
from app.command.problem import CommandProblem
from app.kernel.config import load_settings
from app.tenancy import clock, operators


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    words = "플랫폼 운영자를 만들거나 비밀번호를 새로 정합니다. 잠긴 계정도 풀립니다."
    parser = sub.add_parser("operator", help="운영자", description=words)
    parser.add_argument("login_id", metavar="아이디", help="영문 소문자와 숫자 4~40자")
    parser.add_argument("--name", default="", metavar="이름", help="화면에 보일 이름")


def main(args: argparse.Namespace) -> int:
    """The password is made here and shown once; it stands in no log."""
    login_id = args.login_id.strip().lower()
    if not (login_id.isascii() and login_id.isalnum() and 4 <= len(login_id) <= 40) or len(args.name) > 40:
        raise CommandProblem("아이디는 영문 소문자와 숫자 4~40자, 이름은 40자까지로 적어 주세요.")
    password = secrets.token_urlsafe(12)
    with running_database():
        opened = house.open_house(load_settings(), pool_size=1)
        try:
            with clock.platform_unit() as uow:
                operators.set_password(uow, login_id, args.name.strip(), password)
        finally:
            opened.engine.dispose()
    print(f"운영자 {login_id}의 비밀번호: {password}")
    print("지금만 보입니다. 안전한 곳에 적어 두세요. 로그인 화면: /platform/login")
    return 0
