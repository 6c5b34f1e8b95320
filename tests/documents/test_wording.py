"""A municipality's own wording: tried out on the form before it counts; what breaks the form is refused (XX-01)."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.models import TextVersion
from app.documents.previews import preview_of
from app.documents.proposing import Proposal, proposals, propose_text
from app.documents.rules.wording import line_that_grows, odd_signs
from app.documents.service.printing import PrintItem, request_print
from app.documents.wording import texts_of
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.files import files
from app.kernel.work import Work
from tests.cast_accounts import sign_in
from tests.documents.municipal import work_off
from tests.documents.papers import words
from tests.documents.to_sign import prepared

FORM = "kium-consent-privacy"
KIND = f"{FORM}.intro"
CITY = Actor(Role.SEOUL_ADMIN, user_id=1, name="시담당")


@pytest.mark.rule("XX-01")
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("첫 줄\n둘째 줄 「가」 · ① ※ ○ ㎡ 漢字 Latin ½", []),
        ("첫 줄\n\uf0a8 둘째 줄", [(2, "□", "U+F0A8")]),
        ("좋아요 😀", [(1, "😀", "U+1F600")]),
        ("☎ 전화 ✓", []),
        ("하나\r\n둘\r\n셋\ue000\ue001", [(3, "□", "U+E000")]),
        ("\U0003fffe", [(1, "□", "U+3FFFE")]),
        ("𠮷", []),
        ("보이지\u200b않는\u202e글자", []),
    ],
)
def test_signs_that_cannot_be_printed(body: str, found: list[tuple[int, str, str]]) -> None:
    told = [tuple(problem.values[name] for name in ("line", "sign", "code")) for problem in odd_signs(body)]
    assert told == found


@pytest.mark.parametrize("first", [1, 2, 5, 16, 17])
def test_the_line_with_which_it_grows_is_found_by_halves(first: int) -> None:
    tried = []

    def grows(body: str) -> bool:
        tried.append(body)
        return body.count("\n") + 1 >= first

    assert line_that_grows("\n".join("줄" * 17), grows) == first
    assert len(tried) <= 6
    assert line_that_grows("한 줄", lambda body: False) is None


def publish(place: TenantRef, body: str) -> Proposal | None:
    """Propose, let the worker try it out; what is left of the proposal."""
    with unit_of_work(place, CITY) as uow:
        propose_text(uow, KIND, body, uow.today)
    work_off(place)
    with unit_of_work(place, CITY) as uow:
        return proposals(uow, FORM).get("intro")


def in_force(place: TenantRef) -> tuple[int, str]:
    with unit_of_work(place, SYSTEM) as uow:
        row = texts_of(uow, FORM)["intro"]
        return row.version, row.body


@pytest.mark.rule("XX-01")
def test_a_wording_that_fits_is_published_by_who_proposed_it(seoul: TenantRef) -> None:
    assert publish(seoul, "우리 시의 공식 문구입니다.\n두 번째 줄입니다.") is None
    assert in_force(seoul) == (2, "우리 시의 공식 문구입니다.\n두 번째 줄입니다.")
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.scalars(
            select(TextVersion).where(TextVersion.kind == KIND, TextVersion.official)
        ).one()
        assert row.created_by == CITY.user_id
        told = uow.session.scalars(select(AuditLog).where(AuditLog.action == "text.published")).one()
        assert (told.user_id, told.diff) == (CITY.user_id, {KIND: [1, 2]})


@pytest.mark.rule("XX-01")
def test_a_wording_too_long_for_its_page_is_refused_by_line_and_the_old_one_stays(seoul: TenantRef) -> None:
    before = in_force(seoul)
    long = "\n".join(
        f"{number}. 보호자는 이 안내를 읽고 항목마다 동의 여부를 정합니다." for number in range(1, 61)
    )
    refused = publish(seoul, long)
    assert refused is not None
    assert refused.problem is not None
    assert refused.problem.code == "text.grows"
    line = refused.problem.values["line"]
    assert 3 <= line < 60
    assert refused.body == long
    assert f"{line}번째 줄부터는 서식 1쪽에 들어가지 않아요" in refused.problem.sentence
    assert in_force(seoul) == before
    fitting = "\n".join(long.split("\n")[: line - 1])
    assert publish(seoul, fitting) is None, "one line less has room"
    assert in_force(seoul)[1] == fitting


def test_what_is_plainly_wrong_is_refused_at_once(seoul: TenantRef) -> None:
    with unit_of_work(seoul, CITY) as uow:
        for body, day, code in (
            ("", uow.today, "text.empty"),
            ("가" * 8001, uow.today, "text.too_long"),
            ("가\n\uf0a8", uow.today, "text.odd_sign"),
            ("가", uow.today - timedelta(days=1), "text.in_the_past"),
        ):
            with pytest.raises(RuleBroken, match=code):
                propose_text(uow, KIND, body, day)
    director = Actor(Role.CENTRE_DIRECTOR, user_id=2, scope=1)
    with unit_of_work(seoul, director) as uow, pytest.raises(Forbidden):
        propose_text(uow, KIND, "새 문구", uow.today)
    assert work_off(seoul) == []


def test_a_proposal_whose_day_has_passed_is_told(seoul: TenantRef) -> None:
    with unit_of_work(seoul, CITY) as uow:
        propose_text(uow, KIND, "새 문구", uow.today)
        row = uow.session.scalars(select(Work).where(Work.kind == "text.check")).one()
        row.payload = {**row.payload, "from": (uow.today - timedelta(days=1)).isoformat()}
    work_off(seoul)
    with unit_of_work(seoul, CITY) as uow:
        left = proposals(uow, FORM)["intro"]
        assert left.problem is not None
        assert left.problem.code == "text.day_passed"


def test_previews_and_blank_copies_show_it(seoul: TenantRef, tmp_path: object) -> None:
    with unit_of_work(seoul, CITY) as uow:
        preview_of(uow, load(FORM), "blank")
    work_off(seoul)
    with unit_of_work(seoul, CITY) as uow:
        before = preview_of(uow, load(FORM), "blank")
    assert publish(seoul, "우리 시의 공식 문구입니다.") is None
    with unit_of_work(seoul, CITY) as uow:
        assert not preview_of(uow, load(FORM), "blank").ready, "it is drawn anew"
        run = request_print(uow, [PrintItem(form_id=FORM)], "빈 서식")
    work_off(seoul)
    with unit_of_work(seoul, CITY) as uow:
        after = preview_of(uow, load(FORM), "blank")
        printed = uow.session.scalars(select(Work).where(Work.ref == run)).one().result["file"]
    assert "우리시의공식문구" not in words(files().read(seoul, before.pdf), tmp_path)  # type: ignore[arg-type]
    for name in (after.pdf, printed):
        assert "우리시의공식문구" in words(files().read(seoul, name), tmp_path)  # type: ignore[arg-type]


def test_the_officers_page_holds_the_answer(app: Flask, seoul: TenantRef) -> None:
    admin = app.test_client()
    sign_in(admin, seoul, Role.SEOUL_ADMIN)
    page = f"/seoul/office/texts/{FORM}"
    with unit_of_work(seoul, SYSTEM) as uow:
        day = uow.today.isoformat()
    odd = admin.post(f"{page}/intro", data={"body": "가\n나\uf0a8", "effective_from": day})
    assert (odd.status_code, "2번째 줄의 ‘□’(U+F0A8)" in odd.text) == (422, True)
    answer = admin.post(f"{page}/intro", data={"body": "긴 문구입니다.\n" * 80, "effective_from": day})
    assert answer.status_code == 303
    waiting = admin.get(answer.location, headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    work_off(seoul)
    told = admin.get(answer.location).text
    assert "게시하지 못했어요." in told
    assert "번째 줄부터는" in told
    assert told.count("긴 문구입니다.") >= 80, "nothing that was typed is lost"
    answer = admin.post(f"{page}/intro", data={"body": "알맞은 문구", "effective_from": day})
    work_off(seoul)
    done = admin.get(answer.location).text
    assert "새 문구를 게시했어요" in done
    assert "게시하지 못했어요" not in done


@pytest.mark.rule("XX-01")
def test_what_is_consented_to_stands_beside_the_answer(app: Flask, seoul: TenantRef, teacher: Actor) -> None:
    """As it was in force when the paper was begun, in the section where the answer is given."""
    paper = prepared(seoul, teacher, draft=True)
    desk = app.test_client()
    sign_in(desk, seoul, Role.CENTRE_DIRECTOR, teacher.scope)
    page = unescape(desk.get(f"/seoul/papers/{paper.ref}/fill").text)
    at = 0
    for key, text in load(FORM).texts.items():
        for line in text.ko.split("\n"):
            assert line in page, key
    for part in ("c_required", "c_sensitive", "c_third"):
        at = page.index(f'id="part-{part}"', at)
        assert page.index("거부할 권리", at) < page.index('type="radio"', at)
