"""Credit notes and coupons with tax: 4 cases of Lago.

Policy: a credit is what was charged less what is kept, and its tax the share of the tax taken, each in whole cents; Lago rounds
net and tax from one exact part. Our net and tax may differ from its by a cent, and only on what rounds there.
"""

import json
from fractions import Fraction

import pytest

from netbill_tui.billing.discounts import Discount, invoice_discounts
from netbill_tui.billing.proration import credits_for
from netbill_tui.billing.taxes import CreditedTax, Rate, tax_lines, tax_of_credit
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "tax_and_credit_notes_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def coupons(case) -> None:
    amounts = [n["amount"] for n in case["lines"]]
    given = case.get("coupons_cents") or [case["coupon_amount_cents"]]
    found = [Discount(i, "", "fixed", str(c), "2000-01-01", None, "") for i, c in enumerate(given)]
    shares = [0] * len(amounts)
    for _, _, _, parts in invoice_discounts(amounts, ["x"] * len(amounts), found):
        for at, part in parts.items():
            shares[at] += part
    assert sum(shares) == min(sum(given), sum(amounts))
    for at, line in enumerate(case["lines"]):
        assert abs(shares[at] - line["expected_coupon_share"]) == 0
        (tax,) = tax_lines([(amounts[at] - shares[at], (Rate("VAT", "S", line["tax_rate_percent"]),))]).taxes
        if shares[at] == line["expected_coupon_share"]:
            assert tax == line["expected_tax"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_credit_gives_back_its_share_of_the_tax(case):
    shared("oracles", "tax_and_credit_notes_lago.json")
    if "lines" in case:
        coupons(case)
        return
    invoice, rate = case["invoice"], Rate("VAT", "S", case["tax_rate_percent"])
    assert tax_lines([(invoice["fees"], (rate,))]).tax == invoice["taxes"]
    if "unused_days" in case:
        (net,) = credits_for(invoice["fees"], case["period_days"], [case["unused_days"]])
        exact = Fraction(case["plan_amount_cents"] * case["unused_days"], case["period_days"])
    else:
        net, exact = case["credited_amount_cents"], Fraction(case["credited_amount_cents"])
    before = case.get("already_credited_cents", 0)
    taken = round(before * Fraction(invoice["taxes"], invoice["fees"]))
    tax = tax_of_credit(CreditedTax(invoice["fees"], invoice["taxes"], before, taken), net)
    expected = case["expected_credit_note"]
    assert abs(net - exact) <= Fraction(1, 2)
    assert abs(net - expected["sub_total_excluding_taxes"]) <= int((2 * exact).denominator == 1)
    assert tax == expected["taxes"]
    assert net + tax == expected["total"]
