"""What Flask and PostgreSQL do when nobody asks anything of them: one statement, a line of HTML, no session, no rules.

Served by the same gunicorn with the same number of processes and threads as the house.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
from flask import Flask, Response

app = Flask(__name__)
ADDRESS = os.environ["DOLBOM_OWNER_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
_mine = threading.local()


def connection() -> psycopg.Connection[Any]:
    """One connection per thread, kept: the cheapest pool there is."""
    if getattr(_mine, "connection", None) is None:
        _mine.connection = psycopg.connect(ADDRESS, autocommit=True)
    return _mine.connection  # type: ignore[no-any-return]


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/one")
def one() -> str:
    row = connection().execute("SELECT name FROM bench.thing WHERE id = 1").fetchone()
    return f"<!doctype html><title>x</title><p>{row[0] if row else ''}"


@app.get("/fifty")
def fifty() -> str:
    rows = connection().execute("SELECT id, name FROM bench.thing ORDER BY id DESC LIMIT 50").fetchall()
    lines = "".join(f"<tr><td>{number}<td>{name}" for number, name in rows)
    return f"<!doctype html><title>x</title><table>{lines}</table>"


@app.post("/take/<int:who>")
def take(who: int) -> Response:
    """One seat of twenty, by the counter's own condition."""
    with connection().transaction():
        seat = connection().execute(
            "UPDATE bench.seats SET taken = taken + 1 WHERE taken < 20 RETURNING taken"
        )
        if seat.fetchone() is None:
            return Response("full", 409)
        connection().execute("INSERT INTO bench.taken (who) VALUES (%s)", (who,))
    return Response("taken", 303, {"Location": "/one"})
