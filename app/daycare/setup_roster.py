"""근무표: a week of duties as a typed table, with last week's to start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.daycare import actions
from app.daycare.queries.place import ClassRow, ShiftRow, TeacherRow, classes_of, shifts_of, teachers_of
from app.daycare.rules.days import minute_of, operating_day
from app.daycare.service.rostering import Shift, set_week
from app.daycare.service.running import WouldBreak
from app.daycare.setup_pages import SERVICE, accepts, ask_first, own_daycare, pages, read_span, typed_clock
from app.kernel import submission, web
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import parse_day
from app.kernel.texts import day_text

WEEK = timedelta(days=7)
CELL_MAX, NAME_MAX, LINES_MAX = 300, 40, 8
BAD_LINE = Problem(
    "roster.bad_line",
    N_(
        "{class_name} {day}: ‘{line}’을 읽을 수 없어요. ‘이보람 07:30-15:30’처럼 한 줄에 한 사람씩 적어 주세요."
    ),
    rule="AD-03",
)
TOO_MANY = Problem(
    "roster.too_many", N_("{class_name} {day}: 한 반에 하루 여덟 줄까지 적을 수 있어요."), rule="AD-03"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One typed line: who is in which class from when to when, in minutes of the operating day."""

    class_ref: str
    day: date
    teacher: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.teacher} {typed_clock(self.start)}-{typed_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Table:
    """The week's table: its days, and for every class a cell of lines for each of them."""

    days: tuple[date, ...]
    rows: tuple[tuple[ClassRow, tuple[str, ...]], ...]


def monday_of(text: str, today: date) -> date:
    """The Monday of the week of a typed day, or of today where it cannot be read."""
    try:
        day = parse_day(text)
    except ValueError:
        day = today
    if abs((day - today).days) > 400:
        day = today
    return day - timedelta(days=day.weekday())


def week_of(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=n) for n in range(7))


def cell_name(row: ClassRow, day: date) -> str:
    return f"{row.ref}-{day.isoformat()}"


def table_of(classes: Sequence[ClassRow], monday: date, duties: Sequence[Duty]) -> Table:
    cells: dict[tuple[str, date], list[str]] = {}
    for duty in duties:
        cells.setdefault((duty.class_ref, duty.day), []).append(str(duty))
    days = week_of(monday)
    return Table(
        days,
        tuple((row, tuple("\n".join(cells.get((row.ref, day), ())) for day in days)) for row in classes),
    )


def typed_table(classes: Sequence[ClassRow], monday: date, values: Mapping[str, str]) -> Table:
    """The table as it was typed, for a page that refuses it."""
    days = week_of(monday)
    return Table(
        days,
        tuple(
            (row, tuple(values.get(cell_name(row, day), "")[:CELL_MAX] for day in days)) for row in classes
        ),
    )


def duties_of(classes: Sequence[ClassRow], shifts: Sequence[ShiftRow], moved: timedelta) -> list[Duty]:
    """Stored duties as typed ones, ``moved`` by whole weeks."""
    refs = {row.id: row.ref for row in classes}
    return [
        Duty(
            refs[shift.class_id],
            shift.operating_day + moved,
            shift.teacher,
            minute_of(shift.period.start, shift.operating_day),
            minute_of(shift.period.end, shift.operating_day),
        )
        for shift in shifts
        if shift.class_id in refs
    ]


def read_table(table: Table) -> list[Duty]:
    """Every line of every cell. Raises RuleBroken naming class, day and line."""
    duties: list[Duty] = []
    problems: list[Problem] = []
    for row, cells in table.rows:
        for day, cell in zip(table.days, cells, strict=True):
            lines = [line.strip() for line in cell.replace(",", "\n").splitlines() if line.strip()]
            if len(lines) > LINES_MAX:
                problems.append(TOO_MANY.of(class_name=row.name, day=day_text(day)))
                continue
            for line in lines:
                try:
                    duties.append(read_line(row.ref, day, line))
                except ValueError:
                    problems.append(BAD_LINE.of(class_name=row.name, day=day_text(day), line=line))
    if problems:
        raise RuleBroken(problems[:10])
    return duties


def read_line(class_ref: str, day: date, line: str) -> Duty:
    """``이보람 07:30-15:30``; ValueError for anything else."""
    teacher, _space, hours = line.rpartition(" ")
    teacher = " ".join(teacher.split())
    opens, dash, closes = hours.replace("–", "-").replace("~", "-").partition("-")
    if not (dash and 0 < len(teacher) <= NAME_MAX and teacher.isprintable()):
        raise ValueError(line)
    return Duty(class_ref, day, teacher, *read_span(opens, closes))


@web.page(pages, "/house/roster", actions.MANAGE, service=SERVICE)
def roster() -> Response:
    """``week``: any day of it; ``from=last``: the week before as a proposal, not saved yet."""
    copied = request.args.get("from") == "last"
    with web.unit() as uow:
        place, monday = own_daycare(uow), monday_of(request.args.get("week", ""), operating_day(uow.now))
        classes = classes_of(uow, place.id, monday)
        since = monday - WEEK if copied else monday
        shifts = shifts_of(uow, place.id, since, since + WEEK - timedelta(days=1))
    moved = WEEK if copied else timedelta()
    return _page(monday, table_of(classes, monday, duties_of(classes, shifts, moved)), copied=copied)


@web.page(pages, "/house/roster", actions.MANAGE, methods=["POST"], service=SERVICE)
def save_roster() -> Response:
    """First press: saved, or the children shown for whom a teacher would be missing. Second: saved and marked."""
    request_id = request.form.get("request_id", "")
    with web.unit() as uow:
        place, today = own_daycare(uow), operating_day(uow.now)
        monday = monday_of(request.form.get("week", ""), today)
        classes = classes_of(uow, place.id, monday)
    typed = typed_table(classes, monday, request.form)
    done = url_for("daycare_officer.roster", week=monday.isoformat())
    if request.form.get("step") == "edit":
        return _page(monday, typed)
    try:
        duties = read_table(typed)
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            set_week(uow, place.ref, monday, _known(duties, teachers_of(uow, place.id)), accept=accepts())
            submission.answered_at(uow, request_id, done)
    except WouldBreak as broken:
        lead = _("교사가 모자라는 시간이 생겨요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("근무표를 이대로 저장할까요?"), lead, back=done, here="roster")
    except RuleBroken as error:
        return _page(monday, typed, problems=error.problems, status=422)
    flash(_("근무표를 저장했어요."), "success")
    return web.see_other(done)


def _known(duties: Sequence[Duty], teachers: Sequence[TeacherRow]) -> list[Shift]:
    """Who has an account here is tied to it."""
    ids = {row.name: row.user_id for row in teachers}
    return [Shift(d.class_ref, d.day, d.teacher, d.start, d.end, ids.get(d.teacher)) for d in duties]


def _page(
    monday: date,
    table: Table,
    *,
    copied: bool = False,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    with web.unit() as uow:
        place = own_daycare(uow)
        teachers = teachers_of(uow, place.id)
    return web.render(
        "daycare/officer/roster.html",
        status=status,
        table_data=table,
        cell_name=cell_name,
        monday=monday,
        before=monday - WEEK,
        after=monday + WEEK,
        copied=copied,
        problems=problems,
        teachers=teachers,
    )
