from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.messaging import routes


@dataclass
class Gateway:
    """A small real gateway on loopback: remembers what it accepted, answers what it is told to."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Callable[[BaseHTTPRequestHandler], bool]] = field(default_factory=list)
    """Taken one by one before the ordinary answer; True: it has answered (or not) by itself."""

    @property
    def posts(self) -> list[dict[str, Any]]:
        return [request for request in self.requests if request["method"] == "POST"]


def reply(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> bool:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)
    return True


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            gateway.requests.append(
                {"method": "POST", "key": key, "auth": self.headers["Authorization"], **body}
            )
            if gateway.answers and gateway.answers.pop(0)(self):
                return
            gateway.accepted[key] = body
            reply(self, 202, {"id": f"g-{key}", "status": "accepted"})

        def do_GET(self) -> None:
            ref = self.path.rpartition("/")[2]
            gateway.requests.append({"method": "GET", "ref": ref})
            if gateway.answers and gateway.answers.pop(0)(self):
                return
            if ref in gateway.accepted:
                reply(self, 200, {"id": f"g-{ref}", "status": "accepted"})
            else:
                reply(self, 404, {})

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Mailbox:
    host: str
    port: int
    mails: list[bytes] = field(default_factory=list)
    rcpt_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.rcpt_answers.pop(0) if self.rcpt_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(envelope.content)
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real mail server on loopback."""
    box = Mailbox("127.0.0.1", free_port())
    controller = Controller(box, hostname=box.host, port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture(autouse=True)
def own_senders() -> Iterator[None]:
    """Each test chooses its senders; the next one asks the environment again."""
    yield
    routes.use_senders({})
