"""What a handed-in file really is: by its name, its first bytes and, for zips, what lies inside (XX-19)."""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.errors import N_, Problem, RuleBroken

NAME_MAX = 120
UNPACKED_MAX = 200 * 1024 * 1024
"""A zip that says it unpacks to more is no office document."""
ENTRIES_MAX = 5000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MIB = 1024 * 1024

NO_FILE = Problem("upload.none", N_("올릴 파일을 골라 주세요."), rule="XX-19", field="file")
EMPTY_FILE = Problem(
    "upload.empty", N_("빈 파일이에요. 파일을 열어 확인한 뒤 다시 올려 주세요."), rule="XX-19", field="file"
)
TOO_BIG = Problem(
    "upload.too_big",
    N_("파일이 {max}MB보다 커요. 사진을 줄이거나 나누어 올려 주세요."),
    rule="XX-19",
    field="file",
)
WRONG_TYPE = Problem(
    "upload.wrong_type",
    N_("PDF, JPG, PNG, HWP, HWPX, DOCX, XLSX 파일만 올릴 수 있어요. 다른 형식으로 저장해 주세요."),
    rule="XX-19",
    field="file",
)
NOT_WHAT_IT_SAYS = Problem(
    "upload.not_what_it_says",
    N_("이름은 {extension} 파일인데 내용이 달라요. 원래 프로그램에서 {extension}로 다시 저장해 올려 주세요."),
    rule="XX-19",
    field="file",
)


@dataclass(frozen=True, slots=True)
class FileType:
    """One accepted format and how its content is recognised."""

    extension: str
    media_type: str
    matches: Callable[[bytes], bool]


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(heads)


def _is_hwp(content: bytes) -> bool:
    """An OLE compound file whose header stream says it is a HWP document (Word and Excel of old are refused)."""
    return content.startswith(OLE) and b"HWP Document File" in content


def _holds(*names: str, mimetype: str = "") -> Callable[[bytes], bool]:
    """A sound zip that holds these names (and, for HWPX, says so in its ``mimetype`` entry)."""

    def matches(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
                size = sum(entry.file_size for entry in entries)
                if len(entries) > ENTRIES_MAX or size > UNPACKED_MAX:
                    return False
                inside = {entry.filename for entry in entries}
                if mimetype:
                    with archive.open("mimetype") as entry:
                        return entry.read(200).strip() == mimetype.encode() and inside.issuperset(names)
                return inside.issuperset(names)
        except (
            zipfile.BadZipFile,
            zlib.error,
            KeyError,
            RuntimeError,
            NotImplementedError,
            EOFError,
            OSError,
        ):
            return False

    return matches


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = {
    kind.extension: kind
    for kind in (
        FileType("pdf", "application/pdf", _starts(b"%PDF-")),
        FileType("jpg", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileType("jpeg", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileType("png", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
        FileType("hwp", "application/x-hwp", _is_hwp),
        FileType(
            "hwpx", "application/hwp+zip", _holds("Contents/content.hpf", mimetype="application/hwp+zip")
        ),
        FileType("docx", _WORD, _holds("[Content_Types].xml", "word/document.xml")),
        FileType("xlsx", _EXCEL, _holds("[Content_Types].xml", "xl/workbook.xml")),
    )
}
ACCEPT = ",".join(f".{extension}" for extension in FILE_TYPES)
"""For ``<input type=file accept>``."""


def recognise(filename: str, content: bytes, max_mb: int) -> FileType:
    """The format of a file whose name and content agree; RuleBroken with a Korean problem otherwise."""
    if not filename.strip():
        raise RuleBroken(NO_FILE)
    kind = FILE_TYPES.get(filename.rpartition(".")[2].lower().strip())
    if kind is None:
        raise RuleBroken(WRONG_TYPE)
    if not content:
        raise RuleBroken(EMPTY_FILE)
    if len(content) > max_mb * MIB:
        raise RuleBroken(TOO_BIG.of(max=max_mb))
    if not kind.matches(content):
        raise RuleBroken(NOT_WHAT_IT_SAYS.of(extension=kind.extension.upper()))
    return kind


def safe_name(filename: str) -> str:
    """The name as it is kept and offered for download: no path, nothing invisible, its extension kept."""
    text = unicodedata.normalize("NFC", filename.replace("\\", "/").rpartition("/")[2])
    text = "".join(
        "_" if sign in '<>:"|?*' else sign for sign in text if unicodedata.category(sign)[0] != "C"
    )
    stem, _, extension = " ".join(text.split()).rpartition(".")
    return f"{stem[:NAME_MAX] or 'file'}.{extension.lower()}"
