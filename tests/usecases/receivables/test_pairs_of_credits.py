"""Two acts in time on one account: a credit note, a change and what is given back, in whatever order they come."""

from datetime import date

import pytest

from netbill_tui.errors import NetbillError, Refused
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.receivables import credit_notes, credit_parts, payments
from netbill_tui.usecases.services import discounts, events
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import balance, bill, serve, shop


def test_whole_credit_with_invoice_discount_then_end(desk: Desk):
    """All of an invoice was credited: an end in its period gives back and charges nothing more."""
    d = shop(desk)
    s = serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-01-01"})
    bill(d, "2026-09-01")
    credit_notes.credit(d.session, "INV-000001", "never connected")
    assert balance(d) == 0
    events.schedule_event(d.session, s, "end", {"on": "2026-09-16"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_retro_exemption(desk: Desk):
    """What is given back has the tax it was charged with (rules 16)."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    discounts.exempt(d.session, "C1", "EX-9", date(2026, 8, 1), None)
    events.schedule_event(d.session, s, "end", {"on": "2026-09-01"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_line_tax_with_mixed_signs(desk: Desk):
    """A line of 100.00 at 20 % has 20.00 tax; crediting it gives back 120.00."""
    rules.set_rule(desk.session, "changes", "at-once")
    d = shop(desk, A="100", B="100.03")
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-01", "code": "B"})
    bill(d, "2026-09-02")
    w = credit_parts.invoice(d.session, "INV-000002")
    sound(d)
    assert [(n.amount, n.tax) for n in w.lines] == [(10003, 2001), (-10000, -2000)]


def test_crediting_such_a_line(desk: Desk):
    rules.set_rule(desk.session, "changes", "at-once")
    d = shop(desk, A="100", B="100.03")
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-01", "code": "B"})
    bill(d, "2026-09-02")
    got = credit_notes.credit(d.session, "INV-000002", "line was down", lines={1: 10003})
    sound(d)
    assert got.total in (12003, 12004)


def test_equal_prices(desk: Desk):
    rules.set_rule(desk.session, "changes", "at-once")
    d = shop(desk, A="100", B="100")
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-01", "code": "B"})
    bill(d, "2026-09-02")
    got = credit_notes.credit(d.session, "INV-000002", "line was down", lines={1: 10000})
    sound(d)
    assert got.total == 12000


def test_inclusive(desk: Desk):
    d = desk
    rules.set_rule(d.session, "inclusive", "yes")
    rules.set_rule(d.session, "changes", "at-once")
    d = shop(d, A="120", B="120")
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-01", "code": "B"})
    bill(d, "2026-09-02")
    w = credit_parts.invoice(d.session, "INV-000002")
    sound(d)
    assert [(n.amount, n.tax) for n in w.lines] == [(10000, 2000), (-10000, -2000)]


def test_hand_credit_after_run_credit_then_earlier_end(desk: Desk):
    """Credit <= the line's uncredited amount."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "end", {"on": "2026-09-16"})
    bill(d, "2026-09-16")
    credit_notes.credit(d.session, "INV-000001", "the rest as goodwill")
    assert balance(d) == 0
    events.schedule_event(d.session, s, "end", {"on": "2026-09-10"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_hand_credit_then_recharge_after_void(desk: Desk):
    """end at 16, run credit 15, hand credit rest, the end is taken back: the 15 come back, and nothing else."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    e, _ = events.schedule_event(d.session, s, "end", {"on": "2026-09-16"})
    bill(d, "2026-09-16")
    credit_notes.credit(d.session, "INV-000001", "the rest as goodwill")
    events.take_back(d.session, s, e.id, "stays")
    bill(d, "2026-10-01")
    sound(d)
    assert balance(d) == 1800 + 3600


def test_hundred_percent_discount_two_rates(desk: Desk):
    """100 % off the whole invoice leaves nothing to pay, tax included."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-09-01"})
    discounts.discount(d.session, "C1", {"percent": "100", "from": "2026-08-01"}) if d.column("select 1 from customer") else None
    d.customer("C1")
    discounts.discount(d.session, "C1", {"percent": "100", "from": "2026-08-01"})
    s = serve(d, start="2026-08-01")
    bill(d, "2026-08-01")
    bill(d, "2026-09-01")
    assert balance(d) == 0
    events.schedule_event(d.session, s, "change", {"on": "2026-08-31", "code": "B"})
    bill(d, "2026-09-10")
    sound(d)
    assert balance(d) == 0


def fee_shop(d: Desk):
    shop(d)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": "50"})
    codes.add_price(d.session, "T", {"amount": "60", "from": "2020-01-01"})
    s = serve(d, code="T")
    bill(d, "2026-09-01")
    e, _ = events.schedule_event(d.session, s, "end", {"on": "2026-09-10"})
    bill(d, "2026-09-10")
    return (s, e)


def test_undo_of_a_run_that_gave_the_fee_back(desk: Desk):
    """After undo and running again the fee is given back again."""
    d = desk
    s, e = fee_shop(d)
    events.take_back(d.session, s, e.id, "stays after all")
    r = bill(d, "2026-10-01")
    assert balance(d) == 2 * 7200
    undo.undo(d.session, r.run, "wrong day")
    sound(d)
    bill(d, "2026-10-01")
    sound(d)
    assert balance(d) == 2 * 7200


def test_hand_credit_of_invoice_with_unfee(desk: Desk):
    """The customer stays: the invoice that gave the fee back is credited whole (goodwill); the fee must not stand again for ever."""
    d = desk
    s, e = fee_shop(d)
    events.take_back(d.session, s, e.id, "stays after all")
    bill(d, "2026-10-01")

    n = d.column("select number from invoice order by id desc limit 1")[0]
    credit_notes.credit(d.session, n, "never worked")
    bill(d, "2026-10-02")
    sound(d)
    assert balance(d) == 2160


def test_skip_and_undo(desk: Desk):
    """A run with catch_up=latest that is undone can be run again with all."""
    d = shop(desk)
    serve(d)
    r = bill(d, "2026-11-01", catch_up="latest")
    undo.undo(d.session, r.run, "all was meant")
    again = bill(d, "2026-11-01", catch_up="all")
    sound(d)
    assert again.net == 9000


def test_proration_of_a_code_changed_between(desk: Desk):
    """The credit counts days as the charge counted them."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    codes.store_code(d.session, {"code": "A", "proration": "whole"})
    events.schedule_event(d.session, s, "end", {"on": "2026-09-16"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 1800


def test_undo_after_the_payment_behind_the_used_credit_came_back(desk: Desk):
    """Undo is allowed while no payment is allocated (13): the credit that the run used was a cheque that bounced."""
    d = shop(desk)
    serve(d)
    p = d.pay("C1", 2000)
    r = bill(d, "2026-09-01")
    payments.reverse(d.session, p.row.receipt, "bounced", returned=True)
    undo.undo(d.session, r.run, "wrong day")
    sound(d)
    assert balance(d) == 0


def test_rate_changed_after_it_stands_on_a_credit_note(desk: Desk):
    """A change to a cheaper plan alone is a credit note that holds a charge; its rate was used and cannot be replaced."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "red", {"percent": "10", "name": "VAT 10 %"})
    codes.store_code(d.session, {"code": "A", "tax_class": "red"})
    s = serve(d, code="B", cycle="12M")
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-11", "code": "A"})
    bill(d, "2026-09-11")
    try:
        tax_rates.add_rate(d.session, "red", {"percent": "15", "name": "VAT 15 %", "from": "2026-09-05"})
    except NetbillError:
        return
    events.schedule_event(d.session, s, "end", {"on": "2026-09-01"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_invoice_discount_of_later_periods_in_a_late_change(desk: Desk):
    """A change entered late and taken back changes nothing in the end: October keeps its discount."""
    d = shop(desk)
    d.customer("C1", "x")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-10-01"})
    s = serve(d)
    bill(d, "2026-09-01")
    bill(d, "2026-10-01")
    x = balance(d)
    e, _ = events.schedule_event(d.session, s, "change", {"on": "2026-09-20", "code": "B"})
    bill(d, "2026-10-10")
    assert balance(d) == x + 1320 + 1800


def test_and_taken_back(desk: Desk):
    d = shop(desk)
    d.customer("C1", "x")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-10-01"})
    s = serve(d)
    bill(d, "2026-09-01")
    bill(d, "2026-10-01")
    x = balance(d)
    e, _ = events.schedule_event(d.session, s, "change", {"on": "2026-09-20", "code": "B"})
    bill(d, "2026-10-10")
    events.take_back(d.session, s, e.id, "no")
    bill(d, "2026-10-11")
    sound(d)
    assert balance(d) == x


def test_discount_over_before_later_periods(desk: Desk):
    d = shop(desk)
    d.customer("C1", "x")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-09-01", "until": "2026-10-01"})
    s = serve(d)
    bill(d, "2026-09-01")
    bill(d, "2026-10-01")
    x = balance(d)
    e, _ = events.schedule_event(d.session, s, "change", {"on": "2026-09-20", "code": "B"})
    bill(d, "2026-10-10")
    events.take_back(d.session, s, e.id, "no")
    bill(d, "2026-10-11")
    sound(d)
    assert balance(d) == x


def test_two_hundred_runs_hide_a_later_one(desk: Desk):
    """Only the newest run that stands can be undone."""
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    bill(d, "2026-10-01")
    for _ in range(100):
        r = bill(d, "2026-11-01")
        undo.undo(d.session, r.run, "again")
    with pytest.raises(NetbillError, match="undo the newest"):
        undo.undo(d.session, "RUN-0001", "should be refused")


def test_bundle_part_class_changed(desk: Desk):
    """What is given back has the tax class it was charged with; a hand credit too."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "low", {"percent": "5", "name": "VAT 5 %"})
    codes.store_code(d.session, {"code": "X", "name": "X", "kind": "bundle", "parts": "A=2,B=1"})
    codes.add_price(d.session, "X", {"amount": "50", "from": "2020-01-01"})
    s = serve(d, code="X")
    bill(d, "2026-09-01")
    codes.store_code(d.session, {"code": "B", "tax_class": "low"})
    codes.store_code(d.session, {"code": "X", "parts": "A=1,B=1"})
    credit_notes.credit(d.session, "INV-000001", "partly", amount=1000)
    events.schedule_event(d.session, s, "end", {"on": "2026-09-01"})
    bill(d, "2026-09-20")
    sound(d)
    assert abs(balance(d)) <= 1


def test_bundle_part_dropped_then_quantity_change(desk: Desk):
    """A customer who took a part by name that the bundle lost is parked with a reason, not charged wrongly."""
    d = shop(desk)
    codes.store_code(d.session, {"code": "X", "name": "X", "kind": "bundle", "parts": "A=2,B=1"})
    codes.add_price(d.session, "X", {"amount": "50", "from": "2020-01-01"})
    serve(d, code="X", parts="B")
    bill(d, "2026-09-01")
    codes.store_code(d.session, {"code": "X", "parts": "A=2"})
    assert bill(d, "2026-10-01").parked


def test_fee_waived_by_hand_then_end_taken_back(desk: Desk):
    """A fee that was credited by hand is not given back again."""
    d = shop(desk)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": "50"})
    codes.add_price(d.session, "T", {"amount": "60", "from": "2020-01-01"})
    s = serve(d, code="T")
    bill(d, "2026-09-01")
    e, _ = events.schedule_event(d.session, s, "end", {"on": "2026-10-01"})
    bill(d, "2026-10-01")
    credit_notes.credit(d.session, "INV-000002", "waived")
    assert balance(d) == 7200
    events.take_back(d.session, s, e.id, "stays")
    bill(d, "2026-10-02")
    bill(d, "2026-11-01", catch_up="all")
    sound(d)
    assert balance(d) == 3 * 7200


def test_hand_credit_of_the_fee_then_the_end_moves(desk: Desk):
    """Waived once, the fee is not charged again because the end moved by days."""
    d = shop(desk)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": "50"})
    codes.add_price(d.session, "T", {"amount": "60", "from": "2020-01-01"})
    s = serve(d, code="T")
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "end", {"on": "2026-10-01"})
    bill(d, "2026-10-01")
    credit_notes.credit(d.session, "INV-000002", "waived")
    events.schedule_event(d.session, s, "end", {"on": "2026-09-25"})
    bill(d, "2026-10-05")
    sound(d)
    assert balance(d) == 7200 - 1200 * 12 // 10


def test_orphan_draft_confirmed_lets_another_bill_through(desk: Desk):
    """A confirmed draft of a service that is no more: what is new on that date waits its days."""
    d = shop(desk)
    rules.set_rule(d.session, "drafts_days", "3")
    s = serve(d, start="2026-11-20")
    bill(d, "2026-11-20")
    issue.decide_draft(d.session, "C1", "2026-11-20", confirm=True)
    events.schedule_event(d.session, s, "end", {"on": "2026-11-20"})
    bill(d, "2026-11-21")
    serve(d, code="B", start="2026-11-20")
    r = bill(d, "2026-11-22")
    assert (r.issued, r.waiting) == (0, 1)


def test_inclusive_hand_credit_whole_with_invoice_discount(desk: Desk):
    d = desk
    rules.set_rule(d.session, "inclusive", "yes")
    shop(d)
    s = serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-01-01"})
    bill(d, "2026-09-01")
    credit_notes.credit(d.session, "INV-000001", "all")
    events.schedule_event(d.session, s, "end", {"on": "2026-09-16"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_partial_hand_credit_by_line_of_the_positive_line_with_invoice_discount(desk: Desk):
    """Hand credit by amount of the whole total leaves nothing to give back by the run."""
    d = shop(desk, A="33.33")
    s = serve(d)
    discounts.discount(d.session, "C1", {"percent": "33", "from": "2026-01-01"})
    bill(d, "2026-09-01")
    credit_notes.credit(d.session, "INV-000001", "all of it", amount=balance(d))
    assert balance(d) == 0
    events.schedule_event(d.session, s, "end", {"on": "2026-09-01"})
    bill(d, "2026-09-20")
    sound(d)
    assert balance(d) == 0


def test_discount_on_yearly_counted_from_stub(desk: Desk):
    d = shop(desk)
    serve(d, start="2026-09-10", anchor="1", mode="arrears")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-09-10", "periods": "1", "code": "A"})
    bill(d, "2026-10-01")
    bill(d, "2026-11-01")
    assert [n for n in d.column("select total-tax from invoice order by id")][0] == 1050


def test_undo_of_a_run_after_hand_credit_takes_the_credit_line_along(desk: Desk):
    """run 2 gives back 15 on an invoice; the invoice is credited by hand; run 2 undone; run again."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-16", "code": "B"})
    r = bill(d, "2026-10-01")
    x = balance(d)
    credit_notes.credit(d.session, "INV-000002", "all")
    sound(d)
    undo.undo(d.session, r.run, "again")
    sound(d)
    bill(d, "2026-10-01")
    sound(d)
    assert balance(d) == x


@pytest.mark.parametrize("how", ["whole", "by amount"])
def test_all_at_once_and_all_by_amount_are_the_same(desk: Desk, how: str):
    """An invoice that holds a credit line, credited wholly: the same in the end, however the whole of it was typed."""
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-16", "code": "B"})
    bill(d, "2026-10-01")
    credit_notes.credit(d.session, "INV-000002", "all", amount=9000 if how == "by amount" else None)
    bill(d, "2026-10-02")
    sound(d)
    assert balance(d) == 1800


@pytest.mark.parametrize(("sold_with", "changed", "what"), [
    ({"minimum_months": "12", "leave_fee": "50"}, {"leave_fee": "500"}, "minimum or leave fee"),
    ({"minimum_months": "12", "leave_fee": "50"}, {"minimum_months": "24"}, "minimum or leave fee"),
    ({"proration": "whole"}, {"proration": "days"}, "proration 'whole'"),
    ({"proration": "free"}, {"proration": "30"}, "proration 'free'"),
])  # fmt: skip
def test_what_a_service_was_sold_with_is_not_changed_under_it(desk: Desk, sold_with, changed, what: str):
    d = shop(desk)
    codes.store_code(d.session, {"code": "T", "name": "Term", "tax_class": "std", **sold_with})
    codes.add_price(d.session, "T", {"amount": "60", "from": "2020-01-01"})
    s = serve(d, code="T")
    bill(d, "2026-09-01")
    with pytest.raises(Refused, match=f"1 running service of T was sold with its {what}; add another code"):
        codes.store_code(d.session, {"code": "T", **changed})
    codes.store_code(d.session, {"code": "T", "name": "Another name"})
    events.schedule_event(d.session, s, "end", {"on": "2026-10-01"})
    codes.store_code(d.session, {"code": "T", **changed})
    sound(d)


@pytest.mark.parametrize("sold", ["stub", "stub+full", "defer"])
@pytest.mark.parametrize("later", ["stub", "stub+full", "defer"])
def test_the_rule_of_first_bills_changes_between_charge_and_credit(desk: Desk, sold: str, later: str):
    """A service keeps the first bill that it was sold with: what was charged by it is given back by it, nothing is charged twice."""
    came_to = []
    for account, changed in (("C1", False), ("C2", True)):
        d = shop(desk) if account == "C1" else desk
        rules.set_rule(d.session, "first_bill", sold)
        s = serve(d, account, start="2026-09-16", anchor="1")
        bill(d, "2026-09-16")
        if changed:
            rules.set_rule(d.session, "first_bill", later)
        bill(d, "2026-09-20")
        events.schedule_event(d.session, s, "end", {"on": "2026-09-26"})
        bill(d, "2026-10-01")
        bill(d, "2026-11-01", catch_up="all")
        sound(d)
        came_to.append(balance(d, account))
    assert came_to[0] == came_to[1] == 1200


def test_the_rule_of_first_bills_holds_for_who_is_sold_to_from_then_on(desk: Desk):
    d = shop(desk)
    serve(d, "C1", start="2026-09-16", anchor="1")
    rules.set_rule(d.session, "first_bill", "stub+full")
    serve(d, "C2", start="2026-09-16", anchor="1")
    bill(d, "2026-09-16")
    assert (balance(d, "C1"), balance(d, "C2")) == (1800, 1800 + 3600)
    bill(d, "2026-10-01")
    assert (balance(d, "C1"), balance(d, "C2")) == (1800 + 3600, 1800 + 3600)
    sound(d)
