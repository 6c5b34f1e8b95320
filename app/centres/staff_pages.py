"""What the files of a centre's own pages share: their blueprint, and what was typed before a page asks once more."""

from __future__ import annotations

from flask import request

from app.kernel import web

pages = web.tenant_blueprint("centres_staff", "app.centres.views_staff")
NOT_TYPED = frozenset({"csrf_token", "request_id", "version", "step"})


def carried() -> list[tuple[str, str]]:
    """What was typed, for the hidden fields of a page that shows its effect before saving."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_TYPED]
