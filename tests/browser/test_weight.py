"""What the month of the booking wizard costs on a slow line: bytes on the wire, as the browser counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from tests.browser.conftest import Eyes, Site
from tests.conftest import SEOUL
from tests.crowd import DAY, gather
from tests.live import opened

pytestmark = pytest.mark.browser
COLD = 25 * 1024
WARM = 4 * 1024


def test_the_month_is_light(people: Callable[[int, bool], Eyes], site: Site) -> None:
    with opened(site.settings), unit_of_work(SEOUL, SYSTEM) as uow:
        crowd = gather(uow, 1, name="가벼운 키움센터")
    family, eyes = crowd.families[0], people(390, True)
    name, value = family.visitor.cookie.split("=", 1)
    eyes.context.add_cookies([{"name": name, "value": value, "url": f"{site.live.base}/seoul/"}])
    address = f"/book/when?child={family.child}&kind=TEMPORARY&centre={crowd.centre}&day={DAY.isoformat()}"
    first = bytes_of(eyes, address)
    again = bytes_of(eyes, address)
    assert sum(first.values()) <= COLD, first
    assert sum(again.values()) <= WARM, again


def bytes_of(eyes: Eyes, address: str) -> dict[str, int]:
    """Bytes by address, headers and bodies as they came; what lies in the cache costs nothing."""
    line = eyes.context.new_cdp_session(eyes.page)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def began(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"].rsplit("/", 1)[1]

    def ended(event: dict[str, Any]) -> None:
        sizes[names.get(event["requestId"], "?")] = int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", began)
    line.on("Network.loadingFinished", ended)
    line.send("Network.enable")
    eyes.page.goto(f"{eyes.site.live.base}/seoul{address}", wait_until="networkidle")
    line.detach()
    eyes.look()
    return sizes
