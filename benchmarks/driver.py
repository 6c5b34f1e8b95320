"""A small HTTP driver: a closed loop of clients, or a crowd that sends one request at the same moment.

Sockets by hand, because the driver shares the machine with what it measures. Loopback only, always bounded.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

TIMEOUT = 60.0
LONGEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0: no answer (refused, cut off). ``seconds`` until its last byte."""

    status: int
    seconds: float
    head: bytes = b""
    body: bytes = b""

    @property
    def location(self) -> str:
        for line in self.head.split(b"\r\n"):
            if line.lower().startswith(b"location:"):
                return line[9:].strip().decode("latin-1")
        return ""


@dataclass
class Load:
    """What a closed loop measured."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    size: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds under which that share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def get(path: str, cookie: str = "", headers: Sequence[str] = ()) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, fields: Sequence[tuple[str, str]], cookie: str = "") -> bytes:
    body = urlencode(fields).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def send(port: int, request: bytes) -> Answer:
    """One request on a connection of its own, as behind a proxy that keeps none alive."""
    begun = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as line:
            line.sendall(request)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
    except OSError:
        return Answer(0, time.perf_counter() - begun)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    status = int(head[9:12]) if head.startswith(b"HTTP/1.") else 0
    return Answer(status, time.perf_counter() - begun, head, body)


def load(port: int, request: bytes, *, clients: int = 8, seconds: float = 4.0) -> Load:
    """``clients`` threads, each asking again as soon as it was answered."""
    found, lock = Load(), threading.Lock()
    stop = time.perf_counter() + min(seconds, LONGEST_SECONDS)

    def client() -> None:
        while time.perf_counter() < stop:
            answer = send(port, request)
            with lock:
                found.times.append(answer.seconds)
                found.statuses[answer.status] += 1
                found.size = len(answer.body)

    begun = time.perf_counter()
    _together([client] * clients)
    found.seconds = time.perf_counter() - begun
    return found


def race(port: int, requests: Sequence[bytes]) -> tuple[list[Answer], float]:
    """Everybody at once; their answers in the order of ``requests``, and the seconds until the last was there."""
    answers = [Answer(0, 0.0)] * len(requests)
    start = threading.Barrier(len(requests) + 1)

    def visitor(number: int) -> None:
        start.wait()
        answers[number] = send(port, requests[number])

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - begun


def _together(work: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
