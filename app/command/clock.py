"""``./dolbom clock``: look at the clock's ledger, run a job now, move a demonstration's clock."""

import argparse
import math
import re
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app import house
from app.command.database import running_database
from app.command.problem import CommandProblem
from app.kernel.config import load_settings
from app.kernel.ranges import KST
from app.tenancy import clock
from app.tenancy.models import ClockHeartbeat, JobRun

MOMENT = "%Y-%m-%d %H:%M"
DISTANCE = re.compile(r"^([+-])(\d{1,5})([dhm])$")
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
OUTCOMES = {"DONE": "마침", "FAILED": "실패", "RUNNING": "하는 중"}
FURTHEST = timedelta(days=5 * 366)


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb with its three tasks."""
    parser = sub.add_parser(
        "clock", help="시계", description="예약된 일의 기록을 보고, 실행하고, 시연 시각을 옮깁니다."
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="show|run|travel|reset")
    tasks.add_parser("show", help="지금 시각과 일마다 마지막 실행을 봅니다")
    run = tasks.add_parser("run", help="때가 된 일을 지금 실행합니다")
    run.add_argument("jobs", nargs="*", metavar="일", help="일의 이름 (없으면 때가 된 것 모두)")
    travel = tasks.add_parser("travel", help="시연 시각을 옮깁니다 (운영 환경에서는 할 수 없습니다)")
    travel.add_argument("by", nargs="?", metavar="+3d", help="지금의 시연 시각에서 얼마나: +3d, -2h, +30m")
    travel.add_argument("--to", metavar="시각", help="옮겨 갈 시각: 2027-01-01T00:04")
    tasks.add_parser("reset", help="실제 시각으로 돌아갑니다")


def main(args: argparse.Namespace) -> int:
    """Open the house and do the task."""
    with running_database():
        opened = house.open_house(load_settings(), pool_size=1)
        try:
            {"show": _show, "run": _run, "travel": _travel, "reset": _reset}[args.task](args)
        finally:
            opened.engine.dispose()
    return 0


def _show(_args: argparse.Namespace) -> None:
    print(f"지금(시연 시각): {clock.present().astimezone(KST):{MOMENT}}")
    with clock.platform_unit() as uow:
        beat = uow.session.scalar(select(ClockHeartbeat.beat_at))
        newest = select(JobRun.job, JobRun.outcome, func.max(JobRun.slot), func.count())
        rows = uow.session.execute(newest.group_by(JobRun.job, JobRun.outcome)).all()
    print(f"시계의 마지막 신호: {beat.astimezone(KST):{MOMENT}}" if beat else "시계가 아직 돌지 않았습니다.")
    for job in house.all_jobs():
        print(f"{job.name:10} {job.title}")
        for name, outcome, slot, count in rows:
            if name == job.name:
                print(f"{'':10}   {OUTCOMES[outcome]} {count}번, 마지막 {slot.astimezone(KST):{MOMENT}}")


def _run(args: argparse.Namespace) -> None:
    known = {job.name: job for job in house.all_jobs()}
    if unknown := [name for name in args.jobs if name not in known]:
        raise CommandProblem(f"모르는 일: {', '.join(unknown)}. 목록은 ./dolbom clock show로 봅니다.")
    for name in args.jobs or known:
        print(f"{name:20} {clock.run_due(known[name])}건 실행")


def _travel(args: argparse.Namespace) -> None:
    if bool(args.by) == bool(args.to):
        raise CommandProblem("+3d처럼 얼마나, 또는 --to 2027-01-01T00:04처럼 어디로 갈지 하나만 적어 주세요.")
    target = _moment(args.to) if args.to else clock.present() + _distance(args.by)
    _move(math.ceil((target - datetime.now(KST)).total_seconds()))


def _reset(_args: argparse.Namespace) -> None:
    _move(0)


def _move(seconds: int) -> None:
    if abs(seconds) > FURTHEST.total_seconds():
        raise CommandProblem("시연 시각은 지금에서 5년 안으로만 옮길 수 있습니다.")
    try:
        print(f"시연 시각: {clock.travel(seconds).astimezone(KST):{MOMENT}}")
    except PermissionError as refused:
        raise CommandProblem(str(refused)) from None


def _distance(words: str) -> timedelta:
    found = DISTANCE.fullmatch(words)
    if found is None:
        raise CommandProblem("얼마나 옮길지는 +3d(일), -2h(시간), +30m(분)처럼 적어 주세요.")
    sign, number, unit = found.groups()
    return UNITS[unit] * int(number) * (-1 if sign == "-" else 1)


def _moment(words: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise CommandProblem("시각은 2027-01-01T00:04처럼 적어 주세요.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=KST)
