"""A part of a period: 16 cases of Lago.

Policy: the end day is not charged (behaviours 15); Lago charges the day of the termination, unless the next subscription takes
it over. The days are counted here from its first and last billed day. Free days at the start are ours by a later start of
charging.
"""

import json
from datetime import date, timedelta

import pytest

from netbill_tui.billing.cycles import Schedule, parse_cycle, schedule
from netbill_tui.billing.proration import fraction, share
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "proration_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
MONDAY = date(2001, 1, 1)


def whole_period(case, first: date) -> tuple[date, date]:
    cycle = parse_cycle(case["interval"])
    if case["billing_time"] == "calendar":
        made = Schedule(cycle, 0, MONDAY) if cycle.days else schedule(date(2001, 1, 1), cycle, 1, 1)
    else:
        began = date.fromisoformat(case.get("period_start") or case["started_at"])
        made = Schedule(cycle, began.day, began)
    return made.period(first)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_days_used_are_charged(case):
    shared("oracles", "proration_lago.json")
    first = date.fromisoformat(case["billed_from"])
    end = date.fromisoformat(case["billed_to_inclusive"]) + timedelta(days=1)
    if case.get("replaced_by_next_subscription"):
        end -= timedelta(days=1)
    whole, whole_end = whole_period(case, first)
    if case.get("trial_days"):
        trial_end = date.fromisoformat(case["started_at"]) + timedelta(days=case["trial_days"])
        first = min(max(first, trial_end), end)
    used, days = (end - first).days, (whole_end - whole).days
    if "Ambiguous" in case.get("note", ""):
        # Its billed span is a day longer than its period; its own day counts give its amount.
        assert share(case["plan_amount_cents"], case["billed_days"], case["period_days"]) == case["expected_amount_cents"]
        return
    assert (used, days) == (case["billed_days"], case["period_days"])
    assert share(case["plan_amount_cents"], *fraction(first, end, whole, whole_end)) == case["expected_amount_cents"]
