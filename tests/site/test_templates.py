"""Templates: each is used, none holds inline code, parents' words can be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.kernel.config import ROOT

TEMPLATES = ROOT / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
FOR_CITIZENS = [p for p in ALL if p.parent.name in ("parent", "public", "own") or "layouts" in p.parts]
ON_ITS_OWN = {"ui/gallery.html": "shows every macro; rendered by tests/site/test_ui.py"}
EVENTS = r"click|dblclick|change|input|submit|reset|load|error|focus|blur|key\w+|mouse\w+|pointer\w+|toggle"
PUTS_TOGETHER = {"ui/calendar.html": "an opening tag whose address is escaped where it is put in"}
HANGUL = re.compile(r"[가-힣]")


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def source(path: Path) -> str:
    """Without comments: they may show what must not be written."""
    return re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)


def test_no_template_is_forgotten() -> None:
    code = "\n".join(p.read_text("utf-8") for folder in ("app", "templates") for p in _texts(folder))
    unused = {name_of(p) for p in ALL if f'"{name_of(p)}"' not in code and f"'{name_of(p)}'" not in code}
    assert unused == set(ON_ITS_OWN)


def _texts(folder: str) -> list[Path]:
    return [p for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".html")]


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_no_inline_code_and_only_the_portable_part_of_htmx(path: Path) -> None:
    """The content policy forbids inline code; the rest would tie the pages to one version of htmx."""
    text = source(path)
    assert not re.search(rf"\sstyle=|<style|\son(?:{EVENTS})\s*=|javascript:|\bjs:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"hx-on|hx-boost|hx-swap-oob|hx-vals|hx-vars|hx-trigger=\"[^\"]*\[", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text), "nothing comes from elsewhere"
    if name_of(path) not in PUTS_TOGETHER:
        assert not re.search(r"\|\s*safe\b", text), "what people typed is escaped, always"


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_whatever_htmx_does_a_plain_page_does_too(path: Path) -> None:
    """An element with hx-get is a link or a form with the same address, or belongs to one (design 6)."""
    for tag in re.findall(r"<(\w+)((?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*\shx-(?:get|post)=[^>]*)>", source(path)):
        name, attributes = tag
        progress = "every 2s" in attributes  # the page that shows progress can be reloaded by hand
        assert progress or name in ("a", "form", "button", "select", "input"), tag
        if name == "a":
            assert "href=" in attributes, tag
        if name == "form":
            assert "action=" in attributes, tag


@pytest.mark.parametrize("path", FOR_CITIZENS, ids=name_of)
def test_every_word_for_citizens_goes_through_translation(path: Path) -> None:
    text = re.sub(r"\{% ?-?trans.*?endtrans.*?%\}", "", source(path), flags=re.S)
    text = re.sub(r"_\(\s*(?:'[^']*'|\"[^\"]*\")", "", text)
    bare = [line.strip() for line in text.splitlines() if HANGUL.search(_without_conditions(line))]
    assert bare == []


def _without_conditions(line: str) -> str:
    """Comparisons with a Korean word decide, they are not shown."""
    return re.sub(r"[=!]=\s*'[^']*'", "", line)
