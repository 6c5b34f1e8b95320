"""이용제한: the board, a case with its next step, and the events behind it, for the centre and the city (AS)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import flash, request, url_for
from sqlalchemy import select

from app.accounts.actions import ISSUE
from app.documents.models import Paper, Upload
from app.documents.serving import send_file
from app.documents.uploads import open_upload
from app.kernel import audit, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.files import files
from app.restrictions import actions, event_pages, forms, service
from app.restrictions.models import Restriction
from app.restrictions.policy import policy_of
from app.restrictions.queries import lists
from app.restrictions.queries.takers import hands_of, others_who_may, taker_of
from app.restrictions.rules.barring import barred
from app.restrictions.rules.grounds import line_of
from app.restrictions.rules.kinds import (
    BINDING,
    HEARD,
    UNDECIDED,
    Channel,
    Family,
    Ground,
    Outcome,
    State,
)
from app.restrictions.rules.next_step import WHOSE, Step, next_step
from app.restrictions.rules.period import may_shorten
from app.restrictions.service.cases import grounds_of
from app.restrictions.service.deciding import awaits_second
from app.restrictions.service.objection import RECEIVES
from app.restrictions.service.taking import my_roles, read_case
from app.restrictions.staff_pages import HERE, pages

__all__ = ["event_pages", "pages"]
TABS = {"todo": "처리할 건", "running": "제한 중", "over": "끝난 건"}


@web.page(pages, "", actions.SEE, service=HERE)
def board() -> Any:
    tab = request.args.get("tab", "todo")
    tab = tab if tab in TABS else "todo"
    number = forms.page_asked()
    with web.unit() as uow:
        rows, counts = lists.board(uow, tab, number)
    return web.render(
        "restrictions/staff/board.html",
        rows=rows,
        tab=tab,
        tabs=[
            {
                "label": label,
                "url": url_for("restrictions_staff.board", tab=name),
                "active": name == tab,
                "count": counts[name],
            }
            for name, label in TABS.items()
        ],
        page=number,
        pages=max(1, -(-counts[tab] // lists.PAGE)),
        total=counts[tab],
        may_enter=actions.ENTER_EVENT.allows(web.actor().role),
    )


@web.page(pages, "/cases/<ref>", actions.SEE, service=HERE)
def case(ref: str) -> Any:
    return _case_page(ref)


def _case_page(ref: str, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        row = read_case(uow, ref)
        audit.record_access(uow, "restriction.read", "restriction", row.id)
        context = _case_context(uow, row)
    return web.render("restrictions/staff/case.html", status=status, typed=forms.typed(problems), **context)


def _case_context(uow: UnitOfWork, row: Restriction) -> dict[str, Any]:
    standing = lists.standing_of(row, uow.today)
    step, roles = next_step(standing, uow.today), my_roles(uow)
    ours = row.service == Family.ANYTIME
    line = line_of(Ground(row.ground)) if ours else None
    coordinator, director = Role.COORDINATOR in roles, Role.REGIONAL_DIRECTOR in roles
    undecided = standing.state in UNDECIDED and not standing.first_decided
    hands, mine = hands_of(uow, row), WHOSE.get(step) in roles
    # Who reported it waits for the hearing too, and is told at once that another decides.
    asked = Step.DECIDE if step is Step.HEAR and mine and director else step
    bar = barred(hands, asked, uow.actor.user_id) if mine else None
    return {
        "row": lists.case_row(uow, row),
        "case": row,
        "line": line,
        "step": step,
        "said": lists.said(uow, row),
        "mine": mine,
        "bar": web.sentence(bar) if bar else "",
        "whose": taker_of(uow, step).label if step in WHOSE else "",
        "others": others_who_may(uow, hands, asked) if asked in WHOSE and (bar or not mine) else [],
        "may_issue": ISSUE.allows(uow.actor.role),
        "may": {
            "statement": coordinator and standing.state is State.STATEMENT and undecided,
            "hold": bool(
                line and line.on_carer and coordinator and standing.state in UNDECIDED and not row.hold_until
            ),
            "dismiss": director
            and undecided
            and not barred(hands, Step.DECIDE, uow.actor.user_id)
            and (standing.state is State.FACT_CHECK or step in (Step.HEAR, Step.DECIDE)),
            "objection": bool(roles & RECEIVES[Family(row.service)])
            and standing.state in HEARD
            and row.objection_at is None,
            "lift": director and ours and standing.state in BINDING and row.lift_proposed_by is None,
            "excuse": actions.EXCUSE_EVENT.allows(uow.actor.role) and undecided,
        },
        "events": lists.events_of_case(uow, row.id),
        "history": lists.history(uow, row.id),
        "uploads": _uploads(uow, row),
        "default_months": policy_of(uow).year_default_months,
        "today": uow.today,
        "outcomes": forms.labelled(
            outcome
            for outcome in Outcome
            if outcome is not Outcome.SHORTENED
            or (standing.state in BINDING and may_shorten(row.starts_on, row.ends_on, uow.today))
        ),
        "channels": forms.labelled((Channel.PHONE, Channel.PAPER)),
        "Step": Step,
    }


def _uploads(uow: UnitOfWork, row: Restriction) -> list[Upload]:
    """Evidence and proof of a case."""
    ids = {row.document_id, *(event.upload_id for event in grounds_of(uow, row))} - {None}
    return list(uow.session.scalars(select(Upload).where(Upload.id.in_(ids)).order_by(Upload.id)))


@web.page(pages, "/cases/<ref>/files/<file_ref>", actions.SEE, service=HERE)
def file(ref: str, file_ref: str) -> Any:
    with web.unit() as uow:
        if file_ref not in {upload.ref for upload in _uploads(uow, read_case(uow, ref))}:
            raise NotFound("upload")
        upload, content = open_upload(uow, file_ref)
    return send_file(content, upload.media_type, upload.name)


@web.page(pages, "/cases/<ref>/notice", actions.OPEN_NOTICE, service=HERE)
def notice(ref: str) -> Any:
    """The notice as PDF, for whoever may see the case."""
    with web.unit() as uow:
        row = read_case(uow, ref)
        paper = uow.session.get(Paper, row.paper_id or 0)
        if paper is None:
            raise NotFound("notice")
        if paper.pdf_sha256 is None:
            flash("통지서를 만들고 있어요. 잠시 뒤에 다시 눌러 주세요.")
            return web.see_other(_home(row.ref))
        audit.record_access(uow, "paper.download", "paper", paper.id)
        content = files().read(uow.tenant, paper.pdf_sha256)
    return send_file(content, "application/pdf", f"{paper.title} {row.number}.pdf")


def _home(ref: str) -> str:
    daycare = web.actor().role is Role.DAYCARE_DIRECTOR
    return url_for("restrictions.restriction" if daycare else "restrictions_staff.case", ref=ref)


def _take(ref: str, command: Callable[[UnitOfWork], object], done: str) -> Any:
    """One step of a case: done and told (in the command's own words, if it has any), or the page again with what
    stands against it."""
    try:
        with web.unit() as uow:
            answer = command(uow)
    except RuleBroken as refused:
        return _case_page(ref, refused.problems, 422)
    except StaleVersion:
        return _case_page(ref, [forms.STALE], 409)
    flash(answer if isinstance(answer, str) else done, "success")
    return web.see_other(url_for("restrictions_staff.case", ref=ref))


@web.page(pages, "/cases/<ref>/check", actions.CHECK, methods=["POST"], service=HERE)
def check(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.check_facts(uow, ref, version=forms.version()),
        "사실확인을 시작했어요. 확인한 사실을 적고 소명을 요청해 주세요.",
    )


@web.page(pages, "/cases/<ref>/ask", actions.CHECK, methods=["POST"], service=HERE)
def ask(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.ask_statement(uow, ref, version=forms.version(), found=forms.text("found")),
        "보호자에게 소명을 요청했어요.",
    )


@web.page(pages, "/cases/<ref>/statement", actions.STATE, methods=["POST"], service=HERE)
def statement(ref: str) -> Any:
    def command(uow: UnitOfWork) -> object:
        return service.give_statement(
            uow,
            ref,
            version=forms.version(),
            text=forms.text("words"),
            channel=forms.one_of(Channel, "channel"),
        )

    return _take(ref, command, "소명을 적었어요.")


@web.page(pages, "/cases/<ref>/hold", actions.CHECK, methods=["POST"], service=HERE)
def hold(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.hold(uow, ref, version=forms.version(), reason=forms.text("hold_reason")),
        "결정할 때까지 새 신청을 받지 않아요.",
    )


@web.page(pages, "/cases/<ref>/decide", actions.DECIDE, methods=["POST"], service=HERE)
def decide(ref: str) -> Any:
    def command(uow: UnitOfWork) -> object:
        row = service.decide(
            uow,
            ref,
            version=forms.version(),
            reason=forms.text("reason"),
            months=forms.number("months"),
            proof=forms.handed(),
        )
        return _waits_for_second(uow, row) if awaits_second(row) else None

    return _take(ref, command, "결정했어요. 통지서와 문자로 알려요.")


def _waits_for_second(uow: UnitOfWork, row: Restriction) -> str:
    """Nothing is sent yet: who has to confirm it first (AS-16)."""
    told = "결정했어요. 두 사람이 정하는 제한이라 보호자에게는 아직 알리지 않았어요."
    names = others_who_may(uow, hands_of(uow, row), Step.SECOND)
    if names:
        return f"{told} 시군 담당자가 확인해야 통지돼요: {', '.join(names)}"
    return f"{told} 확인할 수 있는 다른 시군 담당자의 계정이 있어야 통지돼요."


@web.page(pages, "/cases/<ref>/confirm", actions.DECIDE, methods=["POST"], service=HERE)
def confirm(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.co_decide(uow, ref, version=forms.version()),
        "확인했어요. 통지서와 문자로 알려요.",
    )


@web.page(pages, "/cases/<ref>/send-back", actions.DECIDE, methods=["POST"], service=HERE)
def send_back(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.send_back(uow, ref, version=forms.version(), reason=forms.text("back_reason")),
        "다시 살피도록 돌려보냈어요.",
    )


@web.page(pages, "/cases/<ref>/dismiss", actions.DECIDE, methods=["POST"], service=HERE)
def dismiss(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.dismiss(uow, ref, version=forms.version(), reason=forms.text("dismiss_reason")),
        "제한하지 않기로 끝냈어요.",
    )


@web.page(pages, "/cases/<ref>/objection", actions.OBJECT, methods=["POST"], service=HERE)
def objection(ref: str) -> Any:
    def command(uow: UnitOfWork) -> object:
        return service.object_to(
            uow,
            ref,
            version=forms.version(),
            text=forms.text("words"),
            channel=forms.one_of(Channel, "channel"),
            received_on=forms.day("received_on"),
        )

    return _take(ref, command, "이의신청을 적었어요. 시군 담당자가 심사해요.")


@web.page(pages, "/cases/<ref>/answer", actions.DECIDE_OBJECTION, methods=["POST"], service=HERE)
def answer(ref: str) -> Any:
    def command(uow: UnitOfWork) -> object:
        return service.decide_objection(
            uow,
            ref,
            version=forms.version(),
            outcome=forms.one_of(Outcome, "outcome"),
            reason=forms.text("reason"),
            ends_on=forms.day("ends_on", needed=False),
        )

    return _take(ref, command, "심사 결과를 보호자에게 알렸어요.")


@web.page(pages, "/cases/<ref>/propose-lift", actions.PROPOSE_LIFT, methods=["POST"], service=HERE)
def propose_lift(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.propose_lift(uow, ref, version=forms.version(), reason=forms.text("lift_reason")),
        "일찍 풀자고 제안했어요. 시군 담당자가 동의하면 풀려요.",
    )


@web.page(pages, "/cases/<ref>/consent-lift", actions.CONSENT_LIFT, methods=["POST"], service=HERE)
def consent_lift(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.consent_lift(uow, ref, version=forms.version()),
        "제한을 풀고 보호자에게 알렸어요.",
    )


@web.page(pages, "/cases/<ref>/decline-lift", actions.CONSENT_LIFT, methods=["POST"], service=HERE)
def decline_lift(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.decline_lift(
            uow, ref, version=forms.version(), reason=forms.text("decline_reason")
        ),
        "제한을 그대로 두기로 했어요.",
    )
