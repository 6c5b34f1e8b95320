"""What the worker does for papers. The renderer is imported late, by `printer`: web processes never load it."""

from __future__ import annotations

from app.documents import work_batch
from app.documents.previews import PREVIEW
from app.documents.proposing import CHECK
from app.documents.service.issuing import RENDER
from app.documents.work_paper import render_paper
from app.documents.work_preview import draw_preview
from app.documents.work_wording import check_text
from app.kernel.work import WorkKind

WORK = (
    WorkKind(PREVIEW, draw_preview),
    WorkKind(CHECK, check_text),
    WorkKind(RENDER, render_paper),
    *work_batch.WORK,
)
