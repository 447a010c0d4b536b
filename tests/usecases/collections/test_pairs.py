"""Two roads to one sum: write-offs, credit notes, waivers and undone runs that meet on one invoice."""

from datetime import date, timedelta

import pytest

from netbill_tui.billing.collections.promises import Instalment
from netbill_tui.errors import NeedsApproval, Refused
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import fees, promises, write_offs
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_notes, disputes, payments
from netbill_tui.usecases.services import events
from tests.conftest import TODAY, Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.collections.ladders import go_to, night_on, with_ladder


def sums(desk: Desk) -> tuple[int, int, int]:
    """Balance, open and credit of C1."""
    totals = accounts.card(desk.session, "C1").totals
    return totals.balance, totals.open, totals.credit


def bill(desk: Desk, days: int) -> str:
    """Run the bill so many days ahead; the number of the run."""
    issue.issue(desk.session, go_to(desk, days), catch_up="all", pause_s=0)
    return str(desk.column("select number from billing_run order by id")[-1])


def served(desk: Desk, days: int) -> Desk:
    """A shop with one service that began so many days ago."""
    shop(desk)
    serve(desk, start=(TODAY - timedelta(days=days)).isoformat())
    return desk


def charged(desk: Desk, **policy: str) -> fees.FeeRow:
    """A late fee of 5.00 that a night charged to C1."""
    desk.invoice("C1", 7600, due=-11)
    with_ladder(desk, fees=policy)
    night_on(desk, 0)
    return fees.of_account(desk.session, "C1")[0]


def test_a_run_of_which_something_was_written_off_is_not_undone(desk: Desk):
    served(desk, 20)
    run = bill(desk, 0)
    (number,) = desk.column("select number from invoice")
    write_offs.write_off(desk.session, "C1", number, "moved away", anyway=True, amount=1000)
    before = sums(desk)
    with pytest.raises(Refused, match="Paid or written off"):
        undo.undo(desk.session, run, "wrong")
    assert sums(desk) == before
    sound(desk)


def test_a_credit_note_on_what_was_written_off_leaves_nobody_a_credit(desk: Desk):
    desk.customer()
    bad, other = desk.invoice("C1", 10000, due=-100), desk.invoice("C1", 3000, due=-99)
    for number in (bad, other):
        write_offs.write_off(desk.session, "C1", number, "moved away")
    desk.pay("C1", 2500)
    credit_notes.credit(desk.session, bad, "never delivered")
    # 25.00 of it was paid, and brings back the other one; the rest was never paid.
    assert sums(desk) == (0, 0, 0)
    assert [w.left for w in write_offs.of_account(desk.session, "C1")] == [0, 500]
    sound(desk)
    desk.pay("C1", 600)
    assert sums(desk) == (-100, 0, 100)
    sound(desk)


def test_what_a_run_gives_back_brings_back_what_was_written_off(desk: Desk):
    served(desk, 20)
    bill(desk, 0)
    (number,) = desk.column("select number from invoice")
    write_offs.write_off(desk.session, "C1", number, "moved away", anyway=True)
    service = desk.column("select id from service")[0]
    events.schedule_event(desk.session, service, "end", {"on": TODAY.isoformat(), "reason": "moved away"})
    bill(desk, 1)
    (given_back,) = desk.column("select total from credit_note")
    assert sums(desk) == (0, 0, 0)
    assert write_offs.of_account(desk.session, "C1")[0].recovered == given_back > 0
    sound(desk)


def test_what_is_disputed_or_arranged_is_not_written_off(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 10000, due=-100)
    disputes.start(desk.session, number, "not mine")
    desk.pay("C1", 4000)
    with pytest.raises(Refused, match="disputed"):
        write_offs.write_off(desk.session, "C1", number, "moved away")
    disputes.end(desk.session, number, "withdrawn", "it was his")
    parts = [Instalment(TODAY + timedelta(days=n), 3000) for n in (1, 8)]
    promises.arrange(desk.session, "C1", parts)
    with pytest.raises(Refused, match="arrangement"):
        write_offs.write_off(desk.session, "C1", number, "moved away")
    promises.cancel(desk.session, "C1", "moved away")
    write_offs.write_off(desk.session, "C1", number, "moved away")
    assert sums(desk) == (0, 0, 0)
    sound(desk)


def test_money_for_what_is_disputed_recovers_nothing(desk: Desk):
    desk.customer()
    bad, good = desk.invoice("C1", 10000, due=-100), desk.invoice("C1", 4000, due=-50)
    write_offs.write_off(desk.session, "C1", bad, "moved away")
    disputes.start(desk.session, good, "not mine")
    desk.pay("C1", 4500)
    assert sums(desk) == (0, 4000, 4000)
    assert write_offs.of_account(desk.session, "C1")[0].recovered == 500
    disputes.end(desk.session, good, "withdrawn", "it was his")
    assert sums(desk) == (0, 0, 0)
    sound(desk)


def test_a_write_off_that_was_approved_says_that_it_was_early(sqlite_desk: Desk):
    desk = sqlite_desk
    desk.customer()
    number = desk.invoice("C1", 10000, due=-10)
    kim = enrolled(desk, "kim", "supervisor", limit="3.00")
    with pytest.raises(NeedsApproval):
        write_offs.write_off(kim, "C1", number, "moved away", anyway=True)
    (asked,) = approvals.listed(desk.session)
    assert "10 days past due" in asked.reason
    approvals.answer(desk.session, asked.id, approve=True)
    assert "10 days past due" in write_offs.of_account(desk.session, "C1")[0].reason


def test_a_fee_that_was_waived_does_not_come_back_with_an_undone_run(desk: Desk):
    served(desk, 60)
    fee = charged(desk)
    run = bill(desk, 31)
    fees.waive(desk.session, "C1", fee.id, "good customer")
    undo.undo(desk.session, run, "wrong")
    assert fees.of_account(desk.session, "C1")[0].waits is False
    sound(desk)
    bill(desk, 31)
    assert sums(desk)[0] == sum(i.open for i in payments.open_invoices(desk.session, "C1"))
    sound(desk)


def test_a_fee_that_was_billed_undone_and_billed_anew_is_one_fee(desk: Desk):
    served(desk, 60)
    fee = charged(desk)
    undo.undo(desk.session, bill(desk, 31), "wrong")
    (waits,) = fees.of_account(desk.session, "C1")
    assert (waits.waits, waits.billed) == (True, "")
    assert fees.report(desk.session, TODAY, TODAY)[0] == fees.FeeSums(500, 0, 0, 500, 0, 1)
    before = desk.column("select number from invoice")
    bill(desk, 31)
    (billed,) = fees.of_account(desk.session, "C1")
    assert (billed.waits, bool(billed.billed), billed.billed in before) == (False, True, False)
    assert fees.report(desk.session, TODAY, TODAY)[0] == fees.FeeSums(500, 0, 0, 500, 0, 1)
    fees.waive(desk.session, "C1", fee.id, "good customer")
    assert fees.report(desk.session, TODAY, TODAY)[0] == fees.FeeSums(500, 500, 0, 0, 0, 1)
    sound(desk)


def test_a_waiver_that_was_asked_before_a_run_billed_the_fee_with_tax_is_asked_anew(desk: Desk):
    served(desk, 60)
    fee = charged(desk)
    codes.store_code(
        desk.session, {"code": "LATE", "name": "Late fee", "category": "fee", "kind": "one-time", "tax_class": "std"}
    )
    kim = enrolled(desk, "kim", "supervisor", limit="3.00")
    with pytest.raises(NeedsApproval):
        fees.waive(kim, "C1", fee.id, "good customer")
    (asked,) = approvals.listed(desk.session)
    bill(desk, 31)
    assert fees.worth(desk.session, fees.of_account(desk.session, "C1")[0]) > asked.amount
    with pytest.raises(Refused, match="worth"):
        approvals.answer(desk.session, asked.id, approve=True)
    assert fees.of_account(desk.session, "C1")[0].waived == 0


def test_a_fee_that_was_written_off_was_not_collected(desk: Desk):
    desk.customer()
    fee = charged(desk, invoice="own")
    write_offs.write_off(desk.session, "C1", fee.billed, "moved away", anyway=True)
    assert fees.report(desk.session, TODAY, TODAY)[0] == fees.FeeSums(500, 0, 0, 0, 500, 1)
    desk.pay("C1", 7600 + 200)
    assert fees.report(desk.session, TODAY, TODAY)[0] == fees.FeeSums(500, 0, 200, 0, 300, 1)


def test_flat_fees_of_missed_days_are_caught_up_day_by_day(desk: Desk):
    desk.customer()
    desk.invoice("C1", 7600, due=-76)
    desk.invoice("C1", 7600, due=-76)
    with_ladder(desk, fees={"mode": "flat", "rate": "0", "cap_rate": "0", "every": "30", "most": "3"})
    night_on(desk, 0, catch_up=True)
    charged_on = desk.column("select amount from late_fee order by number, invoice_id")
    assert charged_on == [500, 0, 500, 0, 500, 0]
    assert fees.report(desk.session, TODAY, TODAY)[0].charged == 1500
    assert date.fromisoformat(desk.column("select max(on_date) from late_fee")[0]) == TODAY
