"""Roads by which more was given back than anybody may alone, each as it was found; and ordinary work that must pass."""

import uuid
from datetime import date, timedelta

import pytest

from netbill_tui.errors import NeedsApproval, NotPermitted, Refused
from netbill_tui.integrations.profiles import Profile, ServiceColumns
from netbill_tui.usecases.access import approvals, operators
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.receivables import credit_notes
from netbill_tui.usecases.services import charges, discounts, events, subscriptions
from tests.conftest import Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import balance, bill, serve, shop
from tests.usecases.imports.reading import read
from tests.usecases.services.test_giving import billed


def code(d, name, amount=None, **f):
    codes.store_code(d.session, {"code": name, "name": name, "tax_class": "std", **f})
    if amount:
        codes.add_price(d.session, name, {"amount": amount, "from": "2020-01-01"})


def do(s, sid, kind, **f):
    return events.schedule_event(s, sid, kind, {"reason": "asked for", **f})


def desk_of(d, role="clerk", limit="none"):
    return enrolled(d, "kim", role, limit), enrolled(d, "boss2", "supervisor")


def test_an_account_that_cannot_be_billed_hides_no_gift(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    changes.change(clerk, "C1", {"terms_days": "none"})
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
    changes.change(mira, "C1", {"terms_days": "none"})
    with pytest.raises(NeedsApproval):
        discounts.discount(mira, "C1", {"percent": "100", "from": "2026-12-01"})


def test_what_goes_on_the_next_invoice_counts_too(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    code(d, "NIL", "0")
    with pytest.raises(NeedsApproval):
        do(clerk, sid, "change", on="2026-11-01", code="NIL")


@pytest.mark.parametrize(("kind", "more"), [("change", {"code": "NIL"}), ("change", {"quantity": "2"}), ("pause", {})])
def test_a_list_price_that_one_entered_oneself_is_no_way_around_the_limit(desk, kind, more):
    d, sid = billed(desk)
    mira, _ = desk_of(d, "supervisor", "0")
    codes.store_code(mira, {"code": "NIL", "name": "NIL", "tax_class": "std"})
    codes.add_price(mira, "NIL", {"amount": "0.01", "from": "2020-01-01"})
    codes.add_price(mira, "A", {"amount": "0.01", "from": str(d.session.today())})
    with pytest.raises(NeedsApproval):
        do(mira, sid, kind, on=str(d.session.today()), **more)
    sound(d)


def test_a_list_price_of_somebody_else_is_the_list(desk):
    d, sid = billed(desk)
    mira, _ = desk_of(d, "supervisor", "0")
    code(d, "CHEAP", "0.01")
    do(mira, sid, "change", on=str(d.session.today()), code="CHEAP")
    assert d.column("select kind from service_event order by id")[-1] == "change"
    assert d.column("select count(*) from approval") == [0]
    sound(d)


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
        discounts.discount(mira, "C1", f)


def test_a_discount_that_ended_is_not_revived(desk):
    d, sid = billed(desk)
    x = discounts.discount(d.session, "C1", {"percent": "100", "from": "2026-01-01", "until": "2026-02-01"})
    mira, _ = desk_of(d, "supervisor", "0")
    with pytest.raises(Refused, match="ended on"):
        discounts.end_discount(mira, "C1", x.id, date(2099, 1, 1))


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
        undo.undo(mira, m.run, "wrong prices")


def test_an_undo_that_was_stopped_goes_on(desk, monkeypatch):
    d = shop(desk)
    for i in range(4):
        serve(d, f"C{i + 1}", start="2026-11-01")
    m = bill(d, "2026-11-01")
    monkeypatch.setattr(undo, "UNDO_BATCH", 2)
    mira, _ = desk_of(d, "supervisor", "150")

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo.undo(mira, m.run, "wrong prices", on_progress=stop)
    undo.undo(mira, m.run, "wrong prices")


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
    m = boss.calendar.clock()
    boss.calendar.clock = lambda: m + timedelta(hours=18)
    approvals.answer(boss, approvals.listed(d.session)[0].id, approve=True)


def test_ones_own_slip_of_today_is_taken_back_alone(desk):
    d, sid = billed(desk)
    clerk, _ = desk_of(d)
    do(clerk, sid, "change", on="2026-09-15", code="B")
    events.take_back(clerk, sid, subscriptions.history(d.session, sid)[-1].event.id, "typed the wrong month")
    assert subscriptions.find_service(d.session, sid)[1].code == "A"
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
        undo.undo(d.session, run, "wrong prices")
    assert approvals.listed(d.session) == []


def test_a_raise_is_not_announced_to_whom_a_promotion_spares(desk):
    d = shop(desk)
    code(d, "P")
    codes.add_price(d.session, "P", {"amount": "30", "from": "2026-01-01", "promo_amount": "10", "promo_periods": "6"})
    serve(d, code="P")
    codes.add_price(d.session, "P", {"amount": "40", "from": "2026-12-01", "notice": "yes"})
    for x in ("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01"):
        bill(d, x)
    assert d.column("select text from invoice_line where kind = 'notice'") == []


def test_a_withdrawal_that_was_approved_leaves_the_book_sound(desk):
    d, _ = billed(desk)
    code(d, "VISIT", "100", kind="one-time", category="one-off")
    mira, boss = desk_of(d, "supervisor", "10")
    made = charges.charge(d.session, "C1", {"code": "VISIT"})
    with pytest.raises(NeedsApproval):
        charges.withdraw(mira, "C1", made.id, "entered twice")
    approvals.answer(boss, d.column("select id from approval")[0], approve=True)
    assert charges.pending(d.session, "C1") == ()
    sound(d)


@pytest.mark.parametrize("on", ["2026-12-01", "2027-03-01"])
def test_an_own_price_counts_what_it_takes_off_the_first_bill_of_its_own(desk, on):
    d, sid = billed(desk)
    mira, _ = desk_of(d, "supervisor", "10")
    with pytest.raises(NeedsApproval):
        do(mira, sid, "price", on=on, price="0")
    do(mira, sid, "price", on=on, price="29")
    assert d.column("select road || ' ' || amount from giving") == ["service-event 120"]


@pytest.mark.parametrize(("kind", "more"), [("pause", {}), ("change", {"code": "NIL"}), ("end", {})])
def test_in_arrears_days_that_are_over_count_though_an_earlier_bill_is_missing(desk, kind, more):
    d = shop(desk)
    code(d, "NIL", "0")
    sid = serve(d, "C5", start="2026-10-10", anchor="10", mode="arrears")
    clerk, _ = desk_of(d)
    with pytest.raises(NeedsApproval):
        do(clerk, sid, kind, on="2026-11-11", **more)


def test_an_approved_discount_is_what_was_asked_when_it_is_approved(desk):
    d = shop(desk)
    code(d, "VISIT", "100", kind="one-time", category="one-off")
    serve(d, "C1", start="2026-11-20", anchor="20")
    mira, boss = desk_of(d, "supervisor", "10")
    with pytest.raises(NeedsApproval):
        discounts.discount(mira, "C1", {"percent": "100"})
    charges.charge(d.session, "C1", {"code": "VISIT", "quantity": "10"})
    (number,) = d.column("select id from approval")
    with pytest.raises(Refused, match=r"takes off .* now"):
        approvals.answer(boss, number, approve=True)
    assert d.column("select count(*) from discount") == [0]


@pytest.mark.parametrize("how", ["latest", "skip"])
def test_periods_are_left_out_by_who_has_no_limit(desk, how):
    d = shop(desk)
    serve(d, "C1", start="2026-06-01")
    mira, boss = desk_of(d, "supervisor", "10")
    for act in (lambda s: issue.issue(s, date(2026, 11, 22), catch_up=how, pause_s=0),
                lambda s: issue.bill_one(s, "C1", date(2026, 11, 22), catch_up=how)):  # fmt: skip
        with pytest.raises(NotPermitted, match="without a limit"):
            act(mira)
    assert d.column("select count(*) from service_event where kind = 'skip'") == [0]
    issue.bill_one(boss, "C1", date(2026, 11, 22), catch_up=how)
    assert d.column("select count(*) from service_event where kind = 'skip'") != [0]


def test_a_service_is_sold_at_an_own_price_within_the_limit(desk):
    d = shop(desk)
    d.customer("C1")
    mira, _ = desk_of(d, "supervisor", "10")
    sold = {"code": "A", "start": "2026-12-01", "reason": "loyal"}
    with pytest.raises(NotPermitted, match="over your limit; add the service at its list price"):
        subscriptions.add(mira, "C1", {**sold, "price": "0"})
    subscriptions.add(mira, "C1", {**sold, "price": "25"})
    assert d.column("select road || ' ' || amount from giving") == ["own price 600"]
    with pytest.raises(NotPermitted, match="over your limit"):
        subscriptions.add(mira, "C1", {**sold, "price": "25"})


def test_a_day_before_the_first_price_makes_nothing_cheap(desk):
    d, _ = billed(desk)
    codes.store_code(d.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    codes.add_price(d.session, "VISIT", {"amount": "100", "from": "2026-06-01"})
    clerk, _ = desk_of(d)
    for on in ("2026-11-22", "2026-05-31"):
        with pytest.raises(NotPermitted):
            charges.charge(clerk, "C1", {"code": "VISIT", "amount": "0.01", "on": on})


def test_filters_in_the_audit_hold_no_word_of_anybody(desk):
    views.save_view(desk.session, "customers", "sv", "DE811907980 bal>5 Geheimweg")
    (told,) = desk.column("select detail from audit_event where action = 'view.save'")
    assert "DE811907980" not in told
    assert "bal>5" in told


def test_an_own_price_in_a_file_counts_against_the_limit_too(desk, tmp_path):
    d = shop(desk)
    d.customer("C1")
    mira, _ = desk_of(d, "supervisor", "10")
    at = Desk(mira, d.target, d.made)
    how = Profile("services", {f: (f,) for f in ("account", "code", "start", "price")})
    head = "account,code,start,price\n"
    made = read(at, tmp_path / "a.csv", f"{head}C1,A,2026-12-01,0.01\nC1,A,2026-12-01,25\nC1,A,2026-12-02,25\n", how)
    assert (made.created, [r.line for r in made.rejected]) == (1, [2, 4])
    assert "over your limit" in made.rejected[0].reason
    assert d.column("select road || ' ' || amount from giving") == ["own price 600"]
    bundled = Profile(
        "customers", {"account": ("account",), "name": ("name",)}, service=ServiceColumns("TV", "TV", "price", "tenure", ())
    )
    with pytest.raises(NotPermitted, match="their own prices; ask an operator without a limit"):
        read(at, tmp_path / "b.csv", "account,name,tenure,price\nC9,Ann,1,0.01\n", bundled)
    assert read(d, tmp_path / "a.csv", f"{head}C1,A,2026-12-03,0.01\n", how).created == 1
    sound(d)


def test_a_request_that_was_approved_is_not_posted_again_when_it_is_sent_once_more(desk):
    d, _ = billed(desk)
    mira = enrolled(d, "mira", "supervisor", "20")
    boss = enrolled(d, "boss2", "supervisor", "500")
    sent = uuid.uuid4().bytes

    def credit():
        credit_notes.credit(mira, "INV-000001", "was down", amount=3000, request_id=sent)

    for _ in range(2):
        with pytest.raises(NeedsApproval):
            credit()
    (one,) = approvals.listed(d.session)
    approvals.answer(boss, one.id, approve=True)
    with pytest.raises(
        Refused, match=rf"asked as approval {one.id}, and boss2 approved it \(CN-000001\); nothing more was posted"
    ):
        credit()
    operators.change_limit(d.session, "mira", "none")
    with pytest.raises(Refused, match="nothing more was posted"):
        credit()
    assert len(d.column("select number from credit_note")) == 1
    # The same words under another id are another wish.
    credit_notes.credit(mira, "INV-000001", "was down", amount=100, request_id=uuid.uuid4().bytes)
    sound(d)
