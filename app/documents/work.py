"""What the worker does for papers. The renderer is imported late, by `printer`: web processes never load it."""

from __future__ import annotations

from app.documents.service.issuing import RENDER
from app.documents.service.printing import BATCH
from app.documents.work_batch import print_batch
from app.documents.work_paper import render_paper
from app.kernel.work import WorkKind

WORK = (WorkKind(RENDER, render_paper), WorkKind(BATCH, print_batch))
