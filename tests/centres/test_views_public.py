"""What anyone may see of centres."""

from __future__ import annotations

import pytest
from flask import Flask

from app.centres.models import KiumCentre
from app.centres.queries import centre_by_id
from app.centres.rules import CentreKind
from app.kernel.actor import SYSTEM
from app.kernel.db import platform_ref, unit_of_work
from app.tenancy.models import Institution, Tenant
from app.tenancy.registry import registry
from tests.cast import make_centre
from tests.centres.town import World, text


class TestPublic:
    @pytest.mark.rule("KP-01")
    def test_anyone_may_look_around(self, world: World) -> None:
        for path in ("/centres", f"/centres/{world.ref}", "/help"):
            assert world.get(path).status_code == 200

    @pytest.mark.rule("KP-14")
    def test_search_by_district_kind_and_words(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            make_centre(uow, name="불광 100% 키움센터", kind=CentreKind.FUSION, district=world.other)
        for query, there, absent in (
            ("", ["온수동", "불광"], []),
            (f"district={world.other.ref}", ["불광"], ["온수동"]),
            ("kind=FUSION", ["불광"], ["온수동"]),
            ("kind=nonsense", ["온수동", "불광"], []),
            ("q=온수", ["온수동"], ["불광"]),
            ("q=%25", ["불광"], ["온수동"]),
            ("q=_", [], ["온수동", "불광"]),
            ("page=999", ["온수동"], []),
            ("page=x&district=nowhere", ["찾는 센터가 없어요"], ["온수동"]),
        ):
            page = text(world.get(f"/centres?{query}", headers={"HX-Request": "true"}))
            assert all(word in page for word in there), query
            assert not any(word in page for word in absent), query
            assert "<html" not in page

    def test_a_page_lists_twenty(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            for number in range(20):
                make_centre(uow, name=f"센터 {number:02d}", district=world.other)
        assert text(world.get("/centres")).count('<article class="card"') == 20
        assert text(world.get("/centres?page=2")).count('<article class="card"') == 1

    def test_a_centre_says_what_a_parent_asks(self, world: World) -> None:
        page = text(world.get(f"/centres/{world.ref}"))
        for words in ("11:00–19:00", "02-2600-1234", "20명", "4명", "간식", "2026. 12. 31.", "구로구"):
            assert words in page

    def test_invented_values_are_marked(self, world: World) -> None:
        assert "시연용으로 만든 값" not in text(world.get(f"/centres/{world.ref}"))
        with unit_of_work(world.place, SYSTEM) as uow:
            uow.session.execute(KiumCentre.__table__.update().values(invented=True))
        assert "시연용으로 만든 값" in text(world.get(f"/centres/{world.ref}"))

    def test_a_centre_without_quarters_has_a_page(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            fresh = make_centre(uow, name="새 센터", kind=CentreKind.HUB, district=world.mine)
            ref = centre_by_id(uow, fresh.id).ref
        page = text(world.get(f"/centres/{ref}"))
        assert "아직 운영기간을 정하지 않았어요" in page
        assert "운영기간 밖" in page
        assert "일시돌봄만" in page

    def test_closed_centres_are_not_shown(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            uow.session.execute(Institution.__table__.update().values(active=False))
        assert "온수동" not in text(world.get("/centres"))
        assert world.get(f"/centres/{world.ref}").status_code == 404

    @pytest.mark.rule("KP-16")
    def test_the_help_page_names_the_telephones(self, world: World) -> None:
        page = text(world.get("/help"))
        assert 'href="tel:0221334947"' in page
        assert "02-2133-4817" in page

    @pytest.mark.rule("GC-21")
    def test_another_municipality_does_not_show_it(self, world: World) -> None:
        assert world.client.get(f"/gwacheon/centres/{world.ref}").status_code == 404
        assert "온수동" not in text(world.client.get("/gwacheon/centres"))

    def test_the_search_is_light(self, world: World) -> None:
        with unit_of_work(world.place, SYSTEM) as uow:
            for number in range(20):
                make_centre(uow, name=f"센터 {number:02d}", district=world.other)
        assert len(world.get("/centres").data) < 25_000


@pytest.mark.rule("GC-22")
def test_a_city_without_kium_has_none_of_these_pages(app: Flask, world: World) -> None:
    with unit_of_work(platform_ref(), SYSTEM) as uow:
        uow.session.execute(Tenant.__table__.update().where(Tenant.slug == "gwacheon").values(services=[]))
    registry.forget()
    for path in ("/centres", "/help", "/centre", "/district/centres"):
        assert world.client.get(f"/gwacheon{path}").status_code == 404
