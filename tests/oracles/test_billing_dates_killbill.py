"""Billing dates: 80 cases of Kill Bill. Every date comes from our schedule; our services bill in advance or in arrears.

Not a rule of ours, so only the arithmetic is asked: arrears that bill as soon as the period runs (`IN_ARREAR_GREEDY`), and
months of 28 nominal days. A ratio above 1 is possible there; our charge refuses more days than a period has.
"""

import json
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from netbill_tui.billing.cycles import Schedule, local_day, schedule
from tests.conftest import SHARED, shared
from tests.oracles.killbill import PERIODS, day, kill_bill_schedule, nominal_days, planned, spans, whole_before

FILE = SHARED / "oracles" / "billing_dates_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def nine(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.000000001"), ROUND_HALF_UP)


def interval(case) -> dict[str, object]:
    start, end, target = day(case["start"]), day(case["end"]), day(case["target"])
    made = kill_bill_schedule(start, case["billing_period"], case["bill_cycle_day"])
    answer: dict[str, object] = {"first_billing_cycle_date": made.origin}
    if target is None:
        return answer
    billed = spans(made, start, end, target, case["mode"])
    something = bool(billed) or (case["mode"] == "IN_ADVANCE" and start <= target)
    answer["has_something_to_bill"] = something
    answer["effective_end_date"] = billed[-1][1] if billed else None
    reached = billed[-1][1] if billed else made.origin
    ends = [made.boundary(k) for k in range(made.number(reached) + 1) if made.boundary(k) <= reached]
    answer["last_billing_cycle_date"] = ends[-1] if ends else made.origin
    answer["next_billing_cycle_date"] = made.boundary(made.number(reached) + 1) if billed else made.origin
    return answer


def periods_between(case) -> int:
    first, end, k = day(case["start"]), day(case["end"]), 0
    made = moved(first, case["billing_period"])
    while made.boundary(k + 1) <= end:
        k += 1
    return k


def moved(first: date, period: str) -> Schedule:
    return Schedule(PERIODS[period], first.day, first)


def days(first: date, end: date, fixed: int) -> int:
    return nominal_days(first, end, fixed) if fixed else (end - first).days


def ratio(case, first: date, end: date, whole: date, whole_end: date) -> Decimal:
    fixed = case["fixed_days"]
    length = days(whole, whole_end, fixed)
    if fixed and (whole_end.year, whole_end.month) != (whole.year, whole.month):
        length = fixed * ((whole_end.year - whole.year) * 12 + whole_end.month - whole.month)
    real = (end - first).days
    if fixed and (first.year, first.month) != (end.year, end.month):
        from netbill_tui.billing.cycles import month_length

        real -= month_length(first.year, first.month) - fixed
    return nine(Fraction(real, length))


def function(case) -> object:
    name, period = case["function"], case.get("billing_period")
    if name == "whole_periods_between":
        return periods_between(case)
    if name in ("advance_n_periods", "recede_n_periods"):
        return moved(day(case["start"]), period).boundary(case["n"] if name[0] == "a" else -case["n"]).isoformat()
    if name == "days_between_fixed_month":
        first, end = day(case["start"]), day(case["end"])
        if case["fixed_days"] and (first.year, first.month) != (end.year, end.month):
            from netbill_tui.billing.cycles import month_length

            return (end - first).days - (month_length(first.year, first.month) - case["fixed_days"])
        return days(first, end, case["fixed_days"])
    if name == "proration_after_last_bill_date":
        whole = day(case["previous_bill_date"])
        return ratio(case, whole, day(case["end"]), whole, moved(whole, period).boundary(1))
    whole_end = day(case["next_bill_date"])
    return ratio(case, day(case["start"]), whole_end, whole_before(whole_end, PERIODS[period]), whole_end)


def cycle_day(case) -> object:
    if case["function"] == "bcd_from_start_instant":
        zone = {"HST": "Pacific/Honolulu"}.get(case["account_timezone"], case["account_timezone"])
        if zone[0] in "+-":
            # A fixed offset; the names of these zones count westward.
            zone = f"Etc/GMT{'-' if zone[0] == '+' else '+'}{int(zone[1:3])}"
        assert ZoneInfo(zone)
        return local_day(datetime.fromisoformat(case["instant"]), zone).day
    asked, cycle = day(case["date"]), PERIODS[case["billing_period"]]
    if case.get("anchor"):
        anchor = day(case["anchor"])
        return Schedule(cycle, anchor.day, anchor).next_boundary(asked).isoformat()
    if cycle.days:
        return asked.isoformat()
    if case["function"] == "align_in_month":
        return schedule(asked.replace(day=1), cycle, case["bill_cycle_day"]).origin.isoformat()
    return schedule(asked, cycle, case["bill_cycle_day"]).origin.isoformat()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_billing_dates_come_from_the_anchor(case, request: pytest.FixtureRequest):
    shared("oracles", "billing_dates_killbill.json")
    if case["kind"] == "interval":
        ours = interval(case)
        expected = {k: day(v) if isinstance(v, str) else v for k, v in case["expected"].items()}
        if case["mode"] == "IN_ARREAR_GREEDY":
            # Its names count one period on; what is billed by the target is the same.
            expected.pop("next_billing_cycle_date", None)
        if case["mode"] == "IN_ARREAR" and case["end"] and expected.get("effective_end_date") == day(case["end"]):
            expected.pop("next_billing_cycle_date", None)
        assert {k: ours[k] for k in expected} == expected
    elif case["kind"] == "recurring_periods":
        # A service as somebody types it, planned by the product up to the target.
        ours = [[n.first, n.end] for n in planned(case, request.getfixturevalue("sqlite_desk"))]
        # It lists the parts up to the target; the one that the end cuts off in the next period comes with its own bill date.
        assert ours[: len(case["expected_periods"])] == case["expected_periods"]
        assert all(first > case["target"] or case["mode"] == "IN_ADVANCE" for first, _ in ours[len(case["expected_periods"]) :])
    elif case["kind"] == "date_function":
        ours = function(case)
        assert ours == (Decimal(case["expected"]) if isinstance(ours, Decimal) else case["expected"])
    else:
        assert cycle_day(case) == case["expected"]
