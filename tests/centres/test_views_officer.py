"""Officers' pages of centres."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from app.centres.models import CapacityChange, DistrictRule
from app.kernel.actor import Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef
from tests.cast_accounts import sign_in
from tests.centres.town import FACILITY, World, text

NEW = {
    "name": "신도림 키움센터",
    "kind": "GENERAL",
    "phone": "02-2600-1234",
    "area": "80.00",
    "capacity": "20",
}
WISH = {"capacity": "24", "area": "96.00", "effective_on": "2026-12-01", "reason": "옆 교실을 더 씀"}


class TestOfficers:
    @pytest.mark.rule("KP-05")
    def test_a_district_registers_a_centre(self, world: World) -> None:
        world.officer()
        assert world.other.name not in text(world.get("/district/centres/new"))
        answer = world.post("/district/centres/new", **NEW, district_ref=world.mine.ref)
        assert answer.status_code == 303
        assert "신도림 키움센터" in text(world.client.get(answer.location))
        for wrong in ({"district_ref": world.other.ref}, {"capacity": "25"}, {"area": "넓음"}, {"name": " "}):
            form = {**NEW, "district_ref": world.mine.ref, **wrong}
            assert world.post("/district/centres/new", **form).status_code == 422

    @pytest.mark.rule("KP-05")
    def test_a_centre_is_closed_down_and_opened_again(self, world: World) -> None:
        world.officer()
        url = f"/district/centres/{world.ref}"
        assert world.post(f"{url}/active", active="", reason="", version="1").status_code == 422
        assert world.post(f"{url}/active", active="", reason="이전", version="9").status_code == 409
        assert world.post(f"{url}/active", active="", reason="이전", version="1").status_code == 303
        assert "운영을 마친 센터" in text(world.get(url))
        assert world.ref not in text(world.client.get("/seoul/centres"))
        assert world.post(f"{url}/active", active="yes", reason="새 건물", version="2").status_code == 303
        assert world.ref in text(world.client.get("/seoul/centres"))
        reasons = [row.reason for row in world.rows(AuditLog) if row.action.startswith("centre.")]
        assert reasons[-2:] == ["이전", "새 건물"]

    def test_who_may_not_close_it(self, world: World) -> None:
        form = {"active": "", "reason": "이전", "version": "1"}
        world.director()
        assert world.post(f"/district/centres/{world.ref}/active", **form).status_code == 403
        world.officer(world.other)
        assert world.post(f"/district/centres/{world.ref}/active", **form).status_code == 404

    def test_an_officer_sees_the_own_district_only(self, world: World) -> None:
        for district, status in ((world.mine, 200), (world.other, 404)):
            world.officer(district)
            assert ("온수동" in text(world.get("/district/centres"))) is (status == 200)
            for path in (f"/district/centres/{world.ref}", f"/district/centres/{world.ref}/facility"):
                assert world.get(path).status_code == status
            assert world.post(f"/district/centres/{world.ref}/facility", **FACILITY).status_code == (
                303 if status == 200 else 404
            )
        world.sign_in(Role.SEOUL_ADMIN)
        assert "온수동" in text(world.get("/district/centres"))
        assert world.get(f"/district/centres/{world.ref}").status_code == 200

    @pytest.mark.rule("GC-21")
    def test_a_city_s_administrator_sees_no_other_city(self, world: World, gwacheon: TenantRef) -> None:
        sign_in(world.client, gwacheon, Role.SEOUL_ADMIN)
        assert "온수동" not in text(world.client.get("/gwacheon/district/centres"))
        for path in (f"centres/{world.ref}", f"papers?district={world.mine.ref}"):
            assert world.client.get(f"/gwacheon/district/{path}").status_code == 404

    def test_numbers_open_the_list_behind_them(self, world: World) -> None:
        world.officer()
        assert "온수동" in text(world.get("/district/centres?only=missing"))
        assert "온수동" not in text(world.get("/district/centres?only=waiting"))
        assert "온수동" not in text(world.get("/district/centres?only=short"))

    def ask(self, world: World, **changed: str) -> TestResponse:
        world.director()
        return world.post("/centre/capacity", **{**WISH, **changed})

    @pytest.mark.rule("KC-10")
    def test_a_capacity_request_from_asking_to_deciding(self, world: World) -> None:
        assert self.ask(world).status_code == 303
        assert "승인 요청" in text(world.get("/centre"))
        (row,) = world.rows(CapacityChange)
        url = f"/district/capacity/{row.ref}"
        assert world.get(url).status_code == 403
        world.officer(world.other)
        assert world.get(url).status_code == 404
        assert world.post(url, decision="approve", version="1").status_code == 404
        world.officer()
        assert url in text(world.get("/district/centres?only=waiting"))
        assert "옆 교실을 더 씀" in text(world.get(url))
        assert world.post(url, decision="reject", version="1").status_code == 422
        assert world.post(url, decision="", version="1").status_code == 422
        assert world.post(url, decision="approve", version="5").status_code == 409
        assert world.post(url, decision="approve", version="1").status_code == 303
        assert world.post(url, decision="approve", version="2").status_code == 422
        assert "이미 결정한 요청" in text(world.get(url))
        assert world.rows(CapacityChange)[0].state == "APPROVED"

    @pytest.mark.rule("KC-01")
    @pytest.mark.parametrize(
        "wrong",
        [
            {"capacity": "30"},
            {"capacity": ""},
            {"effective_on": "2026-11-19"},
            {"reason": ""},
            {"area": "0"},
            {"area": "96.001"},
        ],
    )
    def test_a_wrong_request_stays_on_the_page(self, world: World, wrong: dict[str, str]) -> None:
        answer = self.ask(world, **wrong)
        assert answer.status_code == 422
        assert "확인이 필요해요" in text(answer)
        assert world.rows(CapacityChange) == []

    @pytest.mark.rule("KB-40")
    def test_a_district_lays_down_its_papers(self, world: World) -> None:
        world.officer()
        assert "구로구" in text(world.get("/district/papers"))
        form = {"district": world.mine.ref, "papers_dual_income": ["employment_certificate"]}
        assert world.post("/district/papers", **form).status_code == 303
        (row,) = world.rows(DistrictRule)
        assert (row.district_id, row.ground, row.papers) == (
            world.mine.id,
            "dual_income",
            ["employment_certificate"],
        )
        assert world.post("/district/papers", district=world.mine.ref).status_code == 303
        assert world.rows(DistrictRule)[0].papers == []
        assert (
            world.post("/district/papers", **{**form, "papers_dual_income": ["tax_secret"]}).status_code
            == 422
        )
        assert world.post("/district/papers", district=world.other.ref).status_code == 404
        assert world.get(f"/district/papers?district={world.other.ref}").status_code == 404
