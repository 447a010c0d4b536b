"""Payments, reversals, hints and duplicates in a book, on both engines, and as of a past day."""

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbill_tui.billing.core.money import parse_amount
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.errors import DuplicateSuspected, InvalidInput, NotFound, NotPermitted, Refused, RequestMismatch
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.customers import accounts as customers
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import dues, payments
from netbill_tui.usecases.receivables.ageing import ageing
from tests.conftest import TODAY, Desk, sound


def open_amounts(desk: Desk, account: str = "C1") -> dict[str, int]:
    return {d.number: d.open for d in accounts.dues_of(desk.session, account)}


def test_a_payment_settles_the_oldest_and_leaves_the_rest_open(desk: Desk):
    desk.customer()
    desk.invoice("C1", 6000, due=-5, number="B")
    desk.invoice("C1", 4000, due=-35, number="A")
    made = desk.pay("C1", 7000, tendered=10000)
    assert made.allocated == (("A", 4000), ("B", 3000))
    assert (made.unapplied, made.balance, made.change) == (0, 3000, 3000)
    assert open_amounts(desk) == {"B": 3000}
    assert sound(desk)


def test_an_overpayment_becomes_credit(desk: Desk):
    desk.customer()
    desk.invoice("C1", 1000, due=5)
    made = desk.pay("C1", 2500)
    assert (made.unapplied, made.balance) == (1500, -1500)
    card = accounts.card(desk.session, "C1")
    assert (card.totals.credit, card.totals.balance, card.fault) == (1500, -1500, "")
    assert ageing(desk.session).unapplied == -1500
    assert sound(desk)


def test_the_operators_choice_comes_first(desk: Desk):
    desk.customer()
    desk.invoice("C1", 4000, due=-35, number="A")
    desk.invoice("C1", 6000, due=-5, number="B")
    assert desk.pay("C1", 5000, apply=(("B", 4500),)).allocated == (("B", 4500), ("A", 500))
    with pytest.raises(InvalidInput):
        desk.pay("C1", 5000, apply=(("nobody", 1),))


def test_a_disputed_invoice_is_not_settled_by_itself(desk: Desk):
    desk.customer()
    desk.invoice("C1", 4000, due=-35)
    calls.outcome(desk.session, "C1", "d", "speed was never reached")
    assert desk.pay("C1", 4000).allocated == ()
    assert sound(desk)


def test_paying_and_reversing_gives_back_every_open_amount(desk: Desk):
    desk.customer()
    for days in (-95, -35, -5, 9):
        desk.invoice("C1", 1000 - days, due=days)
    before, aged = open_amounts(desk), ageing(desk.session)
    made = desk.pay("C1", 2500)
    assert open_amounts(desk) != before
    back = payments.reverse(desk.session, made.row.receipt, "cheque came back", returned=True)
    assert back.reopened == made.allocated
    assert (back.state, back.fee) == ("returned", 0)
    assert open_amounts(desk) == before
    assert ageing(desk.session) == aged
    with pytest.raises(Refused, match="already"):
        payments.reverse(desk.session, made.row.receipt, "once more")
    assert payments.find_payment(desk.session, made.row.receipt).row.state == "returned"
    assert sound(desk)


def test_a_reversal_needs_a_reason_and_a_receipt(desk: Desk):
    desk.customer()
    made = desk.pay("C1", 100)
    with pytest.raises(InvalidInput, match="reason"):
        payments.reverse(desk.session, made.row.receipt, " ")
    with pytest.raises(NotFound, match="no receipt"):
        payments.reverse(desk.session, "R-9", "wrong account")


def test_the_same_request_posts_once(desk: Desk):
    desk.customer()
    uid = uuid.uuid4().bytes
    first = desk.pay("C1", 2500, request_id=uid)
    again = desk.pay("C1", 2500, request_id=uid)
    assert (first.repeated, again.repeated) == (False, True)
    assert first.row.receipt == again.row.receipt
    with pytest.raises(RequestMismatch, match="nothing was posted"):
        desk.pay("C1", 2600, request_id=uid)
    assert desk.column("select count(*) from payment") == [1]
    assert sound(desk)


def test_a_second_payment_of_the_same_amount_is_asked_about(desk: Desk):
    desk.customer()
    desk.customer("C2")
    first = desk.pay("C1", 2500)
    request = PaymentRequest(uuid.uuid4().bytes, "C1", 2500, "card")
    with pytest.raises(DuplicateSuspected) as suspected:
        payments.record(desk.session, request)
    assert suspected.value.receipt == first.row.receipt
    assert payments.record(desk.session, PaymentRequest(uuid.uuid4().bytes, "C2", 2500, "card")).row.account == "C2"
    assert payments.record(desk.session, PaymentRequest(uuid.uuid4().bytes, "C1", 2501, "card")).row.amount == 2501
    payments.reverse(desk.session, first.row.receipt, "wrong account")
    assert payments.record(desk.session, request).row.amount == 2500, "what was taken back is no duplicate"


def test_a_cheque_number_is_remembered_for_180_days(desk: Desk):
    desk.customer()
    desk.pay("C1", 2500, method="cheque", reference="004417")
    with pytest.raises(DuplicateSuspected, match="cheque"):
        payments.record(desk.session, PaymentRequest(uuid.uuid4().bytes, "C1", 9900, "cheque", "00 4417"))
    confirmed = PaymentRequest(uuid.uuid4().bytes, "C1", 9900, "cheque", "004417", confirmed="two cheques of one book")
    assert payments.record(desk.session, confirmed).row.amount == 9900
    assert desk.column("select duplicate_reason from payment order by id desc limit 1") == ["R-10001: two cheques of one book"]


def test_money_that_came_last_week_counts_from_that_day(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-2, issued=TODAY - timedelta(days=20))
    made = desk.pay("C1", 3000, received=(TODAY - timedelta(days=3)).isoformat())
    assert desk.column("select on_date from allocation") == [(TODAY - timedelta(days=3)).isoformat()]
    desk.session.calendar.as_of = TODAY - timedelta(days=4)
    assert accounts.card(desk.session, "C1").totals.balance == 3000
    desk.session.calendar.as_of = TODAY - timedelta(days=3)
    assert accounts.card(desk.session, "C1").totals.balance == 0
    assert made.row.date == (TODAY - timedelta(days=3)).isoformat()


def test_a_pretended_date_posts_nothing(desk: Desk):
    desk.customer()
    desk.session.settings = desk.session.settings._replace(preview=True)
    with pytest.raises(Refused, match="nothing is posted"):
        desk.pay("C1", 100)
    desk.session.settings = desk.session.settings._replace(preview=False)
    desk.session.db.peewee.execute_sql("update operator set status = 'disabled'")
    with pytest.raises(NotPermitted, match="no longer active"):
        desk.pay("C1", 100)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_today_from_the_kept_tables_is_today_from_the_posted_rows(sqlite_desk: Desk, data: st.DataObject):
    """After any postings, the kept figures of today equal those computed from the entries; and the book verifies."""
    desk = sqlite_desk
    account = f"C{uuid.uuid4().hex[:8]}"
    desk.customer(account)
    receipts: list[str] = []
    for _ in range(data.draw(st.integers(1, 8))):
        kind = data.draw(st.sampled_from(["invoice", "invoice", "pay", "reverse"]))
        if kind == "invoice":
            desk.invoice(account, data.draw(st.integers(1, 9999)), due=data.draw(st.integers(-120, 40)))
        elif kind == "pay":
            received = (TODAY - timedelta(days=data.draw(st.integers(0, 7)))).isoformat()
            receipts.append(desk.pay(account, data.draw(st.integers(1, 20000)), received=received).row.receipt)
        elif receipts:
            payments.reverse(desk.session, receipts.pop(), "wrong account")
    kept_dues, kept_ageing = accounts.dues_of(desk.session, account), ageing(desk.session)
    kept_card = accounts.card(desk.session, account)
    from netbill_tui.db.receivables import invoices as rows

    as_of = TODAY.isoformat()
    past_dues = rows.dues_of(desk.session.db, kept_card.customer.id, as_of, past=True)
    assert past_dues == kept_dues
    assert rows.credit_as_of(desk.session.db, as_of, past=True) == -kept_ageing.unapplied
    assert sum(d.open for d in rows.open_as_of(desk.session.db, as_of)) == sum(a for _, a in kept_ageing.buckets.values())
    assert kept_card.fault == ""
    assert accounts.statement(desk.session, account).closing == kept_card.totals.balance
    assert sound(desk)


def test_a_new_day_rolls_the_overdue_sums(desk: Desk):
    from netbill_tui.usecases.books.create import at
    from netbill_tui.usecases.receivables import overdue

    desk.customer()
    desk.invoice("C1", 3000, due=0)
    assert overdue.sums(desk.session) == (0, 0)
    desk.session.calendar.clock = at("2026-11-23T00:30:00")
    assert overdue.sums(desk.session) == (1, 3000)
    assert [r.days for r in overdue.queue(desk.session, limit=5)] == [1]
    assert sound(desk)


def test_dues_of_the_next_days_are_counted(desk: Desk):
    desk.customer()
    for days in (-1, 0, 7, 8):
        desk.invoice("C1", 1000 + days, due=days)
    assert dues.sums(desk.session, dues.within(desk.session, 7)) == (2, 2007)
    assert [d.open for d in dues.page(desk.session, dues.within(desk.session, 7))] == [1000, 1007]
    assert len(dues.every(desk.session)) == 4


def test_a_statement_opens_where_the_last_one_closed(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40, issued=TODAY - timedelta(days=70))
    desk.pay("C1", 1000)
    first = accounts.statement(desk.session, "C1", None, (TODAY - timedelta(days=1)).isoformat())
    second = accounts.statement(desk.session, "C1", TODAY.isoformat())
    assert (first.opening, first.closing, second.opening, second.closing) == (0, 3000, 3000, 2000)
    with pytest.raises(InvalidInput, match="swap the two days"):
        accounts.statement(desk.session, "C1", "2026-11-22", "2026-11-01")


def test_a_wrong_payment_entered_again_settles_nothing_twice_as_of_the_days_between(desk: Desk):
    desk.customer()
    desk.invoice("C1", 4000, due=-20, issued=date(2026, 10, 1))
    first = desk.pay("C1", 4000, received="2026-11-17")
    payments.reverse(desk.session, first.row.receipt, "wrong account")
    desk.pay("C1", 4000, received="2026-11-19")
    for day in range(15, 23):
        desk.session.calendar.as_of = date(2026, 11, day)
        card = customers.card(desk.session, "C1")
        assert card.fault == "", day
        assert card.totals.balance == customers.statement(desk.session, "C1").closing
        assert ageing(desk.session).total == card.totals.balance
    desk.session.calendar.as_of = None
    assert sound(desk)


def test_a_true_repeat_is_answered_whatever_its_date_has_become(desk: Desk):
    from netbill_tui.usecases.books.create import at

    desk.customer()
    uid = b"u" * 16
    desk.pay("C1", 311, request_id=uid, received="2026-11-20")
    desk.session.calendar.clock = at("2026-12-24T10:00:00")
    assert desk.pay("c1", 311, request_id=uid, received="2026-11-20").repeated


def test_a_payment_is_shown_as_it_stood_on_a_past_day(desk: Desk):
    desk.customer()
    made = desk.pay("C1", 311, received="2026-11-20")
    payments.reverse(desk.session, made.row.receipt, "wrong account")
    desk.session.calendar.as_of = date(2026, 11, 21)
    seen = payments.find_payment(desk.session, made.row.receipt)
    assert (seen.row.state, seen.balance) == ("received", -311)
    assert [
        p.state for p in lists.every(desk.session, "payments", lists.read_filter(desk.session, "payments", "date<=2026-11-21"))
    ] == ["received"]
    assert customers.card(desk.session, "C1").last_payment.state == "received"  # type: ignore[union-attr]
    desk.session.calendar.as_of = None
    assert payments.find_payment(desk.session, made.row.receipt).row.state == "reversed"


@pytest.mark.parametrize("typed", ["0.001", "0" * 5000 + "1"])
def test_a_refused_amount_never_suggests_another_sum(typed: str):
    with pytest.raises(InvalidInput) as refused:
        parse_amount(typed, "USD")
    assert "or 0" not in str(refused.value)
    with pytest.raises(InvalidInput, match="whole units"):
        parse_amount("60.5", "JPY")


def test_a_cheque_number_is_the_same_with_or_without_its_zeros(desk: Desk):
    desk.customer()
    desk.pay("C1", 100, method="cheque", reference="No 00123")
    with pytest.raises(DuplicateSuspected):
        desk.pay("C1", 200, method="cheque", reference="123", confirmed="")
