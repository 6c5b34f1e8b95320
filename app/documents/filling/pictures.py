"""A photo handed in with a form: read, turned upright, made small, and freed of what the camera wrote beside it."""

from __future__ import annotations

import base64
import io
import warnings

from PIL import Image, ImageOps

from app.documents.model import MAX_PHOTO
from app.kernel.errors import N_, Problem

SIDE_MAX = 1400
"""Pixels of the longer side: a third of a page at printing quality."""
PIXELS_MAX = 60_000_000
NO_PICTURE = Problem(
    "photo.unreadable", N_("{label}: 사진을 읽지 못했어요. JPG나 PNG 사진을 골라 주세요."), rule="XX-19"
)


def as_data(content: bytes) -> str | None:
    """The picture as a ``data:`` address that fits into a form's data; None for what is no JPEG or PNG picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as source:
                if source.width * source.height > PIXELS_MAX:
                    return None
                source.draft("RGB", (SIDE_MAX, SIDE_MAX))
                picture = ImageOps.exif_transpose(source)
                picture.thumbnail((SIDE_MAX, SIDE_MAX))
                made = _jpeg(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    words = f"data:image/jpeg;base64,{base64.b64encode(made).decode()}"
    return words if len(words) <= MAX_PHOTO else None


def _jpeg(picture: Image.Image) -> bytes:
    """On white, as paper is: a transparent ground would turn black."""
    ground = Image.new("RGB", picture.size, "white")
    whole = picture.convert("RGBA")
    ground.paste(whole, mask=whole.getchannel("A"))
    target = io.BytesIO()
    ground.save(target, "JPEG", quality=82, optimize=True)
    return target.getvalue()
