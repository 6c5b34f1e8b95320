"""What lower rooms cannot know of daycares, said to them at start: what a restriction ends here (AS-20)."""

from __future__ import annotations

from app.daycare.service.restricted import cancel_inside
from app.restrictions import hooks as restrictions

restrictions.on_begin(cancel_inside)
