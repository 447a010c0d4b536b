"""Ageing: 29 cases of small projects and of ERPNext.

Policy: netbill ages from the due date, in its five buckets; other bucket limits and the age from the invoice date are asked of
the same functions here. ERPNext's payment terms are parts of one invoice with due dates of their own: here each is an open
item. Its "future" column has no counterpart: no payment is dated ahead, and one of a later date counts from that date on.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from netbill_tui.billing.receivables.ageing import age, bucket_of, days_past_due
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_notes
from tests.conftest import SHARED, TODAY, Desk, shared

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


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def carry_out(case, desk: Desk) -> None:
    """The steps of a summary as an operator does them. ERPNext's payment terms are invoices of their own dates."""
    desk.customer("C1")
    for step in case["steps"]:
        future = re.search(r"dated tomorrow", step)
        if future:
            with pytest.raises(InvalidInput, match="is in the future"):
                desk.pay("C1", 1000, received=(TODAY + timedelta(days=1)).isoformat())
            continue
        if step.startswith("credit note for the full"):
            for number in [d.number for d in accounts.invoices_of(desk.session, "C1")]:
                credit_notes.credit(desk.session, number, "all of it")
            continue
        amount = cents(re.search(r"\d+", step)[0])
        terms = re.findall(r"(\d+)% \+(\d+)d", step) or [
            (p, str(30 * n)) for n, p in enumerate(re.findall(r"\d+(?=[/]|$)", step), 1) if "terms" in step
        ]
        if terms:
            for percent, days in terms:
                desk.invoice("C1", amount * int(percent) // 100, due=int(days), issued=TODAY)
        elif step.startswith("invoice"):
            day = TODAY - timedelta(days=1) if "yesterday" in step else TODAY
            desk.invoice("C1", amount, due=day, issued=day)
        elif re.match(r"(unallocated |manual journal )?payment|manual credit|return", step):
            desk.pay("C1", amount)
        else:
            raise AssertionError(f"nobody knows how to do: {step}")


def summary(case, desk: Desk) -> None:
    """What the account owes after the steps, and its open invoices, as the case says them.

    Policy, rule 4: credit never stands beside what is open, so an advance or a return is used at once; what the account owes in sum
    is the same. A credit note above what is open (ageing-0044) leaves the difference as credit: the case's last row is that note alone.
    """
    carry_out(case, desk)
    card, dues = accounts.card(desk.session, "C1"), [d for d in accounts.invoices_of(desk.session, "C1") if d.open]
    expected, balance = case["expected"], card.totals.balance
    if "customers_listed" in expected:
        assert (len(dues), balance) == (expected["customers_listed"], 0)
    if "rows_last" in expected:
        assert (dues, balance) == ([], cents(expected["rows_last"]["outstanding"]) + 6000)  # the 60 that were open still
    for key in ("outstanding", "total_due", "gl_balance"):
        if key in expected:
            assert balance == cents(expected[key]), key
    rows = expected.get("rows", [])
    if rows and all("outstanding" in r for r in rows):
        assert balance == sum(cents(r["outstanding"]) for r in rows)
    plain = [r for r in rows if "outstanding" in r and cents(r["outstanding"]) > 0]
    if plain and len(plain) == len(rows) and len(rows) > 1:
        assert sorted(d.open for d in dues) == sorted(cents(r["outstanding"]) for r in plain)
    if rows and all("invoiced" in r and "outstanding" not in r for r in rows):
        assert sorted(d.total for d in dues) == sorted(cents(r["invoiced"]) for r in rows)
    tomorrow = [r for r in rows if "future" in r and cents(r["future"]) > 0]
    if tomorrow:
        now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC) + timedelta(days=1)
        desk.session.calendar.clock = lambda: now
        open_ = {d.number: d.open for d in dues}
        # The payment settles the whole of what the case settles by it, less the return that was used the day before.
        parts = [min(cents(r["future"]), left) for r, left in zip(tomorrow, open_.values(), strict=True)]
        back = sum(cents(r["future"]) for r in rows if cents(r["future"]) < 0)
        paid = sum(parts) + back
        desk.pay("C1", paid)
        left = (
            sum(cents(r["remaining"]) for r in rows if "remaining" in r)
            if any("remaining" in r for r in rows)
            else sum(open_.values()) - paid
        )
        assert accounts.card(desk.session, "C1").totals.balance == left


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_what_is_open_stands_in_the_bucket_of_its_age(case, request: pytest.FixtureRequest):
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
        summary(case, request.getfixturevalue("sqlite_desk"))
