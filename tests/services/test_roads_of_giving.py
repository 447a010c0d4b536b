"""Roads by which more was given back than anybody may alone, each as it was found; and ordinary work that must pass."""

from datetime import date, timedelta

import pytest

from netbill_tui.errors import NeedsApproval, NotPermitted, Refused
from netbill_tui.services import (
    approvals,
    catalogue,
    charges,
    credit_notes,
    editing,
    operators,
    service_events,
    subscriptions,
    undoing,
)
from tests.services.test_billing import balance, bill, serve, shop
from tests.services.test_giving import billed
from tests.services.test_operators import enrolled


def code(d, name, amount=None, **f):
    catalogue.store_code(d.session, {"code": name, "name": name, "tax_class": "std", **f})
    if amount:
        catalogue.add_price(d.session, name, {"amount": amount, "from": "2020-01-01"})


def do(s, sid, kind, **f):
    return service_events.happen(s, sid, kind, {"reason": "asked for", **f})


def desk_of(d, role="clerk", limit="none"):
    return enrolled(d, "kim", role, limit), enrolled(d, "boss2", "supervisor")


def test_an_account_that_cannot_be_billed_hides_no_gift(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    editing.change(clerk, "C1", {"terms_days": "none"})
    with pytest.raises((NeedsApproval, NotPermitted)):
        do(clerk, sid, "end", on="2026-09-01")


def test_a_code_without_a_price_hides_no_gift(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    code(d, "NOPRICE")
    with pytest.raises((NeedsApproval, NotPermitted)):
        do(clerk, sid, "change", on="2026-09-01", code="NOPRICE")
        do(clerk, sid, "end", on="2026-09-01")


def test_a_discount_on_an_account_without_terms_is_asked(desk):
    d, sid = billed(desk)
    mira, _ = desk_of(d, "supervisor", "0")
    editing.change(mira, "C1", {"terms_days": "none"})
    with pytest.raises(NeedsApproval):
        charges.discount(mira, "C1", {"percent": "100", "from": "2026-12-01"})


def test_what_goes_on_the_next_invoice_counts_too(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    code(d, "NIL", "0")
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "change", on="2026-11-01", code="NIL")


def test_a_pause_in_the_running_month_counts_too(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    do(clerk, sid, "pause", on="2026-11-22")
    do(clerk, sid, "resume", on="2026-11-23")
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "pause", on="2026-11-01")


def test_a_later_event_hides_no_gift(desk):
    d = shop(desk, A="365")
    code(d, "NIL", "0")
    sid = serve(d, start="2026-01-01", cycle="1Y")
    bill(d, "2026-01-01")
    clerk, _ = desk_of(d)
    do(clerk, sid, "change", on="2026-01-31", code="A")
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "change", on="2026-01-01", code="NIL")


def test_days_that_are_billed_in_arrears_count_too(desk):
    d = shop(desk, A="365")
    sid = serve(d, start="2026-01-01", cycle="1Y", mode="arrears")
    clerk, _ = desk_of(d)
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "pause", on="2026-01-02")


@pytest.mark.parametrize("how", ["from the day after", "no service yet", "on a charge"])
def test_a_discount_counts_by_the_bill_that_it_holds_for(desk, how):
    d, sid = billed(desk) if how != "no service yet" else (shop(desk), 0)
    if not sid:
        d.customer("C1")
    mira, _ = desk_of(d, "supervisor", "0")
    f = {"percent": "100", "from": "2026-12-02"}
    if how == "on a charge":
        code(d, "FEE", "1000", kind="one-time")
        charges.charge(d.session, "C1", {"code": "FEE"})
        f = {"percent": "100", "code": "FEE"}
    with pytest.raises(NeedsApproval):
        charges.discount(mira, "C1", f)


def test_a_discount_that_ended_is_not_revived(desk):
    d, sid = billed(desk)
    x = charges.discount(d.session, "C1", {"percent": "100", "from": "2026-01-01", "until": "2026-02-01"})
    mira, _ = desk_of(d, "supervisor", "0")
    with pytest.raises(Refused, match="ended on"):
        charges.end_discount(mira, "C1", x.id, date(2099, 1, 1))


def test_a_fee_for_leaving_is_given_back_by_no_second_end(desk):
    d = shop(desk)
    code(d, "L", "30", minimum_months="24", leave_fee="500")
    sid = serve(d, code="L")
    for x in ("2026-09-01", "2026-10-01", "2026-11-01"):
        bill(d, x)
    do(d.session, sid, "end", on="2026-11-20")
    bill(d, "2026-11-20")
    assert balance(d) == 69480
    clerk, _ = desk_of(d)
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "end", on="2030-01-01")
        do(clerk, sid, "change", on="2026-11-22", code="A")
        do(clerk, sid, "end", on="2026-11-22")
        bill(d, "2026-11-22")
        print("FEE given back, balance", balance(d), d.column("select amount from giving"))


def test_an_undone_run_counts_what_its_invoices_took(desk):
    d = shop(desk)
    serve(d, "C1")
    two = serve(d, "C2")
    for x in ("2026-09-01", "2026-10-01"):
        bill(d, x)
    do(d.session, two, "end", on="2026-09-01")
    m = bill(d, "2026-11-01")
    assert m.net + m.tax == -3600
    mira, _ = desk_of(d, "supervisor", "0")
    with pytest.raises(NotPermitted):
        undoing.undo(mira, m.run, "wrong prices")


def test_an_undo_that_was_stopped_goes_on(desk, monkeypatch):
    d = shop(desk)
    for i in range(4):
        serve(d, f"C{i + 1}", start="2026-11-01")
    m = bill(d, "2026-11-01")
    monkeypatch.setattr(undoing, "UNDO_BATCH", 2)
    mira, _ = desk_of(d, "supervisor", "150")

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undoing.undo(mira, m.run, "wrong prices", on_progress=stop)
    undoing.undo(mira, m.run, "wrong prices")


def _asked(d, n=2):
    mira, _ = desk_of(d, "supervisor", "0")
    low = enrolled(d, "low", "supervisor", "36")
    for i in range(1, n + 1):
        with pytest.raises(NeedsApproval):
            credit_notes.credit(mira, f"INV-00000{i}", "was down")
    return low, [a.id for a in approvals.listed(d.session)]


def test_an_approver_has_the_limit_in_force(desk):
    d, _ = billed(desk)
    low, (n,) = _asked(d, 1)
    operators.change_limit(d.session, "low", "1")
    with pytest.raises(NotPermitted):
        approvals.answer(low, n, approve=True)


def test_what_was_asked_is_approved_the_next_morning(desk):
    d, sid = billed(desk)
    clerk, boss = desk_of(d)
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "end", on="2026-11-10")
    m = boss.clock()
    boss.clock = lambda: m + timedelta(hours=18)
    approvals.answer(boss, approvals.listed(d.session)[0].id, approve=True)


def test_ones_own_slip_of_today_is_taken_back_alone(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    do(clerk, sid, "change", on="2026-09-15", code="B")
    service_events.take_back(clerk, sid, subscriptions.history(d.session, sid)[-1].event.id, "typed the wrong month")
    assert subscriptions.one(d.session, sid)[1].code == "A"
    assert approvals.listed(d.session) == []


def test_a_service_sold_by_mistake_is_ended_alone(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    row = subscriptions.add(clerk, "C1", {"code": "B", "start": "2026-11-01"})
    do(clerk, row.service.id, "end", on="2026-11-01")
    assert bill(d, "2026-11-22").issued == 0
    assert approvals.listed(d.session) == []


def test_a_waived_charge_has_the_limit_too(desk):
    d, sid = billed(desk)
    code(d, "FEE", "1000", kind="one-time")
    c = charges.charge(d.session, "C1", {"code": "FEE"})
    mira, _ = desk_of(d, "supervisor", "0")
    with pytest.raises((NeedsApproval, NotPermitted)):
        charges.withdraw(mira, "C1", c.id, "a friend")


def test_an_own_price_from_today_counts_too(desk):
    d = shop(desk, A="365")
    sid = serve(d, start="2026-11-01", cycle="1Y")
    bill(d, "2026-11-01")
    mira, _ = desk_of(d, "supervisor", "0")
    with pytest.raises(NeedsApproval):
        do(mira, sid, "price", on="2026-11-22", price="0")
        bill(d, "2026-11-22")
        print("OWN PRICE", d.column("select total from credit_note"))


def test_days_that_nobody_bills_are_a_gift(desk):
    d = shop(desk)
    d.customer("C1")
    clerk, _ = desk_of(d)
    with pytest.raises(NotPermitted):
        subscriptions.add(clerk, "C1", {"code": "A", "start": "2026-11-01", "billed_through": "2099-01-01"})


def test_an_undone_run_closes_what_was_asked_for_its_invoices(desk):
    d, _ = billed(desk)
    low, (a, b) = _asked(d)
    for run in d.column("select number from billing_run order by id desc"):
        undoing.undo(d.session, run, "wrong prices")
    assert approvals.listed(d.session) == []


def test_a_raise_is_not_announced_to_whom_a_promotion_spares(desk):
    d = shop(desk)
    code(d, "P")
    catalogue.add_price(d.session, "P", {"amount": "30", "from": "2026-01-01", "promo_amount": "10", "promo_periods": "6"})
    serve(d, code="P")
    catalogue.add_price(d.session, "P", {"amount": "40", "from": "2026-12-01", "notice": "yes"})
    for x in ("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01"):
        bill(d, x)
    assert d.column("select text from invoice_line where kind = 'notice'") == []
