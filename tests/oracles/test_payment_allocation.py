"""Allocation: 12 cases of a small prototype and of ERPNext.

Policy:
- netbill allocates oldest first after the operator's choice. Newest first, by priority, pro rata, by weights and equal
  shares are no modes of it: an operator who wants one of them chooses (`--apply`), and the shares are those of `split`.
- One currency a book, so an exchange difference cannot arise (ERPNext, payment_allocation-0023).
- ERPNext reconciles lists of entries on request; in netbill a payment is allocated when it is posted, and credit stays credit.
"""

import json
from decimal import Decimal

import pytest

from netbill_tui.billing.allocation import OpenInvoice, settle
from netbill_tui.billing.money import split
from netbill_tui.errors import InvalidInput
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "payment_allocation.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def invoices(case) -> list[OpenInvoice]:
    made = []
    for at, one in enumerate(case["invoices"]):
        day, total = one.get("date", f"2024-01-{at + 1:02d}"), cents(one.get("open", case["payment"]))
        made.append(OpenInvoice(at, one["id"], day, day, total, total))
    return made


def allocated(case) -> dict[str, int]:
    """The shares by the case's method, the odd ones as an operator's choice."""
    amount, open_ = cents(case["payment"]), invoices(case)
    if case["method"] == "oldest_first":
        chosen = []
    elif case["method"] in ("newest_first", "priority"):
        ranks = {one["id"]: one.get("priority", 0) for one in case["invoices"]}
        newest = case["method"] == "newest_first"
        ordered = sorted(open_, key=lambda i: i.due, reverse=True) if newest else sorted(open_, key=lambda i: ranks[i.number])
        chosen, left = [], amount
        for invoice in ordered:
            part = min(left, invoice.open)
            chosen += [(invoice.number, part)] if part else []
            left -= part
    else:
        weights = {"pro_rata": [i.open for i in open_], "equal": [1] * len(open_)}.get(case["method"])
        weights = weights or [Decimal(one["weight"]) for one in case["invoices"]]
        chosen = list(zip((i.number for i in open_), split(amount, weights), strict=True))
    shares, left = settle(amount, open_, chosen)
    assert sum(s.amount for s in shares) + left == amount
    if "expected_unallocated" in case:
        assert left == cents(case["expected_unallocated"])
    return {s.invoice.number: s.amount for s in shares}


def one_invoice(total: int, paid: int) -> tuple[int, int]:
    """What stays open of one invoice and unallocated of one payment."""
    invoice = OpenInvoice(1, "I", "2024-01-01", "2024-01-31", total, total)
    shares, left = settle(paid, [invoice])
    return total - sum(s.amount for s in shares), left


def settle_all(invoices_: list[int], payments: list[int]) -> tuple[int, int]:
    """What stays open and unallocated after the payments, one by one."""
    open_ = {n: total for n, total in enumerate(invoices_)}
    credit = 0
    for paid in payments:
        items = [
            OpenInvoice(n, f"I{n}", f"2024-01-{n + 1:02d}", f"2024-02-{n + 1:02d}", left, left)
            for n, left in open_.items()
            if left
        ]
        shares, rest = settle(paid, items)
        credit += rest
        for share in shares:
            open_[share.invoice.id] -= share.amount
    return sum(open_.values()), credit


def _advance_partial() -> dict[str, object]:
    """5000 owed; credits 100 and three of 100; 230 of the latter are used by the operator's choice."""
    open_, used = 5000, []
    for credit in (100,):
        open_, _ = one_invoice(open_, credit)
    left = 230
    for credit in (100, 100, 100):
        part = min(credit, left)
        used.append(part)
        open_, left = open_ - part, left - part
    return {"receivable_balance": open_, "credit_left": 300 - sum(used), "rows_used": used}


RECONCILE = {
    "payment_allocation-0012": lambda: one_invoice(921, 921) == (0, 0),
    "payment_allocation-0013": lambda: one_invoice(100, 100) == (0, 0),
    "payment_allocation-0014": lambda: one_invoice(100, 100) == (0, 0),
    "payment_allocation-0017": lambda: one_invoice(5000, 100) == (4900, 0),
    "payment_allocation-0018": lambda: (
        _advance_partial() == {"receivable_balance": 4670, "credit_left": 70, "rows_used": [100, 100, 30]}
    ),
    # One currency: 100 paid of 100 leaves nothing, and no difference.
    "payment_allocation-0023": lambda: one_invoice(100, 100) == (0, 0),
    # ERPNext limits the lists of its dialog by amount and number. netbill has no such dialog: what is posted is allocated, so
    # that all of these invoices and payments settle each other.
    "payment_allocation-0024": lambda: settle_all([300, 400, 500], [300, 400, 500]) == (0, 0),
    "payment_allocation-0025": lambda: settle_all([100] * 5, [100] * 5) == (0, 0),
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_payment_is_spread_to_the_cent(case):
    shared("oracles", "payment_allocation.json")
    if case["method"] == "reconcile":
        assert RECONCILE[case["id"]](), case["events"]
        return
    expected = case["expected_allocated"]
    found = allocated(case)
    if "_sum" in expected:
        assert sum(found.values()) == cents(expected["_sum"])
    else:
        assert found == {k: cents(v) for k, v in expected.items()}


def test_more_than_is_open_is_refused():
    invoice = OpenInvoice(1, "I", "2024-01-01", "2024-01-31", 100, 100)
    with pytest.raises(InvalidInput, match="at most what is open"):
        settle(200, [invoice], [("I", 150)])
