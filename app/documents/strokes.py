"""A drawn signature: strokes in, a picture out. The picture is drawn here; nobody's own SVG is ever printed."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

Stroke = Sequence[Sequence[float]]

MAX_POINTS = 20_000


class BadStrokes(ValueError):
    """The strokes are no drawing: no points, too many, or not numbers."""


def svg(strokes: Sequence[Stroke]) -> str:
    """An SVG picture of `strokes` (each a list of [x, y] in any unit, y downwards), cropped to what was drawn."""
    lines = [[_point(point) for point in stroke] for stroke in strokes if len(stroke)]
    points = [point for line in lines for point in line]
    if not points:
        raise BadStrokes("서명이 비어 있습니다.")
    if len(points) > MAX_POINTS:
        raise BadStrokes("서명의 획이 너무 많습니다. 다시 서명해 주세요.")
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    size = max(right - left, (bottom - top) * 2, 1.0)
    pen = size / 60
    box = f"{left - pen:.2f} {top - pen:.2f} {right - left + 2 * pen:.2f} {bottom - top + 2 * pen:.2f}"
    path = " ".join(_path(line) for line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
        f'<path d="{path}" fill="none" stroke="#1b2a4a" stroke-width="{pen:.2f}"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def data_uri(strokes: Sequence[Stroke]) -> str:
    """The same picture as an address for `<img src>`."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(strokes).encode()).decode()


def _point(point: Sequence[float]) -> tuple[float, float]:
    try:
        x, y = (float(value) for value in point)
    except (TypeError, ValueError) as error:
        raise BadStrokes("서명을 읽을 수 없습니다. 다시 서명해 주세요.") from error
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) < 1e6 and abs(y) < 1e6):
        raise BadStrokes("서명을 읽을 수 없습니다. 다시 서명해 주세요.")
    return x, y


def _path(line: list[tuple[float, float]]) -> str:
    """One stroke as path data; a single point becomes a dot (a line of no length with round ends)."""
    (x, y), *rest = line
    steps = "".join(f"L{x:.2f} {y:.2f}" for x, y in rest or line)
    return f"M{x:.2f} {y:.2f}{steps}"
