"""Cycles to be billed: 144 cases of Kill Bill.

Policy: the whole period of a stub runs between two anchor dates (behaviours 15), so that before 28 February with anchor 31
it began on 31 January; Kill Bill goes back to 28 January. Where the two differ our own share is asserted.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.proration import fraction
from tests.conftest import SHARED, shared
from tests.oracles.killbill import PERIODS, day, kill_bill_schedule, spans, whole_before

FILE = SHARED / "oracles" / "proration_cycles_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def nine(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.000000001"), ROUND_HALF_UP)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_the_share_of_each_period_is_its_days(case):
    shared("oracles", "proration_cycles_killbill.json")
    start, end, target = day(case["start"]), day(case["end"]), day(case["target"])
    if case["expected_error"]:
        assert target < start or (end is not None and end < start), "our form and command refuse such dates"
        return
    made = kill_bill_schedule(start, case["billing_period"], case["bill_cycle_day"])
    total, theirs = Decimal(0), Decimal(0)
    for first, last, whole, whole_end in spans(made, start, end, target, case["mode"]):
        part = nine(Fraction(*fraction(first, last, whole, whole_end)))
        total += part
        plain = whole_before(whole_end, PERIODS[case["billing_period"]]) if first == start and whole < start else whole
        theirs += nine(Fraction((last - first).days, (whole_end - plain).days)) if part != 1 else part
    assert theirs == Decimal(case["expected_cycles"])
    if total != theirs:
        assert case["bill_cycle_day"] > 28, "only a clamped anchor may differ"
