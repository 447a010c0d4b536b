"""Taxes and discounts: 20 cases of Invoice Ninja, each typed into a book and billed.

A line is a charge of a code with its tax class and rates, or usage where its price has parts of a cent; a line's discount is one
on its code, the invoice's is one on the whole invoice, typed in cents. Where our figure is another, the case is declared below
with the rule it follows from and our figure.
"""

import json
from decimal import ROUND_HALF_UP, Decimal

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.receivables import documents
from netbill_tui.usecases.services import charges, discounts
from tests.conftest import SHARED, Desk, shared

FILE = SHARED / "oracles" / "invoice_tax_discount_invoiceninja.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
# Nothing is sold or taken off below zero: that is a credit note (docs/rules.md, *18 Credit notes*).
BELOW_ZERO = {"invoice_tax_discount_invoiceninja-0005", "invoice_tax_discount_invoiceninja-0009"}
# Ours, and why (docs/rules.md, *Taxes and discounts*: tax by group; of several inclusive rates the exact factor is taken out once).
_ONCE = (
    "several inclusive rates: net = gross / (1 + sum of the rates), the last takes the rest; theirs takes each out of the whole"
)
_GROUP = "tax of a group, rounded once; theirs is rounded on each line"
OTHER: dict[str, tuple[str, dict[str, str]]] = {
    f"invoice_tax_discount_invoiceninja-{number}": (rule, {"total_taxes": ours})
    for number, rule, ours in (
        ("0024", _ONCE, "1.94"),
        ("0025", _ONCE, "4.10"),
        ("0026", _ONCE, "4.27"),
        ("0029", _GROUP, "15.97"),
        ("0036", _ONCE, "4.62"),
        ("0037", _ONCE, "4.17"),
    )
}


def cents(text: object) -> int:
    return int((Decimal(str(text or 0)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def off(holder) -> dict[str, str]:
    value = Decimal(str(holder.get("discount") or 0))
    if not value:
        return {}
    return (
        {"amount": f"{Decimal(cents(value)) / 100}"} if holder.get("is_amount_discount") else {"percent": str(holder["discount"])}
    )


def typed(desk: Desk, case) -> None:
    session, invoice = desk.session, case["invoice"]
    rules.set_rule(session, "inclusive", "yes" if case["taxes_inclusive"] else "no")
    desk.customer("C1", "Ninja")
    for at, line in enumerate(case["lines"]):
        rates = [str(holder.get(f"tax_rate{n}") or "0") for holder in (line, invoice) for n in (1, 2, 3)]
        for order, percent in enumerate((p for p in rates if Decimal(p)), 1):
            tax_rates.add_rate(session, f"T{at}", {"percent": percent, "name": f"Tax {order}", "order": str(order)})
        taxed = {"tax_class": f"T{at}"} if any(Decimal(p) for p in rates) else {}
        parts_of_a_cent = Decimal(line["cost"]) * 100 % 1 != 0
        kind = "usage" if parts_of_a_cent else "one-time"
        codes.store_code(session, {"code": f"L{at}", "name": f"Line {at}", "kind": kind, **taxed})
        fields = {"code": f"L{at}", "quantity": line["quantity"], "on": "2026-11-01"}
        if parts_of_a_cent:
            codes.add_price(session, f"L{at}", {"amount": "0", "tiers": f"*={line['cost']}", "from": "2020-01-01"})
        else:
            fields["amount"] = line["cost"]
        charges.charge(session, "C1", fields)
        if off(line):
            discounts.discount(session, "C1", {"code": f"L{at}", "from": "2026-11-01", **off(line)})
    if off(invoice):
        discounts.discount(session, "C1", {"from": "2026-11-01", **off(invoice)})


def figures(desk: Desk) -> dict[str, int]:
    """What the invoice says, with tax where prices include it."""
    issue.issue(desk.session, desk.session.today(), pause_s=0)
    ((whole, _),) = documents.every(desk.session)
    inclusive = rules.rules(desk.session).inclusive
    lines = [(n.amount + (n.tax if inclusive else 0), n.kind == "discount") for n in whole.lines]
    sold = [amount for amount, taken_off in lines if not taken_off]
    return {
        "line_total": sold[-1], "gross_line_total": whole.head.total, "sub_total": sum(sold),
        "total_discount": -sum(amount for amount, taken_off in lines if taken_off), "total": whole.head.total,
        "total_taxes": whole.head.tax,
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_taxes_and_discounts_come_out_or_differ_by_a_named_policy(case, sqlite_desk: Desk):
    shared("oracles", "invoice_tax_discount_invoiceninja.json")
    if case["id"] in BELOW_ZERO:
        with pytest.raises(InvalidInput):
            typed(sqlite_desk, case)
        return
    typed(sqlite_desk, case)
    made = figures(sqlite_desk)
    _, declared = OTHER.get(case["id"], ("", {}))
    wanted = {**case["expected"], **declared}
    assert {name: made[name] for name in wanted} == {name: cents(figure) for name, figure in wanted.items()}
    assert all(cents(figure) != cents(case["expected"][name]) for name, figure in declared.items()), "a policy that is none"
