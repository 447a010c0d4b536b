"""A list keeps every row under any sort, and its sum counts what stands."""

from datetime import timedelta

from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.receivables import payments
from tests.conftest import CLOCK, Desk


def test_a_list_keeps_every_row_under_any_sort(desk: Desk):
    for account in ("C1", "C2", "C3", "C4"):
        desk.customer(account)
    desk.invoice("C2", 1000, due=-10)
    desk.invoice("C3", 1000, due=-40)
    for sort in ("sort:days", "sort:-days", "sort:overdue", "sort:account", ""):
        chosen = lists.read_filter(desk.session, "customers", sort)
        found = lists.every(desk.session, "customers", chosen)
        assert sorted(r.account for r in found) == ["C1", "C2", "C3", "C4"], sort
        assert list_sums.sums(desk.session, "customers", chosen)[0] == 4
    most = lists.every(desk.session, "customers", lists.read_filter(desk.session, "customers", "sort:-days"))
    assert [r.account for r in most][:2] == ["C3", "C2"]


def test_the_sum_below_payments_leaves_out_what_was_taken_back(desk: Desk):
    desk.customer("C1")
    desk.pay("C1", 9870)
    gone = desk.pay("C1", 1234)
    payments.reverse(desk.session, gone.row.receipt, "wrong account")
    assert list_sums.sums(desk.session, "payments") == (2, 9870)
    assert list_sums.taken_back(desk.session) == (1, 1234)


def test_the_invoices_of_an_account_are_all_of_them(desk: Desk):
    desk.customer("C1")
    for n in range(510):
        desk.invoice("C1", 100, due=-n)
    assert len(accounts.invoices_of(desk.session, "C1")) == 510


def test_a_list_that_is_only_read_on_a_later_day_counts_what_is_overdue_then(desk: Desk):
    for account, due in (("C1", 3), ("C2", 30), ("C3", -3)):
        desk.customer(account)
        desk.invoice(account, 1000, due=due)
    desk.session.settings = desk.session.settings._replace(readonly=True)
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=10)
    chosen = lists.read_filter(desk.session, "customers", "st:overdue")
    assert sorted(r.account for r in lists.every(desk.session, "customers", chosen)) == ["C1", "C3"]
    assert list_sums.sums(desk.session, "customers", chosen).number == 2
