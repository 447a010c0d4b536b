"""What is given back of a billed span: 16 cases of Kill Bill.

Policy: the credit is what was charged less what is kept, so nothing is lost (behaviours 16); Kill Bill rounds the credit. On
exact halves ours is one cent less. Its months of thirty nominal days are not ours in a credit: there we count real days.
"""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.money import round_half_away
from netbill_tui.billing.proration import credits_for
from tests.conftest import SHARED, shared
from tests.oracles.killbill import nominal_days

FILE = SHARED / "oracles" / "unused_credit_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def between(first: str, end: str, fixed: int) -> int:
    a, b = date.fromisoformat(first), date.fromisoformat(end)
    return nominal_days(a, b, fixed) if fixed else (b - a).days


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_what_is_not_used_is_given_back(case):
    shared("oracles", "unused_credit_killbill.json")
    fixed = case["proration_fixed_days"]
    charged, expected = int(Decimal(case["billed_amount"]) * 100), int(Decimal(case["expected_credit"]) * 100)
    billed = between(case["billed_start"], case["billed_end"], fixed)
    unused = between(case["unused_start"], case["unused_end"], fixed)
    if unused > billed:
        pytest.fail("more days unused than billed")
    (ours,) = credits_for(charged, billed, [unused])
    exact = Fraction(charged * unused, billed)
    if ours != expected and fixed:
        real = between(case["billed_start"], case["billed_end"], 0)
        assert expected in (round_half_away(exact), round_half_away(Fraction(charged * unused, fixed)),
                            round_half_away(Fraction(charged * between(case["unused_start"], case["unused_end"], 0), real)))  # fmt: skip
    elif ours != expected:
        assert (2 * exact).denominator == 1, "only an exact half may differ"
        assert abs(ours - expected) == 1
