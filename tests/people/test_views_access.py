"""Who may open the pages about families, and what no page of them does."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.people.models import Consent, HealthNote
from app.people.queries import guardians_of
from tests.people.browsers import Stage, make_stage


@pytest.mark.rule("XX-05")
def test_each_role_gets_its_answer(stage: Stage) -> None:
    stage.known()
    child = f"/children/{stage.ref}"
    family_and_centre = [200, 404, 200, 404, 403, 303]
    family = [200, 200, 403, 403, 403, 303]
    centre = [403, 403, 200, 200, 403, 303]
    expected = {
        "/children": family,
        "/children/new": family,
        "/children/link": family,
        "/me": family,
        child: family_and_centre,
        f"{child}/edit": family_and_centre,
        f"{child}/circle": family_and_centre,
        f"{child}/health": family_and_centre,
        f"{child}/consents": family_and_centre,
        f"{child}/consents/SENSITIVE": family_and_centre,
        f"{child}/consents/NOTHING": [404, 404, 404, 404, 403, 303],
        f"{child}/evidence": family_and_centre,
        "/children/0123456789abcdef": [404, 404, 404, 404, 403, 303],
        "/children/' OR 1=1": [404, 404, 404, 404, 403, 303],
        "/evidence/0123456789abcdef/file": [404, 404, 404, 404, 403, 303],
        "/users": centre,
        "/users/new": centre,
        "/desk/evidence": centre,
        "/desk/links": centre,
        "/guardians/0123456789abcdef": [403, 403, 404, 404, 403, 303],
    }
    clients = [stage.parent, stage.stranger, stage.teacher, stage.colleague, stage.officer, stage.visitor]
    for path, statuses in expected.items():
        assert [client.get(f"/seoul{path}").status_code for client in clients] == statuses, path


@pytest.mark.rule("XX-05")
def test_nobody_else_changes_anything(stage: Stage) -> None:
    stage.known()
    posts = [
        "/edit",
        "/guardians",
        "/pickups",
        "/health",
        "/health/open",
        "/consents/SENSITIVE",
        "/consents/SENSITIVE/withdraw",
        "/arrival-form",
        "/evidence",
        "/contacts",
    ]
    for path in posts:
        for client, statuses in (
            (stage.stranger, {403, 404, 422}),
            (stage.colleague, {404, 422}),
            (stage.officer, {403}),
        ):
            assert client.post(stage.url + path, data={}).status_code in statuses, path
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        assert not uow.session.scalars(select(HealthNote)).all()
        assert len(uow.session.scalars(select(Consent)).all()) == 1
        assert [g.name for g in guardians_of(uow, stage.child_id)] == ["김보호"]


@pytest.mark.rule("GC-21")
def test_a_child_of_one_municipality_is_unknown_in_the_other(
    app: Flask, stage: Stage, gwacheon: TenantRef
) -> None:
    there = make_stage(app, gwacheon)
    for client in (there.parent, there.teacher):
        assert client.get(f"/gwacheon/children/{stage.ref}").status_code == 404
        assert client.get(stage.url).status_code == 303
    found = there.teacher.post("/gwacheon/users", data={"name": "김하늘"}).text
    assert "등록된 아동이 없어요" in found


def test_signed_in_pages_are_never_stored(stage: Stage) -> None:
    for path in ("", "/health", "/circle"):
        assert stage.parent.get(stage.url + path).headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_script_or_style(stage: Stage) -> None:
    for path in ("", "/edit", "/circle", "/health", "/consents", "/consents/PRIVACY"):
        page = stage.parent.get(stage.url + path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\s(style|on[a-z]+)=", page)
