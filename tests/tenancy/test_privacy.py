"""The privacy policy stands in the foot of every page of a municipality, for everybody."""

from __future__ import annotations

import pytest
from flask import Flask

from app.kernel.db import TenantRef


@pytest.mark.rule("XX-06")
def test_everybody_can_read_how_long_data_are_kept(app: Flask, seoul: TenantRef) -> None:
    answer = app.test_client().get("/seoul/privacy")
    assert answer.status_code == 200
    for words in ("서비스를 마친 날부터 3년", "어떤 권리가 있나요", "누구에게 제공하나요", "자치구"):
        assert words in answer.text


def test_only_seoul_names_its_own_receivers(app: Flask, gwacheon: TenantRef) -> None:
    page = app.test_client().get("/gwacheon/privacy").text
    assert "동의서에 적힌 곳에" in page
    assert "서울" not in page


@pytest.mark.parametrize("path", ["/seoul/", "/seoul/login", "/seoul/help", "/seoul/join"])
def test_the_foot_emphasises_the_way_to_it(app: Flask, seoul: TenantRef, path: str) -> None:
    page = app.test_client().get(path).text
    assert '<a href="/seoul/privacy" class="strong">개인정보처리방침</a>' in page


def test_unknown_municipality(app: Flask, seoul: TenantRef) -> None:
    assert app.test_client().get("/atlantis/privacy").status_code == 404
