"""Two people wrote into the same draft: what one saved beside what the other typed, where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.catalogue import Field, Form
from app.documents.filling.asking import asked
from app.documents.reading import shown


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in the words of both."""

    name: str
    label: str
    theirs: str
    mine: str


def differences(
    form: Form, theirs: Mapping[str, Any], mine: Mapping[str, Any], *, by_hand: bool = False
) -> list[Difference]:
    """In printed order; both sides checked data."""
    found = []
    for part in asked(form, by_hand=by_hand):
        for question in (q for group in part.groups for q in group.questions):
            before, after = _words(question.field, theirs), _words(question.field, mine)
            if before != after:
                found.append(Difference(question.name, question.label, before, after))
    return found


def _words(field: Field, data: Mapping[str, Any]) -> str:
    if field.type == "table":
        rows = data.get(field.name) or []
        return "\n".join(
            ", ".join(cell for c in field.columns if (cell := shown(c, row.get(c.name)))) for row in rows
        )
    words = [shown(field, data.get(field.name))]
    names = (field.text_field, *(choice.text_field for choice in field.choices))
    words += [str(data[name]) for name in names if name and data.get(name)]
    return ", ".join(word for word in words if word)
