"""Periods in a time zone: 96 cases of Lago. Ends there are the last second of a day; ours are the day after.

Policy: where billing runs before the subscription began, ours bills nothing; the calendar is asked all the same.
"""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from netbill_tui.billing.cycles import Schedule, local_day, parse_cycle, schedule
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "billing_periods_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
MONDAY = date(2001, 1, 1)


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def schedule_of(case, interval: str) -> Schedule:
    cycle = parse_cycle(interval)
    began = local_day(instant(case["subscription_at"]), case["timezone"])
    if case["billing_time"] == "calendar":
        return Schedule(cycle, 0, MONDAY) if cycle.days else schedule(date(2001, 1, 1), cycle, 1, 1)
    return Schedule(cycle, began.day, began)


def period(case, interval: str) -> tuple[date, date]:
    """The billed period: the one that holds the billing day, or the one before it."""
    made, on = schedule_of(case, interval), local_day(instant(case["billing_at"]), case["timezone"])
    k = made.number(on)
    over = instant(case["terminated_at"])
    now = case["pay_in_advance"] or case.get("current_usage") or (over is not None and over <= instant(case["billing_at"]))
    k -= 0 if now else 1
    return made.boundary(k), made.boundary(k + 1)


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def last_second(end: date, zone: str) -> datetime:
    return midnight(end, zone) - timedelta(seconds=1)


def answer(case) -> object:
    zone, what = case["timezone"], case["quantity"]
    made, on = schedule_of(case, case["interval"]), local_day(instant(case["billing_at"]), zone)
    first, end = period(case, case["interval"])
    if what == "single_day_price":
        return (end - first).days
    if what == "usage_period_days":
        plan = schedule_of(case, "monthly") if case.get("bill_charges_monthly") else made
        k = plan.number(on)
        return (plan.boundary(k) - plan.boundary(k - 1)).days
    if what == "next_end_of_period":
        return last_second(made.boundary(made.number(on) + 1), zone)
    if what == "previous_beginning_of_period":
        return midnight(made.boundary(made.number(on) - (0 if case.get("current_period") else 1)), zone)
    if case["started_at"] is None:
        return None
    if what == "period_start":
        return midnight(max(first, local_day(instant(case["started_at"]), zone)), zone)
    over = instant(case["terminated_at"])
    ended = last_second(end, zone)
    return min(ended, over) if over is not None and over <= instant(case["billing_at"]) else ended


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_period_runs_from_local_midnight(case):
    shared("oracles", "billing_periods_lago.json")
    ours = answer(case)
    expected = case.get("expected_denominator_days", case.get("expected"))
    if isinstance(expected, str):
        expected = datetime.strptime(expected.replace(" UTC", "+0000"), "%Y-%m-%d %H:%M:%S%z")
    assert ours == expected
