"""What a payment settles."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.dates import due_date
from netbill_tui.billing.receivables.allocation import OpenInvoice, exact_match, settle
from netbill_tui.errors import InvalidInput


@pytest.mark.parametrize(("issued", "terms", "due"), [
    pytest.param(date(2026, 1, 31), {"days": 30}, date(2026, 3, 2), id="days"),
    pytest.param(date(2026, 1, 31), {"day_of_next_month": 31}, date(2026, 2, 28), id="clamped"),
    pytest.param(date(2026, 12, 5), {"day_of_next_month": 15}, date(2027, 1, 15), id="over-new-year"),
])  # fmt: skip
def test_an_invoice_falls_due_by_its_terms(issued, terms, due):
    assert due_date(issued, **terms) == due


def invoice(number: str, due: str, cents: int, *, disputed: bool = False) -> OpenInvoice:
    return OpenInvoice(int(number), number, due, due, cents, cents, disputed)


def test_the_oldest_due_is_settled_first():
    shares, left = settle(7000, [invoice("2", "2026-04-01", 6000), invoice("1", "2026-03-01", 4000)])
    assert [(s.invoice.number, s.amount) for s in shares] == [("1", 4000), ("2", 3000)]
    assert left == 0


def test_a_disputed_invoice_is_skipped_unless_it_is_chosen():
    items = [invoice("1", "2026-03-01", 4000, disputed=True), invoice("2", "2026-04-01", 1000)]
    assert [(s.invoice.number, s.amount) for s in settle(2500, items)[0]] == [("2", 1000)]
    assert settle(2500, items)[1] == 1500
    assert [(s.invoice.number, s.amount) for s in settle(2500, items, [("1", 2000)])[0]] == [("1", 2000), ("2", 500)]


@pytest.mark.parametrize(
    "chosen", [[("9", 100)], [("1", 4001)], [("1", 0)], [("1", 2000), ("1", 2001)], [("1", 4000), ("2", 3500)]]
)
def test_a_choice_that_cannot_be_is_refused(chosen):
    with pytest.raises(InvalidInput):
        settle(7000, [invoice("1", "2026-03-01", 4000), invoice("2", "2026-04-01", 6000)], chosen)


def test_an_amount_that_fits_another_invoice_is_a_hint():
    items = [invoice("1", "2026-03-01", 4000), invoice("2", "2026-04-01", 6000)]
    shares, _ = settle(6000, items)
    assert exact_match(6000, items, shares) == "2"


@given(st.integers(1, 10**6), st.lists(st.tuples(st.integers(1, 10**5), st.booleans()), max_size=8))
def test_settling_never_loses_or_overpays(amount, opens):
    items = [invoice(str(n), f"2026-01-{n + 1:02d}", cents, disputed=d) for n, (cents, d) in enumerate(opens)]
    shares, left = settle(amount, items)
    assert sum(s.amount for s in shares) + left == amount
    assert all(0 < s.amount <= s.invoice.open and not s.invoice.disputed for s in shares)
    assert left == 0 or all(s.amount == s.invoice.open for s in shares)
