"""A form filled in on the screen, by the family or at a desk: saved by itself, by button, and finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.accounts.models import UserAccount
from app.documents import numbers
from app.documents.actions import FILL_PAPER
from app.documents.catalogue import Form, load
from app.documents.filling.conflict import Difference, differences
from app.documents.filling.fitting import fit, together
from app.documents.filling.page import fill_page
from app.documents.filling.pictures import NO_PICTURE, as_data
from app.documents.filling.posting import Posted, posted_data, without_row
from app.documents.model import MAX_ROWS
from app.documents.models import Paper
from app.documents.queries import paper_by_ref
from app.documents.rules import PaperState
from app.documents.service.drafts import BY_HAND, finish_draft, save_draft
from app.documents.service.printing import PrintItem, request_print
from app.documents.views import layout
from app.documents.wording import bodies
from app.kernel import audit, web
from app.kernel.errors import Problem, RuleBroken, StaleVersion

pages = web.tenant_blueprint("documents_fill", __name__)


@web.page(pages, "/papers/<ref>/fill", FILL_PAPER)
def fill(ref: str) -> Any:
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
        if row.state != PaperState.DRAFT:
            return web.see_other(url_for("documents.paper", ref=ref))
        audit.record_access(uow, "paper.draft_opened", "paper", row.id)
    form = load(row.form_id)
    return _page(row, _misfits(row, form) if row.unfit else ())


@web.page(pages, "/papers/<ref>/fill", FILL_PAPER, methods=["POST"])
def save(ref: str) -> Any:
    """One address for every button of the page; ``do`` says which. Whatever it is, what was typed is kept first."""
    do, _, about = (request.form.get("do") or ("quiet" if web.htmx else "finish")).partition(":")
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
    form = load(row.form_id)
    posted: Posted = request.form
    if do == "remove":
        posted = without_row(posted, *about.partition(".")[::2])
    data = posted_data(form, posted, by_hand=row.subject == BY_HAND)
    refused = _pictures(form, data)
    try:
        with web.unit() as uow:
            saved = save_draft(
                uow,
                ref,
                data,
                version=posted.get("version", 0, int),
                page=posted.get("page", ""),
                quiet=do == "quiet",
            )
    except StaleVersion:
        return _conflict(ref, form, data)
    except RuleBroken as broken:
        return _page(row, broken.problems, 422, typed=data)
    return _after(saved.paper, do, about, (*refused, *saved.problems))


def _after(row: Paper, do: str, about: str, problems: tuple[Problem, ...]) -> Any:
    """Where the press of a button leads, once everything is saved."""
    if do == "quiet":
        return _page(row, problems)
    if do in ("add", "remove"):
        return _with_rows(row, about, more=do == "add")
    if do == "finish":
        return _finish(row, problems)
    if problems:
        return _page(row, problems, 422)
    if do == "print":
        with web.unit() as uow:
            work = request_print(uow, [PrintItem(row.ref)], gettext("미리 보기"))
        return web.see_other(url_for("documents_print.print_run", ref=work))
    flash(gettext("임시 저장했어요. 언제든 이어서 쓸 수 있어요."), "success")
    return web.see_other(url_for("documents_fill.fill", ref=row.ref))


def _finish(row: Paper, problems: tuple[Problem, ...]) -> Any:
    try:
        with web.unit() as uow:
            done = finish_draft(uow, row.ref)
    except RuleBroken as broken:
        known = {problem.field for problem in problems}
        rest = tuple(problem for problem in broken.problems if problem.field not in known)
        return _page(row, (*problems, *rest), 422)
    if done.state == PaperState.ISSUED:
        flash(gettext("작성을 마쳤고 서류가 발급되었어요."), "success")
    else:
        flash(gettext("작성을 마쳤어요. 이제 서명만 남았어요."), "success")
    return web.see_other(url_for("documents.paper", ref=done.ref))


def _with_rows(row: Paper, about: str, *, more: bool) -> Any:
    """The page again, with one more row in the named table or with the named one gone."""
    table, _, number = about.partition(".")
    tables = [field.name for field in load(row.form_id).fields if field.type == "table"]
    shown = {name: min(max(request.form.get(f"rows.{name}", 0, int), 0), MAX_ROWS) for name in tables}
    if table not in shown:
        return web.see_other(url_for("documents_fill.fill", ref=row.ref))
    shown[table] += 1 if more else -1
    at = shown[table] - 1 if more else min(int(number), shown[table] - 1) if number.isdecimal() else 0
    wanted = [f"{name}.{count}" for name, count in shown.items() if count > 0]
    target = url_for("documents_fill.fill", ref=row.ref, rows=wanted)
    return web.see_other(f"{target}#{table}.{max(at, 0)}")


def _pictures(form: Form, data: dict[str, Any]) -> tuple[Problem, ...]:
    """Put the photos that came along into ``data``; a problem for each that is none."""
    refused: list[Problem] = []
    sent = request.files.getlist("file")
    for number, field in enumerate(f for f in form.fields if f.type == "photo"):
        content = sent[number].read() if number < len(sent) else b""
        picture = as_data(content) if content else None
        if picture is not None:
            data[field.name] = picture
        elif content:
            refused.append(NO_PICTURE.of(field=field.name, label=field.asked))
        elif request.form.get(f"{field.name}.clear"):
            data[field.name] = None
    return tuple(refused)


def _misfits(row: Paper, form: Form) -> tuple[Problem, ...]:
    clear = numbers.opened_data(row, form, web.place().slug)
    return fit(form, together(clear, row.unfit)).problems


def _conflict(ref: str, form: Form, typed: dict[str, Any]) -> Any:
    """409: the draft as somebody else has saved it meanwhile, beside what was typed here; nothing is lost."""
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
        other = uow.session.get(UserAccount, row.saved_by) if row.saved_by else None
        clear = numbers.opened_data(row, form, uow.tenant.slug)
        mine = fit(
            form, {**clear, **numbers.opened(form, typed, numbers.place_of(row, uow.tenant.slug))}
        ).data
        found = differences(form, clear, mine, by_hand=row.subject == BY_HAND)
    name = other.name if other is not None else ""
    return _page(row, status=409, typed=typed, conflict=found, other=name)


def _page(
    row: Paper,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    typed: Mapping[str, Any] | None = None,
    conflict: Sequence[Difference] | None = None,
    other: str = "",
) -> Any:
    """The form, or for the page that saves by itself the line that says so. ``typed`` stands before what is saved."""
    form, by_hand = load(row.form_id), row.subject == BY_HAND
    errors = {problem.field: web.sentence(problem) for problem in problems}
    data, unfit = {**row.data, **(typed or {})}, {} if typed else row.unfit
    with web.unit() as uow:
        words = bodies(uow, form.id, row.texts)
    return web.render(
        "documents/shared/fill.html",
        block="state",
        layout=layout(),
        paper=row,
        sheet=fill_page(form, data, unfit, errors, _rows_wanted(form), words, by_hand=by_hand),
        opened=request.form.get("page") or web.new_request_id(),
        problems=problems,
        conflict=conflict,
        other=other,
        at_desk=web.actor().is_staff,
        open=row.state == PaperState.DRAFT,
        status=status,
    )


def _rows_wanted(form: Form) -> dict[str, int]:
    """How many rows of which table were asked for: ``?rows=guardians.4``, or as the posted page showed them."""
    wanted: dict[str, int] = {}
    for field in (f for f in form.fields if f.type == "table"):
        wanted[field.name] = min(request.form.get(f"rows.{field.name}", 0, int), MAX_ROWS)
    for word in request.args.getlist("rows"):
        table, _, count = word.rpartition(".")
        if table in wanted and count.isdecimal() and len(count) <= 3:
            wanted[table] = min(int(count), MAX_ROWS)
    return wanted
