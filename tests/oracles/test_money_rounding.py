"""Rounding: 78 cases of moneyphp and dinero.

Policy: netbill rounds exact halves away from zero, so that a credit note mirrors its charge. The other modes agree with it
wherever there is no exact half; on a half our answer is asserted, and the case counts as a difference of policy.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.core.money import round_half_away
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "money_rounding.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
# These modes say what ours says; up and down are no roundings to the nearest.
DIRECTED = {"up", "down"}


def _exact(case) -> tuple[Fraction, int]:
    """The number to round, and by what the result is multiplied."""
    if case["function"] == "round_to_unit":
        unit = 10 ** int(case["unit_power"])
        return Fraction(int(case["amount"]), unit), unit
    if case["function"] == "integer_division":
        return Fraction(int(case["numerator"]), int(case["denominator"])), 1
    return Fraction(case["value"]), 1


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_half_goes_away_from_zero(case):
    shared("oracles", "money_rounding.json")
    exact, unit = _exact(case)
    ours, expected = round_half_away(exact) * unit, int(Decimal(case["expected"]))
    is_half = (2 * exact).denominator == 1 and exact.denominator == 2
    is_whole = exact.denominator == 1
    if is_whole or (not is_half and case["mode"] not in DIRECTED) or case["mode"] == "half_away_from_zero":
        assert ours == expected
    elif ours != expected:
        nearest = Decimal(exact.numerator) / Decimal(exact.denominator)
        assert ours == int(nearest.to_integral_value(ROUND_HALF_UP)) * unit, "only our own rule may differ from the case"
        assert abs(ours - expected) == unit
