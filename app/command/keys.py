"""``./dolbom keys``: the keys that seal issued papers, one municipality at a time."""

import argparse
import getpass
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from app import house
from app.command.database import running_database
from app.command.problem import CommandProblem
from app.kernel.actor import SYSTEM
from app.kernel.config import Settings, load_settings
from app.kernel.db import TenantRef, tenant_ref, unit_of_work
from app.kernel.errors import NotFound
from app.kernel.ranges import KST, kst_date
from app.tenancy.registry import registry
from app.tenancy.rules import TenantInfo

TASKS = "create|rotate|list|request|import|revoke"
TEST_LIVES = 820
"""Days, as long as certificates of public authorities are valid (two years and three months)."""


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb with its tasks."""
    words = "발급하는 서류에 찍는 전자직인(PAdES)의 열쇠를 관리합니다. 개인키는 화면에 보이지 않습니다."
    parser = sub.add_parser("keys", help="전자직인 열쇠", description=words)
    tasks = parser.add_subparsers(dest="task", required=True, metavar=TASKS)
    for name, help_words in (
        ("create", "시연용 인증기관으로 첫 열쇠를 만듭니다 (운영 환경에서는 할 수 없습니다)"),
        ("rotate", "시연용 열쇠를 새로 만들어 바꿉니다. 앞의 것은 확인에만 씁니다"),
    ):
        task = tasks.add_parser(name, help=help_words)
        task.add_argument("slug", metavar="시군")
        task.add_argument(
            "--days", type=int, default=TEST_LIVES, metavar="날수", help="유효기간 (기본 820일)"
        )
    tasks.add_parser("list", help="열쇠와 남은 기간을 봅니다").add_argument(
        "slugs", nargs="*", metavar="시군"
    )
    request = tasks.add_parser("request", help="새 열쇠를 만들고 인증서 신청서(CSR)를 씁니다")
    request.add_argument("slug", metavar="시군")
    request.add_argument(
        "--name", default="", metavar="이름", help="인증서에 적을 이름 (기본: <시군 이름> 전자직인)"
    )
    request.add_argument(
        "--output", type=Path, required=True, metavar="파일", help="신청서를 쓸 파일, 예: seoul.csr"
    )
    bring = tasks.add_parser("import", help="받은 인증서를 넣어 쓰기 시작합니다")
    bring.add_argument("slug", metavar="시군")
    bring.add_argument(
        "files", nargs="*", type=Path, metavar="인증서", help="받은 인증서와 상위 인증서 (PEM, DER)"
    )
    bring.add_argument("--p12", type=Path, metavar="파일", help="개인키까지 든 PKCS #12 (.p12, .pfx)")
    revoke = tasks.add_parser("revoke", help="열쇠를 폐지합니다 (되돌릴 수 없습니다)")
    revoke.add_argument("slug", metavar="시군")
    revoke.add_argument("ref", metavar="열쇠", help="list에 나오는 번호")
    revoke.add_argument("--reason", required=True, metavar="사유")


def main(args: argparse.Namespace) -> int:
    """Open the house and do the task; what does not fit is said in Korean."""
    from app.documents.keys import BadCertificate, KeyInTheWay

    with running_database():
        settings = load_settings()
        opened = house.open_house(settings, pool_size=1)
        try:
            TASK[args.task](args, settings)
        except (BadCertificate, KeyInTheWay) as refused:
            raise CommandProblem(str(refused)) from None
        finally:
            opened.engine.dispose()
    return 0


def give_test_keys(settings: Settings) -> int:
    """A demonstration's municipalities without any key get one; returns how many."""
    from app.documents.certificates import own_test_authority
    from app.documents.keys import all_keys, create_test_key

    made = 0
    for info in registry.everyone():
        if not (info.active and info.demo and registry.is_current(info)):
            continue
        with unit_of_work(tenant_ref(info.slug, settings.role_prefix), SYSTEM) as uow:
            if not all_keys(uow):
                authority = own_test_authority(settings.keys, uow.now)
                # Longer than the demonstration's clock can travel, to either side.
                create_test_key(
                    uow, authority, info.name, uow.now - timedelta(days=365), timedelta(days=2200)
                )
                made += 1
    return made


def _create(args: argparse.Namespace, settings: Settings) -> None:
    _make_test_key(args, settings, first=True)


def _rotate(args: argparse.Namespace, settings: Settings) -> None:
    _make_test_key(args, settings, first=False)


def _make_test_key(args: argparse.Namespace, settings: Settings, *, first: bool) -> None:
    from app.documents.certificates import own_test_authority
    from app.documents.keys import KeyInTheWay, all_keys, create_test_key
    from app.documents.rules.sealing import KeyState

    if settings.production:
        raise CommandProblem(
            "운영 환경에서는 시연용 인증서를 만들지 않습니다. ./dolbom keys request로 인증서를 신청하거나\n"
            "./dolbom keys import --p12로 받은 것을 넣어 주세요."
        )
    if not 1 <= args.days <= 3650:
        raise CommandProblem("유효기간은 1일에서 3650일 사이로 적어 주세요.")
    info, place = _town(args.slug, settings)
    with unit_of_work(place, SYSTEM) as uow:
        in_use = any(row.state == KeyState.ACTIVE for row in all_keys(uow))
        if first and in_use:
            raise KeyInTheWay("이미 쓰는 열쇠가 있습니다. 바꾸려면 ./dolbom keys rotate를 쓰세요.")
        if not first and not in_use:
            raise KeyInTheWay("쓰는 열쇠가 없습니다. 만들려면 ./dolbom keys create를 쓰세요.")
        authority = own_test_authority(settings.keys, uow.now)
        row = create_test_key(
            uow, authority, info.name, uow.now - timedelta(days=1), timedelta(days=args.days)
        )
        words = f"{row.ref}  {row.subject}, {kst_date(row.not_after)}까지"
    print(f"{info.name}: 시연용 열쇠로 전자직인을 찍습니다. {words}")


def _list(args: argparse.Namespace, settings: Settings) -> None:
    from app.documents.keys import all_keys, seal_troubles, waiting_for_seal
    from app.documents.rules.sealing import KeyState

    towns = [_town(slug, settings)[0] for slug in args.slugs] or [i for i in registry.everyone() if i.active]
    for info in towns:
        with unit_of_work(tenant_ref(info.slug, settings.role_prefix), SYSTEM) as uow:
            rows, troubles, waiting = all_keys(uow), seal_troubles(uow), waiting_for_seal(uow)
            today = uow.today
        print(f"{info.slug}  {info.name}" + ("" if rows else "  열쇠 없음: 전자직인 없이 발급합니다"))
        for row in rows:
            left = (kst_date(row.not_after) - today).days
            until = (
                f"{row.not_after.astimezone(KST):%Y-%m-%d}까지 ({left}일)" if row.issuer else "인증서 기다림"
            )
            test = " 시연용" if row.for_test else ""
            print(
                f"  {row.ref}  {KeyState(row.state).label:5}  {until}  {row.subject} ← {row.issuer or '?'}{test}"
            )
        for words in troubles.values():
            print(f"  ! {words}" + (f" 기다리는 서류 {waiting}건." if waiting else ""))


def _request(args: argparse.Namespace, settings: Settings) -> None:
    from app.documents.certificates import name_of
    from app.documents.keys import request_key

    info, place = _town(args.slug, settings)
    if args.output.exists():
        raise CommandProblem(f"{args.output} 파일이 이미 있습니다. 다른 이름을 적어 주세요.")
    with unit_of_work(place, SYSTEM) as uow:
        subject = name_of(
            info.operator or info.name, "돌봄이음", args.name.strip() or f"{info.name} 전자직인"
        )
        row, request = request_key(uow, subject)
        args.output.write_text(request)
        ref = row.ref
    print(f"{info.name}: 열쇠 {ref}를 만들고 신청서를 {args.output}에 썼습니다.")
    print(
        f"인증기관에 내고, 받은 인증서를 ./dolbom keys import {args.slug} <인증서> <상위 인증서>로 넣어 주세요."
    )


def _import(args: argparse.Namespace, settings: Settings) -> None:
    from app.documents.certificates import read_certificates, read_pkcs12
    from app.documents.keys import import_answer, import_pair

    if bool(args.p12) == bool(args.files):
        raise CommandProblem("받은 인증서 파일들, 또는 --p12 파일 하나를 적어 주세요.")
    info, place = _town(args.slug, settings)
    with unit_of_work(place, SYSTEM) as uow:
        if args.p12:
            key, given = read_pkcs12(_read(args.p12), _password())
            row = import_pair(uow, key, given)
        else:
            row = import_answer(uow, [c for path in args.files for c in read_certificates(_read(path))])
        words = f"{row.subject} ← {row.issuer}, {kst_date(row.not_after)}까지"
    print(f"{info.name}: 이제 이 열쇠로 전자직인을 찍습니다. {words}")


def _revoke(args: argparse.Namespace, settings: Settings) -> None:
    from app.documents.keys import revoke_key, seal_troubles

    info, place = _town(args.slug, settings)
    with unit_of_work(place, SYSTEM) as uow:
        try:
            row = revoke_key(uow, args.ref, args.reason)
        except NotFound:
            raise CommandProblem(
                f"{info.name}에 '{args.ref}' 열쇠가 없습니다. ./dolbom keys list로 보세요."
            ) from None
        uow.session.flush()
        troubles, ref = seal_troubles(uow), row.ref
    print(f"{info.name}: 열쇠 {ref}를 폐지했습니다.")
    for words in troubles.values():
        print(f"  ! {words}")


def _town(slug: str, settings: Settings) -> tuple[TenantInfo, TenantRef]:
    info = registry.find(slug)
    if info is None or not info.active:
        raise CommandProblem(f"'{slug}'라는 열린 시군이 없습니다. ./dolbom tenant list로 볼 수 있습니다.")
    return info, tenant_ref(slug, settings.role_prefix)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CommandProblem(f"{path} 파일을 읽지 못했습니다.") from None


def _password() -> str:
    """Asked for without showing it; a script writes it to standard input. It never stands on the command line."""
    if sys.stdin.isatty():
        return getpass.getpass("PKCS #12 비밀번호: ")
    return sys.stdin.readline().rstrip("\n")


TASK: dict[str, Callable[[argparse.Namespace, Settings], None]] = {
    "create": _create,
    "rotate": _rotate,
    "list": _list,
    "request": _request,
    "import": _import,
    "revoke": _revoke,
}
