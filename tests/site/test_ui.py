"""Layouts, macros and error pages, rendered alone: strict about names, closed to inline code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import wtforms
from flask import Flask, Response, flash, render_template, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.kernel import texts, web
from app.kernel.errors import Problem

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
OURS = sorted(path for room in ("layouts", "ui", "errors") for path in (TEMPLATES / room).glob("*.html"))


class SampleForm(FlaskForm):
    name = wtforms.StringField(
        "이름", [wtforms.validators.InputRequired("꼭 적어 주세요.")], description="실명"
    )
    how = wtforms.RadioField(
        "방법",
        [wtforms.validators.InputRequired("하나를 골라 주세요.")],
        choices=[SelectChoice("call", "전화"), SelectChoice("sms", "문자")],
    )
    agree = wtforms.BooleanField("동의", [wtforms.validators.InputRequired("동의가 필요해요.")])
    memo = wtforms.TextAreaField("메모")


@pytest.fixture
def app() -> Flask:
    app = Flask("ui", template_folder=str(TEMPLATES))
    app.config.update(SECRET_KEY="only here", TESTING=True)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(texts.FILTERS)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{name}"
    Babel(app, default_locale="ko")
    CSRFProtect(app)
    return app


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/seoul/x?state=w&page=3&state=v"):
        yield


def context(**changes: Any) -> dict[str, Any]:
    tenant = {
        "slug": "seoul", "name": "서울특별시", "official": False, "demo": False,
        "service_title": "우리동네키움센터", "phone": "02-2133-4947", "operator": "서울특별시",
    }  # fmt: skip
    user = SimpleNamespace(is_authenticated=True, name="김보라", acting_label="햇살센터 센터장")
    return {
        "tenant": SimpleNamespace(**{**tenant, **changes}),
        "current_user": user,
        "nav": [],
        "request_id": "r-1",
    }


def part(source: str, **values: Any) -> str:
    return render_template_string(source, **values)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_inline_code_and_only_the_portable_part_of_htmx(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    assert not re.search(r"""\sstyle=|<style|\son\w+=["']|hx-on|hx-boost|hx-swap-oob|js:""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("layout", ["parent", "staff", "plain", "platform"])
def test_the_frame_keeps_its_order(layout: str) -> None:
    source = f'{{% extends "layouts/{layout}.html" %}}{{% block title %}}홈{{% endblock %}}'
    values = context(official=True, demo=True)
    page = part(source, **(values if layout != "platform" else {**values, "tenant": None}))
    assert '<html lang="ko">' in page
    first_link = re.search(r"<a [^>]*>", page)
    assert first_link
    assert 'href="#main"' in first_link[0]
    assert re.search(r'<main[^>]*id="main"[^>]*tabindex="-1"', page)
    if layout == "platform":
        assert "공식 전자정부" not in page
    else:
        assert page.index("공식 전자정부") < page.index("시연용") < page.index('<header class="top"')
        assert page.index("02-2133-4947") < page.index("이 누리집은 서울특별시에서 운영하는 누리집입니다.")


def test_official_banner_and_demo_ribbon_only_where_marked() -> None:
    page = part('{% extends "layouts/parent.html" %}', **context())
    assert "공식 전자정부" not in page
    assert "시연용" not in page


def test_logout_is_a_post_form_with_a_token_and_says_who_acts() -> None:
    page = part('{% extends "layouts/staff.html" %}', **context())
    form = re.search(r'<form method="post" action="/seoul/logout">.*?</form>', page, re.S)
    assert form
    assert 'name="csrf_token"' in form[0]
    assert "김보라" in page
    assert "햇살센터 센터장" in page


def test_flashed_words_stand_in_the_status_line_escaped() -> None:
    flash("<b>저장</b>했어요.", "success")
    page = part('{% extends "layouts/parent.html" %}', **context())
    assert '<p class="notice success">&lt;b&gt;저장&lt;/b&gt;했어요.</p>' in page


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 418])
def test_every_error_says_what_why_and_what_next_without_tenant_or_user(code: int) -> None:
    page = render_template("errors/error.html", code=code, request_id="r-77")
    main = re.search(r"<main.*?</main>", page, re.S)
    assert main
    assert re.search(r"<h1>[^<]+</h1>\s*<p>[^<]+</p>\s*<p>[^<]+</p>", main[0])
    assert "r-77" in main[0]
    assert str(code) in main[0]


def test_error_pages_differ_and_503_knows_two_reasons() -> None:
    titles = {code: _title(code=code) for code in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)}
    assert len(set(titles.values())) == len(titles)
    assert "점검 중" in titles[503]
    assert _title(code=503, kind="busy") not in titles.values()


def _title(**values: Any) -> str:
    found = re.search(r"<title>([^|]+)\|", render_template("errors/error.html", **values))
    assert found
    return found[1].strip()


def test_an_error_page_lists_what_a_rule_refused() -> None:
    problem = Problem("x", "{n}명까지예요.", field="child").of(n=3)
    page = render_template("errors/error.html", code=422, problems=[problem], **context())
    assert '<a href="#child">3명까지예요.</a>' in page
    assert 'href="tel:02-2133-4947"' in page


def test_the_gallery_shows_every_macro(app: Flask) -> None:
    form = SampleForm(prefix="sample", meta={"csrf": False})
    form.validate()
    page = render_template("ui/gallery.html", form=form, **{**context(), "tenant": None})
    shown = (TEMPLATES / "ui/gallery.html").read_text("utf-8")
    for path in sorted((TEMPLATES / "ui").glob("*.html")):
        for name in re.findall(r"{% macro ([a-z]\w*)", path.read_text("utf-8")):
            assert re.search(rf"[ {{]{name}\(", shown), f"{path.name}: {name}"
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_a_refused_form_ties_each_error_to_its_field() -> None:
    form = SampleForm(meta={"csrf": False})
    form.validate()
    page = part(
        '{% from "ui/form.html" import error_summary, field %}'
        "{{ error_summary(f) }}{% for x in f %}{{ field(x) }}{% endfor %}",
        f=form,
    )
    assert '<a href="#name">이름: 꼭 적어 주세요.</a>' in page
    assert '<a href="#how-0">방법: 하나를 골라 주세요.</a>' in page
    for target in ("name", "how-0", "agree"):
        assert f'id="{target}"' in page
    name = re.search(r'<input[^>]*id="name"[^>]*>', page)
    assert name
    assert 'aria-describedby="name-hint name-error"' in name[0]
    assert 'aria-invalid="true"' in name[0]
    memo = re.search(r'<textarea[^>]*id="memo"[^>]*>', page)
    assert memo
    assert "aria-" not in memo[0]
    assert "(선택)" in page[page.index('for="memo"') :][:80]


@pytest.mark.parametrize("source", [[], ()])
def test_nothing_wrong_gives_no_summary(source: Any) -> None:
    assert (
        part('{% from "ui/form.html" import error_summary %}{{ error_summary(s) }}', s=source).strip() == ""
    )


@pytest.mark.parametrize(
    ("opening", "has", "has_not"),
    [
        (
            "form('/x', request_id='q1', version=7)",
            ["csrf_token", 'value="q1"', 'name="version" value="7"'],
            [],
        ),
        ("form('/x', version=0)", ["csrf_token", 'name="version" value="0"'], ["request_id"]),
        ("form('/x', method='get')", ["novalidate"], ["csrf_token"]),
        ("form('/x', upload=true)", ["multipart/form-data"], []),
    ],
)
def test_a_form_carries_what_it_must(opening: str, has: list[str], has_not: list[str]) -> None:
    page = part(f'{{% from "ui/form.html" import open_form %}}{{% call open_{opening} %}}{{% endcall %}}')
    assert all(text in page for text in has)
    assert not any(text in page for text in has_not)


def test_hostile_words_are_escaped_in_every_place_of_an_input() -> None:
    bad = '"><script>x</script>'
    page = part(
        '{% from "ui/form.html" import input, select, choices %}{% from "ui/calendar.html" import month %}'
        '{% from "ui/page.html" import todo, tile %}'
        "{{ input('a', b, value=b, hint=b, error=b, attrs={'title': b}) }}"
        "{{ select('s', b, [(b, b)], value=b) }}{{ choices('c', b, [(b, b, b)]) }}"
        "{{ month(b, [[{'label': b, 'url': b, 'text': b, 'name': b, 'tone': b}]]) }}"
        "{{ todo([{'url': b, 'text': b, 'note': b, 'label': b}]) }}{{ tile(b, b, b) }}",
        b=bad,
    )
    assert "<script" not in page


def test_pager_keeps_the_filter_of_the_address() -> None:
    page = part(
        '{% from "ui/pager.html" import pager %}{{ pager(3, 9, request.path, request.args, total=171) }}'
    )
    assert 'href="/seoul/x?state=w&amp;state=v&amp;page=2" rel="prev"' in page
    assert 'href="/seoul/x?state=w&amp;state=v&amp;page=9"' in page
    assert "page=7" not in page
    assert "모두 171건" in page


@pytest.mark.parametrize(("page", "before", "after"), [(1, False, True), (2, True, True), (3, True, False)])
def test_pager_ends_where_the_pages_end(page: int, before: bool, after: bool) -> None:
    shown = part(
        '{% from "ui/pager.html" import pager %}{{ pager(p, 3, request.path, request.args) }}', p=page
    )
    assert ('rel="prev"' in shown, 'rel="next"' in shown) == (before, after)


def test_progress_asks_again_only_while_the_work_goes_on() -> None:
    source = (
        '{% from "ui/page.html" import progress %}{{ progress("/p", 3, 9, "명단", result_url=u, failed=f) }}'
    )
    going = part(source, u="", f="")
    assert 'hx-trigger="every 2s"' in going
    assert '<progress value="3" max="9"' in going
    assert "hx-" not in part(source, u="/done", f="")
    assert "hx-" not in part(source, u="", f="글꼴이 없어요.")


def test_a_day_that_cannot_be_booked_is_no_link() -> None:
    source = '{% from "ui/calendar.html" import month %}{{ month("11월", [[a, b, none]]) }}'
    page = part(
        source,
        a={"label": "1", "url": "/d1", "text": "마감", "disabled": True},
        b={"label": "2", "url": "/d2", "selected": True},
    )
    assert "/d1" not in page
    assert '<a href="/d2" class="day" aria-current="date">' in page


def test_an_empty_panel_is_really_empty() -> None:
    page = part('{% from "ui/table.html" import panel %}{{ panel("신청 내용") }}')
    assert page == '<aside class="panel" id="panel" aria-label="신청 내용"></aside>'


def test_news_beside_a_fragment_travel_in_an_ascii_header() -> None:
    response = web.announce(Response(), "<승인>했어요.", "success")
    header = response.headers["HX-Trigger"]
    assert header.isascii()
    assert json.loads(header) == {"dolbom:status": {"text": "<승인>했어요.", "tone": "success"}}
    script = (TEMPLATES.parent / "static/src/js/app.js").read_text(encoding="utf-8")
    assert "on('dolbom:status'" in script
    assert "textContent: text" in script, "as text, never as HTML"
