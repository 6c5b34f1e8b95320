"""create_app(): the only place where everything meets."""

from __future__ import annotations

import importlib
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, Response, abort, current_app, g, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import house
from app.accounts import sessions
from app.kernel import language, navigation, problem_pages, texts, web
from app.kernel.actor import VISITOR
from app.kernel.assets import asset_url
from app.kernel.config import ROOT, Settings, load_settings
from app.kernel.cookies import CookieByMunicipality
from app.kernel.crypto import keys
from app.kernel.db import tenant_ref
from app.kernel.logs import set_up_logs
from app.tenancy.registry import registry

VIEW_MODULES = (
    "views",
    "views_public",
    "views_parent",
    "views_staff",
    "views_officer",
    "views_platform",
    "views_sign",
    "views_signing",
    "views_hand",
    "views_fill",
    "views_gallery",
    "views_seal",
    "views_print",
)

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""No database column takes these; a person never types them."""
FILE_INPUT = "file"
"""The one name under which files come in; a file in the place of a text is no form of ours."""
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self';"
    " object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or load_settings()
    set_up_logs(settings)
    house.open_house(settings)
    app = build_app(settings)
    _load_now(app)
    return app


def _load_now(app: Flask) -> None:
    """What the first pages would load, before the server's processes part: they share it then."""
    configure_mappers()
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


def build_app(settings: Settings) -> Flask:
    """The Flask application on an already opened house."""
    app = Flask("app", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=keys().secret_key,
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=500,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="ko",
        BABEL_DEFAULT_TIMEZONE="Asia/Seoul",
        SETTINGS=settings,
        JOB_TITLES={job.name: job.title for job in house.all_jobs()},
    )
    app.session_interface = CookieByMunicipality()
    _set_up_templates(app)
    language.speak(app)
    web.htmx.init_app(app)
    login_manager = LoginManager(app)
    login_manager.session_protection = None
    # In this order: a refused form still gets its number and its town's telephone, and a form that comes after the
    # session's end is sent to the login page instead of being called forged.
    app.before_request(_enter)
    CSRFProtect(app)
    sessions.attach(app, login_manager)
    _register_rooms(app)
    problem_pages.register(app)
    app.after_request(_leave)
    app.teardown_request(web.end_begun)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(ROOT / "static" / "dist"),
        prefix="static/",
        immutable_file_test=r"\.[0-9a-f]{10}\.",
        allow_all_origins=False,
    )
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _set_up_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(texts.FILTERS)
    app.jinja_env.filters["sentence"] = web.sentence
    app.jinja_env.globals.update(asset=asset_url, new_request_id=web.new_request_id)
    app.context_processor(_page_context)


def _page_context() -> dict[str, object]:
    return {
        "tenant": g.get("tenant"),
        "request_id": g.get("request_id", ""),
        "acting": g.get("actor", VISITOR),
        "nav": navigation.items(),
        "who_links": navigation.items("who"),
        "policy_links": navigation.items("foot"),
    }


def _register_rooms(app: Flask) -> None:
    for room in house.ROOMS:
        for module in VIEW_MODULES:
            if (ROOT / "app" / room / f"{module}.py").exists():
                app.register_blueprint(importlib.import_module(f"app.{room}.{module}").pages)

    @app.url_value_preprocessor
    def take_slug(endpoint: str | None, values: dict[str, object] | None) -> None:
        g.slug = values.pop("slug", None) if values else None

    @app.url_defaults
    def give_slug(endpoint: str, values: dict[str, object]) -> None:
        if "slug" not in values and g.get("tenant") and app.url_map.is_endpoint_expecting(endpoint, "slug"):
            values["slug"] = g.tenant.slug


def _enter() -> None:
    """Before everything: a request id, clean input, and whose house this is."""
    g.request_id = secrets.token_hex(6)
    g.actor = VISITOR
    if any(UNSTORABLE.search(text) for text in _texts_sent()) or set(request.files) - {FILE_INPUT}:
        abort(400)
    slug = g.get("slug") or (request.path.split("/", 2)[1] if request.url_rule is None else None)
    if slug is None:
        return
    info = registry.find(slug)
    if info is None or not info.active:
        if request.url_rule is None:
            return
        abort(404)
    g.tenant = info
    g.place = tenant_ref(info.slug, app_settings().role_prefix)
    if not registry.is_current(info):
        abort(503)


def _texts_sent() -> Iterator[str]:
    yield request.path
    for values in (request.args, request.form):
        for name, value in values.items(multi=True):
            yield from (name, value)


def app_settings() -> Settings:
    return current_app.config["SETTINGS"]


def _leave(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if g.get("actor", VISITOR).user_id is not None:
        response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
