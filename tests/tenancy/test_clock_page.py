"""The page about the clock names every job there is, and none that is not."""

from __future__ import annotations

import re

from app import house
from app.kernel.config import ROOT


def test_the_page_lists_the_jobs() -> None:
    page = (ROOT / "docs" / "calendar.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (J-\d\d) \| ([^|]+) \| [^|]+ \|", page, re.MULTILINE))
    assert rows == {job.name: job.title for job in house.all_jobs()}
