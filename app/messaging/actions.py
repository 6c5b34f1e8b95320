"""Who may see messages."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, action
from app.kernel.errors import N_

OUTBOX = action("messaging.outbox", N_("개발용 보낸 메시지함"), EVERYBODY)
