"""A refusal says in its own sentence which day, which hour and which figure it is about, and beside which field it
stands: what somebody needs to ask again the right way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from app.daycare.rules import handover
from app.daycare.rules.application import (
    CONSENTS,
    ChildAnswers,
    GuardianAnswers,
    check_application,
    check_consents,
)
from app.daycare.rules.bookable import Designation, check_designation
from app.daycare.rules.cancellation import cancellation, check_no_show
from app.daycare.rules.capacity import check_places
from app.daycare.rules.days import check_hours, opening_on
from app.daycare.rules.eligibility import ChildFacts, check_child, province_of
from app.daycare.rules.handover import Person, check_entry, check_exit, check_paid, check_papers, has_ink
from app.daycare.rules.policy import STANDARD, DaycarePolicy
from app.daycare.rules.request import Wish, check_wish
from app.daycare.rules.states import ApplicationState, StayState
from app.daycare.rules.tariff import check_fee
from app.kernel.errors import Problem
from app.kernel.ranges import KST, DateSpan, Period, TimeSpan, kst
from tests.kernel.korean_holidays import CALENDAR

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (date(2026, 11, n) for n in range(16, 22))
BUCHEON = replace(STANDARD, holiday_open=TimeSpan.parse("09:00-18:00"), entry_holiday=(540, 1080))
OTHER_FIGURES = replace(
    STANDARD,
    max_days=3,
    max_days_ahead=10,
    min_minutes=120,
    cutoff=840,
    night_cutoff=1020,
    cancel_cutoff=870,
    noshow_minutes=45,
    curfew=(1350, 450),
    entry_weekday=(480, 1260),
)
"""A municipality that decided differently: a sentence that names the standard would be wrong here."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


EARLY = at("2026-11-10 09:00")
NOON = at("2026-11-17 12:00")


def refusals(
    wish: Wish, received: datetime, policy: DaycarePolicy, closures: dict[date, str] | None = None
) -> list[Problem]:
    return check_wish(
        wish,
        received,
        policy,
        opening_of=lambda day: opening_on(day, policy, CALENDAR, closures or {}),
        calendar=CALENDAR,
    )


def one_day(start: int, end: int, day: date = TUESDAY) -> Wish:
    return Wish(day, day, start, end)


@pytest.mark.parametrize(
    ("wish", "received", "policy", "sentence"),
    [
        (
            one_day(420, 600),
            EARLY,
            STANDARD,
            "시각은 07:30부터 다음 날 07:30 사이에서 골라 주세요.",
        ),
        (one_day(540, 570), EARLY, STANDARD, "1시간 이상부터 예약할 수 있어요."),
        (one_day(540, 600), EARLY, OTHER_FIGURES, "2시간 이상부터 예약할 수 있어요."),
        (
            one_day(540, 630),
            EARLY,
            STANDARD,
            "이용시간은 1시간 단위로 골라 주세요. 아침 07:30까지 있을 때만 30분이 남아도 돼요.",
        ),
        (
            Wish(MONDAY, THURSDAY, 540, 660),
            EARLY,
            OTHER_FIGURES,
            "한 번에 이어진 3일까지 예약할 수 있어요. 나누어 예약해 주세요.",
        ),
        (
            one_day(540, 660, SATURDAY),
            EARLY,
            OTHER_FIGURES,
            "오늘부터 10일 뒤(11월 20일(금))까지 예약할 수 있어요.",
        ),
        (
            one_day(540, 600, date(2026, 12, 25)),
            at("2026-12-01 09:00"),
            STANDARD,
            "12월 25일(금)은 문을 열지 않는 날이에요(성탄절). 그날을 빼고 예약해 주세요.",
        ),
        (
            one_day(1080, 1140, SATURDAY),
            EARLY,
            BUCHEON,
            "11월 21일(토)에는 09:00–18:00에만 이용할 수 있어요. 시간을 맞춰 주세요.",
        ),
        (
            one_day(1350, 1890),
            EARLY,
            STANDARD,
            "22:00부터 다음 날 07:30 사이에는 들어올 수 없어요. 22:00까지 올 수 있게 골라 주세요.",
        ),
        (
            one_day(1320, 1380),
            EARLY,
            replace(OTHER_FIGURES, min_minutes=60, entry_weekday=(450, 1320)),
            "22:30부터 다음 날 07:30 사이에는 나갈 수 없어요. 22:30 전이나 07:30 뒤로 골라 주세요.",
        ),
        (
            one_day(1290, 1350),
            EARLY,
            replace(OTHER_FIGURES, min_minutes=60),
            "11월 17일(화) 입소 시간은 08:00–21:00예요. 그 밖의 시간은 원장이 확인한 뒤 확정해요.",
        ),
        (
            one_day(1080, 1200),
            at("2026-11-17 14:01"),
            OTHER_FIGURES,
            "그날 이용은 14:00까지 신청해야 해요. 다른 날을 골라 주세요.",
        ),
        (
            one_day(1200, 1890),
            at("2026-11-16 17:01"),
            OTHER_FIGURES,
            "밤(22:30~다음 날 07:30)을 포함한 예약은 11월 16일(월) 17:00까지 해야 했어요. "
            "다른 날을 고르거나 22:30 전까지로 줄여 주세요.",
        ),
    ],
)
def test_a_wish_is_refused_with_its_day_and_figures(
    wish: Wish, received: datetime, policy: DaycarePolicy, sentence: str
) -> None:
    assert [problem.sentence for problem in refusals(wish, received, policy)] == [sentence]


@pytest.mark.rule("AD-09")
def test_every_closed_day_of_a_run_is_named_and_a_shared_fault_once() -> None:
    closures = {TUESDAY: "방역", THURSDAY: "단수"}
    closed = refusals(Wish(MONDAY, FRIDAY, 540, 600), EARLY, STANDARD, closures)
    assert [problem.sentence.split("은 문")[0] for problem in closed] == ["11월 17일(화)", "11월 19일(목)"]
    assert ["방역" in closed[0].sentence, "단수" in closed[1].sentence] == [True, True]
    long = refusals(
        Wish(MONDAY, TUESDAY, 1200, 600, True), EARLY, STANDARD, {MONDAY: "방역", TUESDAY: "단수"}
    )
    assert [problem.code for problem in long] == ["daycare.closed_day", "daycare.closed_day"]
    short = refusals(Wish(MONDAY, FRIDAY, 540, 570), EARLY, STANDARD)
    assert [problem.code for problem in short] == ["daycare.too_short"]


@pytest.mark.rule("AE-17")
@pytest.mark.parametrize(
    ("birth", "policy", "sentence"),
    [
        (
            date(2026, 8, 31),
            STANDARD,
            "생후 6개월부터 이용할 수 있어요. 3월 1일(월)부터 예약해 주세요.",
        ),
        (
            date(2026, 10, 10),
            replace(STANDARD, min_months=3),
            "생후 3개월부터 이용할 수 있어요. 1월 10일(일)부터 예약해 주세요.",
        ),
        (
            date(2016, 11, 17),
            STANDARD,
            "만 7세까지 이용할 수 있어요. 11월 18일(수)에는 나이가 넘어요.",
        ),
        (
            date(2010, 1, 1),
            replace(STANDARD, age_max=12),
            "만 12세까지 이용할 수 있어요. 11월 18일(수)에는 나이가 넘어요.",
        ),
    ],
)
def test_a_child_outside_the_ages_reads_from_or_until_when(
    birth: date, policy: DaycarePolicy, sentence: str
) -> None:
    [problem] = check_child(ChildFacts(birth), DateSpan(TUESDAY, WEDNESDAY), policy)
    assert problem.sentence.replace("2027년 ", "") == sentence


@pytest.mark.parametrize("address", ["", "   ", "\t"])
def test_no_address_says_nothing_of_the_province(address: str) -> None:
    assert province_of(address) is None


@pytest.mark.rule("AD-33")
@pytest.mark.parametrize(
    ("designation", "day"),
    [
        (Designation(WEDNESDAY), "11월 17일(화)"),
        (Designation(MONDAY, TUESDAY), "11월 19일(목)"),
    ],
)
def test_the_day_without_a_designation_is_named(designation: Designation, day: str) -> None:
    refused = check_designation(designation, DateSpan(TUESDAY, THURSDAY))
    assert refused is not None
    assert refused.sentence.startswith(f"{day}에는 ")


@pytest.mark.rule("AD-16")
def test_a_night_on_its_own_day_tells_the_number_and_the_hour() -> None:
    night = [Period(kst(TUESDAY, 1200), kst(TUESDAY, 1890))]
    known = {"by_phone": False, "identified": True}
    refused = cancellation(night, NOON, OTHER_FIGURES, phone="031-1", **known).refused
    assert refused is not None
    assert "14:30까지 어린이집(031-1)에" in refused.sentence
    stranger = cancellation(night, NOON, STANDARD, by_phone=True, identified=False)
    assert (stranger.ending, stranger.refused and stranger.refused.code) == (None, "daycare.not_the_booker")


@pytest.mark.rule("AD-17")
@pytest.mark.parametrize(("policy", "minutes"), [(STANDARD, "60분"), (OTHER_FIGURES, "45분")])
def test_a_no_show_too_early_says_after_how_long(policy: DaycarePolicy, minutes: str) -> None:
    refused = check_no_show(NOON, NOON, policy)
    assert refused is not None
    assert minutes in refused.sentence


@pytest.mark.rule("AD-02")
@pytest.mark.parametrize(("most", "sentence"), [(5, "1명에서 5명까지"), (4, "1명에서 4명까지")])
def test_a_class_too_large_says_how_large_it_may_be(most: int, sentence: str) -> None:
    refused = check_places(most + 1, replace(STANDARD, group_max=most))
    assert refused is not None
    assert sentence in refused.sentence


@pytest.mark.rule("AD-12")
def test_a_fee_too_high_says_the_ceiling() -> None:
    refused = check_fee(3001)
    assert refused is not None
    assert "시간당 3,000원을" in refused.sentence


@pytest.mark.rule("AD-30")
def test_wrong_hours_say_between_which() -> None:
    [refused] = check_hours({"weekday": ["06:00", "22:00"]})
    assert "07:30부터 다음 날 07:30까지" in refused.sentence


@pytest.mark.rule("AD-13")
@pytest.mark.rule("AD-18")
def test_what_is_open_at_the_door_is_named() -> None:
    unpaid = check_paid(12000, "", director=True)
    assert unpaid is not None
    assert "(12,000원)" in unpaid.sentence
    [papers] = check_papers(ApplicationState.ACCEPTED, {})
    assert papers.sentence.startswith("가족관계서류, 보호자 신분증 확인이 남았어요.")
    [one] = check_papers(ApplicationState.ACCEPTED, {"family": {"returned": True}})
    assert one.sentence.startswith("보호자 신분증 확인이")


@pytest.mark.rule("AD-06")
def test_the_shut_door_names_its_hours_and_an_emergency_opens_both_ways() -> None:
    person, ink, other = Person(True, "id_card"), [[[1, 1], [2, 2]]], [[[1, 2], [2, 2]]]
    night = at("2026-11-17 23:00")
    [coming] = check_entry(StayState.PLANNED, person, ink, night, OTHER_FIGURES)
    assert coming.sentence.startswith("22:30부터 다음 날 07:30 사이에는")
    assert check_entry(StayState.PLANNED, person, ink, night, STANDARD, emergency="119") == []
    going = (StayState.INSIDE, at("2026-11-17 20:00"), ink, person, other, night, OTHER_FIGURES)
    [out] = check_exit(*going)
    assert out.sentence == coming.sentence
    assert check_exit(*going, emergency="119") == []


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("strokes", "ink"),
    [
        ([[[1, 1]], [[2, 2]]], True),
        ([[[1, 1], [2, 2]], [[3, 3]]], True),
        ([[[n, n] for n in range(20_000)]], True),
        ([[[n, n] for n in range(20_000)], [[1, 1]]], False),
        ([[[1, 999_999.9], [2, 2]]], True),
        ([[[1, 1_000_000], [2, 2]]], False),
        ([["12", "34"]], False),
        ([[{1: 2, 3: 4}, [1, 2]]], False),
        ("[1,2]", False),
        ({"0": [[1, 2], [3, 4]]}, False),
        ([1, 2], False),
    ],
)
def test_ink_is_counted_over_all_strokes(strokes: Any, ink: bool) -> None:
    assert has_ink(strokes) is ink


@pytest.mark.rule("AD-22")
@pytest.mark.parametrize(
    ("announced", "same"),
    [
        (("김보호", "모", ""), True),
        ((" 김보호 ", " 모 ", ""), True),
        (("김보호", "엄마", "01011112222"), True),
        (("김보호", "이모", "01099998888"), False),
        (("김보호", "이모", ""), False),
        (("박보호", "모", "01011112222"), False),
    ],
)
def test_the_same_name_needs_the_relation_or_the_number_too(
    announced: tuple[str, str, str], same: bool
) -> None:
    assert handover.is_same_person(("김보호", "모", "01011112222"), announced) is same
    assert not handover.is_same_person(("김보호", "모", ""), ("김보호", "이모", ""))


CHILD = ChildAnswers("a1", "HOME", disease=False, allergy=False, medicine=False, name="하늘")
MOTHER = GuardianAnswers("모", "김보호", "01011112222", date(1990, 1, 1), "경기도 김포시")
FATHER = replace(MOTHER, name="이보호", phone="01033334444", relation="부")
YES: dict[str, bool | None] = dict.fromkeys(CONSENTS, True)


def marks(children: list[ChildAnswers], guardians: list[GuardianAnswers | None]) -> list[tuple[str, str]]:
    """Field and sentence of everything that is missing."""
    found = check_application(children, guardians, "double_income", "", YES)
    return [(problem.field, problem.sentence) for problem in found]


@pytest.mark.rule("AD-19")
def test_what_a_child_lacks_is_named_beside_that_child() -> None:
    silent = ChildAnswers("a2", "SCHOOL", allergy=True, allergy_food="땅콩")
    assert marks([CHILD, silent], [MOTHER]) == [
        ("child_2", "아이 2: 자격유형(어린이집·유치원·가정양육)을 골라 주세요."),
        ("child_2", "아이 2: 있는지 없는지 골라 주세요(질병, 복용 중인 약)."),
        ("child_2", "아이 2: 알레르기 증상, 대체 식품의 내용을 적어 주세요."),
    ]
    worded = replace(CHILD, disease=True, medicine=True, allergy=None)
    assert marks([worded], [MOTHER]) == [
        ("child_1", "하늘: 있는지 없는지 골라 주세요(식품 알레르기)."),
        ("child_1", "하늘: 질병, 복용 중인 약의 내용을 적어 주세요."),
    ]
    bare = replace(CHILD, allergy=True, allergy_symptom="두드러기", allergy_substitute="과일")
    assert marks([bare], [MOTHER]) == [("child_1", "하늘: 식품 알레르기의 내용을 적어 주세요.")]


@pytest.mark.rule("AD-18")
def test_what_a_guardian_lacks_is_named_beside_that_line() -> None:
    incomplete = replace(FATHER, birth_date=None)
    assert marks([CHILD], [MOTHER, None, incomplete]) == [
        ("guardian_2", "2순위 보호자가 비어 있어요. 순위를 차례대로 채워 주세요."),
        ("guardian_3", "3순위 보호자의 관계, 이름, 생년월일, 연락처, 주소를 모두 적어 주세요."),
    ]
    assert marks([CHILD], [MOTHER, FATHER, MOTHER])[0][0] == "guardian_3"
    fifth = [replace(MOTHER, name=name) for name in ("김", "이", "박", "최")]
    assert marks([CHILD], list(fifth))[0][1] == "보호자는 3순위까지 적을 수 있어요."
    many = [replace(CHILD, child=f"a{n}") for n in range(4)]
    assert "3명까지" in marks(many, [MOTHER])[0][1]


@pytest.mark.rule("AD-20")
@pytest.mark.parametrize("key", CONSENTS)
def test_an_open_or_refused_consent_is_named_at_its_place(key: str) -> None:
    [open_] = check_consents({**YES, key: None})
    [refused] = check_consents({**YES, key: False})
    for problem in (open_, refused):
        assert problem.field == key
        assert problem.sentence.startswith(CONSENTS[key])
