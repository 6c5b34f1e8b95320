"""Resident and alien registration numbers in a paper's data: sealed where they lie, open only for checks and print.

A sealed number keeps its first six digits in sight (the birth date, for the masked form): ``950101:<sealed>``. It opens
only in its own paper and column (XX-08). The fingerprint of a paper covers the sealed number, so nobody can find the
number by trying hashes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag

from app.documents.catalogue import Form
from app.documents.model import Problem
from app.documents.models import Paper
from app.kernel.crypto import keys

SEALED = re.compile(r"(\d{6}):([A-Za-z0-9_-]+=*)")
PLAIN = re.compile(r"(\d{6})-?(\d{7})")
CENTURIES = {**dict.fromkeys("1256", 1900), **dict.fromkeys("3478", 2000), **dict.fromkeys("90", 1800)}
IMPLAUSIBLE = "앞 여섯 자리(생년월일)와 일곱째 자리를 다시 확인해 주세요."


def sealed(form: Form, data: Mapping[str, Any], place: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` with its numbers sealed to ``place``; a number that ``before`` holds sealed already stays as it lies."""
    known = {opened_one(word, f"{place}.{where}"): word for where, word in _numbers(form, before)}

    def close(word: str, where: str) -> str:
        digits = PLAIN.fullmatch(word)
        if digits is None or word in known:
            return known.get(word, word)
        secret = keys().encrypt(word, f"{place}.{where}")
        return f"{digits[1]}:{base64.urlsafe_b64encode(secret).decode()}"

    return _changed(form, data, close)


def opened(form: Form, data: Mapping[str, Any], place: str) -> dict[str, Any]:
    """``data`` with its numbers in the clear; a seal that does not belong here opens to nothing."""
    return _changed(form, data, lambda word, where: opened_one(word, f"{place}.{where}"))


def opened_one(word: str, place: str) -> str:
    found = SEALED.fullmatch(word)
    if found is None:
        return word
    try:
        return keys().decrypt(base64.urlsafe_b64decode(found[2]), place)
    except (InvalidTag, ValueError):
        return ""


def opened_data(paper: Paper, form: Form, slug: str) -> dict[str, Any]:
    """A stored paper's data as it is printed."""
    return opened(form, paper.data, place_of(paper, slug))


def place_of(paper: Paper, slug: str) -> str:
    return f"{slug}|paper.data|{paper.ref}"


def masked_data(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` with its numbers masked: for what travels beside the print."""
    return _changed(form, data, lambda word, where: masked(word))


def masked(word: str) -> str:
    return f"{word[:6]}-*******"


def implausible_numbers(form: Form, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Numbers whose date or seventh digit cannot be (those issued since October 2020 have no checksum)."""
    for item in form.fields:
        if item.type == "rrn" and not plausible(data.get(item.name) or ""):
            yield Problem((item.name,), item.asked, IMPLAUSIBLE)
        for column in (c for c in item.columns if c.type == "rrn"):
            for number, row in enumerate(data.get(item.name) or []):
                if not plausible(row.get(column.name) or ""):
                    label = f"{item.asked} {number + 1}번째 줄 {column.asked}"
                    yield Problem((item.name, number, column.name), label, IMPLAUSIBLE)


def plausible(word: str) -> bool:
    digits = PLAIN.fullmatch(word)
    if digits is None:
        return True
    day, kind = digits[1], digits[2][0]
    try:
        date(CENTURIES[kind] + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError:
        return False
    return True


def _numbers(form: Form, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(place inside the data, word) of every number that is filled."""
    found: list[tuple[str, str]] = []

    def note(word: str, where: str) -> str:
        found.append((where, word))
        return word

    _changed(form, data, note)
    return found


def _changed(form: Form, data: Mapping[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    made = dict(data)
    for item in form.fields:
        if item.type == "rrn" and isinstance(made.get(item.name), str):
            made[item.name] = change(made[item.name], item.name) or None
        columns = [c.name for c in item.columns if c.type == "rrn"]
        if columns and isinstance(made.get(item.name), list):
            made[item.name] = [
                {
                    key: change(value, f"{item.name}.{key}") or None
                    if key in columns and isinstance(value, str)
                    else value
                    for key, value in row.items()
                }
                for row in made[item.name]
            ]
    return made
