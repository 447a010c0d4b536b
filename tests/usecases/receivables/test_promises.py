"""A promise to pay: until which day it stands, and what ends it."""

from datetime import timedelta

from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import notes
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import credit_notes, payments
from tests.conftest import TODAY, Desk, sound


def test_a_promise_ends_when_what_was_overdue_is_paid_and_stands_again_when_the_payment_goes_back(desk: Desk):
    desk.customer("C1")
    desk.invoice("C1", 1000, due=-40)
    desk.invoice("C1", 700, due=20)
    promised = TODAY + timedelta(days=7)
    calls.outcome(desk.session, "C1", "m", "", promised)

    def standing() -> list[object]:
        return desk.column("select promise_on from customer_total")

    desk.pay("C1", 400)
    assert standing() == [promised.isoformat()], "a part of it"
    one = desk.pay("C1", 600)
    assert standing() == [None]
    payments.reverse(desk.session, one.row.receipt, "bounced", returned=True)
    assert standing() == [promised.isoformat()]
    desk.pay("C1", 601)
    assert standing() == [None]
    assert sum("promise" in str(n.outcome) for n in notes.of_customer(desk.session, "C1")) >= 1
    sound(desk)


def test_a_promise_ends_with_the_credit_note_that_covers_it(desk: Desk):
    desk.customer("C1")
    number = desk.invoice("C1", 1000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY + timedelta(days=7))
    credit_notes.credit(desk.session, number, "never connected")
    assert desk.column("select promise_on from customer_total") == [None]
    sound(desk)


def test_a_promise_for_today_stands_and_one_of_yesterday_is_broken(desk: Desk):
    for account, due in (("C1", -40), ("C2", -40)):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 1000, due=due)
    calls.outcome(desk.session, "C1", "m", "", TODAY)
    past = lists.past(desk.session, "overdue", lists.read_filter(desk.session, "overdue", "st:promised"))
    assert [r.account for r in past] == ["C1"]
    desk.session.calendar.as_of = TODAY + timedelta(days=1)
    broken = lists.past(desk.session, "overdue", lists.read_filter(desk.session, "overdue", "st:broken"))
    assert [r.account for r in broken] == ["C1"]
