"""What every page shares: the guard before a view, the unit of work inside it, page or fragment after it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask_babel import gettext
from flask_htmx import HTMX
from jinja2_fragments.flask import render_block
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure
from sqlalchemy.exc import OperationalError

from app.kernel import navigation
from app.kernel.actions import Action
from app.kernel.actor import VISITOR, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.errors import Forbidden, NotFound, Problem, TryLater
from app.kernel.particles import settled

htmx = HTMX()
View = Callable[..., Any]
SAFE_NEXT = re.compile(r"/[a-z][a-z0-9_]*(?:/[^\\\x00-\x20\x7f]*)?")
BUSY = (DeadlockDetected, LockNotAvailable, SerializationFailure)


def tenant_blueprint(name: str, import_name: str, prefix: str = "") -> Blueprint:
    """A room's pages: everything of a municipality lies under ``/<slug>``. Views do not get the slug."""
    return Blueprint(name, import_name, url_prefix=f"/<slug>{prefix}")


def page(
    blueprint: Blueprint,
    rule: str,
    action: Action,
    *,
    methods: Iterable[str] = ("GET",),
    service: str | frozenset[str] | None = None,
    endpoint: str | None = None,
    shows: bool = False,
) -> Callable[[View], View]:
    """Register a view under one action. Deny by default: a route without an action fails the site test.

    ``service``: the page exists only in municipalities that offer it, or one of them (GC-22). ``shows``: its one unit
    is ``showing``.
    """

    def register(view: View) -> View:
        guarded = guard(view, action, service)
        guarded.shows = shows  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, endpoint or view.__name__, guarded, methods=list(methods))
        return guarded

    return register


def guard(view: View, action: Action, service: str | frozenset[str] | None = None) -> View:
    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if service is not None and not g.tenant.offers(service):
            raise NotFound(str(service))
        if not action.allows(actor().role):
            if actor().role is Role.VISITOR:
                return ask_to_sign_in()
            raise Forbidden(action.key)
        return run_again_if_busy(lambda: view(**arguments))

    guarded.action = action  # type: ignore[attr-defined]
    guarded.service = service  # type: ignore[attr-defined]
    return guarded


def run_again_if_busy(attempt: Callable[[], Any]) -> Any:
    """A deadlock or a lock that does not come: the whole unit once again, then "try later" (503)."""
    for last in (False, True):
        try:
            return attempt()
        except OperationalError as error:
            if not isinstance(error.orig, BUSY):
                raise
            if last:
                raise TryLater("busy") from error
            for file in request.files.values():
                file.seek(0)  # the first attempt has read it to its end
    raise AssertionError("unreachable")


def actor() -> Actor:
    return g.actor  # type: ignore[no-any-return]


def place() -> TenantRef:
    return g.place  # type: ignore[no-any-return]


def unit() -> AbstractContextManager[UnitOfWork]:
    """The unit of work of this request's person in this request's municipality."""
    return unit_of_work(place(), actor())


@contextmanager
def recognising() -> Iterator[UnitOfWork]:
    """The unit in which a request finds out whose it is; a page that only shows goes on in it (``showing``)."""
    with ExitStack() as stack:
        uow = stack.enter_context(unit_of_work(place(), VISITOR, only_shows=True))
        yield uow
        if getattr(current_app.view_functions.get(request.endpoint or ""), "shows", False):
            g.begun = stack.pop_all(), uow


@contextmanager
def showing() -> Iterator[UnitOfWork]:
    """The unit of a page that only shows, e.g. free seats: what it says is asked again before anything is decided.

    Under a page registered with ``shows`` it is the one its person was recognised in.
    """
    stack, uow = g.pop("begun", (None, None))
    if uow is None:
        with unit_of_work(place(), actor(), only_shows=True) as uow:
            yield uow
        return
    with stack:
        uow.actor = actor()
        yield uow


def end_begun(_error: BaseException | None = None) -> None:
    """After a request: a unit nobody went on with ends here."""
    stack, _uow = g.pop("begun", (None, None))
    if stack is not None:
        stack.close()


def ask_to_sign_in() -> Response:
    """To the login page and back afterwards; a fragment sends the whole page there."""
    target = request.full_path.rstrip("?") if request.method == "GET" else ""
    login = url_for("accounts.login", next=target) if target else url_for("accounts.login")
    if htmx:
        return Response(status=401, headers={"HX-Redirect": login})
    return see_other(login)


def see_other(url: str) -> Response:
    """303: after a POST the browser fetches the result page. A fragment request is told to do the same."""
    if htmx:
        return Response(status=200, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]


def safe_next(target: str | None) -> str | None:
    """A ``next`` parameter only inside this municipality (no open redirect)."""
    if not target or not SAFE_NEXT.fullmatch(target) or "//" in target:
        return None
    return target if target.split("/")[1] == g.tenant.slug else None


def render(template: str, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or for a fragment request the named block of the same template. The server picks the block."""
    if htmx and block is not None:
        body = render_block(template, block, **context)
    else:
        _count_menu()
        body = current_app.jinja_env.get_template(template).render(_page_context(context))
    response = Response(body, status)
    response.vary.add("HX-Request")
    return response


def _count_menu() -> None:
    """The numbers of the menu, once for a whole page; a fragment has no menu."""
    counter = navigation.counter_of(actor().role)
    if counter is not None and not htmx and g.get("tenant") is not None:
        with unit() as uow:
            g.menu_counts = counter(uow)


def announce(response: Response, text: str, tone: str = "success") -> Response:
    """With a fragment: ``text`` for the status line of the page around it (``tone`` as of a notice).

    A header and an event, because both htmx 2 and 4 know them; a header holds ASCII only, so the text is escaped.
    """
    response.headers["HX-Trigger"] = json.dumps({"dolbom:status": {"text": text, "tone": tone}})
    return response


def _page_context(context: dict[str, Any]) -> dict[str, Any]:
    full = dict(context)
    current_app.update_template_context(full)
    return full


def new_request_id() -> str:
    """For the hidden field of every creating form."""
    return secrets.token_hex(16)


def sentence(problem: Problem) -> str:
    """A problem in the reader's language."""
    text = str(gettext(problem.text))
    return settled(text.format(**problem.values) if problem.values else text)


def attach(form: Any, problems: Iterable[Problem]) -> list[Problem]:
    """Put problems beside the fields they name; return those that belong to the whole form."""
    general = []
    for problem in problems:
        field = form._fields.get(problem.field)
        if field is None:
            general.append(problem)
        else:
            field.errors = [*field.errors, sentence(problem)]
    return general
