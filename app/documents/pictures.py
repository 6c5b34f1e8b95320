"""What a seal's picture really is, read from its bytes: kind, size, and whether it is whole. Nothing is drawn here."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from app.documents.rules.sealing import (
    SEAL_BROKEN,
    SEAL_BYTES_MAX,
    SEAL_FOR_PRESS,
    SEAL_PIXELS,
    SEAL_SIZE,
    SEAL_TOO_BIG,
    SEAL_TYPE,
)
from app.kernel.errors import Problem

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of a PNG's colour types."""
WITH_ALPHA = (4, 6)
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that say its size."""


@dataclass(frozen=True, slots=True)
class Picture:
    """``clear``: it has an alpha channel, so the words under the seal stay legible."""

    width: int
    height: int
    clear: bool


def look_at(content: bytes) -> Picture | Problem:
    """The picture, or why it cannot be a seal."""
    if not content.startswith((PNG, JPEG)):
        return SEAL_TYPE
    if len(content) > SEAL_BYTES_MAX:
        return SEAL_TOO_BIG
    found = _png(content) if content.startswith(PNG) else _jpeg(content)
    if isinstance(found, Problem):
        return found
    low, high = SEAL_PIXELS
    if not (low <= found.width <= high and low <= found.height <= high):
        return SEAL_SIZE.of(low=low, high=high, width=found.width, height=found.height)
    return found


def _png(content: bytes) -> Picture | Problem:
    """Every chunk with its check sum up to the end, and pixels as many as the head says."""
    head, pixels, clear, place = b"", b"", False, len(PNG)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        check = content[place + 8 + length : place + 12 + length]
        if int.from_bytes(check, "big") != zlib.crc32(kind + body) or len(check) != 4:
            return SEAL_BROKEN
        if kind == b"IHDR":
            head = body
        elif kind == b"IDAT":
            pixels += body
        elif kind == b"tRNS":
            clear = True
        elif kind == b"IEND":
            return _png_whole(head, pixels, clear)
        place += 12 + length
    return SEAL_BROKEN


def _png_whole(head: bytes, pixels: bytes, clear: bool) -> Picture | Problem:
    if len(head) != 13 or head[9] not in CHANNELS or head[8] not in (1, 2, 4, 8, 16):
        return SEAL_BROKEN
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    made = Picture(width, height, clear or head[9] in WITH_ALPHA)
    if max(width, height) > SEAL_PIXELS[1]:
        return made  # too large anyway: not unpacked
    row = 1 + (width * CHANNELS[head[9]] * head[8] + 7) // 8
    unpacker = zlib.decompressobj()
    try:
        size = len(unpacker.decompress(pixels, 2 * row * height + 1))
    except zlib.error:
        return SEAL_BROKEN
    interlaced = head[12] == 1
    exact = size == row * height if not interlaced else row * height <= size + row <= 2 * row * height
    return made if unpacker.eof and exact else SEAL_BROKEN


def _jpeg(content: bytes) -> Picture | Problem:
    """Segment by segment to the frame's head; the file must have its end."""
    if b"\xff\xd9" not in content[-64:]:
        return SEAL_BROKEN
    place = 2
    while place + 9 < len(content):
        if content[place] != 0xFF:
            return SEAL_BROKEN
        marker = content[place + 1]
        if marker in FRAMES:
            if content[place + 9] == 4:
                return SEAL_FOR_PRESS
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return Picture(int.from_bytes(width, "big"), int.from_bytes(height, "big"), False)
        place += 2 + max(2, int.from_bytes(content[place + 2 : place + 4], "big"))
    return SEAL_BROKEN
