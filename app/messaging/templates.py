"""The wording of messages: each room registers its own in its ``messages.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from app.kernel.particles import settled
from app.kernel.texts import phone_text


@dataclass(frozen=True, slots=True)
class Template:
    """``key`` is ``room.event``; ``{names}`` in title and body are filled from the values of a message.

    ``secret``: the body holds a code or a link that opens something; it is wiped once it is sent.
    """

    key: str
    title: str
    body: str
    secret: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The values a message of this template needs."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.title + self.body) if name)

    def fill(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Title and body. Raises ValueError naming what is missing."""
        missing = self.names - values.keys()
        if missing:
            raise ValueError(f"message {self.key} lacks {', '.join(sorted(missing))}")
        shown = {**values, "phone": phone_text(str(values.get("phone", "")))}
        return settled(self.title.format(**shown)), settled(self.body.format(**shown))


_registry: dict[str, Template] = {}


def register_template(*templates: Template) -> None:
    """Once per key; the same template again (a module imported twice) is no mistake."""
    for template in templates:
        if _registry.setdefault(template.key, template) != template:
            raise ValueError(f"message {template.key} is defined twice")


def template(key: str) -> Template:
    return _registry[key]


def all_templates() -> Mapping[str, Template]:
    return _registry
