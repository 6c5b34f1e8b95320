"""Pages of booking for more than one kind of person: household evidence, the notice of a short summer."""

from __future__ import annotations

from app.booking import evidence_pages, notice_pages
from app.booking.shared_pages import pages

__all__ = ["evidence_pages", "notice_pages", "pages"]
"""The other files' pages hang on the same blueprint."""
