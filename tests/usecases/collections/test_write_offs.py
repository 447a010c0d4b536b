"""Bad debts: given up, recovered by what a payment leaves over, given up again with it."""

from datetime import timedelta

import pytest

from netbill_tui.errors import InvalidInput, NeedsApproval, Refused
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.collections import holds, write_offs
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import overdue, payments
from tests.conftest import TODAY, Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.collections.ladders import night_on, sent, with_ladder


def balance(desk: Desk) -> tuple[int, int, int]:
    totals = accounts.card(desk.session, "C1").totals
    return totals.balance, totals.open, totals.credit


def test_42_a_payment_settles_what_is_open_first_and_recovers_with_the_rest(desk: Desk):
    desk.customer()
    bad = desk.invoice("C1", 10000, due=-100)
    done = write_offs.write_off(desk.session, "C1", bad, "moved away")
    assert (done.number, done.amount, done.balance) == ("WO-000001", 10000, 0)
    good = desk.invoice("C1", 4000, due=-3)
    paid = desk.pay("C1", 6000)
    (row,) = write_offs.of_account(desk.session, "C1")
    assert (row.recovered, row.left) == (2000, 8000)
    assert balance(desk) == (0, 0, 0)
    assert [i.number for i in payments.open_invoices(desk.session, "C1")] == []
    sound(desk)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    assert write_offs.of_account(desk.session, "C1")[0].left == 10000
    assert balance(desk) == (4000, 4000, 0)
    assert [i.number for i in payments.open_invoices(desk.session, "C1")] == [good]
    sound(desk)


def test_recovery_ends_with_what_was_given_up_and_the_rest_is_credit(desk: Desk):
    desk.customer()
    first, second = desk.invoice("C1", 1000, due=-120), desk.invoice("C1", 2000, due=-110)
    for number in (first, second):
        write_offs.write_off(desk.session, "C1", number, "moved away")
    desk.pay("C1", 1500)
    assert [w.left for w in write_offs.of_account(desk.session, "C1")] == [0, 1500]
    desk.pay("C1", 2000)
    assert [w.left for w in write_offs.of_account(desk.session, "C1")] == [0, 0]
    assert balance(desk) == (-500, 0, 500)
    sound(desk)


def test_a_part_is_written_off_and_more_than_is_open_is_refused(desk: Desk):
    desk.customer()
    bad = desk.invoice("C1", 10000, due=-100)
    desk.pay("C1", 9990)
    write_offs.write_off(desk.session, "C1", bad, "small rest", amount=4)
    for wrong in (0, 7):
        with pytest.raises(InvalidInput, match="at most 0.06"):
            write_offs.write_off(desk.session, "C1", bad, "small rest", amount=wrong)
    with pytest.raises(InvalidInput, match="needs a reason"):
        write_offs.write_off(desk.session, "C1", bad, "")
    assert balance(desk) == (6, 6, 0)
    sound(desk)


def test_a_debt_is_given_up_when_it_is_old_and_nothing_runs_or_all_the_same(desk: Desk):
    shop(desk)
    serve(desk, start=TODAY.isoformat())
    young, old = desk.invoice("C1", 1000, due=-12), desk.invoice("C1", 1000, due=-100)
    with pytest.raises(Refused, match=f"{young} is 12 days past due, and debts are given up from 90 on"):
        write_offs.write_off(desk.session, "C1", young, "moved away")
    with pytest.raises(Refused, match="Services of C1 run"):
        write_offs.write_off(desk.session, "C1", old, "moved away")
    assert write_offs.write_off(desk.session, "C1", old, "moved away", anyway=True).number == "WO-000001"
    with_ladder(desk, steps="r1 +1 letter; bad +10 write-off")
    with pytest.raises(Refused, match="Services of C1 run"):
        write_offs.write_off(desk.session, "C1", young, "moved away")
    sound(desk)


def test_a_write_off_over_the_limit_is_asked_of_a_second_operator(desk: Desk):
    desk.customer()
    bad = desk.invoice("C1", 10000, due=-100)
    kim = enrolled(desk, "kim", "supervisor", limit="50")
    with pytest.raises(NeedsApproval):
        write_offs.write_off(kim, "C1", bad, "moved away")
    assert write_offs.of_account(desk.session, "C1") == []
    approvals.answer(desk.session, approvals.listed(desk.session)[0].id, approve=True)
    assert [w.amount for w in write_offs.of_account(desk.session, "C1")] == [10000]
    sound(desk)


def test_what_is_handed_over_leaves_ladder_and_queue_and_comes_back(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-30)
    with_ladder(desk)
    holds.hand_over(desk.session, "C1", "to the agency")
    with pytest.raises(Refused, match="already"):
        holds.hand_over(desk.session, "C1", "to the agency")
    night_on(desk, 0)
    assert sent(desk) == []
    assert overdue.queue(desk.session, work=True) == []
    assert len(overdue.queue(desk.session)) == 1
    holds.take_back(desk.session, "C1", "the agency gave up")
    with pytest.raises(Refused, match="not handed over"):
        holds.take_back(desk.session, "C1", "the agency gave up")
    night_on(desk, 1)
    assert sent(desk) == ["C1 11-23 r2 letter"]
    sound(desk)


def test_a_hold_is_released_and_its_day_is_not_over(desk: Desk):
    desk.customer()
    with pytest.raises(InvalidInput, match="is over"):
        holds.hold(desk.session, "C1", TODAY - timedelta(days=1), "waits")
    with pytest.raises(InvalidInput, match="Type why"):
        holds.hold(desk.session, "C1", None, "")
    holds.hold(desk.session, "C1", None, "waits")
    assert [(m.kind, m.until, m.covers) for m in holds.listed(desk.session)] == [("hold", None, "all")]
    holds.release(desk.session, "C1", "was there")
    assert holds.listed(desk.session) == []
    with pytest.raises(Refused, match="not held"):
        holds.release(desk.session, "C1", "was there")
    sound(desk)
