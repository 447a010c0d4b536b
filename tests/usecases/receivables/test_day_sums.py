"""Money per day is kept by every road that brings money in or gives it back, and lists and dashboard read it."""

from datetime import timedelta
from random import Random

import pytest

from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.receivables import disputes, payments
from netbill_tui.usecases.reports.dashboard import dashboard
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK, TODAY, Desk

FILTERS = (
    "", "method:cash", "method:cash,cheque", "!method:cash", "date:2026-11-22", "date>=2026-11-21", "date<=2026-11-23",
    "date>2026-11-21", "last:2d", "last>2d", "date>=2026-11-21 date<=2026-11-23 method:bank", "method:cash method:cheque",
    "st:received", "st:reversed", "amount>50", "smith", "method:cash sort:amount", "date>=2027-01-01",
)  # fmt: skip


@pytest.fixture
def three_days(desk: Desk) -> Desk:
    """Payments of three days, some dated back, some taken back that day or on a later one."""
    random = Random(7)  # noqa: S311 - a fixed sequence
    receipts: list[str] = []
    for account in ("C1", "C2"):
        desk.customer(account, "Smith, John" if account == "C1" else "Lopez, Ana")
        for _ in range(6):
            desk.invoice(account, 3000, due=-10)
    for day in range(3):
        desk.session.calendar.clock = lambda day=day: CLOCK() + timedelta(days=day)
        for n in range(8):
            back = (TODAY + timedelta(days=day - random.choice((0, 0, 1)))).isoformat()
            method = random.choice(("cash", "bank", "cheque"))
            reference = f"{day}{n}77" if method == "cheque" else ""
            paid = desk.pay(f"C{1 + n % 2}", random.randint(500, 9000), method=method, reference=reference, received=back)
            receipts.append(paid.row.receipt)
        for receipt in random.sample(receipts, 2):
            receipts.remove(receipt)
            payments.reverse(desk.session, receipt, "bounced", returned=random.random() < 0.5)
    return desk


def test_what_is_kept_says_what_the_payments_say(three_days: Desk):
    session = three_days.session
    rows = lists.every(session, "payments")
    assert {r.state for r in rows} > {"received"}
    for words in FILTERS:
        chosen = lists.read_filter(session, "payments", words)
        rows = lists.every(session, "payments", chosen)
        gone = [r for r in rows if r.state in ("returned", "reversed")]
        assert list_sums.taken_back(session, chosen) == (len(gone), sum(r.amount for r in gone)), words
        assert list_sums.sums(session, "payments", chosen) == (
            len(rows), sum(r.amount for r in rows) - sum(r.amount for r in gone),
        ), words  # fmt: skip


def test_the_takings_of_a_day_are_what_came_in_on_it_and_was_not_taken_back_by_its_end(three_days: Desk):
    session = three_days.session
    rows = three_days.session.db.peewee.execute_sql(
        "select p.received_on, p.method, p.amount, e.on_date from payment p left join payment_event e on e.payment_id = p.id"
    ).fetchall()
    for days in range(-2, 3):
        day = (TODAY + timedelta(days=days)).isoformat()
        session.calendar.as_of = TODAY + timedelta(days=days)
        standing = [r for r in rows if r[0] == day and (r[3] is None or r[3] > day)]
        expected = {m: [r[2] for r in standing if r[1] == m] for m in ("cash", "bank", "cheque")}
        assert dashboard(session).takings == {m: (len(a), sum(a)) for m, a in expected.items() if a}, day
    session.calendar.as_of = None
    assert [b for c in verify(session) for b in c.broken] == []


def test_a_long_list_is_counted_as_far_as_one_likes(three_days: Desk):
    session = three_days.session
    chosen = lists.read_filter(session, "payments", "amount>0")
    rows = lists.every(session, "payments", chosen)
    assert list_sums.sums(session, "payments", chosen, 5).number == 5
    assert list_sums.sums(session, "payments", chosen, len(rows) + 1).number == len(rows)


def test_what_is_disputed_of_an_account_follows_disputes_payments_and_days(desk: Desk):
    desk.customer("C1")
    first, second = desk.invoice("C1", 3000, due=-10), desk.invoice("C1", 2000, due=0)

    def disputed() -> object:
        assert [b for c in verify(desk.session) for b in c.broken] == []
        return desk.column("select disputed from customer_total")[0]

    disputes.start(desk.session, first, "never used it")
    disputes.start(desk.session, second, "never used it")
    assert disputed() == 3000
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=1)
    assert desk.session.rolled()
    assert disputed() == 5000
    desk.pay("C1", 1000, apply=((first, 1000),))
    assert disputed() == 4000
    disputes.end(desk.session, second, "answered", "explained it")
    assert disputed() == 2000
