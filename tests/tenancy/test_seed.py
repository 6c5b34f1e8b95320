"""The folder of municipalities: what it holds, what it refuses, and how it meets a database that people changed."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.pool import NullPool

from app.tenancy import provision, seeding
from app.tenancy.models import Institution, ParameterValue, PlatformLog, Tenant
from app.tenancy.rules import InstitutionKind, Service
from app.tenancy.seed import SeedProblem, TenantSeed, read_seeds
from app.tenancy.seeding import Difference
from tests.cast import LONG_AGO
from tests.conftest import PREFIX, UrlOf

TOWN = """
code = "99"
name = "가온시"
kind = "GG_CITY"
adm = "4199"
services = ["KIUM"]
service_title = "돌봄"
phone = "031-123-4567"
operator = "가온시"
[parameters]
"kb.temp_window_days" = 21
[[institution]]
kind = "DISTRICT"
name = "다솜구"
code = "41991"
[[institution]]
kind = "REGIONAL_CENTRE"
name = "다솜센터"
parent = "다솜구"
phone = "031-111-2222"
host = "다솜도서관"
address = "가온시 다솜로 1"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gaon").mkdir()
    (tmp_path / "gaon" / "tenant.toml").write_text(TOWN, "utf-8")
    return tmp_path


@pytest.mark.rule("GC-22")
def test_the_folder_holds_seoul_and_all_of_gyeonggi(house: object) -> None:
    seeds = read_seeds()
    services = Counter(service for seed in seeds.values() for service in seed.services)
    assert len(seeds) == 32
    assert [seed.code for seed in seeds.values()] == [f"{number:02d}" for number in range(32)]
    assert (services[Service.FACILITY], services[Service.VISITING], services[Service.DAYCARE]) == (14, 10, 5)
    assert seeds["seoul"].services == (Service.KIUM, Service.CSI, Service.PLEDGE)
    assert sum(not seed.services for seed in seeds.values()) == 12


def test_every_institution_of_the_sources_is_there(house: object) -> None:
    kinds = Counter(row.kind for seed in read_seeds().values() for row in seed.institution)
    assert kinds == {
        InstitutionKind.DISTRICT: 25,
        InstitutionKind.REGIONAL_CENTRE: 14,
        InstitutionKind.VISITING_AGENCY: 11,
        InstitutionKind.DAYCARE: 5,
    }


def test_all_mistakes_are_told_at_once_with_file_and_key(house: object, folder: Path) -> None:
    (folder / "naru").mkdir()
    (folder / "naru" / "tenant.toml").write_text(
        'code = "9"\nname = ""\nkind = "VILLAGE"\nadm = "41"\ncolour = "red"\nservices = []\n'
        '[[institution]]\nkind = "DISTRICT"\nname = "구"\nphone = "call me"\n',
        "utf-8",
    )
    (folder / "boda").mkdir()
    (folder / "boda" / "tenant.toml").write_text("code = ", "utf-8")
    (folder / "others.toml").write_text('[[tenant]]\nslug = "Big"\ncode = "98"\n', "utf-8")
    with pytest.raises(SeedProblem) as told:
        read_seeds(folder)
    lines = str(told.value).splitlines()
    for beginning in (
        "boda/tenant.toml: TOML로 읽을 수 없습니다",
        "naru/tenant.toml: code: 형식이 맞지 않습니다.",
        "naru/tenant.toml: name: 비어 있습니다.",
        "naru/tenant.toml: kind: 다음 가운데 하나여야 합니다",
        "naru/tenant.toml: colour: 모르는 이름입니다.",
        "naru/tenant.toml: institution[1].phone: 형식이 맞지 않습니다.",
        "others.toml: tenant[1].slug: 형식이 맞지 않습니다.",
        "others.toml: tenant[1].name: 꼭 있어야 합니다.",
    ):
        assert any(line.startswith(beginning) for line in lines), beginning


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"kb.temp_window_days" = 21',
            '"kb.temp_windw" = 21',
            "gaon/tenant.toml: parameters.kb.temp_windw: 아직 없는",
        ),
        (
            '"kb.temp_window_days" = 21',
            '"kb.temp_window_days" = "x"',
            "parameters.kb.temp_window_days: 값의 형식",
        ),
        ("[parameters]", "[later]", "later.kb.temp_window_days: 이제 쓰이는 설정입니다."),
        ('parent = "다솜구"', 'parent = "없는구"', "institution[2].parent: '없는구'라는 기관이"),
        ('code = "99"', 'code = "99"\nslug = "gaon"', "slug: 폴더 이름이 곧 slug이므로"),
    ],
)
def test_what_the_shape_does_not_show_is_told_too(
    house: object, folder: Path, old: str, new: str, told: str
) -> None:
    file = folder / "gaon" / "tenant.toml"
    file.write_text(TOWN.replace(old, new, 1), "utf-8")
    with pytest.raises(SeedProblem, match=told.replace("[", r"\[")):
        read_seeds(folder)


@pytest.mark.parametrize("slug", ["platform", "static", "readyz"])
def test_a_municipality_cannot_take_a_path_of_the_platform(house: object, folder: Path, slug: str) -> None:
    (folder / "gaon").rename(folder / slug)
    with pytest.raises(SeedProblem, match="화면 주소로 이미 쓰는 이름"):
        read_seeds(folder)


def test_two_municipalities_share_no_code(house: object, folder: Path) -> None:
    (folder / "others.toml").write_text(
        '[[tenant]]\nslug = "naru"\ncode = "99"\nname = "나루시"\nkind = "GG_CITY"\nadm = "4198"\n', "utf-8"
    )
    with pytest.raises(SeedProblem, match=r"others\.toml: code: code '99'을"):
        read_seeds(folder)


@pytest.fixture
def engine(house: object, server: UrlOf, new_database: Callable[[], str]) -> Iterator[Engine]:
    made = create_engine(server(new_database()), poolclass=NullPool)
    with made.begin() as connection:
        provision.prepare_database(connection, PREFIX)
    yield made
    made.dispose()


def gaon(**changes: object) -> TenantSeed:
    return TenantSeed(slug="gaon", **{**tomllib.loads(TOWN), **changes})


def look(engine: Engine, seed: TenantSeed) -> list[Difference]:
    with engine.begin() as connection:
        return seeding.differences(connection, seed, PREFIX, LONG_AGO)


def sync(engine: Engine, seed: TenantSeed) -> int:
    with engine.begin() as connection:
        found = seeding.differences(connection, seed, PREFIX, LONG_AGO)
        return seeding.apply(connection, found, seed, LONG_AGO)


def test_a_municipality_is_made_whole_from_its_folder(engine: Engine) -> None:
    assert seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO, demo=True) is True
    assert seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO) is False
    with engine.connect() as connection:
        row = connection.execute(select(Tenant.active, Tenant.demo, Tenant.services)).all()[-1]
        connection.execute(text("SET search_path TO t_gaon"))
        places = {r.name: r for r in connection.execute(select(*Institution.__table__.c))}
        decided = connection.execute(select(*ParameterValue.__table__.c)).one()
    assert tuple(row) == (True, True, ["KIUM"])
    centre = places["다솜센터"]
    assert (centre.phone, centre.address) == ("0311112222", "가온시 다솜로 1 (다솜도서관)")
    assert centre.parent_id == places["다솜구"].id
    assert (decided.key, decided.value["v"], decided.effective_from) == (
        "kb.temp_window_days",
        21,
        date(2024, 1, 1),
    )
    assert look(engine, gaon()) == []


@pytest.mark.rule("GC-22")
def test_without_a_service_there_is_a_name_but_no_schema_until_one_starts(engine: Engine) -> None:
    sleeping = gaon(services=[], parameters={}, institution=[])
    assert seeding.create_tenant(engine, sleeping, PREFIX, LONG_AGO) is True
    assert seeding.set_active(engine, "gaon", True, LONG_AGO) is False
    with engine.connect() as connection:
        assert connection.execute(text("SELECT to_regnamespace('t_gaon')")).scalar() is None
    assert seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO) is True
    with engine.connect() as connection:
        assert connection.execute(select(Tenant.active).where(Tenant.slug == "gaon")).scalar() is True


def test_sync_shows_and_applies_what_the_folder_changed(engine: Engine) -> None:
    seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO)
    first, second = gaon().institution
    later = gaon(
        phone="031-999-0000",
        parameters={"kb.temp_window_days": 28, "kb.age_max": 13},
        institution=[
            first,
            second.model_copy(update={"phone": "031-333-4444"}),
            {"kind": "DISTRICT", "name": "새구"},
        ],
    )
    assert {row.what: (row.here, row.folder) for row in look(engine, later)} == {
        "phone": ("031-123-4567", "031-999-0000"),
        "기관 다솜센터: phone": ("0311112222", "0313334444"),
        "기관 새구": ("없음", "새로 만듦"),
        "설정 kb.temp_window_days": ("21", "28"),
        "설정 kb.age_max": ("없음", "13"),
    }
    assert sync(engine, later) == 5
    assert look(engine, later) == []


def test_sync_never_touches_what_a_person_set(engine: Engine) -> None:
    seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO)
    with engine.begin() as connection:
        connection.execute(update(Tenant).where(Tenant.slug == "gaon").values(phone="031-555-5555"))
        connection.execute(text("SET LOCAL search_path TO t_gaon"))
        centre = update(Institution).where(Institution.name == "다솜센터")
        connection.execute(centre.values(phone="0315556666", version=2))
        connection.execute(
            text(
                "INSERT INTO parameter (key, value, effective_from, set_by, set_at, reason)"
                " VALUES ('kb.temp_window_days', '{\"v\": 7, \"by\": \"이다솜\"}', '2026-02-01', 7, now(), '요청')"
            )
        )
    _, second = gaon().institution
    later = gaon(
        phone="031-999-0000",
        parameters={"kb.temp_window_days": 28},
        institution=[gaon().institution[0], second.model_copy(update={"phone": "031-333-4444"})],
    )
    assert [(row.change, row.note) for row in look(engine, later)] == [(None, seeding.BY_PERSON)] * 3
    assert sync(engine, later) == 0
    with engine.connect() as connection:
        assert (
            connection.execute(select(Tenant.phone).where(Tenant.slug == "gaon")).scalar() == "031-555-5555"
        )
    without = gaon(
        phone="031-999-0000", parameters={}, institution=[second.model_copy(update={"parent": ""})]
    )
    assert [(row.what, row.change) for row in look(engine, without)][-1] == ("기관 다솜구", None)


def test_suspended_rests_and_dropped_is_gone(engine: Engine) -> None:
    seeding.create_tenant(engine, gaon(), PREFIX, LONG_AGO)
    assert seeding.set_active(engine, "gaon", False, LONG_AGO) is True
    assert seeding.set_active(engine, "gaon", False, LONG_AGO) is False
    seeding.drop_tenant(engine, "gaon", PREFIX, LONG_AGO)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT to_regnamespace('t_gaon')")).scalar() is None
        done = list(connection.execute(select(PlatformLog.action).order_by(PlatformLog.id)).scalars())
    assert done == ["tenant.create", "tenant.suspend", "tenant.drop"]
