"""Reading a PDF back with poppler, as a person's viewer would, and data that tries to break a form."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from app.documents.catalogue import Field, Form

NASTY = [
    "남궁산들바람솔빛나",
    "Alexandrina Maria-Theresia von Württemberg-Hohenstein",
    "<script>alert(1)</script>",
    "諸葛龍鳳齋 金",
    "가나다" * 30,
    "윤\u0000서\u202e담",
    "{{ 123 * 1001 }} & <b>굵게</b> \"'",
    "x" * 120,
    "",
]


def sample(form: Form) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((form.folder / "sample.json").read_text("utf-8"))
    return data


def nasty(form: Form, rows: int) -> dict[str, Any]:
    """The form with unpleasant words in every text and `rows` rows in every table."""
    return {
        item.name: _nasty(item, number, rows)
        for number, item in enumerate(form.fields)
        if item.type in _NASTY_TYPES
    }


_NASTY_TYPES = {"text", "table", "choice", "yes-no", "multichoice", "int", "money"}


def _nasty(item: Field, number: int, rows: int) -> Any:
    match item.type:
        case "table":
            return [
                {
                    c.name: _nasty(c, number + row + i, rows)
                    for i, c in enumerate(item.columns)
                    if c.type in _NASTY_TYPES
                }
                for row in range(rows)
            ]
        case "choice" | "yes-no":
            return item.choices[number % len(item.choices)].value
        case "multichoice":
            return [choice.value for choice in item.choices]
        case "int" | "money":
            return 999_999_999_999 - number
        case _:
            return NASTY[number % len(NASTY)]


def poppler(tool: str, pdf: bytes, folder: Path, *options: str) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    tail = ["-"] if tool == "pdftotext" else []
    done = subprocess.run(
        [tool, *options, str(path), *tail], capture_output=True, text=True, check=True, timeout=30
    )
    assert "Error" not in done.stderr, done.stderr
    return done.stdout


def words(pdf: bytes, folder: Path) -> str:
    """The text in reading order without any space: labels may wrap anywhere."""
    return squeeze(poppler("pdftotext", pdf, folder, "-raw"))


def squeeze(text: str) -> str:
    return "".join(text.split())


def pages(pdf: bytes, folder: Path) -> int:
    line = next(x for x in poppler("pdfinfo", pdf, folder).splitlines() if x.startswith("Pages:"))
    return int(line.split()[1])
