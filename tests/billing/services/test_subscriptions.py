"""Periods of a service: they touch, they hold their days, and they never overlap."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.cycles import Cycle, month_length, parse_cycle, schedule
from netbill_tui.billing.services.charging import pieces, upcoming
from netbill_tui.billing.services.proration import fraction
from netbill_tui.billing.services.subscriptions import Event, Service, subtract, timeline_of
from netbill_tui.errors import InvalidInput
from tests.billing.billing_run.cases import D, assert_every_day_once, book, customer, service


@pytest.mark.parametrize(("anchor", "dates"), [
    pytest.param(31, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], id="last-day"),
    pytest.param(30, ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"], id="thirtieth"),
    pytest.param(29, ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29"], id="leap-day"),
    pytest.param(1, ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"], id="first"),
])  # fmt: skip
def test_dates_are_counted_from_the_anchor(anchor, dates):
    made = schedule(D(2026, 1, anchor), Cycle(1), anchor)
    assert [made.boundary(k).isoformat() for k in range(4)] == dates


# Periods.

DAYS = st.dates(D(2023, 1, 1), D(2028, 12, 31))
CYCLES = st.sampled_from(["1M", "2M", "3M", "6M", "12M", "7D", "14D", "28D"]).map(
    lambda c: Cycle(2) if c == "2M" else parse_cycle(c)
)  # fmt: skip


@given(DAYS, CYCLES, st.integers(1, 31), st.integers(0, 40))
def test_periods_touch_and_hold_their_days(start, cycle, anchor, k):
    made = schedule(start, cycle, anchor)
    first, end = made.boundary(k), made.boundary(k + 1)
    assert first < end
    assert made.number(first) == k
    assert made.number(end - timedelta(days=1)) == k
    if cycle.months:
        assert first.day == min(anchor, month_length(first.year, first.month))
        assert timedelta(0) <= made.origin - start <= timedelta(days=31)


@given(DAYS, CYCLES, st.integers(1, 31), st.integers(0, 400), st.sampled_from(["days", "30"]))
def test_parts_of_a_span_are_parts_of_their_periods(start, cycle, anchor, length, policy):
    end = start + timedelta(days=length)
    made = timeline_of(Service(1, start, cycle, anchor), [Event(1, start, "start", "A"), Event(2, end, "end", policy="days")])
    found = pieces(made, start, D(2035, 1, 1))
    assert sum((p.end - p.first).days for p in found) == length
    for a, b in zip(found, found[1:], strict=False):
        assert a.end == b.first
    for p in found:
        used, whole = fraction(p.first, p.end, p.whole_first, p.whole_end, policy)
        assert 0 < used <= whole
        assert (used == whole) >= ((p.first, p.end) == (p.whole_first, p.whole_end))


def test_bill_dates_are_foreseen():
    made = timeline_of(Service(1, D(2026, 1, 31), Cycle(1), 31), [Event(1, D(2026, 1, 31), "start", "A")])
    assert upcoming(made, D(2026, 2, 28), D(2026, 5, 1)) == [D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30)]


@pytest.mark.parametrize("bad", ["", "0M", "13W", "4M", "-1M", "1.5M", "99D", "M"])
def test_a_cycle_that_is_none_is_refused(bad):
    with pytest.raises(InvalidInput):
        parse_cycle(bad)


# What an attack on the rules found.


def test_an_anchor_ordered_before_another_has_come_into_force_gives_way():
    kept, events = service(D(2026, 8, 3), anchor=31)
    one = customer(book(first_bill="defer"), (kept, events))
    one.night_by_night(D(2026, 8, 3), D(2026, 8, 4))
    one.happen(1, Event(2001, D(2026, 8, 12), "anchor", number=21))
    one.night_by_night(D(2026, 8, 5), D(2026, 8, 21))
    one.happen(1, Event(2002, D(2026, 8, 21), "anchor", number=24))
    one.night_by_night(D(2026, 8, 21), D(2026, 11, 30))
    assert_every_day_once(one, D(2026, 11, 30))


def test_what_is_left_of_spans_is_what_no_other_one_holds():
    chance = random.Random(7)
    for _ in range(300):
        day = [date(2026, 1, 1) + timedelta(days=n) for n in range(20)]
        spans = [tuple(sorted(chance.sample(day, 2))) for _ in range(3)]
        taken = [tuple(sorted(chance.choices(day, k=2))) for _ in range(3)]
        left = subtract([spans[0]], taken)
        inside = {d for d in day if spans[0][0] <= d < spans[0][1] and not any(a <= d < b for a, b in taken)}
        assert {d for d in day for a, b in left if a <= d < b} == inside
        assert all(a < b for a, b in left)
