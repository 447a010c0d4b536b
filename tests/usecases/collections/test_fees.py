"""Late fees in a book: charged by night on the next invoice or one of their own, waived, withdrawn, reported."""

from datetime import timedelta

import pytest

from netbill_tui.errors import InvalidInput, NeedsApproval, NotFound, Refused
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import calls, fees, holds, night, policies
from netbill_tui.usecases.receivables import credit_notes, disputes, payments
from netbill_tui.usecases.services import charges
from tests.conftest import TODAY, Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.collections.ladders import go_to, night_on, with_ladder


def charged(desk: Desk) -> list[tuple[object, ...]]:
    rows = desk.session.db.peewee.execute_sql("select on_date, number, amount, base from late_fee order by id").fetchall()
    return [tuple(row) for row in rows]


def test_a_fee_waits_for_the_next_invoice_and_is_overdue_only_with_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 7600, due=-10)
    with_ladder(desk, fees={})
    night_on(desk, 0)
    assert charged(desk) == []
    night_on(desk, 1)
    night_on(desk, 2)
    assert charged(desk) == [("2026-11-23", 1, 500, 7600)]
    (fee,) = fees.of_account(desk.session, "C1")
    assert (fee.waits, fee.billed, fee.amount) == (True, "", 500)
    assert desk.column("select overdue from customer_total") == [7600]
    sound(desk)


def test_a_fee_on_an_invoice_of_its_own_leaves_the_late_one_as_it_is(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 7600, due=-11)
    with_ladder(desk, fees={"invoice": "own"})
    night_on(desk, 0)
    (fee,) = fees.of_account(desk.session, "C1")
    assert (fee.waits, fee.line) == (False, 1)
    assert fee.billed not in ("", number)
    assert desk.column("select open from open_item order by invoice_id") == [7600, 500]
    sound(desk)
    # No fee on a fee, however late that invoice is.
    for day in range(1, 40):
        night_on(desk, day)
    assert len(charged(desk)) == 1
    sound(desk)


def test_a_returned_payment_is_charged_at_the_next_night_with_its_day(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8320, due=-10)
    with_ladder(desk, fees={})
    paid = desk.pay("C1", 8320, method="cheque", reference="CHQ 1")
    for day in range(12):
        night_on(desk, day)
    payments.reverse(desk.session, paid.row.receipt, "bounced", returned=True)
    night_on(desk, 12)
    assert charged(desk) == [("2026-12-04", 1, 500, 8320)]
    sound(desk)


@pytest.mark.parametrize("why", ["dispute", "promise", "hold", "fees only"])
def test_what_holds_a_fee_back_delays_it(desk: Desk, why: str):
    desk.customer()
    number = desk.invoice("C1", 7600, due=-20)
    with_ladder(desk, fees={})
    if why == "dispute":
        disputes.start(desk.session, number, "was never connected")
    elif why == "promise":
        calls.outcome(desk.session, "C1", "m", "", TODAY + timedelta(days=2))
    else:
        covers = "fees" if why == "fees only" else "all"
        holds.hold(desk.session, "C1", TODAY + timedelta(days=2), "vip", covers=covers)
    for day in range(3):
        done = night_on(desk, day)
    assert charged(desk) == []
    assert bool(done.skipped)
    if why == "dispute":
        go_to(desk, 2, "16:00")
        disputes.end(desk.session, number, "answered", "it was connected")
    night_on(desk, 3)
    assert [(on, amount) for on, _, amount, _ in charged(desk)] == [("2026-11-25", 500)]
    sound(desk)


def test_a_flat_fee_is_charged_once_an_account_and_day(desk: Desk):
    desk.customer()
    for due in (-20, -21, -22):
        desk.invoice("C1", 7600, due=due)
    with_ladder(desk, fees={"mode": "flat", "rate": "0", "cap_rate": "0"})
    for day in range(5):
        night_on(desk, day)
    assert [(n, amount) for _, n, amount, _ in charged(desk)] == [(1, 500), (1, 0), (1, 0)]
    assert len(desk.column("select id from charge")) == 1
    sound(desk)


def test_15_a_payment_entered_late_offers_the_waiver_and_a_waiting_fee_is_withdrawn(desk: Desk):
    desk.customer()
    desk.invoice("C1", 8320, due=-10)
    with_ladder(desk, fees={})
    night_on(desk, 1)
    go_to(desk, 3)
    desk.pay("C1", 8320, received=TODAY.isoformat())
    (fee,) = fees.offered(desk.session, "C1", TODAY)
    assert fees.offered(desk.session, "C1", TODAY + timedelta(days=1)) == []
    with pytest.raises(Refused, match="late fee; waive it"):
        charges.withdraw(desk.session, "C1", fee.charge_id, "paid in time")
    assert fees.waive(desk.session, "C1", fee.id, "paid in time", dry_run=True).amount == 500
    waived = fees.waive(desk.session, "C1", fee.id, "paid in time")
    assert (waived.amount, waived.document) == (500, f"charge {fee.charge_id}")
    assert charges.pending(desk.session, "C1") == ()
    with pytest.raises(Refused, match="waived by"):
        fees.waive(desk.session, "C1", fee.id, "a second time")
    assert fees.offered(desk.session, "C1", TODAY) == []
    sound(desk)


def test_a_fee_on_an_invoice_is_waived_by_a_credit_note_with_its_tax(desk: Desk):
    shop(desk)
    desk.customer("Z1", "Late")
    desk.invoice("Z1", 7600, due=-11)
    with_ladder(desk, fees={"invoice": "own"})
    night_on(desk, 0)
    (fee,) = fees.of_account(desk.session, "Z1")
    waived = fees.waive(desk.session, "Z1", fee.id, "our mistake")
    assert waived.document.startswith("CN-")
    assert fees.of_account(desk.session, "Z1")[0].waived == waived.amount
    assert desk.column("select count(*) from credit_note") == [1]
    with pytest.raises(Refused):
        fees.waive(desk.session, "Z1", fee.id, "once more")
    sound(desk)


def test_16_a_waiver_over_the_limit_is_asked_and_not_posted(desk: Desk):
    desk.customer()
    desk.invoice("C1", 7600, due=-11)
    with_ladder(desk, fees={})
    night_on(desk, 0)
    (fee,) = fees.of_account(desk.session, "C1")
    kim = enrolled(desk, "kim", "supervisor", limit="3.00")
    with pytest.raises(NeedsApproval):
        fees.waive(kim, "C1", fee.id, "good customer")
    assert fees.of_account(desk.session, "C1")[0].waived == 0
    (waits,) = approvals.listed(desk.session)
    approvals.answer(desk.session, waits.id, approve=True)
    assert fees.of_account(desk.session, "C1")[0].waived == 500
    with pytest.raises(NotFound):
        fees.waive(desk.session, "C1", 999_999, "which one")
    sound(desk)


def test_the_report_says_what_was_charged_waived_collected_and_is_open(desk: Desk):
    for account in ("C1", "C2", "C3"):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 7600, due=-11)
    with_ladder(desk, fees={"invoice": "own"})
    night_on(desk, 0)
    desk.pay("C1", 8100)
    fees.waive(desk.session, "C2", fees.of_account(desk.session, "C2")[0].id, "good customer")
    total, by_operator = fees.report(desk.session, TODAY, TODAY)
    assert (total.charged, total.waived, total.collected, total.open, total.number) == (1500, 500, 500, 500, 3)
    assert by_operator["boss"].waived == 500
    credit_notes.credit(desk.session, fees.of_account(desk.session, "C3")[0].billed, "never mind")
    assert fees.report(desk.session, TODAY, TODAY)[0].waived == 1000
    sound(desk)


def test_a_policy_of_fees_holds_for_what_falls_due_from_its_day_on(desk: Desk):
    desk.customer()
    desk.invoice("C1", 7600, due=-20)
    desk.invoice("C1", 7600, due=-15)
    with_ladder(desk)
    codes.store_code(desk.session, {"code": "LATE", "name": "Late fee", "category": "fee", "kind": "one-time"})
    values = {"mode": "flat", "flat": "3.00", "code": "LATE"}
    policies.set_policy(desk.session, "fees", "book", values, from_on=TODAY - timedelta(days=15))
    night_on(desk, 0)
    assert [amount for _, _, amount, _ in charged(desk)] == [300]
    with pytest.raises(InvalidInput):
        policies.set_policy(desk.session, "reminders", "book", {}, from_on=TODAY - timedelta(days=1))


def test_a_fee_of_missed_days_is_one_unless_catching_up_is_asked_for(desk: Desk):
    desk.customer()
    desk.invoice("C1", 7600, due=-46)
    with_ladder(desk, fees={"every": "30", "most": "3"})
    night_on(desk, 0)
    assert [n for _, n, _, _ in charged(desk)] == [2]
    go_to(desk, 0, "16:00")
    night.collect(desk.session, catch_up=True, pause_s=0)
    assert [n for _, n, _, _ in charged(desk)] == [2, 1]
    sound(desk)


def test_the_fee_stands_on_the_next_bill_of_the_account(desk: Desk):
    shop(desk)
    serve(desk, start=(TODAY - timedelta(days=60)).isoformat())
    desk.invoice("C1", 7600, due=-11)
    with_ladder(desk, fees={})
    night_on(desk, 0)
    issue.issue(desk.session, TODAY + timedelta(days=31), catch_up="all", pause_s=0)
    (fee,) = fees.of_account(desk.session, "C1")
    assert fee.billed
    assert not fee.waits
    assert not [f for f in charged(desk) if f[3] == 0]
    sound(desk)
