"""What a municipality is, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """Families of service a municipality may offer (GC-22)."""

    KIUM = "KIUM"
    FACILITY = "FACILITY"
    VISITING = "VISITING"
    DAYCARE = "DAYCARE"
    CSI = "CSI"
    PLEDGE = "PLEDGE"

    @property
    def label(self) -> str:
        return SERVICE_LABELS[self]


SERVICE_LABELS = {
    Service.KIUM: "우리동네키움",
    Service.FACILITY: "언제나돌봄 시설형",
    Service.VISITING: "언제나돌봄 방문형",
    Service.DAYCARE: "언제나어린이집",
    Service.CSI: "지역사회서비스",
    Service.PLEDGE: "공약이행",
}


ANYTIME_SERVICES = frozenset({Service.FACILITY, Service.VISITING, Service.DAYCARE})
"""언제나돌봄: what shares one coordinator, one set of restrictions and one call centre."""


class TenantKind(StrEnum):
    SEOUL = "SEOUL"
    GG_CITY = "GG_CITY"
    GG_COUNTY = "GG_COUNTY"
    OTHER = "OTHER"


class InstitutionKind(StrEnum):
    DISTRICT = "DISTRICT"
    KIUM_CENTRE = "KIUM_CENTRE"
    REGIONAL_CENTRE = "REGIONAL_CENTRE"
    VISITING_AGENCY = "VISITING_AGENCY"
    PROVIDER = "PROVIDER"
    DAYCARE = "DAYCARE"


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """What every request needs to know of its municipality."""

    code: str
    slug: str
    name: str
    kind: TenantKind
    services: frozenset[Service]
    active: bool
    official: bool
    demo: bool
    service_title: str
    phone: str
    operator: str
    revision: str = ""

    def offers(self, service: str | frozenset[str]) -> bool:
        """The service, or one of several."""
        return service in self.services if isinstance(service, str) else not self.services.isdisjoint(service)
