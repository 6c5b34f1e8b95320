"""The operator's pages: municipalities as rows, the clock's night, dead letters, holidays. Names of people: never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, g, request, session, url_for

from app.kernel import audit, web, work
from app.kernel.actor import Role
from app.kernel.db import database, platform_ref, tenant_ref, unit_of_work
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.ranges import parse_day
from app.tenancy import clock, health, holiday_service, operators
from app.tenancy.actions import EDIT_HOLIDAYS, REVIVE_WORK, SEE_CLOCK, SEE_TOWNS, SIGN_IN
from app.tenancy.queries import holidays_of_year
from app.tenancy.registry import registry

pages = Blueprint("platform", __name__, url_prefix="/platform")
COOKIE_KEY = "operator"
NIGHT = timedelta(hours=24)
FIRST_YEAR = 2024
MENU = (
    ("시군", "platform.towns"),
    ("시계", "platform.clock_page"),
    ("멈춘 일", "platform.letters"),
    ("휴일", "platform.holidays"),
)


class Operator:
    """``current_user`` of these pages, for the head of the layout."""

    is_authenticated = True
    acting_label = "플랫폼 운영자"

    def __init__(self, name: str) -> None:
        self.name = name


@pages.before_request
def _recognise() -> Response | None:
    """Who is it? Everything but the login page asks to sign in first."""
    ip, request_id = request.remote_addr or "", g.request_id
    g.place = platform_ref(database().settings.role_prefix)
    sid = session.get(COOKIE_KEY)
    if sid:
        with clock.platform_unit() as uow:
            found = operators.recognise(uow, sid)
        if found is not None:
            g.actor = replace(found, ip=ip, request_id=request_id)
            return None
        session.clear()
    if request.endpoint in ("platform.login", "platform.enter"):
        return None
    return web.see_other(url_for("platform.login"))


def _render(template: str, status: int = 200, **context: Any) -> Response:
    signed_in = web.actor().role is Role.PLATFORM_OPERATOR
    menu = [
        {"label": label, "url": url_for(endpoint), "active": request.endpoint == endpoint, "count": 0}
        for label, endpoint in MENU
    ]
    return web.render(
        template,
        status=status,
        nav=menu if signed_in else [],
        current_user=Operator(web.actor().name) if signed_in else None,
        **context,
    )


@web.page(pages, "/login", SIGN_IN)
def login() -> Response:
    return _render("platform/login.html", login_id="", problems=[])


@web.page(pages, "/login", SIGN_IN, methods=["POST"])
def enter() -> Response:
    login_id = request.form.get("login_id", "")[:40]
    with web.unit() as uow:
        answer = operators.sign_in(uow, login_id, request.form.get("password", "")[:200])
    if isinstance(answer, Problem):
        return _render("platform/login.html", 422, login_id=login_id, problems=[answer])
    session.clear()
    session[COOKIE_KEY] = answer
    return web.see_other(url_for("platform.towns"))


@web.page(pages, "/logout", SEE_TOWNS, methods=["POST"])
def logout() -> Response:
    with web.unit() as uow:
        operators.sign_out(uow, session.get(COOKIE_KEY, ""))
    session.clear()
    return web.see_other(url_for("platform.login"))


@web.page(pages, "/", SEE_TOWNS)
def towns() -> Response:
    found = health.towns()
    with web.unit() as uow:
        alerts, now = health.open_alerts(uow), uow.now
    ready = health.readiness()
    names = {row.info.slug: row.info.name for row in found}
    return _render("platform/towns.html", towns=found, alerts=alerts, names=names, ready=ready, now=now)


@web.page(pages, "/clock", SEE_CLOCK)
def clock_page() -> Response:
    with web.unit() as uow:
        nights = health.last_night(uow, uow.now - NIGHT)
        now = uow.now
    moved = round((now - datetime.now(now.tzinfo)).total_seconds() / 60)
    names = {info.slug: info.name for info in registry.everyone()} | {"platform": "플랫폼"}
    return _render(
        "platform/clock.html",
        nights=nights,
        now=now,
        moved_minutes=moved,
        names=names,
        titles=current_app.config["JOB_TITLES"],
    )


@web.page(pages, "/work", REVIVE_WORK)
def letters() -> Response:
    return _render("platform/letters.html", letters=health.dead_letters())


@web.page(pages, "/work/<town>/<ref>/revive", REVIVE_WORK, methods=["POST"])
def revive(town: str, ref: str) -> Response:
    """Try a dead piece of work again from its first attempt."""
    info = registry.find(town)
    if info is None or not info.active:
        raise NotFound("town")
    with unit_of_work(tenant_ref(town, database().settings.role_prefix), web.actor()) as uow:
        row = work.revive(uow, ref)
        if row is None:
            raise NotFound("work")
        audit.record(uow, "work.revive", "work", row, from_state="DEAD", to_state="PENDING")
    flash("다시 하기로 했습니다. 잠시 뒤 새로고침해 보세요.", "success")
    return web.see_other(url_for("platform.letters"))


@web.page(pages, "/holidays", EDIT_HOLIDAYS)
def holidays() -> Response:
    return _holidays(_year())


@web.page(pages, "/holidays", EDIT_HOLIDAYS, methods=["POST"])
def add_holiday() -> Response:
    typed, name = request.form.get("day", ""), request.form.get("name", "")
    try:
        day = _day(typed)
        with web.unit() as uow:
            holiday_service.add_temporary(uow, day, name)
    except RuleBroken as error:
        return _holidays(_year(typed), 422, problems=error.problems, day=typed[:20], name=name[:60])
    flash(f"{day.isoformat()} {name.strip()}을(를) 휴일로 더했습니다.", "success")
    return web.see_other(url_for("platform.holidays", year=day.year))


@web.page(pages, "/holidays/<day>/remove", EDIT_HOLIDAYS, methods=["POST"])
def remove_holiday(day: str) -> Response:
    try:
        gone = _day(day)
        with web.unit() as uow:
            holiday_service.remove_temporary(uow, gone)
    except RuleBroken as error:
        return _holidays(_year(day), 422, problems=error.problems)
    flash(f"{gone.isoformat()} 임시공휴일을 지웠습니다.", "success")
    return web.see_other(url_for("platform.holidays", year=gone.year))


BAD_DAY = Problem("holiday_day", "날짜를 2026-11-24처럼 적어 주세요.", rule="GC-11", field="day")


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise RuleBroken(BAD_DAY) from None


def _year(day: str = "") -> int:
    """The year of a typed day, else of the address, else this one; always one that can be shown."""
    text = day[:4] or request.args.get("year", "")
    this = clock.present().year
    return int(text) if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= this + 3 else this


def _holidays(year: int, status: int = 200, *, problems: Any = (), day: str = "", name: str = "") -> Response:
    with web.unit() as uow:
        rows, today = holidays_of_year(uow.session, year), uow.today
    years = [
        {"label": f"{number}년", "url": url_for("platform.holidays", year=number), "active": number == year}
        for number in range(FIRST_YEAR, today.year + 4)
    ]
    return _render(
        "platform/holidays.html", status, rows=rows, year=year, years=years, kinds=holiday_service.KINDS, today=today,
        typed=holiday_service.TYPED, problems=problems, day=day, name=name,
    )  # fmt: skip
