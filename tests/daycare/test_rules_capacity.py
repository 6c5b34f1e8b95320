"""Beds per half hour (AD-02, AD-03, AD-04, AD-34), and the law that no limit is ever exceeded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.daycare.rules.capacity import (
    Duty,
    Group,
    Load,
    Occupant,
    Placement,
    check_places,
    full_spans,
    nearest,
    place,
    refusal,
    slot_of,
    slot_start,
    spans_words,
    touched,
    until_slot_end,
)
from app.daycare.rules.eligibility import FOREVER
from app.daycare.rules.policy import STANDARD, DaycarePolicy
from app.daycare.rules.request import Wish
from app.kernel.ranges import KST, Period, kst

TUESDAY = date(2026, 11, 17)
WHOLE = Period(kst(TUESDAY, 450), kst(TUESDAY, 1890))


def at(clock: str, day: date = TUESDAY) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=KST)


def group(places: int = 5, teachers: int = 1, *duties: Duty) -> Group:
    return Group(1, "새싹반", places, duties or (Duty(WHOLE, teachers),))


def child(start: int = 540, end: int = 600, small_until: datetime | None = None) -> Occupant:
    return Occupant(Period(kst(TUESDAY, start), kst(TUESDAY, end)), small_until)


def load(occupants: list[Occupant], of: Group | None = None, policy: DaycarePolicy = STANDARD) -> Load:
    return Load(of or group(), occupants, WHOLE, policy)


@pytest.mark.rule("AD-02")
@pytest.mark.parametrize(
    ("there", "places", "teachers", "fits"),
    [
        (4, 5, 1, True),
        (5, 5, 1, False),
        (5, 5, 2, False),
        (2, 3, 1, True),
        (3, 3, 1, False),
        (0, 5, 0, False),
    ],
)
def test_a_class_holds_five_or_as_many_as_it_has_places(
    there: int, places: int, teachers: int, fits: bool
) -> None:
    full = load([child()] * there, group(places, teachers)).full(child())
    assert (not full) is fits


@pytest.mark.rule("AD-02")
@pytest.mark.parametrize(("places", "good"), [(0, False), (1, True), (5, True), (6, False)])
def test_no_class_is_made_larger_than_five(places: int, good: bool) -> None:
    assert (check_places(places, STANDARD) is None) is good


@pytest.mark.rule("AD-03")
@pytest.mark.rule("AD-04")
@pytest.mark.parametrize(
    ("there", "newcomer", "teachers", "fits"),
    [
        ([None, None], FOREVER, 1, True),
        ([None, None, None], FOREVER, 1, False),
        ([FOREVER, None], None, 1, True),
        ([FOREVER, None, None], None, 1, False),
        ([None] * 4, FOREVER, 1, False),
        ([None] * 4, FOREVER, 2, True),
        ([FOREVER] * 4, FOREVER, 2, True),
        ([FOREVER] * 5, None, 2, False),
        ([None] * 4, None, 1, True),
    ],
)
def test_one_small_child_makes_it_three_for_each_teacher(
    there: list[datetime | None], newcomer: datetime | None, teachers: int, fits: bool
) -> None:
    full = load([child(small_until=until) for until in there], group(5, teachers)).full(
        child(small_until=newcomer)
    )
    assert (not full) is fits


@pytest.mark.rule("AD-03")
def test_the_director_may_switch_the_small_ratio_off() -> None:
    manual = replace(STANDARD, ratio_auto=False)
    assert not load([child(small_until=FOREVER)] * 4, policy=manual).full(child(small_until=FOREVER))
    assert load([child(small_until=FOREVER)] * 4).all_free() == [
        0 if slot in touched(child().period) else 5 for slot in touched(WHOLE)
    ]


@pytest.mark.rule("AD-03")
def test_a_child_turns_24_months_at_midnight_inside_the_night() -> None:
    """Three others and a birthday child: until midnight a fourth is one too many, from then on it is not."""
    midnight = at("00:00", TUESDAY + timedelta(days=1))
    others = [child(1200, 1890)] * 2
    birthday = child(1200, 1890, midnight)
    crowd = load([*others, birthday])
    late = Occupant(Period(midnight, kst(TUESDAY, 1890)))
    early = Occupant(Period(kst(TUESDAY, 1410), kst(TUESDAY, 1890)))
    assert crowd.full(late) == []
    assert [slot_start(slot) for slot in crowd.full(early)] == [at("23:30")]
    assert crowd.limit(slot_of(midnight) - 1) == 3
    assert crowd.limit(slot_of(midnight)) == 5


@pytest.mark.rule("AD-02")
@pytest.mark.rule("AD-34")
def test_a_sixth_child_while_one_leaves_in_ten_minutes() -> None:
    """17:50 lies in the half hour that ends at 18:00: the bed is free from 18:00 on and not before."""
    crowd = load([child(540, 1080)] * 5)
    now = Occupant(Period(at("17:50"), at("19:00")))
    assert [slot_start(slot) for slot in crowd.full(now)] == [at("17:30")]
    assert crowd.full(Occupant(Period(at("18:00"), at("19:00")))) == []


@pytest.mark.rule("AD-34")
def test_a_teacher_counts_only_in_the_half_hours_they_cover_whole() -> None:
    shifts = (Duty(Period(at("09:00"), at("12:15")), 1), Duty(Period(at("12:15"), at("18:00")), 1))
    changing = load([], group(5, 1, *shifts))
    assert changing.limit(slot_of(at("11:30"))) == 5
    assert changing.limit(slot_of(at("12:00"))) == 0
    assert changing.limit(slot_of(at("12:30"))) == 5
    two = load([child(small_until=FOREVER)], group(5, 1, *[Duty(WHOLE, 1)] * 2))
    assert two.limit(slot_of(at("09:00"))) == 5


@pytest.mark.rule("AD-34")
def test_the_first_class_that_fits_the_whole_stay() -> None:
    first = Load(Group(1, "해", 1, (Duty(WHOLE, 1),)), [child(600, 660)], WHOLE, STANDARD)
    second = Load(Group(2, "달", 1, (Duty(WHOLE, 1),)), [], WHOLE, STANDARD)
    assert place([first, second], child(540, 600)).group == first.group
    assert place([first, second], child(540, 720)).group == second.group
    nowhere = place([first, second], child(540, 720))
    assert nowhere.group is None
    assert refusal(nowhere.full, nowhere.opens).code == "daycare.full"


@pytest.mark.rule("AD-34")
def test_a_refusal_names_the_full_hours() -> None:
    crowd = load([child(1200, 1320)] * 5)
    found = place([crowd], child(1140, 1380))
    assert found == Placement(None, tuple(touched(child(1200, 1320).period)))
    assert refusal(found.full, found.opens).sentence == "11월 17일(화) 20:00–22:00에 자리가 모두 찼어요."
    assert spans_words(full_spans([*touched(child(1380, 1890).period), slot_of(at("09:00"))])) == (
        "11월 17일(화) 09:00–09:30, 11월 17일(화) 23:00–다음 날 07:30"
    )


@pytest.mark.rule("AD-34")
def test_where_no_class_is_open_it_says_so() -> None:
    day_only = group(5, 1, Duty(Period(at("09:00"), at("18:00")), 1))
    found = place([load([], day_only)], child(1020, 1140))
    assert refusal(found.full, found.opens).code == "daycare.no_class"
    assert place([], child()) == Placement(None, (), False)


@pytest.mark.rule("AD-34")
def test_the_nearest_that_fit_come_first() -> None:
    wish = Wish(TUESDAY, TUESDAY, 1080, 1140)
    found = nearest(wish, lambda other: other.start >= 1110 or other.first_day != TUESDAY)
    assert [(one.first_day, one.start) for one in found] == [
        (TUESDAY, 1110),
        (TUESDAY, 1140),
        (TUESDAY, 1170),
    ]
    other_days = nearest(wish, lambda other: other.first_day != TUESDAY)
    assert [(one.first_day - TUESDAY).days for one in other_days] == [1, -1, 2]


@pytest.mark.rule("AD-34")
def test_what_is_near_reaches_half_a_day_and_three_days() -> None:
    """The first that fits of everything there is to try, and what is tried keeps the length and the kind of stay."""
    for continuous in (False, True):
        wish = Wish(TUESDAY, TUESDAY + timedelta(days=1), 1080, 1140, continuous)
        tried: list[Wish] = []
        assert nearest(wish, lambda one, seen=tried: bool(seen.append(one))) == []  # type: ignore[misc]
        shifts = [one.start - wish.start for one in tried if one.first_day == TUESDAY]
        assert shifts == [sign * step for step in range(30, 721, 30) for sign in (-1, 1)]
        days = [(one.first_day - TUESDAY).days for one in tried if one.first_day != TUESDAY]
        assert days == [1, -1, 2, -2, 3, -3]
        assert {one.end - one.start for one in tried} == {60}
        assert {(one.last_day - one.first_day).days for one in tried} == {1}
        assert {one.continuous for one in tried} == {continuous}
        assert all(one.start == 1080 for one in tried if one.first_day != TUESDAY)


@pytest.mark.rule("AD-34")
@pytest.mark.parametrize(
    ("over", "there"),
    [
        ((480, 540), False),
        ((480, 541), True),
        ((540, 541), True),
        ((599, 700), True),
        ((600, 700), False),
        ((550, 560), True),
    ],
)
def test_who_holds_a_bed_in_a_time(over: tuple[int, int], there: bool) -> None:
    span = Period(kst(TUESDAY, over[0]), kst(TUESDAY, over[1]))
    assert child(540, 600).held.touches(span) is there


@pytest.mark.rule("AD-34")
def test_beds_are_counted_half_hour_by_half_hour() -> None:
    crowd = load([child(540, 600), child(570, 630)])
    counts = [crowd.count(slot_of(at(clock))) for clock in ("08:30", "09:00", "09:30", "10:00", "10:30")]
    assert counts == [0, 1, 2, 1, 0]
    assert [crowd.free(slot_of(at(clock))) for clock in ("09:00", "09:30")] == [4, 3]
    assert crowd.free(slot_of(at("09:30")), small=True) == 1


@pytest.mark.rule("AD-02")
@pytest.mark.rule("GC-19")
def test_the_half_hours_over_the_limit_are_named() -> None:
    assert load([child(540, 600)] * 5).over() == []
    crowd = load([child(540, 600)] * 5 + [child(570, 660)])
    assert [slot_start(slot) for slot in crowd.over()] == [at("09:30")]
    shut = load([child(540, 600)], group(5, 1, Duty(Period(at("09:30"), at("18:00")), 1)))
    assert [slot_start(slot) for slot in shut.over()] == [at("09:00")]


@pytest.mark.rule("AD-02")
def test_a_class_with_more_places_than_a_group_may_have_holds_the_groups_most() -> None:
    wide = load([child()] * 5, group(9, 3))
    assert wide.limit(slot_of(at("09:00"))) == 5
    assert wide.full(child()) != []
    assert load([child()] * 4, group(9, 3), replace(STANDARD, group_max=4)).full(child()) != []


@pytest.mark.rule("AD-34")
def test_free_beds_of_a_day_in_one_reading_are_those_asked_one_by_one() -> None:
    """Closed is -1, full 0, also where more are there than may be."""
    until_noon = Duty(Period(at("09:00"), at("12:00")), 1)
    two = Duty(Period(at("10:00"), at("11:00")), 1)
    crowd = load(
        [child(540, 600)] * 4 + [child(600, 630)] * 6 + [child(630, 660, FOREVER)] * 2,
        group(5, 1, until_noon, two),
    )
    for small in (False, True):
        read = dict(zip(touched(WHOLE), crowd.all_free(small=small), strict=True))
        for slot in touched(WHOLE):
            asked = max(0, crowd.free(slot, small=small)) if crowd.is_open(slot) else -1
            assert read[slot] == asked, slot_start(slot)
    assert [crowd.all_free()[index] for index in range(2, 12)] == [-1, 1, 1, 0, 3, 5, 5, -1, -1, -1]
    assert [crowd.all_free(small=True)[index] for index in range(3, 9)] == [0, 0, 0, 3, 3, 3]
    manual = replace(STANDARD, ratio_auto=False)
    assert load([child(540, 600, FOREVER)], policy=manual).all_free(small=True)[3] == 4
    assert load([], group(5, 1, Duty(Period(at("09:00"), at("09:10")), 1))).all_free() == [-1] * 48
    nobody = Load(Group(1, "빈 반", 5, ()), [], WHOLE, STANDARD)
    assert nobody.all_free() == [-1] * 48
    nothing = Load(group(), [], Period(at("09:00"), at("09:30")), STANDARD)
    assert nothing.all_free() == [5]


@pytest.mark.rule("AD-03")
@pytest.mark.rule("AD-34")
def test_brothers_and_sisters_of_one_form_see_each_other() -> None:
    """Placed one after the other in the same reading: small ones make it three for whoever comes next."""
    crowd = load([child()])
    assert place([crowd], child(small_until=FOREVER)) == Placement(crowd.group, ())
    assert crowd.count(slot_of(at("09:00"))) == 2
    assert place([crowd], child(small_until=FOREVER)).group is not None
    assert place([crowd], child()).group is None
    assert crowd.count(slot_of(at("09:00"))) == 3
    babies = load([child(small_until=FOREVER)])
    assert place([babies], child(small_until=FOREVER)).group is not None
    assert babies.limit(slot_of(at("09:00"))) == 3
    mixed = load([])
    for _ in range(4):
        assert place([mixed], child()).group is not None
    assert place([mixed], child(small_until=FOREVER)).group is None
    assert place([mixed], child()).group is not None
    assert place([mixed], child()).group is None


@pytest.mark.rule("AD-03")
def test_a_child_who_turns_24_months_when_its_stay_begins_is_not_small() -> None:
    others = [child()] * 4
    assert load(others).full(child(540, 600, kst(TUESDAY, 540))) == []
    assert load(others).full(child(540, 600, kst(TUESDAY, 570))) == [slot_of(at("09:00"))]
    birthday = load([child(540, 600, kst(TUESDAY, 540))])
    assert birthday.limit(slot_of(at("09:00"))) == 5


@pytest.mark.rule("AD-34")
def test_the_class_that_comes_closest_says_what_is_full() -> None:
    """Open all the time before closed in part, then the fewest full half hours; of two equal ones the first."""

    def named(number: int, occupants: list[Occupant], duty: Period = WHOLE) -> Load:
        return Load(Group(number, str(number), 1, (Duty(duty, 1),)), occupants, WHOLE, STANDARD)

    wanted = child(540, 720)
    much, little = [child(540, 660)], [child(540, 570)]
    late = Period(at("09:30"), at("18:00"))
    assert place([named(1, much), named(2, little)], wanted).full == tuple(touched(little[0].period))
    assert place([named(1, little), named(2, much)], wanted).full == tuple(touched(little[0].period))
    answer = place([named(1, [], late), named(2, much)], wanted)
    assert (answer.full, answer.opens) == (tuple(touched(much[0].period)), True)
    equal = place([named(1, [child(540, 600)]), named(2, [child(600, 660)])], wanted)
    assert equal.full == tuple(touched(child(540, 600).period))
    closed = place([named(1, [], late)], wanted)
    assert (closed.group, closed.full, closed.opens) == (None, tuple(touched(child(540, 570).period)), False)


def test_half_hours_know_their_instant() -> None:
    assert slot_start(slot_of(at("17:59"))) == at("17:30")
    assert until_slot_end(at("17:30")) == at("18:00")
    assert until_slot_end(at("17:59")) == at("18:00")


Act = tuple[str, int, int, bool, int]
acts = st.lists(
    st.tuples(
        st.sampled_from(["book", "book", "book", "change", "cancel"]),
        st.integers(0, 46),
        st.integers(1, 24),
        st.booleans(),
        st.integers(0, 30),
    ),
    max_size=40,
)


@pytest.mark.rule("AD-02")
@pytest.mark.rule("AD-03")
@settings(max_examples=150)
@given(acts=acts, shapes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 2)), min_size=1, max_size=3))
def test_no_sequence_of_bookings_changes_and_cancellations_exceeds_a_limit(
    acts: list[Act], shapes: list[tuple[int, int]]
) -> None:
    """Whoever is placed was placed by the rule; the recount of every half hour agrees with the limit."""
    groups = [
        Group(n, str(n), places, (Duty(WHOLE, teachers),)) for n, (places, teachers) in enumerate(shapes)
    ]
    held: list[tuple[int, Occupant]] = []
    for verb, start, length, small, which in acts:
        newcomer = child(450 + 30 * start, min(450 + 30 * (start + length), 1890), FOREVER if small else None)
        mine = held[which % len(held)] if held and verb != "book" else None
        rest = [one for one in held if one is not mine]
        if verb == "cancel":
            held = rest
            continue
        loads = [Load(g, [o for group_id, o in rest if group_id == g.id], WHOLE, STANDARD) for g in groups]
        answer = place(loads, newcomer)
        if answer.group is not None:
            held = [*rest, (answer.group.id, newcomer)]
    for g in groups:
        inside = [o for group_id, o in held if group_id == g.id]
        assert Load(g, inside, WHOLE, STANDARD).over() == []
        for slot in touched(WHOLE):
            there = [o for o in inside if slot in touched(o.period)]
            ratio = 3 if any(o.small_until for o in there) else 5
            assert len(there) <= min(g.places, 5, g.duties[0].teachers * ratio)
