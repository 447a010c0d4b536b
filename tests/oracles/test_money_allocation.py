"""Splitting an amount: 25 cases of moneyphp, dinero and RubyMoney.

Policy: netbill gives the units that are left to the largest remainder, ties to the earlier part, whatever library the case
comes from. Where a library hands them out "in order" the parts may differ by one unit between places, never in their sum.
"""

import json
from decimal import Decimal

import pytest

from netbill_tui.billing.core.money import split, split_equally
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "money_allocation.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_an_amount_is_split_without_losing_a_unit(case):
    shared("oracles", "money_allocation.json")

    def answer() -> list[int]:
        if case["function"] == "split_equally":
            return split_equally(case["amount"], case["parts"])
        return split(case["amount"], [Decimal(r) for r in case["ratios"]])

    if case.get("expected_error"):
        with pytest.raises(ValueError, match="split"):
            answer()
        return
    assert sum(answer()) == case["amount"]
    if case.get("remainder_rule") == "in order" and answer() != case["expected"]:
        assert all(abs(a - b) <= 1 for a, b in zip(answer(), case["expected"], strict=True))
    else:
        assert answer() == case["expected"]
