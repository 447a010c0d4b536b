"""Credit notes and undone runs: what is given back, in part, again, and in which order."""

from datetime import date

import pytest

from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup.search import find
from netbill_tui.usecases.receivables import (
    credit_notes,
    credit_parts,
    disputes,
    documents,
    dues,
    payments,
)
from netbill_tui.usecases.services import charges, discounts, events, subscriptions
from tests.conftest import TODAY, Desk, sound
from tests.usecases.billing_run.shop import balance, bill, everything, serve, shop


def test_what_was_credited_by_hand_is_not_given_back_again(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    credit_notes.credit(desk.session, "INV-000001", "never connected")
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-20")
    assert balance(desk) == 0
    sound(desk)


def test_crediting_every_line_gives_exactly_the_total_back(desk: Desk):
    shop(desk, A="33.33")
    serve(desk)
    discounts.discount(desk.session, "C1", {"percent": "10", "from": "2026-01-01"})
    bill(desk, "2026-09-01")
    total = balance(desk)
    for amount in (1, 333, 1000):
        credit_notes.credit(desk.session, "INV-000001", "in parts", amount=amount)
    credit_notes.credit(desk.session, "INV-000001", "the rest")
    assert balance(desk) == 0
    assert sum(int(str(t)) for t in desk.column("select total from credit_note")) == total
    with pytest.raises(InvalidInput, match="Nothing is left"):
        credit_notes.credit(desk.session, "INV-000001", "once more")
    sound(desk)


def test_a_line_is_credited_at_most_what_it_really_cost(desk: Desk):
    shop(desk)
    serve(desk)
    discounts.discount(desk.session, "C1", {"percent": "50", "from": "2026-01-01"})
    bill(desk, "2026-09-01")
    with pytest.raises(InvalidInput, match=r"15\.00 left"):
        credit_notes.credit(desk.session, "INV-000001", "too much", lines={1: 1501})
    assert credit_notes.credit(desk.session, "INV-000001", "all of it", lines={1: 1500}).net == 1500


def test_undoing_a_run_gives_all_back_and_lets_it_be_run_again(desk: Desk):
    shop(desk)
    codes.store_code(desk.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    codes.add_price(desk.session, "VISIT", {"amount": "25", "from": "2020-01-01"})
    serve(desk, "C1")
    serve(desk, "C2", "B")
    charges.charge(desk.session, "C1", {"code": "VISIT", "on": "2026-09-01"})
    desk.pay("C2", 1000)
    first = bill(desk, "2026-09-01")
    before = everything(desk)
    undo.undo(desk.session, first.run, "wrong prices")
    assert (balance(desk, "C1"), balance(desk, "C2")) == (0, -1000)
    sound(desk)
    assert bill(desk, "2026-09-01").net == first.net
    assert [one for one in everything(desk) if '"type": "invoice"' in one] == sorted(before * 2)
    assert balance(desk, "C1") == 3600 + 2500
    sound(desk)
    payments.reverse(desk.session, "R-10001", "bounced", returned=True)
    assert balance(desk, "C2") == 7200
    sound(desk)


def test_only_the_newest_run_without_payments_can_be_undone(desk: Desk):
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    bill(desk, "2026-10-01")
    with pytest.raises(Refused, match="RUN-0002 billed after"):
        undo.undo(desk.session, "RUN-0001", "too late")
    desk.pay("C1", 8000)
    with pytest.raises(Refused, match="Paid or written off, wholly or in part"):
        undo.undo(desk.session, "RUN-0002", "paid already")


def test_a_run_that_gave_back_unused_days_leaves_less_to_give_back_by_hand(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-16")
    whole = credit_parts.invoice(desk.session, "INV-000001")
    assert credit_parts.left_of(desk.session, whole) == 1800
    with pytest.raises(InvalidInput):
        credit_notes.credit(desk.session, "INV-000001", "goodwill for all of it", amount=3600)
    credit_notes.credit(desk.session, "INV-000001", "goodwill for all of it")
    assert balance(desk) == 0
    sound(desk)


def test_two_undone_runs_are_billed_again_month_by_month(desk: Desk):
    shop(desk)
    serve(desk, "C1")
    serve(desk, "C2", "B")
    bill(desk, "2026-09-01")
    bill(desk, "2026-10-01")
    undo.undo(desk.session, "RUN-0002", "wrong price list")
    undo.undo(desk.session, "RUN-0001", "wrong price list")
    assert balance(desk) == balance(desk, "C2") == 0
    for day in ("2026-09-01", "2026-10-01", "2026-11-01"):
        assert bill(desk, day).issued == 2
    assert (balance(desk), balance(desk, "C2")) == (3 * 3600, 3 * 7200)
    assert bill(desk, "2026-11-02").issued == 0
    sound(desk)


def test_crediting_an_invoice_whole_takes_its_credit_line_along(desk: Desk):
    """The days that were given back on it stand charged again, so that a change taken back comes out at the course without it."""
    shop(desk, A="30", B="61")
    service_id = serve(desk, start="2026-01-10", anchor="10")
    bill(desk, "2026-01-10")
    changed, _ = events.schedule_event(desk.session, service_id, "change", {"code": "B", "on": "2026-01-10"})
    bill(desk, "2026-01-12")
    (number,) = [n for n in desk.column("select number from invoice") if n != "INV-000001"]
    credit_notes.credit(desk.session, number, "the change was never wanted")
    events.take_back(desk.session, service_id, changed.id, "the change was never wanted")
    bill(desk, "2026-01-13")
    assert balance(desk) == 3600
    bill(desk, "2026-03-10", catch_up="all")
    assert balance(desk) == 3 * 3600
    sound(desk)


def test_what_undoes_a_run_is_not_credited_again(desk: Desk):
    shop(desk)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-16"})
    bill(desk, "2026-09-16")
    undo.undo(desk.session, "RUN-0002", "the end was wrong")
    with pytest.raises(Refused, match="bill again"):
        credit_notes.credit(desk.session, "INV-000002", "take it back")


def test_an_invoice_that_was_credited_whole_says_so_everywhere(desk: Desk):
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    credit_notes.credit(desk.session, "INV-000001", "half of it was never delivered", amount=1800)
    assert dues.invoice(desk.session, "INV-000001")[0].state == "part paid"
    credit_notes.credit(desk.session, "INV-000001", "the other half neither")
    assert dues.invoice(desk.session, "INV-000001")[0].state == "credited"
    assert [d.state for d in accounts.invoices_of(desk.session, "C1")] == ["credited"]
    assert [h.state for h in find(desk.session, "INV-000001")] == ["credited"]


# What a tester found.


def test_no_part_of_a_period_is_given_back_where_its_first_part_costs_the_whole(desk: Desk):
    shop(desk)
    for code in ("A", "B"):
        codes.store_code(desk.session, {"code": code, "proration": "whole"})
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "change", {"on": "2026-09-16", "code": "B"})
    bill(desk, "2026-10-01")
    assert balance(desk) == 3600 + 7200, "the old plan holds to the end of its period, the new one from the next"
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-10-10"})
    bill(desk, "2026-10-20")
    assert balance(desk) == 3600 + 7200
    sound(desk)


def test_a_change_on_the_31st_costs_nothing_where_a_month_has_thirty_days(desk: Desk):
    shop(desk)
    for code in ("A", "B"):
        codes.store_code(desk.session, {"code": code, "proration": "30"})
    service_id = serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    events.schedule_event(desk.session, service_id, "change", {"on": "2026-10-31", "code": "B"})
    bill(desk, "2026-11-01")
    assert balance(desk) == 3600 + 7200
    sound(desk)


def test_a_change_that_is_entered_late_has_the_taxes_of_each_period(desk: Desk):
    nets = []
    for late in (False, True):
        account = "C2" if late else "C1"
        if not late:
            shop(desk)
            tax_rates.add_rate(desk.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-09-01"})
        service_id = serve(desk, account, start="2026-08-01")
        bill(desk, "2026-08-01")
        if late:
            bill(desk, "2026-09-01")
        events.schedule_event(desk.session, service_id, "change", {"on": "2026-08-31", "code": "B"})
        bill(desk, "2026-09-01")
        bill(desk, "2026-09-10")
        nets.append(balance(desk, account))
    # The one day of August has the rate of August, whether it stands on the invoice of September or on one of its own day.
    assert nets == [3600 + 97 + 19 + 7500] * 2
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-01"})
    bill(desk, "2026-09-10")
    assert balance(desk, "C2") == 3600 + 97 + 19, "what is given back has the tax it was charged with"
    sound(desk)


def test_a_fee_that_is_given_back_on_an_invoice_keeps_the_book_sound(desk: Desk):
    shop(desk)
    codes.store_code(desk.session, {"code": "T", "name": "Term", "tax_class": "std", "minimum_months": "12", "leave_fee": "50"})
    codes.add_price(desk.session, "T", {"amount": "60", "from": "2020-01-01"})
    service_id = serve(desk, code="T")
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-10"})
    bill(desk, "2026-09-10")
    last = subscriptions.history(desk.session, service_id)[-1]
    events.take_back(desk.session, service_id, last.event.id, "stays after all")
    bill(desk, "2026-10-01")
    assert balance(desk) == 2 * 7200
    sound(desk)


def test_partial_credits_give_each_rate_back_to_the_cent(desk: Desk):
    tax_rates.add_rate(desk.session, "ca", {"percent": "5", "name": "GST", "order": "1"})
    tax_rates.add_rate(desk.session, "ca", {"percent": "9.975", "name": "QST", "order": "2", "compound": "y"})
    codes.store_code(desk.session, {"code": "A", "name": "A", "tax_class": "ca"})
    codes.add_price(desk.session, "A", {"amount": "100", "from": "2020-01-01"})
    serve(desk)
    bill(desk, "2026-09-01")
    credit_notes.credit(desk.session, "INV-000001", "half of it", lines={1: 5000})
    half = credit_parts.credit_note(desk.session, "CN-000001")
    assert [(t.name, t.base, t.tax) for t in half.taxes] == [("GST", 5000, 250), ("QST", 5250, 524)]
    for net in (1003, 2007):
        credit_notes.credit(desk.session, "INV-000001", "more of it", lines={1: net})
    credit_notes.credit(desk.session, "INV-000001", "the rest")
    sums = "select cast(sum(case when n.id is null then t.{0} else -t.{0} end) as bigint) from invoice_tax t left join credit_note n on n.id = t.invoice_id group by t.name"
    assert desk.column(sums.format("tax")) == desk.column(sums.format("base")) == [0, 0]
    sound(desk)


def test_periods_that_were_skipped_come_back_when_that_is_taken_back(desk: Desk):
    shop(desk)
    service_id = serve(desk, start="2026-05-10")
    bill(desk, "2026-09-10", catch_up="skip")
    found = [e for e in subscriptions.history(desk.session, service_id) if e.event.kind == "skip"]
    assert len(found) == 1
    events.take_back(desk.session, service_id, found[0].event.id, "they had it")
    again = bill(desk, "2026-09-10", catch_up="all")
    assert (again.lines, again.net) == (5, 15000)
    sound(desk)


def test_a_preview_counts_what_waits_as_drafts_and_a_confirmed_one_is_issued_before_one_that_waits(desk: Desk):
    from netbill_tui.usecases.billing_run import issue

    shop(desk)
    rules.set_rule(desk.session, "drafts_days", "30")
    serve(desk, start="2026-11-08", cycle="7D")
    bill(desk, "2026-11-08")
    bill(desk, "2026-11-15")
    assert [d.bill_date for d in issue.drafts(desk.session)] == ["2026-11-08", "2026-11-15"]
    told = issue.preview(desk.session, date(2026, 11, 16))
    assert (told.issued, told.waiting, told.parked) == (0, 2, [])
    issue.decide_draft(desk.session, "C1", "2026-11-08", confirm=True)
    told = issue.preview(desk.session, TODAY)
    assert (told.issued, told.waiting) == (1, 2), "the third is not even a draft yet"
    done = bill(desk, TODAY.isoformat())
    assert (done.issued, done.waiting) == (1, 2)
    assert [d.bill_date for d in issue.drafts(desk.session)] == ["2026-11-15", "2026-11-22"]
    sound(desk)


def test_undoing_a_credit_note_leaves_old_debt_old(desk: Desk):
    shop(desk)
    desk.customer("C1", "Customer C1")
    desk.invoice("C1", 3484, due=-100)
    service_id = serve(desk)
    bill(desk, "2026-09-01")
    desk.pay("C1", 3484)
    events.schedule_event(desk.session, service_id, "end", {"on": "2026-09-02"})
    run = bill(desk, "2026-09-02")
    before = accounts.card(desk.session, "C1").totals
    undo.undo(desk.session, run.run, "wrong day")
    after = accounts.card(desk.session, "C1").totals
    assert after.overdue >= before.overdue
    assert (after.oldest_due or "9") <= (before.oldest_due or "9")
    sound(desk)


def test_an_undone_run_shows_what_it_took_back_as_the_run_showed_what_it_billed(desk: Desk):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    (run,) = d.column("select number from billing_run where kind = 'run'")
    undo.undo(d.session, str(run), "wrong prices")
    rows = d.session.db.peewee.execute_sql("select kind, net, tax from billing_run order by id").fetchall()
    assert [tuple(r) for r in rows] == [("run", 3000, 600), ("undo", -3000, -600)]
    sound(d)


@pytest.mark.parametrize("disputed", [True, False])
@pytest.mark.parametrize("amount", [None, 1000])
def test_what_was_credited_by_hand_before_a_run_is_undone_keeps_the_book_sound(desk: Desk, disputed: bool, amount: int | None):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    if disputed:
        disputes.start(d.session, "INV-000001", "not mine")
    credit_notes.credit(d.session, "INV-000001", "was down", amount=amount)
    (run,) = d.column("select number from billing_run where kind = 'run'")
    undo.undo(d.session, str(run), "wrong prices")
    assert balance(d) == 0
    sound(d)


def test_the_balance_on_a_credit_note_is_that_behind_it(desk: Desk):
    shop(desk)
    serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    desk.pay("C1", 1000)
    made = credit_notes.credit(desk.session, "INV-000001", "goodwill", amount=600)
    printed = documents.of_credit_note(desk.session, credit_parts.credit_note(desk.session, made.number), look=True)
    assert printed.due_now == 3600 - 1000 - 600


def test_what_was_charged_and_given_back_twice_is_counted_by_its_terms_and_first_day(desk: Desk):
    """A change that is taken back and made again charges the same span under a number of its own."""
    shop(desk)
    service = serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    for _ in range(2):
        changed, _row = events.schedule_event(desk.session, service, "change", {"code": "B", "on": "2026-10-16"})
        bill(desk, "2026-11-01")
        events.take_back(desk.session, service, changed.id, "mistaken")
        bill(desk, "2026-11-02")
    spans = desk.column(
        "select code || first_on || '#' || again from billed where kind = 'recurring' and first_on = '2026-10-16' order by id"
    )
    assert spans == ["B2026-10-16#0", "A2026-10-16#1", "B2026-10-16#1", "A2026-10-16#2"]
    sound(desk)


def test_a_credit_note_says_the_balance_behind_it_also_before_it_is_posted(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 5000)
    tried = credit_notes.credit(desk.session, number, "line was down", amount=2000, dry_run=True)
    done = credit_notes.credit(desk.session, number, "line was down", amount=2000)
    assert (tried.balance, done.balance) == (3000, 3000)
    assert (tried.number, bool(done.number)) == ("", True)


def test_lines_of_a_credit_are_typed_as_number_and_amount(sqlite_desk: Desk):
    session = sqlite_desk.session
    assert credit_parts.read_lines(session, []) is None
    assert credit_parts.read_lines(session, ["2=10.00", " 1 =0.50"]) == {2: 1000, 1: 50}
    for wrong in ("2", "=5", "x=5", "\u00b2=5", "-1=5"):
        with pytest.raises(InvalidInput, match="is not LINE=AMOUNT"):
            credit_parts.read_lines(session, [wrong])
    with pytest.raises(InvalidInput, match="named twice"):
        credit_parts.read_lines(session, ["1=5", "1=6"])
