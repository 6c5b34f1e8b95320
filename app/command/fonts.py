"""`python -m app.command.fonts`: cut the system's Noto CJK fonts down to what Korean papers need, into `var/fonts`.

The whole fonts would add half a megabyte to every PDF. Kept: all 11,172 syllables, Latin, the signs of forms; a rare
hanja falls back to the system's font. Takes half a minute once; afterwards it only compares dates.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.documents.typefaces import TYPEFACES, Typeface, folder

SOURCES = (Path("/usr/share/fonts/opentype/noto"), Path("/usr/share/fonts/noto-cjk"))
KOREAN = 1  # the Korean face inside the collections

#: Latin, punctuation (with U+2060), roman numerals, arrows, circled numbers, boxes and marks, CJK signs, jamo,
#: syllables, wide forms, ℃ ㎡ ㈜ √.
UNICODES = (
    "20-7E,A0-FF,2000-206F,2160-217F,2190-21FF,2460-24FF,25A0-25FF,2605,2606,260E,3000-301F,3131-318E,"
    "AC00-D7A3,FF01-FF5E,2103,33A1,321C,329E,221A"
)


def main() -> int:
    """0 when the cut fonts are there, 1 when the system's fonts are missing."""
    target = folder()
    for face in TYPEFACES:
        source = _source(face)
        if source is None:
            print(
                f"글꼴 {face.source}을(를) 찾을 수 없습니다. 먼저 설치해 주세요:\n"
                "  apt-get install -y --no-install-recommends fonts-noto-cjk",
                file=sys.stderr,
            )
            return 1
        cut = target / face.file
        if not _up_to_date(cut, source):
            print(f"글꼴을 준비합니다: {face.file}", flush=True)
            _cut(source, cut)
    return 0


def _source(face: Typeface) -> Path | None:
    return next((place / face.source for place in SOURCES if (place / face.source).is_file()), None)


def _up_to_date(cut: Path, source: Path) -> bool:
    """A cut is current when it is younger than the font it came from and than the list of signs above."""
    if not cut.is_file():
        return False
    made = cut.stat().st_mtime
    return made >= source.stat().st_mtime and made >= Path(__file__).stat().st_mtime


def _cut(source: Path, target: Path) -> None:
    """Write `target` whole or not at all: a set-up that was interrupted starts this font again."""
    from fontTools import subset

    options = subset.Options()
    options.layout_features = ["kern", "tnum", "locl"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "GPOS"]
    options.hinting = False
    options.desubroutinize = True
    options.font_number = KOREAN
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(UNICODES))
    subsetter.subset(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}.tmp")
    subset.save_font(font, str(unfinished), options)
    unfinished.replace(target)


if __name__ == "__main__":
    sys.exit(main())
