"""Every form of the site, each of its fields filled with what no person types: words in answer, never a breakdown.

The forms are those the pages show: a new field is tried by itself as soon as some page offers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.centres.forms import CapacityForm
from app.kernel.actor import Role
from app.kernel.db import Database, TenantRef
from tests.booking.town import NOW
from tests.conftest import undone_at_the_end
from tests.site.test_routes import action_of, rules_of, undone
from tests.site.world import World, build_world

Fields = list[tuple[str, str]]
FILE = "file"
PDF = b"%PDF-1.4\n%%EOF\n"
USUAL = {
    "date": "2026-10-20", "time": "14:00", "number": "3", "text": "가나다", "textarea": "까닭이에요",
    "tel": "01012345678", "email": "a@example.kr", "password": "Abcd-1234", "search": "가",
}  # fmt: skip
HOSTILE = (
    " ",
    "x" * 400,
    "가" * 70_000,
    "😀\u202e\u200b",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "24:00",
    "25:99",
    "9" * 23,
    "9" * 500,
    "-1",
    "1.5",
    "1e999",
    "sNaN",
    "२०",
    "[[[1e999, null]]]",
    '["\\u0000"]',
    "{0.__class__} %s %(x)d",
    "0" * 32,
    "0" * 32 + "\n",
    "1\n",
)
EACH = 2
"""Hostile values each field of each form meets; together the fields of a form meet them all."""


@dataclass
class Form:
    method: str
    action: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    """(name, type, value)"""

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for name, kind, _ in self.fields if kind != FILE))

    def filled(self, without: str = "") -> Fields:
        """As a person would send it, one field left out."""
        sent = [(name, value or USUAL.get(kind, "")) for name, kind, value in self.fields if kind != FILE]
        return [(name, value) for name, value in sent if name != without]


class FormReader(HTMLParser):
    """The forms of one page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        name, value = had.get("name") or "", had.get("value") or ""
        if tag == "form":
            self.forms.append(Form((had.get("method") or "get").lower(), had.get("action") or self.address))
        elif not self.forms:
            return
        elif tag in ("input", "button") and name:
            self.forms[-1].fields.append((name, had.get("type") or "text", value))
        elif tag == "textarea" and name:
            self.forms[-1].fields.append((name, "textarea", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and value:
            self.forms[-1].fields.append((self._select, "select", value))
            self._select = ""


@pytest.fixture
def db(own_house: Database) -> Iterator[Database]:
    """A database of its own: thousands of attempts leave more dead rows than the next tests should wade through."""
    with undone_at_the_end(own_house):
        yield own_house


@pytest.fixture
def world(db: Database, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield build_world(seoul)


def forms_of(app: Flask, db: Database, world: World, role: Role) -> list[Form]:
    """Of every page the role may open, each once."""
    pages = [world.address(rule) for rule in rules_of(app, "GET") if action_of(app, rule).allows(role)]
    client, found = world.client(app, role), {}
    for address in pages + (world.wizard() if role is Role.GUARDIAN else []):
        with undone(db):
            answer = client.get(address)
        if answer.mimetype == "text/html":
            reader = FormReader(address)
            reader.feed(answer.text)
            for form in reader.forms:
                found.setdefault((form.method, urlsplit(form.action).path, *sorted(form.names)), form)
    return list(found.values())


def attempts(form: Form) -> Iterator[tuple[str, Fields]]:
    yield "as it stands", form.filled()
    turn = 0
    for name in form.names:
        rest = form.filled(without=name)
        yield f"{name} missing", rest
        yield f"{name} twice", [*form.filled(), (name, "zz")]
        for _ in range(EACH):
            value, turn = HOSTILE[turn % len(HOSTILE)], turn + 1
            yield f"{name}={value[:20]!r}", [*rest, (name, value)]


def send(client: FlaskClient, form: Form, sent: Fields) -> int:
    path = urlsplit(form.action).path
    if form.method == "get":
        return client.get(path, query_string=MultiDict((n, v[:2000]) for n, v in sent)).status_code
    data: MultiDict[str, object] = MultiDict(sent)
    if any(kind == FILE for _, kind, _ in form.fields):
        data.add(FILE, (BytesIO(PDF), "재직증명서.pdf"))
    return client.post(form.action, data=data).status_code


@pytest.mark.parametrize(
    "role",
    [
        Role.GUARDIAN,
        Role.CENTRE_DIRECTOR,
        Role.DISTRICT_OFFICER,
        Role.SEOUL_ADMIN,
        Role.DAYCARE_DIRECTOR,
        Role.COORDINATOR,
        Role.REGIONAL_DIRECTOR,
        Role.CITY_OFFICER,
    ],
)
def test_no_field_of_any_form_breaks_a_page(app: Flask, db: Database, world: World, role: Role) -> None:
    forms = forms_of(app, db, world, role)
    assert len(forms) > 15
    cookies = list(world.client(app, role)._cookies.values())
    broken = []
    for form in forms:
        for what, sent in attempts(form):
            client = app.test_client()  # a logout among the attempts must not sign out the others
            for cookie in cookies:
                client.set_cookie(cookie.key, cookie.value, path=cookie.path)
            with undone(db):
                status = send(client, form, sent)
            if status >= 500:
                broken.append((form.method, form.action, what, status))
    assert not broken, "\n".join(map(str, broken))


@pytest.mark.parametrize(
    ("role", "path", "sent", "status"),
    [
        # Once each of these was a breakdown.
        (Role.CENTRE_DIRECTOR, "/seoul/centre/capacity", {"area": "1e999"}, 422),
        (Role.CENTRE_DIRECTOR, "/seoul/centre/capacity", {"area": "NaN"}, 422),
        (Role.CENTRE_DIRECTOR, "/seoul/centre/capacity", {"area": "sNaN"}, 422),
        (Role.SEOUL_ADMIN, "/seoul/district/centres/new", {"area": "1e999"}, 422),
        (Role.GUARDIAN, "/seoul/book", {"day": "2026-10-16", "from": "14:00", "to": "15:00"}, 303),
        (Role.CENTRE_DIRECTOR, "/seoul/bookings?kind=%20", None, 422),
        (Role.CENTRE_DIRECTOR, "/seoul/bookings?ground=%20&papers=%20", None, 422),
    ],
)
def test_what_once_broke(
    app: Flask, world: World, role: Role, path: str, sent: dict[str, str] | None, status: int
) -> None:
    client = world.client(app, role)
    answer = client.get(path) if sent is None else client.post(path, data=sent)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1899-12-31", False),
        ("1900-01-01", True),
        ("2100-12-31", True),
        ("2101-01-01", False),
        ("9999-12-31", False),
    ],
)
def test_a_day_is_one_that_people_speak_of(app: Flask, typed: str, read: bool) -> None:
    with app.test_request_context():
        form = CapacityForm(MultiDict({"effective_on": typed}))
        form.validate()
        assert bool(form.effective_on.errors) is not read


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"login_id=%ff%fe%ed%a0%80", "application/x-www-form-urlencoded"),
        (b"login_id=%00", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
        (b"".join(b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" for _ in range(600)) + b"--x--",
         "multipart/form-data; boundary=x"),
        (b"a=" + b"1" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"1" * 13_000_000, "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/seoul/login", "/platform/login", "/seoul/nowhere"])
def test_a_body_that_is_no_form_is_refused(
    app: Flask, seoul: TenantRef, path: str, body: bytes, kind: str
) -> None:
    answer = app.test_client().post(path, data=body, content_type=kind)
    assert 400 <= answer.status_code < 500
