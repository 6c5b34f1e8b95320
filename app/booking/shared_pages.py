"""The blueprint of booking's pages that more than one kind of person opens."""

from __future__ import annotations

from app.kernel import web

pages = web.tenant_blueprint("booking", "app.booking.views")
