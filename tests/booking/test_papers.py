"""The seven Kium forms are filled with what is known, in the forms' own words, and fit their models."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.booking import papers, service
from app.booking.dossiers import Dossier, dossiers
from app.booking.models import Booking
from app.booking.printing import FORMS, sheets
from app.booking.queries import daily_users
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind
from app.booking.staff_waiting import wait_lines
from app.centres.rules import CentreKind, QuarterKind
from app.documents.catalogue import load
from app.documents.model import validate
from app.kernel.actor import Actor
from app.kernel.audit import AccessLog
from app.kernel.ranges import TimeSpan
from app.people.models import PickupPerson
from app.people.rules import HealthKind, Sex
from app.people.service import add_health_note
from tests.booking.town import MONDAY, SEM2, TUESDAY, Family, Town, found_town

MIXED = {"tue": TimeSpan.parse("14:00-17:00"), "thu": TimeSpan.parse("13:30-18:00")}


def one(applied: service.Applied) -> str:
    ref = applied.outcomes[0].ref
    assert ref is not None
    return ref


def file_of(town: Town, ref: str, *, by: Actor | None = None, health: str = "출력") -> Dossier:
    with town.unit(by or town.director) as uow:
        (found,) = dossiers(uow, [ref], health_for=health)
    return found


def noted(town: Town, family: Family) -> None:
    with town.unit(family.actor) as uow:
        add_health_note(uow, family.child, HealthKind.ALLERGY, "땅콩")
        add_health_note(uow, family.child, HealthKind.MEDICINE, "비염약")


@pytest.mark.rule("KB-16")
def test_the_application_carries_what_was_told(town: Town) -> None:
    family = town.family(ground="dual_income")
    noted(town, family)
    ref = one(town.regular(family, times=MIXED, ground="dual_income", other_service="늘봄학교"))
    data = validate(papers.APPLICATION, papers.application(file_of(town, ref)), partial=True)
    wanted = {
        "care_type": "regular",
        "centre_type": "general",
        "term": "term2",
        "from_date": TUESDAY.isoformat(),
        "to_date": SEM2.last.isoformat(),
        "weekdays": ["tue", "thu"],
        "household": ["dual_income"],
        "allergy": "땅콩",
        "medication": "비염약",
        "other_services": "늘봄학교",
        "child_gender": "female",
        "doc_priority": True,
        "doc_consent": True,
    }
    assert {key: data[key] for key in wanted} == wanted
    assert [(slot["day"], slot["in_time"], slot["out_time"]) for slot in data["slots"]] == [
        ("tue", "14:00", "17:00"),
        ("thu", "13:30", "18:00"),
    ]
    assert data["guardians"][0]["remark"] == "우선 연락"


@pytest.mark.rule("KB-16")
def test_a_single_day_is_printed_as_a_date(town: Town) -> None:
    ref = one(town.temporary(town.family(papers=False), TUESDAY, reason="야근"))
    data = validate(papers.APPLICATION, papers.application(file_of(town, ref)), partial=True)
    assert (data["care_type"], data["temporary_reason"], data["weekdays"]) == ("temporary", "야근", [])
    assert data["slots"] == [
        {"day": "date", "date": TUESDAY.isoformat(), "in_time": "14:00", "out_time": "17:00"}
    ]
    assert (data["doc_application"], data["doc_consent"]) == (True, False)


@pytest.mark.parametrize(
    ("ground", "household", "other"),
    [
        (Ground.DUAL_INCOME, ["dual_income"], None),
        (Ground.SINGLE_PARENT_WORKING, ["single_parent"], None),
        (Ground.LOW_GRADE, ["lower_grade"], None),
        (Ground.LONG_HOURS, ["long_hours"], None),
        (Ground.MULTI_CHILD_OR_CARE, ["other"], Ground.MULTI_CHILD_OR_CARE.label),
        (Ground.OTHER, [], None),
    ],
)
def test_every_ground_has_its_box(
    town: Town, ground: Ground, household: list[str], other: str | None
) -> None:
    ref = one(town.temporary(town.family(), TUESDAY, ground=ground.value))
    data = validate(papers.APPLICATION, papers.application(file_of(town, ref)), partial=True)
    assert (data["household"], data["household_other"]) == (household, other)


@pytest.mark.parametrize(
    ("form_id", "field", "codes"),
    [
        (papers.APPLICATION, "care_type", set(papers.CARE.values())),
        (papers.APPLICATION, "centre_type", set(papers.CENTRES.values())),
        (papers.APPLICATION, "term", set(papers.TERMS.values())),
        (papers.APPLICATION, "child_gender", set(papers.SEXES.values())),
    ],
)
def test_the_tables_speak_the_forms_own_codes(form_id: str, field: str, codes: set[str]) -> None:
    assert {choice.value for choice in load(form_id).field(field).choices} == codes
    assert set(papers.CARE) == set(BookingKind)
    assert set(papers.CENTRES) == set(CentreKind)
    assert set(papers.TERMS) == set(QuarterKind)
    assert set(papers.SEXES) == set(Sex)


def test_the_consents_leave_every_yes_and_no_to_the_family(town: Town) -> None:
    family = town.family()
    with town.unit() as uow:
        uow.session.add(
            PickupPerson(
                child_id=family.child_id,
                name="정할머니",
                relation="외조모",
                phone="01077778888",
                created_at=uow.now,
            )
        )
    ref = one(town.temporary(family, TUESDAY))
    file = file_of(town, ref)
    privacy = validate(papers.PRIVACY, papers.privacy_consent(file), partial=True)
    assert privacy["child_name"] == "김하늘"
    assert {value for key, value in privacy.items() if key.startswith("consent_")} == {None}
    five = validate(papers.CONSENT5, papers.consent5(file), partial=True)
    assert five["pickup_people"][0]["name"] == "정할머니"
    assert (five["contacts"][0]["rank"], five["leaving_time"]) == (1, "17:00")
    assert {five["consent_homegoing"], five["arrival_way"], five["consent_firstaid"]} == {None}


@pytest.mark.rule("KB-24")
def test_the_notice_says_the_decision_and_is_complete(town: Town) -> None:
    approved, refused = (
        one(town.temporary(town.family(), TUESDAY)),
        one(town.temporary(town.family("이바다"), TUESDAY)),
    )
    town.approve_ref(approved)
    with town.unit(town.director) as uow:
        service.disapprove(uow, refused, "정원 초과")
    told = validate(papers.NOTICE, papers.decision_notice(file_of(town, approved), MONDAY))
    assert (told["decision"], told["schedule"], told["guardian_name"]) == (
        "approved",
        "14:00–17:00",
        "김보호",
    )
    told = validate(papers.NOTICE, papers.decision_notice(file_of(town, refused), MONDAY))
    assert (told["decision"], told["refuse_reason"]) == ("refused", "정원 초과")


def test_the_notice_of_a_waiting_child_gives_its_place(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    waiting = one(small.temporary(small.family("이바다"), TUESDAY))
    told = validate(papers.NOTICE, papers.decision_notice(file_of(small, waiting), MONDAY, position=1))
    assert (told["decision"], told["waiting_no"]) == ("waiting", 1)


@pytest.mark.rule("KB-42")
def test_the_card_prefers_what_was_agreed(town: Town) -> None:
    family = town.family(ground="dual_income")
    ref = one(town.regular(family, times=MIXED, ground="dual_income"))
    bare = validate(papers.CHILD_CARD, papers.child_card(file_of(town, ref), MONDAY), partial=True)
    assert [(row["day"], row["in_time"]) for row in bare["schedule"]] == [("tue", "14:00"), ("thu", "13:30")]
    with town.unit(town.teacher) as uow:
        card = service.Card(
            family.child,
            town.centre,
            "14:10",
            "17:30",
            "보호자 인계",
            (("14:30", "15:30", "숙제"),),
            "낯을 가려요",
            MONDAY,
        )
        service.save_care_card(uow, card)
    data = validate(papers.CHILD_CARD, papers.child_card(file_of(town, ref), MONDAY), partial=True)
    assert {(row["in_time"], row["out_time"]) for row in data["schedule"]} == {("14:10", "17:30")}
    assert data["schedule"][0]["activity"] == "14:30–15:30 숙제"
    assert (data["homegoing"], data["household"]) == ("보호자 인계", "맞벌이 가정")
    assert (data["counselling"][0]["content"], data["counselling"][0]["staff"]) == ("낯을 가려요", "서돌봄")


@pytest.mark.rule("KB-43")
def test_the_day_sheet_lists_everybody_and_the_fullest_moment(town: Town) -> None:
    for name, hours in (("가", "14:00-16:00"), ("나", "15:00-17:00"), ("다", "16:00-18:00")):
        town.approve_ref(
            one(town.temporary(town.family(f"{name}아이"), TUESDAY, hours=TimeSpan.parse(hours)))
        )
    with town.unit(town.director) as uow:
        rows = daily_users(uow, town.row(uow), TUESDAY)
    data = validate(papers.DAILY, papers.daily_sheet("온수동", TUESDAY, rows))
    assert [row["name"] for row in data["rows"]] == ["가아이", "나아이", "다아이"]
    assert data["peak"] == 2


@pytest.mark.parametrize(
    ("stays", "most"),
    [
        ([], 0),
        (["14:00-15:00"], 1),
        (["14:00-15:00", "15:00-16:00"], 1),
        (["14:00-15:01", "15:00-16:00"], 2),
        (["09:00-18:00", "10:00-11:00", "10:30-12:00"], 3),
    ],
)
def test_who_leaves_makes_room_at_that_minute(stays: list[str], most: int) -> None:
    assert papers.peak([TimeSpan.parse(stay) for stay in stays]) == most


@pytest.mark.rule("KW-10")
def test_the_waiting_sheet_keeps_the_order(small: Town) -> None:
    small.temporary(small.family("먼저온"), TUESDAY)
    small.temporary(small.family("늦은"), TUESDAY)
    small.temporary(small.family("우선", ground="dual_income"), TUESDAY, ground="dual_income")
    with small.unit(small.director) as uow:
        lines = wait_lines(uow, small.row(uow))
    data = papers.waiting_sheet("온수동", MONDAY, [(line.row, line.phone) for line in lines])
    checked = validate(papers.WAITING, data)
    assert [(row["no"], row["child_name"], row["priority"]) for row in checked["waiting"]] == [
        (1, "우선", "1순위"),
        (2, "늦은", "3순위"),
    ]


@pytest.mark.rule("XX-08")
def test_health_notes_are_opened_only_for_forms_that_need_them(town: Town) -> None:
    family = town.family()
    noted(town, family)
    ref = one(town.temporary(family, TUESDAY))

    def openings() -> int:
        with town.unit() as uow:
            return len(
                uow.session.scalars(select(AccessLog).where(AccessLog.what == "health_note.opened")).all()
            )

    with town.unit(town.director) as uow:
        sheets(uow, [ref], [papers.PRIVACY, papers.NOTICE])
    assert openings() == 0
    with town.unit(town.director) as uow:
        sheets(uow, [ref], [papers.APPLICATION, papers.CHILD_CARD])
    assert openings() == 1


def test_every_form_of_a_booking_fits_its_model(town: Town) -> None:
    family = town.family()
    refs = [one(town.temporary(family, TUESDAY)), one(town.regular(town.family("이바다"), times=MIXED))]
    with town.unit(town.director) as uow:
        items = sheets(uow, refs, list(FORMS))
    assert len(items) == 10
    for item in items:
        validate(item.form_id, item.data or {}, partial=True)


def test_another_centres_booking_makes_no_sheet(town: Town) -> None:
    there = found_town(town.place)
    ref = one(there.temporary(there.family("남의집"), TUESDAY))
    with town.unit(town.director) as uow:
        assert dossiers(uow, [ref]) == []
    with town.unit() as uow:
        assert uow.session.scalars(select(Booking.starts_on)).all() == [date(2026, 10, 13)]
