"""Who is overdue, today and on a day before, and what fell due since."""

from datetime import timedelta

from netbill_tui.usecases.collections import work_list
from netbill_tui.usecases.lookup import list_sums, lists
from tests.conftest import CLOCK, Desk


def test_a_book_that_only_reads_counts_what_fell_due_since(desk: Desk):
    from netbill_tui.usecases.receivables import overdue

    desk.customer("C1")
    desk.invoice("C1", 3000, due=0)
    desk.session.settings = desk.session.settings._replace(readonly=True)
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=2)
    assert [r.overdue for r in overdue.queue(desk.session)] == [3000]
    assert [r.overdue for r in lists.page(desk.session, "overdue")] == [3000]
    assert list_sums.sums(desk.session, "overdue") == (1, 3000)
    assert [r.account for r in work_list.work_page(desk.session)] == ["C1"]
    assert work_list.work_sums(desk.session) == (1, 3000)
    assert [r.overdue for r in lists.page(desk.session, "customers")] == [3000]


def test_who_is_overdue_is_filtered_alike_today_and_from_what_is_posted(desk: Desk):
    for account, due in (("C1", -40), ("C2", 20)):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 1000, due=due)
    desk.customer("C3", "Customer C3")
    for words, expected in (("st:overdue", ["C1"]), ("!st:overdue", ["C2", "C3"]), ("st:owing", ["C1", "C2"])):
        chosen = lists.read_filter(desk.session, "customers", words)
        assert sorted(r.account for r in lists.page(desk.session, "customers", chosen)) == expected, words
    dues = lists.read_filter(desk.session, "dues", "st:overdue")
    assert [r.account for r in lists.past(desk.session, "dues", dues)] == ["C1"]
    rest = lists.read_filter(desk.session, "dues", "!st:overdue")
    assert [r.account for r in lists.past(desk.session, "dues", rest)] == ["C2"]
