"""What lower rooms cannot know of daycares, said to them at start: what a restriction ends here (AS-20), and the rules
that an application form names though nobody has filled it in yet."""

from __future__ import annotations

from app.daycare.operating_rules import rules_here
from app.daycare.papers_asked import APPLICATION
from app.daycare.service.restricted import cancel_inside
from app.documents import hooks as documents
from app.restrictions import hooks as restrictions

restrictions.on_begin(cancel_inside)
documents.on_blank(APPLICATION, rules_here)
