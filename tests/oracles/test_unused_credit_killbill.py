"""What is given back of a billed span: 16 cases of Kill Bill.

Policy: the credit is what was charged less what is kept, so nothing is lost (docs/rules.md, *16 Changes*); Kill Bill rounds the credit. On
exact halves ours is one cent less. Its months of thirty nominal days are not ours in a credit: there we count real days.
"""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.services.proration import credits_for
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "unused_credit_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def between(first: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(first)).days


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_what_is_not_used_is_given_back(case):
    shared("oracles", "unused_credit_killbill.json")
    charged, expected = int(Decimal(case["billed_amount"]) * 100), int(Decimal(case["expected_credit"]) * 100)
    billed = between(case["billed_start"], case["billed_end"])
    unused = between(case["unused_start"], case["unused_end"])
    (ours,) = credits_for(charged, billed, [unused])
    if case["proration_fixed_days"] and ours != expected:
        pytest.skip("a credit counts real days; months of nominal days are no rule of netbill")
    if ours != expected:
        assert (2 * Fraction(charged * unused, billed)).denominator == 1, "only an exact half may differ"
        assert abs(ours - expected) == 1
