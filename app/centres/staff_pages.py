"""The blueprint that the files of a centre's own pages share."""

from __future__ import annotations

from app.kernel import web

pages = web.tenant_blueprint("centres_staff", "app.centres.views_staff")
