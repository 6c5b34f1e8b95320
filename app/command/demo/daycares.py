"""The five 24-hour daycares of Gyeonggi come to life: an ordinary week behind them, tonight, and what is to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.command.demo.daycare_days import play_days
from app.command.demo.daycare_families import move_in
from app.command.demo.daycare_houses import SKETCHES, Sketch, found
from app.command.demo.daycare_scenes import play_scenes
from app.command.demo.scenes import history_is_sent
from app.kernel.db import database, tenant_ref
from app.tenancy.registry import registry


def play_daycares(tell: Callable[[str], None], sketches: Sequence[Sketch] = SKETCHES) -> None:
    """Those that are municipalities of this house. Raises what a command raises."""
    prefix = database().settings.role_prefix
    for sketch in sketches:
        if registry.find(sketch.slug) is None:
            continue
        tell(f"{sketch.city} 어린이집의 가족과 예약을 만듭니다")
        nursery = found(tenant_ref(sketch.slug, prefix), sketch)
        move_in(nursery)
        play_days(nursery)
        play_scenes(nursery)
        history_is_sent(nursery.stage)
