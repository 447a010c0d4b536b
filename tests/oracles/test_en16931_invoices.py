"""Example invoices of EN 16931: our sums and taxes give their totals. Seven cases; those that break their own rules are not judged."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.catalogue.taxes import Rate, tax_lines
from netbill_tui.billing.core.money import round_half_away
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "en16931_invoices.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def minor(text) -> int:
    return round_half_away(Fraction(Decimal(str(text or 0))) * 100)


def category(code: str) -> str:
    return code if code in ("S", "Z", "E", "AE", "O") else "S"


def items(case) -> list[tuple[int, str, str]]:
    """Amount, tax category and percentage of every line, allowance and charge."""
    found = [(minor(n["net_amount"]), n["tax_category"], n.get("tax_percent") or "0") for n in case["lines"]]
    for one in case["document_allowances_charges"]:
        is_charge = one.get("is_charge", one.get("charge", one.get("kind") == "charge"))
        sign = 1 if is_charge in (True, "true") else -1
        found.append((sign * minor(one["amount"]), one.get("tax_category") or "S", one.get("tax_percent") or "0"))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_the_totals_come_out(case):
    shared("oracles", "en16931_invoices.json")
    if not case["self_consistent"]:
        return
    expected, found = case["expected"], items(case)
    taxed = tax_lines([(a, (Rate(c, category(c), p),)) for a, c, p in found])
    assert sum(minor(n["net_amount"]) for n in case["lines"]) == minor(expected["line_total"])
    assert sum(a for a, _, _ in found) == minor(expected["total_without_tax"])
    told = {}
    for one in expected["tax_breakdown"]:
        key = (category(one["category"]), Decimal(one["percent"] or 0))
        base, tax = told.get(key, (0, 0))
        told[key] = (base + minor(one["taxable"]), tax + minor(one["tax"]))
    ours = {(g.rate.category, Decimal(g.rate.percent)): (g.base, g.tax) for g in taxed.groups}
    assert {k: v for k, v in ours.items() if any(v)} == {k: v for k, v in told.items() if any(v)}
    total = sum(a for a, _, _ in found) + taxed.tax
    assert total == minor(expected["total_with_tax"])
    assert total - minor(expected["prepaid"]) + minor(expected["rounding"]) == minor(expected["payable"])
