"""A paper drawn from the layout of the one before it, where only short words differ: exact, or not at all.

Most sheets of a print run are the same form with other words in its cells. When the markup of two papers is the same,
only the words that differ are set anew, each into the line it already stands in, and only where the whole layout
would come out the same: one line before and after, of the same height, in a cell whose width does not follow its
words. Everything else is laid out as ever.
"""

from __future__ import annotations

import html
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.text.line_break import split_first_line

KEPT = 8
"""Layouts held at a time, of some megabytes each: a run prints a few forms in turn."""
_TAG = re.compile(r"(<[^>]*>)")
_TICK = re.compile(r'class="tick (on|off)"')
_VOID = ("<meta", "<col ", "<img", "<br", "</", "<!")
_ODD_SPACE = re.compile(r"^\s|\s$|\s\s|[^\S ]")


class Stencils:
    """The last layouts by their markup; ``lay_out`` makes a new one."""

    def __init__(self, lay_out: Callable[[str], Document]) -> None:
        self._lay_out = lay_out
        self._known: OrderedDict[str, Stencil] = OrderedDict()

    def document(self, page: str) -> Document:
        """The paper's pages. They are good until the next call, which may set its words into them."""
        markup, words = _parted(page)
        stencil = self._known.pop(markup, None)
        if stencil is None or not stencil.takes(words):
            stencil = Stencil(self._lay_out(page), words)
        self._known[markup] = stencil
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return stencil.document


def _parted(page: str) -> tuple[str, list[str]]:
    """The markup that decides the layout, and the words of the elements that hold nothing but words."""
    parts, words = _TAG.split(page), []
    for at in range(1, len(parts) - 2, 2):
        tag, word, after = parts[at], parts[at + 1], parts[at + 2]
        if word.strip() and after.startswith("</") and not tag.startswith(_VOID):
            words.append(word)
            parts[at + 1] = ""
            parts[at] = _TICK.sub('class="tick"', tag)
    return "".join(parts), words


class Stencil:
    """One layout with the places of its words."""

    def __init__(self, document: Document, words: list[str]) -> None:
        self.document = document
        self._words = words
        self._places: list[Place | None] | None = None
        self._looks: dict[str, Look] = {}

    def takes(self, words: list[str]) -> bool:
        """Set other words into the layout; False when it has to be laid out anew."""
        if self._places is None:
            self._places = self._found()
        if len(self._places) != len(words):
            return False
        for number, word in enumerate(words):
            if word != self._words[number]:
                place = self._places[number]
                if place is None or not (place.ticks(self._looks.get(word)) if place.tick else place.takes(word)):
                    return False
                self._words[number] = word
        return True

    def _found(self) -> list[Place | None]:
        """For each element of words its one line of text; None where it has none or several."""
        lines: dict[int, list[Place]] = {}
        for page in self.document.pages:
            for place in _places(page._page_box, ()):
                lines.setdefault(id(place.text.element), []).append(place)
        leaves = [
            element
            for element in self.document._html.etree_element.iter()
            if isinstance(element.tag, str) and not len(element) and (element.text or "").strip()
        ]
        found = [lines.get(id(leaf), []) for leaf in leaves]
        ways = [places[0] if len(places) == 1 else None for places in found]
        self._looks = {place.text.text: place.look for place in ways if place and place.tick}
        return ways


def _places(box: Any, above: tuple[Any, ...]) -> Iterator[Place]:
    if isinstance(box, boxes.TextBox):
        yield Place(box, above)
        return
    for child in getattr(box, "children", ()):
        yield from _places(child, (*above, box))


@dataclass(frozen=True)
class Look:
    """How a box with a tick looks, or one without: the styles of the box and of its sign, and the drawn tick."""

    box: Any
    sign: Any
    picture: Any


class Place:
    """A line of text in the layout, with the boxes around it."""

    def __init__(self, text: Any, above: tuple[Any, ...]) -> None:
        self.text = text
        at = max((n for n, box in enumerate(above) if isinstance(box, boxes.LineBox)), default=-1)
        self.line = above[at] if at > 0 else None
        self.around = above[at + 1 :]
        self.holder = above[at - 1] if at > 0 else None
        self.page = above[0]
        self.tick = self.holder if _is_tick(self.holder) else None
        self.table = next((box for box in reversed(above) if isinstance(box, boxes.TableBox)), None)

    @property
    def look(self) -> Look:
        background = self.tick.background
        return Look(self.tick.style, self.text.style, background.layers[-1].image if background else None)

    def ticks(self, look: Look | None) -> bool:
        """Put the tick in, or take it out; False when this paper has no such box to copy from."""
        if look is None:
            return False
        before, self.text.style = self.text.style, look.sign
        sign = "√" if look.picture else "□"
        ...

    def takes(self, words: str) -> bool:
        word, style = html.unescape(words), self.text.style
        if _ODD_SPACE.search(word) or style["text_transform"] != "none" or self.line is None:
            return False
        layout, _, rest, width, height, baseline = split_first_line(word, style, None, None, 0)
        more = width - self.text.width
        if rest is not None or height != self.text.height or baseline + self.text.margin_top != self.text.baseline:
            return False
        if more and not self._has_room(more):
            return False
        self.text.text, self.text.pango_layout = word, layout
        if more:
            self._widen(more)
        return True

    def _has_room(self, more: float) -> bool:
        """Whether the line stays one line in a holder whose width does not follow its words."""
        holder = self.holder
        if len(holder.children) != 1 or any(type(box) is not boxes.InlineBox for box in self.around):
            return False
        if type(holder) is boxes.TableCellBox:
            if not _names_its_widths(self.table):
                return False
        elif type(holder) is not boxes.BlockBox or holder.is_floated() or holder.is_absolutely_positioned():
            return False
        if self._align() not in ("start", "left", "center", "end", "right"):
            return False
        return self.line.width + more <= holder.width

    def _align(self) -> str:
        last: str = self.line.style["text_align_last"]
        return self.line.style["text_align_all"] if last == "auto" else last

    def _widen(self, more: float) -> None:
        """What stands behind the words moves on; the line moves as its alignment wants it."""
        inner = self.text
        self.text.width += more
        for box in (*reversed(self.around), self.line):
            siblings = box.children
            for sibling in siblings[next(n for n, each in enumerate(siblings) if each is inner) + 1 :]:
                sibling.translate(dx=more)
            box.width += more
            inner = box
        share = {"center": 0.5, "end": 1.0, "right": 1.0}.get(self._align(), 0.0)
        if share:
            self.line.translate(dx=-more * share)


def _names_its_widths(table: Any) -> bool:
    """Whether every column has a width of its own: then no cell's words can change one."""
    columns = [column for group in table.column_groups for column in group.children]
    return len(columns) >= len(table.column_widths) and all(column.style["width"] != "auto" for column in columns)
