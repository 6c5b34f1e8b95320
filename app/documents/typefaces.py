"""The typefaces of the papers: Noto Sans and Serif CJK KR, cut down once at set-up (`python -m app.command.fonts`)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Typeface:
    """One cut file, the family name that the page's style sheet uses, and the system file it is cut from."""

    family: str
    weight: str
    file: str
    source: str


TYPEFACES = (
    Typeface("FormSans", "normal", "NotoSansKR-Regular.otf", "NotoSansCJK-Regular.ttc"),
    Typeface("FormSans", "bold", "NotoSansKR-Bold.otf", "NotoSansCJK-Bold.ttc"),
    Typeface("FormSerif", "normal", "NotoSerifKR-Regular.otf", "NotoSerifCJK-Regular.ttc"),
    Typeface("FormSerif", "bold", "NotoSerifKR-Bold.otf", "NotoSerifCJK-Bold.ttc"),
)


def folder() -> Path:
    """Where the cut files lie: `fonts/` in the folder that DOLBOM_VAR names, by default `var/` of the project."""
    return Path(os.environ.get("DOLBOM_VAR") or ROOT / "var").resolve() / "fonts"


def font_faces(where: Path) -> str:
    """`@font-face` rules for the files that are there. For a missing one the page falls back to the system's font,
    which prints the same but makes each PDF half a megabyte larger."""
    return "\n".join(
        f'@font-face{{font-family:{face.family};font-weight:{face.weight};src:url("{(where / face.file).as_uri()}")}}'
        for face in TYPEFACES
        if (where / face.file).is_file()
    )
