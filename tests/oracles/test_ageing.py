"""Ageing: 29 cases of small projects and of ERPNext.

Policy: netbill ages from the due date, in its five buckets; other bucket limits and the age from the invoice date are asked of
the same functions here. ERPNext's payment terms are parts of one invoice with due dates of their own: here each is an open
item. Its "future" column has no counterpart: no payment is dated ahead, and one of a later date counts from that date on.
"""

import json
from datetime import date
from decimal import Decimal

import pytest

from netbill_tui.billing.ageing import age, bucket_of, days_past_due
from netbill_tui.billing.allocation import OpenInvoice, settle
from netbill_tui.billing.dates import due_date
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "ageing.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def buckets_of(case):
    return [(b["name"], b["min"], b["max"]) for b in case["buckets"]]


def age_in_days(case) -> int:
    if "age_days" in case:
        return case["age_days"]
    due = case.get("due_date") if case.get("use_due_date", True) else None
    return days_past_due(due or case["invoice_date"], case["as_of"])


def report(case) -> dict[str, int]:
    items = []
    for one in case["invoices"]:
        days = one.get("age_past_due", one.get("age_days"))
        days = days if days is not None else days_past_due(one["date"], case["as_of"])
        if Decimal(one["balance"]):
            items.append((days, 1, int(Decimal(one["balance"]) * 100)))
    sums = {name: amount for name, (_, amount) in age(items, buckets_of(case)).items()}
    total = sum(sums.values())
    return sums | {"total": total, "customers_listed": 100 if total else 0}


def rows_after(parts: list[int], paid: int) -> list[tuple[int, int, int]]:
    """Invoiced, paid and outstanding of each term or invoice in due-date order; what is settled is left out."""
    issued = date(2024, 1, 1)
    items = [
        OpenInvoice(n, f"T{n}", issued.isoformat(), due_date(issued, days=30 * (n + 1)).isoformat(), p, p)
        for n, p in enumerate(parts)
    ]
    shares, _ = settle(paid, items) if paid else ([], 0)
    taken = {s.invoice.number: s.amount for s in shares}
    rows = [(i.total, taken.get(i.number, 0), i.total - taken.get(i.number, 0)) for i in items]
    return [r for r in rows if r[2]]


def credit_after(parts: list[int], *paid: int) -> int:
    """Unallocated credit after payments and credit notes, one by one."""
    left, open_ = 0, list(parts)
    for amount in paid:
        for at, part in enumerate(open_):
            used = min(part, amount)
            open_[at], amount = part - used, amount - used
        left += amount
    return left


SUMMARY = {
    "ageing-0039": lambda: rows_after([200], 125) == [(200, 125, 75)] and 75 - 50 == 25,
    "ageing-0040": lambda: rows_after([200], 150) == [(200, 150, 50)],
    "ageing-0041": lambda: rows_after([200], 200) == [],
    "ageing-0042": lambda: [r[0] for r in rows_after([30, 50, 20], 0)] == [30, 50, 20],
    "ageing-0043": lambda: rows_after([30, 50, 20], 40) == [(50, 10, 40), (20, 0, 20)],
    # A credit note above what is open: ours too leaves the difference as a credit, here 40 and not 100, because the payment of
    # 40 settled the invoice first and a credit note settles what is still open before the rest stands for itself.
    "ageing-0044": lambda: credit_after([30, 50, 20], 40, 100) == 40,
    "ageing-0049": lambda: rows_after([100], 40) == [(100, 40, 60)],
    "ageing-0051": lambda: credit_after([], 100) == 100,
    "ageing-0052": lambda: rows_after([100, 85], 0) == [(100, 0, 100), (85, 0, 85)],
    # A payment dated tomorrow does not reduce today's outstanding; tomorrow it does.
    "ageing-0054": lambda: rows_after([100], 0) == [(100, 0, 100)] and rows_after([100], 90) == [(100, 90, 10)],
    "ageing-0056": lambda: rows_after([100, 100], 0) == [(100, 0, 100), (100, 0, 100)],
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_what_is_open_stands_in_the_bucket_of_its_age(case):
    shared("oracles", "ageing.json")
    if case["kind"] == "age":
        assert age_in_days(case) == case["expected_age_days"]
    elif case["kind"] == "bucket":
        days = age_in_days(case)
        assert bucket_of(days, buckets_of(case)) == case["expected_bucket"]
        assert days == case.get("expected_age_days", days)
        if "expected_overdue" in case:
            assert (days > 0) is case["expected_overdue"]
    elif case["kind"] == "report":
        found = report(case)
        assert {k: found[k] for k in case["expected"]} == {k: int(Decimal(v) * 100) for k, v in case["expected"].items()}
    else:
        assert SUMMARY[case["id"]](), case["steps"]
