"""Who may open the composed pages."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, action
from app.kernel.errors import N_

HOME = action("desks.home", N_("처음 화면"), EVERYBODY)
