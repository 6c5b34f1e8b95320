"""A paper drawn from the layout of an earlier one where only short words and ticks differ: exact, or not at all.

Most sheets of a print run are the same form with other words in its cells. When the markup of two papers is the same,
the words that differ are set anew, each into the line it already stands in, and only where a whole layout would come
out the same: one line before and after, of the same height, in a cell whose width does not follow its words. A tick
takes its look from another box of the same paper. Everything else is laid out as ever.
"""

from __future__ import annotations

import html
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.layout.background import layout_box_backgrounds
from weasyprint.text.line_break import split_first_line

KEPT = 6
"""Layouts held at a time, of some megabytes each: a run prints a few forms in turn."""
NEARLY = 0.01
"""Pixels short of a full line: what is as close is laid out to be sure."""
_TAG = re.compile(r"(<[^>]*>)")
_TICK = re.compile(r'class="tick (?:on|off)"')
_HOLDS_NO_WORDS = ("</", "<!", "<meta", "<col ", "<img", "<br")
_ODD_SPACE = re.compile(r"^\s|\s$|\s\s|[^\S ]")


class Stencils:
    """The latest layouts by their markup; `lay_out` makes a new one."""

    def __init__(self, lay_out: Callable[[str], Document]) -> None:
        self._lay_out = lay_out
        self._known: OrderedDict[str, Stencil] = OrderedDict()

    def document(self, page: str) -> Document:
        """The paper's pages. They are good until the next call, which may set its own words into them."""
        markup, words = parted(page)
        stencil = self._known.pop(markup, None)
        if stencil is None or not stencil.takes(words):
            stencil = Stencil(self._lay_out(page), words)
        self._known[markup] = stencil
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return stencil.document


def parted(page: str) -> tuple[str, list[str]]:
    """What decides a layout (markup, and words among other elements), and the words of elements with nothing else."""
    parts, words = _TAG.split(page), []
    for at in range(1, len(parts) - 2, 2):
        tag, word = parts[at], parts[at + 1]
        if word.strip() and parts[at + 2].startswith("</") and not tag.startswith(_HOLDS_NO_WORDS):
            words.append(word)
            parts[at : at + 2] = _TICK.sub('class="tick"', tag), ""
    return "".join(parts), words


class Stencil:
    """One layout, with the places of its words found at their first use."""

    def __init__(self, document: Document, words: list[str]) -> None:
        self.document = document
        self._words = list(words)
        self._places: list[Place | None] | None = None
        self._looks: dict[str, Look] = {}

    def takes(self, words: list[str]) -> bool:
        """Set other words into the layout; False when the paper has to be laid out anew."""
        if self._places is None:
            self._places = self._found()
            ticks = [place for place in self._places if place is not None and place.tick is not None]
            self._looks = {place.text.text: place.look for place in ticks}
        if len(self._places) != len(words):
            return False
        return all(
            self._set(number, word) for number, word in enumerate(words) if word != self._words[number]
        )

    def _set(self, number: int, word: str) -> bool:
        place = self._places[number] if self._places else None
        if place is None:
            return False
        done = (
            place.takes(html.unescape(word))
            if place.tick is None
            else place.ticks(word, self._looks.get(word))
        )
        if done:
            self._words[number] = word
        return done

    def _found(self) -> list[Place | None]:
        """For each element of words its line of text; None where it has none or several. Empty when the elements are
        not those of the markup."""
        lines: dict[int, list[Place]] = {}
        for page in self.document.pages:
            for place in _places(page._page_box, ()):
                lines.setdefault(id(place.text.element), []).append(place)
        tree = self.document._html.etree_element
        leaves = [each for each in tree.iter() if not len(each) and (each.text or "").strip()]
        if [leaf.text for leaf in leaves] != [html.unescape(word) for word in self._words]:
            return []
        found = [lines.get(id(leaf), []) for leaf in leaves]
        return [places[0] if len(places) == 1 else None for places in found]


def _places(box: Any, above: tuple[Any, ...]) -> Iterator[Place]:
    if isinstance(box, boxes.TextBox):
        depth = max((n for n, each in enumerate(above) if isinstance(each, boxes.LineBox)), default=0)
        if depth:
            yield Place(box, above[depth + 1 :], above[depth], above[depth - 1], above)
        return
    for child in getattr(box, "children", ()):
        yield from _places(child, (*above, box))


@dataclass(frozen=True)
class Look:
    """How a ticked box looks, or an empty one: the styles of box and sign, and the drawn tick."""

    box: Any
    sign: Any
    picture: Any


class Place:
    """A line of text in the layout: `around` it the inline boxes within its `line`, which its `holder` holds."""

    def __init__(
        self, text: Any, around: tuple[Any, ...], line: Any, holder: Any, above: tuple[Any, ...]
    ) -> None:
        self.text, self.around, self.line, self.holder = text, around, line, holder
        self.page = above[0]
        self.table = next((box for box in reversed(above) if isinstance(box, boxes.TableBox)), None)
        classes = holder.element.get("class", "").split() if holder.element is not None else []
        self.tick: Any = holder if "tick" in classes and holder.element is text.element else None

    @property
    def look(self) -> Look:
        background = self.tick.background
        return Look(self.tick.style, self.text.style, background.layers[-1].image if background else None)

    def ticks(self, sign: str, look: Look | None) -> bool:
        """Put the tick in or take it out; False when this paper has no such box to copy from."""
        if look is None or not self._writes(sign, look.sign):
            return False
        self.text.style, self.tick.style = look.sign, look.box
        layout_box_backgrounds(self.page, self.tick, lambda **_: look.picture, layout_children=False)
        return True

    def takes(self, word: str) -> bool:
        """Write another word here; False when the layout would not stay as it is."""
        style = self.text.style
        if _ODD_SPACE.search(word) or style["text_transform"] != "none":
            return False
        return self._writes(word, style, self._has_room)

    def _writes(self, word: str, style: Any, has_room: Callable[[float], bool] = lambda more: True) -> bool:
        layout, _, rest, width, height, baseline = split_first_line(word, style, None, None, 0)
        text, more = self.text, width - self.text.width
        if rest is not None or (height, baseline + text.margin_top) != (text.height, text.baseline):
            return False
        if more and not has_room(more):
            return False
        text.text, text.pango_layout = word, layout
        if more:
            self._widen(more)
        return True

    def _has_room(self, more: float) -> bool:
        """Whether the line stays one line, in a holder whose width does not follow its words."""
        holder = self.holder
        if type(holder) is boxes.TableCellBox:
            if not _names_its_widths(self.table):
                return False
        elif type(holder) is not boxes.BlockBox or not holder.is_in_normal_flow():
            return False
        plain = all(
            type(box) in (boxes.InlineBox, boxes.TextBox) and not box.background for box in _within(self.line)
        )
        align = self._align in {"start", "left", "center", "end", "right"}
        return plain and align and self._is_whole() and self.line.width + more <= holder.width - NEARLY

    def _is_whole(self) -> bool:
        """Whether no word comes from the line before or goes to the next: its ends are the holder's, or forced."""
        lines = self.holder.children
        at = next(n for n, each in enumerate(lines) if each is self.line)
        return (not at or _is_broken(lines[at - 1])) and (at == len(lines) - 1 or _is_broken(self.line))

    @property
    def _align(self) -> str:
        last: str = self.line.style["text_align_last"]
        return self.line.style["text_align_all"] if last == "auto" else last

    def _widen(self, more: float) -> None:
        """What stands behind the word moves on; the line moves as it is aligned."""
        self.text.width += more
        inner = self.text
        for box in (*reversed(self.around), self.line):
            at = next(n for n, each in enumerate(box.children) if each is inner)
            for behind in box.children[at + 1 :]:
                behind.translate(dx=more)
            box.width += more
            inner = box
        if share := {"center": 0.5, "end": 1.0, "right": 1.0}.get(self._align):
            self.line.translate(dx=-more * share)


def _within(box: Any) -> Iterator[Any]:
    for child in getattr(box, "children", ()):
        yield child
        yield from _within(child)


def _is_broken(line: Any) -> bool:
    """Whether a line ends with a forced break."""
    return any(box.element_tag == "br" for box in list(_within(line))[-2:])


def _names_its_widths(table: Any) -> bool:
    """Whether every column has a width of its own: then no cell's words can change one."""
    columns = [column for group in table.column_groups for column in group.children]
    return len(columns) >= len(table.column_widths) and all(c.style["width"] != "auto" for c in columns)
