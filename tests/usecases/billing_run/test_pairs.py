"""Two events in time: a second rate, a draft and a price, a document and what it was printed from."""

import pytest

from netbill_tui.documents.invoice import invoice_text
from netbill_tui.errors import Refused
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.receivables import credit_notes, credit_parts, documents, payments
from netbill_tui.usecases.receivables.own_reasons import only_own
from netbill_tui.usecases.services import charges, discounts, events
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import balance, bill, serve, shop


def test_temporary_rate_of_order_2_takes_the_old_one_away(desk: Desk):
    """A rate from .. until (a tax holiday) pauses the one before; after it that one holds again."""
    d = desk
    tax_rates.add_rate(d.session, "std", {"percent": "5", "name": "GST"})
    tax_rates.add_rate(d.session, "std", {"percent": "10", "name": "PST", "order": "2"})
    tax_rates.add_rate(
        d.session, "std", {"percent": "8", "name": "PST", "order": "2", "from": "2026-09-01", "until": "2026-10-01"}
    )
    codes.store_code(d.session, {"code": "A", "name": "A", "tax_class": "std"})
    codes.add_price(d.session, "A", {"amount": "100", "from": "2020-01-01"})
    serve(d)
    bill(d, "2026-09-01")
    r = bill(d, "2026-10-01")
    sound(d)
    assert r.tax == 1500


def test_rate_added_after_late_change_taxed_ahead(desk: Desk):
    """A rate that a billed line used cannot be replaced for that day; or the credit gives back what was taken."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "red", {"percent": "10", "name": "VAT 10 %"})
    codes.store_code(d.session, {"code": "B", "tax_class": "red"})
    s = serve(d, start="2026-08-01")
    bill(d, "2026-08-01")
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-08-31", "code": "B"})
    bill(d, "2026-09-10")
    with pytest.raises(Refused, match="taxed"):
        tax_rates.add_rate(d.session, "red", {"percent": "15", "name": "VAT 15 %", "from": "2026-09-01"})


def test_discount_periods_in_arrears(desk: Desk):
    """3 periods of a discount are 3 invoices of the service."""
    d = shop(desk)
    serve(d, mode="arrears")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-09-01", "periods": "3", "code": "A"})
    for day in ("2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"):
        bill(d, day)
    assert d.column("select total-tax from invoice order by id") == [1500, 1500, 1500, 3000]


def test_discount_periods_after_an_anchor_change(desk: Desk):
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "anchor", {"on": "2026-10-01", "anchor": "15"})
    bill(d, "2026-10-01")
    discounts.discount(d.session, "C1", {"percent": "50", "from": "2026-10-15", "periods": "2", "code": "A"})
    for day in ("2026-10-15", "2026-11-15", "2026-12-15", "2027-01-15"):
        bill(d, day)
    assert d.column("select total-tax from invoice where bill_date > '2026-10-01' order by id") == [1500, 1500, 3000, 3000]


def test_numbers_as_text_decide_who_is_paid_first(desk: Desk):
    """Due date, issue date, invoice number: 9 before 10 (docs/rules.md, *3 Payment*)."""
    d = desk
    rules.set_rule(d.session, "invoice_number", "R{seq}")
    shop(d)
    serve(d, "C0", start="2026-03-01")
    bill(d, "2026-10-01", catch_up="all")
    assert len(d.column("select 1 from invoice")) == 8
    serve(d, "C1", start="2026-09-01")
    bill(d, "2026-10-01", catch_up="all")
    assert d.column("select number from invoice order by id desc limit 2") == ["R10", "R9"]
    d.pay("C1", 3600)
    assert [i.number for i in payments.open_invoices(d.session, "C1")] == ["R10"]


def test_default_pattern_at_a_million(desk: Desk):
    d = shop(desk)
    serve(d, "C1", start="2026-09-01")
    d.session.db.peewee.execute_sql("update number_series set next = 999999 where name = 'invoice'")
    bill(d, "2026-10-01", catch_up="all")
    assert d.column("select number from invoice order by id") == ["INV-999999", "INV-1000000"]
    d.pay("C1", 3600)
    assert [i.number for i in payments.open_invoices(d.session, "C1")] == ["INV-1000000"]


def test_a_confirmed_draft_is_issued_as_it_was_confirmed(desk: Desk):
    d = shop(desk)
    rules.set_rule(d.session, "drafts_days", "3")
    serve(d)
    bill(d, "2026-09-01")
    assert [x.net for x in issue.drafts(d.session)] == [3000]
    codes.add_price(d.session, "A", {"amount": "45", "from": "2026-09-01"})
    bill(d, "2026-09-02")
    shown = [x.net for x in issue.drafts(d.session)]
    issue.decide_draft(d.session, "C1", "2026-09-01", confirm=True)
    issue.issue(d.session, d.session.today(), pause_s=0, catch_up="all")
    first = d.column("select total-tax from invoice order by id limit 1")
    assert first == shown


def test_a_confirmed_draft_that_came_to_another_amount_says_so(desk: Desk):
    d = shop(desk)
    rules.set_rule(d.session, "drafts_days", "3")
    serve(d)
    bill(d, "2026-09-01")
    issue.decide_draft(d.session, "C1", "2026-09-01", confirm=True)
    codes.add_price(d.session, "A", {"amount": "45", "from": "2026-09-01"})
    bill(d, "2026-09-02")
    assert [(x.net, x.state) for x in issue.drafts(d.session)] == [(4500, "changed")]
    issue.decide_draft(d.session, "C1", "2026-09-01", confirm=True)
    assert [x.state for x in issue.drafts(d.session)] == ["confirmed"]
    sound(d)


def test_draft_of_an_ended_service_switches_the_guard_off(desk: Desk):
    """More than one period missing: stop and ask (13). A draft of something that is no more must not answer."""
    d = shop(desk)
    rules.set_rule(d.session, "drafts_days", "3")
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "end", {"on": "2026-09-01"})
    bill(d, "2026-09-02")

    serve(d, start="2026-09-05", anchor="5")
    r = bill(d, "2026-11-20")
    assert r.parked


def test_reprint_names_the_plan_of_then(desk: Desk):
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")

    def show() -> str:
        return invoice_text(documents.of_invoice(d.session, credit_parts.invoice(d.session, "INV-000001")))

    a = show()
    events.schedule_event(d.session, s, "change", {"on": "2026-10-01", "code": "B"})
    d.session.calendar.as_of = None
    bill(d, "2026-10-01")
    assert a == show()


def test_reprint_of_taxes(desk: Desk):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    a = documents.of_invoice(d.session, credit_parts.invoice(d.session, "INV-000001"))
    tax_rates.add_rate(d.session, "low", {"percent": "7"})
    codes.store_code(d.session, {"code": "A", "tax_class": "low", "name": "Other"})
    assert a == documents.of_invoice(d.session, credit_parts.invoice(d.session, "INV-000001"))


def test_partial_credit_of_a_line_of_another_rate(desk: Desk):
    """An invoice of two rates: what is given back of the 25 % line stands under 25 %."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-10-01"})
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-09-16", "code": "B"})
    bill(d, "2026-10-01")
    sound(d)
    w = credit_parts.invoice(d.session, "INV-000002")
    (pos,) = [n.position for n in w.lines if n.kind == "recurring" and n.period_first == "2026-10-01"]
    (back,) = [n.position for n in w.lines if n.kind == "credit"]
    credit_notes.credit(d.session, "INV-000002", "was down", lines={pos: 1000})
    c = credit_parts.credit_note(d.session, "CN-000001")
    assert [(t.name, t.base, t.tax) for t in c.taxes] == [("VAT 25 %", 1000, 250)]


def test_partial_credit_on_the_other_rate(desk: Desk):
    d = shop(desk)
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-09-01"})
    s = serve(d, start="2026-08-01")
    bill(d, "2026-08-01")
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-08-31", "code": "B"})
    bill(d, "2026-09-10")
    sound(d)
    w = credit_parts.invoice(d.session, "INV-000003")
    (pos,) = [n.position for n in w.lines if n.kind == "recurring" and n.period_first == "2026-09-01"]
    credit_notes.credit(d.session, "INV-000003", "was down", lines={pos: 1000})
    c = credit_parts.credit_note(d.session, "CN-000001")
    assert [(t.name, t.base, t.tax) for t in c.taxes] == [("VAT 25 %", 1000, 250)]


def test_one_off_rate_of_its_day(desk: Desk):
    """The rate of a one-off is that of the day itself (known class 09)."""
    d = shop(desk)
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-10-01"})
    codes.store_code(d.session, {"code": "V", "name": "Visit", "kind": "one-time", "tax_class": "std", "category": "one-off"})
    serve(d)
    bill(d, "2026-09-01")
    charges.charge(d.session, "C1", {"code": "V", "on": "2026-09-20", "amount": "100"})
    bill(d, "2026-10-01")
    assert balance(d) == 3600 + 3750 + 12000


def test_hand_credit_of_a_one_off_then_undo(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "V", "name": "Visit", "kind": "one-time", "tax_class": "std", "category": "one-off"})
    serve(d)
    charges.charge(d.session, "C1", {"code": "V", "on": "2026-09-01", "amount": "100"})
    discounts.discount(d.session, "C1", {"amount": "5", "from": "2026-01-01"})
    r = bill(d, "2026-09-01")
    x = balance(d)
    credit_notes.credit(d.session, "INV-000001", "half of it", amount=4321)
    sound(d)
    undo.undo(d.session, r.run, "again please")
    sound(d)
    assert balance(d) == 0
    bill(d, "2026-09-01")
    sound(d)
    assert balance(d) == x


def test_the_reason_of_an_own_price_stays_with_its_account(desk: Desk):
    """Services with the same terms are billed by one plan; what is private of each is not part of it."""
    d = shop(desk)
    for account, reason in (("C1", "retention offer"), ("C2", "staff of the mayor"), ("C3", "")):
        serve(d, account, price="25", **({"price_reason": reason} if reason else {}))
    for day in ("2026-09-01", "2026-10-01", "2026-11-01"):
        bill(d, day)
    for account, number in d.session.db.peewee.execute_sql(
        "select c.account, i.number from invoice i join customer c on c.id = i.customer_id order by i.id"
    ).fetchall():
        why = credit_parts.invoice(d.session, number).lines[0].why
        mine = {"C1": "retention offer", "C2": "staff of the mayor", "C3": "own price: 25.00"}[account]
        assert mine in why, number
        assert ("retention" in why, "mayor" in why) == (account == "C1", account == "C2")
    # As 0.4.0 copied it: left out where it is read, and what is posted stays.
    lines = credit_parts.invoice(d.session, "INV-000002").lines
    copied = [n._replace(service_id=lines[0].service_id) for n in credit_parts.invoice(d.session, "INV-000001").lines]
    (masked,) = only_own(d.session, copied)
    assert "retention" not in masked.why
    assert "own price: a reason of another account: 25.00" in masked.why
    sound(d)


def test_each_mode_is_taxed_by_its_own_day_of_supply(desk: Desk):
    """In advance the first day decides, in arrears the last: a rate that begins within the period taxes the one and not the other."""
    shop(desk)
    tax_rates.add_rate(desk.session, "std", {"percent": "10", "name": "VAT 10 %", "from": "2026-09-20"})
    tax_rates.add_rate(desk.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-10-01"})
    serve(desk, "C1", start="2026-09-01")
    serve(desk, "C2", start="2026-09-01", mode="arrears")
    bill(desk, "2026-10-01", catch_up="all")
    taxes = {
        (str(account), str(day)): int(str(tax))
        for account, day, tax in desk.session.db.peewee.execute_sql(
            "select c.account, i.bill_date, i.tax from invoice i join customer c on c.id = i.customer_id"
        ).fetchall()
    }
    # 30.00 each: 20 % until 19 Sep, 10 % until 30 Sep, 25 % from October on.
    assert taxes == {("C1", "2026-09-01"): 600, ("C1", "2026-10-01"): 750, ("C2", "2026-10-01"): 300}
    sound(desk)


def test_after_a_price_for_the_summer_the_list_price_holds_again(desk: Desk):
    d = shop(desk)
    codes.add_price(d.session, "A", {"amount": "20", "from": "2026-10-01", "until": "2026-12-01"})
    codes.add_price(d.session, "A", {"amount": "10", "from": "2026-11-01", "until": "2026-12-01", "audience": "new"})
    serve(d)
    serve(d, "C2", start="2026-11-01")
    for day in ("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01"):
        bill(d, day)
    assert d.column("select total-tax from invoice where customer_id = (select id from customer where account = 'C1') order by id") == [
        3000, 2000, 2000, 3000,
    ]  # fmt: skip
    assert d.column("select total-tax from invoice where customer_id = (select id from customer where account = 'C2') order by id") == [
        1000, 3000,
    ]  # fmt: skip


def test_a_promotion_outlasts_a_raise_of_the_list_price(desk: Desk):
    """What was promised for the first N periods is kept; a raise counts behind them."""
    d = shop(desk)
    codes.store_code(d.session, {"code": "P", "name": "Promoted", "tax_class": "std"})
    codes.add_price(d.session, "P", {"amount": "30", "from": "2026-01-01", "promo_amount": "9", "promo_periods": "3"})
    serve(d, code="P")
    bill(d, "2026-09-01")
    codes.add_price(d.session, "P", {"amount": "40", "from": "2026-10-01"})
    for day in ("2026-10-01", "2026-11-01", "2026-12-01"):
        bill(d, day)
    assert d.column("select total-tax from invoice order by id") == [900, 900, 900, 4000]
    serve(d, "C2", "P", start="2026-12-01")
    bill(d, "2026-12-01")
    assert d.column("select total-tax from invoice order by id desc limit 1") == [4000]


def test_a_wrong_rate_that_taxed_only_an_undone_run_can_be_replaced(desk: Desk):
    d = shop(desk)
    tax_rates.add_rate(d.session, "std", {"percent": "43", "name": "VAT 43 %", "from": "2026-09-01"})
    serve(d)
    run = bill(d, "2026-09-01").run
    with pytest.raises(Refused, match="taxed"):
        tax_rates.drop_rate(d.session, "std", "2026-09-01")
    undo.undo(d.session, run, "wrong rate")
    tax_rates.drop_rate(d.session, "std", "2026-09-01")
    tax_rates.add_rate(d.session, "std", {"percent": "23", "name": "VAT 23 %", "from": "2026-09-01"})
    bill(d, "2026-09-01")
    assert d.column("select tax from invoice order by id") == [1290, 690]
    assert d.column("select tax from credit_note") == [1290]
    sound(d)
    with pytest.raises(Refused, match="taxed"):
        tax_rates.drop_rate(d.session, "std", "2026-09-01")


def test_quarters_and_years_are_counted_from_the_month_of_the_book(desk: Desk):
    """Calendar quarters: a service begins with a stub and is then billed with the quarter; an anchor changed later keeps that."""
    d = shop(desk)
    rules.set_rule(d.session, "calendar_day", "1")
    rules.set_rule(d.session, "calendar_month", "1")
    s = serve(d, start="2026-08-16", cycle="3M")
    serve(d, "C2", start="2026-08-16", cycle="1Y")
    serve(d, "C3", start="2026-08-16")
    bill(d, "2026-11-01", catch_up="all")
    statement = (
        "select period_first, period_end from invoice_line where invoice_id in (select id from invoice where customer_id = "
    )
    assert d.session.db.peewee.execute_sql(f"{statement} (select id from customer where account = 'C1')) order by id").fetchall() == [
        ("2026-08-16", "2026-10-01"), ("2026-10-01", "2027-01-01"),
    ]  # fmt: skip
    assert d.session.db.peewee.execute_sql(
        f"{statement} (select id from customer where account = 'C2')) order by id"
    ).fetchall() == [("2026-08-16", "2027-01-01")]
    assert len(d.column("select 1 from invoice where customer_id = (select id from customer where account = 'C3')")) == 4
    events.schedule_event(d.session, s, "anchor", {"on": "2026-11-02", "anchor": "15"})
    bill(d, "2027-01-15", catch_up="all")
    assert d.column("select period_end from invoice_line order by id desc limit 40").count("2027-01-15") == 1
    assert "2027-04-15" in d.column("select period_end from invoice_line")
    sound(d)


@pytest.mark.parametrize("billed_at", ["2026-09-16", "2026-10-01"], ids=["by itself", "with the next period"])
def test_a_fixed_discount_is_had_once_by_days_that_a_change_charges_once_more(desk: Desk, billed_at: str):
    """6.00 off 30.00; a second one from the middle of a month: 12.00 and 3.00 off are given back, 30.00 less 3.00 charged."""
    d = shop(desk)
    service = serve(d)
    discounts.discount(d.session, "C1", {"amount": "6", "from": "2026-09-01", "code": "A"})
    bill(d, "2026-09-01")
    events.schedule_event(d.session, service, "change", {"on": "2026-09-16", "quantity": "2"})
    bill(d, billed_at)
    bill(d, "2026-10-01")
    sold = sum(d.column("select total - tax from invoice")) - sum(d.column("select total - tax from credit_note"))
    assert sold == 2400 - 1200 + (3000 - 300) + (6000 - 600)
    sound(d)


@pytest.mark.parametrize("given", [3000, 1000])
@pytest.mark.parametrize("kind", ["end", "pause"])
@pytest.mark.parametrize("day", ["2026-09-01", "2026-09-16"])
def test_what_was_given_back_by_hand_stays_given_back_when_an_event_is_taken_back(desk: Desk, given: int, kind: str, day: str):
    """`z` takes an event back, as if it had never been: the days come to what was given back of them, and to no more."""
    d = shop(desk)
    rules.set_rule(d.session, "changes", "at-once")
    service = serve(d)
    bill(d, "2026-09-01")
    credit_notes.credit(d.session, "INV-000001", "line was down", lines={1: given})
    before = balance(d)
    how = {"policy": "days"} if kind == "end" else {}
    event, _ = events.schedule_event(d.session, service, kind, {"on": day, "reason": "asked", **how})
    bill(d, day)
    events.take_back(d.session, service, event.id, "a slip")
    bill(d, "2026-09-20")
    assert balance(d) == before
    sound(d)


def test_what_is_given_back_by_hand_of_what_an_end_left_is_not_given_twice(desk: Desk):
    d = shop(desk)
    rules.set_rule(d.session, "changes", "at-once")
    service = serve(d)
    bill(d, "2026-09-01")
    event, _ = events.schedule_event(d.session, service, "end", {"on": "2026-09-16", "policy": "days"})
    bill(d, "2026-09-16")
    credit_notes.credit(d.session, "INV-000001", "line was down", lines={1: 1500})
    assert balance(d) == 0
    events.take_back(d.session, service, event.id, "a slip")
    bill(d, "2026-09-20")
    assert balance(d) == 1800  # the second half with its tax
    sound(d)


@pytest.mark.parametrize("late", [False, True])
def test_two_pauses_of_what_was_given_back_in_part_by_hand_come_to_the_same_in_one_run_or_two(desk: Desk, *, late: bool):
    d = shop(desk)
    rules.set_rule(d.session, "changes", "at-once")
    service = serve(d)
    bill(d, "2026-09-01")
    credit_notes.credit(d.session, "INV-000001", "line was down", lines={1: 1000})
    for first, end in (("2026-09-10", "2026-09-14"), ("2026-09-20", "2026-09-25")):
        events.schedule_event(d.session, service, "pause", {"on": first, "reason": "asked"})
        events.schedule_event(d.session, service, "resume", {"on": end})
    for day in () if late else ("2026-09-10", "2026-09-14", "2026-09-20"):
        bill(d, day)
    bill(d, "2026-09-25")
    # 2000 are left for 30 days: 21 of them are 1400, and with 20 % tax 1680.
    assert balance(d) == 1680
    sound(d)
