"""Billing dates: 80 cases of Kill Bill, each a service as somebody types it, planned up to the case's day.

Declared: periods of thirty days are not sold; months of thirty nominal days are another count than our thirtieths; our arrears
wait for the end of their period.
"""

import json
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from netbill_tui.billing.core.cycles import local_day
from netbill_tui.errors import InvalidInput
from tests.conftest import SHARED, Desk, shared
from tests.oracles.killbill import CYCLES, NOT_SOLD, UNIT, boundaries, day, fields_of, planned, typed

FILE = SHARED / "oracles" / "billing_dates_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def interval(case, desk: Desk) -> dict[str, object]:
    """The case's names for what the service is billed by the target, and for the boundaries around that."""
    made = boundaries(typed(desk, fields_of(case)))
    answer: dict[str, object] = {"first_billing_cycle_date": made.origin}
    if case["target"] is None:
        return answer
    lines = planned(case, desk)
    reached = day(lines[-1].end) if lines else None
    last = made.period(reached)[0] if reached else made.origin
    return answer | {
        "has_something_to_bill": bool(lines), "effective_end_date": reached, "last_billing_cycle_date": last,
        "next_billing_cycle_date": made.boundary(made.number(reached) + 1) if reached else made.origin,
    }  # fmt: skip


def function(case, desk: Desk) -> object:
    """The case asked of a service that begins on its first day."""
    name = case["function"]
    if name == "whole_periods_between":
        return sum(n.amount == UNIT for n in planned({**case, "mode": "IN_ARREAR", "target": case["end"]}, desk))
    if name in ("advance_n_periods", "recede_n_periods"):
        # Going back: the service that begins on the expected day comes to the case's day after so many periods.
        start = case["start"] if name[0] == "a" else case["expected"]
        lines = planned({**case, "start": start, "target": (day(start) + timedelta(days=400)).isoformat()}, desk)
        return lines[case["n"]].first if name[0] == "a" else (lines[case["n"]].first == case["start"] and start)
    if name == "proration_after_last_bill_date":
        asked = {**case, "start": case["previous_bill_date"], "mode": "IN_ARREAR", "target": case["end"]}
    else:
        end = day(case["next_bill_date"])
        asked = {**case, "bill_cycle_day": end.day, "target": case["start"]}
    (line,) = planned(asked, desk)
    return (Decimal(line.amount) / UNIT).quantize(Decimal("0.000000001"), ROUND_HALF_UP)


def cycle_day(case, desk: Desk) -> object:
    if case["function"] == "bcd_from_start_instant":
        zone = {"HST": "Pacific/Honolulu"}.get(case["account_timezone"], case["account_timezone"])
        if zone[0] in "+-":
            # A fixed offset; the names of these zones count westward.
            zone = f"Etc/GMT{'-' if zone[0] == '+' else '+'}{int(zone[1:3])}"
        return local_day(datetime.fromisoformat(case["instant"]), zone).day
    asked, start = day(case["date"]), case.get("anchor") or case["date"]
    if case["function"] == "align_in_month":
        start = asked.replace(day=1).isoformat()
    return (
        boundaries(typed(desk, fields_of({**case, "start": start})))
        .next_boundary(max(asked, date.fromisoformat(start)))
        .isoformat()
    )


def is_ours(case) -> bool:
    fixed = case.get("fixed_days") or "days_between" in case.get("function", "")
    return case.get("billing_period", "MONTHLY") in CYCLES and case.get("mode") != "IN_ARREAR_GREEDY" and not fixed


@pytest.mark.parametrize("case", [c for c in CASES if c is None or is_ours(c)], ids=lambda c: c["id"] if c else "no-data")
def test_billing_dates_come_from_the_anchor(case, sqlite_desk: Desk):
    shared("oracles", "billing_dates_killbill.json")
    if case["kind"] == "interval":
        ours = interval(case, sqlite_desk)
        expected = {k: day(v) if isinstance(v, str) else v for k, v in case["expected"].items()}
        assert {k: ours[k] for k in expected} == expected
    elif case["kind"] == "recurring_periods":
        ours = [[n.first, n.end] for n in planned(case, sqlite_desk)]
        # It lists the parts up to the target; the one that the end cuts off in the next period comes with its own bill date.
        assert ours[: len(case["expected_periods"])] == case["expected_periods"]
        assert all(first > case["target"] or case["mode"] == "IN_ADVANCE" for first, _ in ours[len(case["expected_periods"]) :])
    elif case["kind"] == "date_function":
        ours = function(case, sqlite_desk)
        assert ours == (Decimal(case["expected"]) if isinstance(ours, Decimal) else case["expected"])
    else:
        assert cycle_day(case, sqlite_desk) == case["expected"]


def test_what_is_not_a_rule_of_ours_is_not_sold(sqlite_desk: Desk):
    """The cases that are left out name what nobody can type here."""
    shared("oracles", "billing_dates_killbill.json")
    left = [c for c in CASES if not is_ours(c)]
    assert len(left) == 31, NOT_SOLD
    for fields in ({"cycle": "30D"}, {"mode": "greedy"}):
        with pytest.raises(InvalidInput, match=r"billing cycle is|advance or in arrears"):
            typed(sqlite_desk, {"start": "2012-07-16", "cycle": "1M", **fields})
