"""Small promises of the use cases, each at its edge: a day more, a cent more, a word that is none."""

import json
import os
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from netbill_tui.billing.catalogue.taxes import Rate, spread, tax_lines
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.billing.receivables.ageing import BUCKETS
from netbill_tui.billing.receivables.overdue import OUTCOMES, Overdue, next_action, work_list
from netbill_tui.billing.services.discounts import Discount, line_discounts
from netbill_tui.billing.services.proration import fraction, share
from netbill_tui.db.core.engine import Database
from netbill_tui.errors import InvalidInput, KeyProblem, NeedsApproval, NotPermitted, Refused
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.access import operators, sign_in, tries
from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.billing_run.preview import preview
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core import checkpoints, host
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.customers import changes, profiles, tags
from netbill_tui.usecases.demo import book
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import lists, views
from netbill_tui.usecases.lookup.search import search
from netbill_tui.usecases.receivables import apply_credit, credit_notes, credit_parts, documents, overdue, payments
from netbill_tui.usecases.services import charges, discounts, estimates, events, orders, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import TODAY, Desk
from tests.usecases.test_billing import bill, serve, shop, sound
from tests.usecases.test_importing import read
from tests.usecases.test_operators import WORDS, at_desk, enrolled


def due(account: str, days: int, amount: int = 1000, promise: str | None = None) -> Overdue:
    return Overdue(1, account, account, "2026-01-01", days, amount, "", 1, 0, None, promise, None, "")


def test_the_work_list_begins_with_the_broken_promise_then_over_60_over_30_and_the_rest():
    rows = [
        due("D30", 30, 9000), due("D31", 31), due("D60", 60, 5000), due("D61", 61), due("BROKEN", 1, promise="2026-11-21"),
        due("D61MORE", 61, 2000), due("PROMISED", 90, promise="2026-11-22"), due("SMALL", 90, 499), due("LEAST", 5, 500),
    ]  # fmt: skip
    assert [r.account for r in work_list(rows, TODAY)] == ["BROKEN", "D61MORE", "D61", "D60", "D31", "D30", "LEAST"]


def test_a_promise_is_for_today_or_the_days_that_are_allowed(desk: Desk):
    desk.customer()
    desk.invoice("C1", 5000, due=-10)
    last = TODAY + timedelta(days=calls.PROMISE_DAYS)
    for wrong in (TODAY - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(InvalidInput, match=f"from {TODAY} to {last}"):
            calls.outcome(desk.session, "C1", "m", "will pay", promise_on=wrong)
    with pytest.raises(InvalidInput, match="A promise needs a day"):
        calls.outcome(desk.session, "C1", "m", "will pay")
    for right in (TODAY, last):
        calls.outcome(desk.session, "C1", "m", "will pay", promise_on=right)
        assert overdue.queue(desk.session)[0].promise_on == right.isoformat()


@pytest.mark.parametrize(
    ("name", "good"), [("vip", True), ("on-hold_2.x", True), ("v!p", False), ("two words", False), ("#", False)]
)
def test_a_tag_is_one_word(name: str, good: bool):
    if good:
        assert tags.check_tag(name) == name
    else:
        with pytest.raises(InvalidInput, match="one word"):
            tags.check_tag(name)


@pytest.mark.parametrize(
    ("name", "good"), [("mira.k-2_x", True), ("Mira", True), ("mi ra", False), ("mi/ra", False), ("", False)]
)
def test_an_operator_name_has_letters_digits_dots_and_dashes(name: str, good: bool):
    if good:
        assert operators.check_name(name) == name
    else:
        with pytest.raises(InvalidInput):
            operators.check_name(name)


def test_percentages_of_a_line_are_taken_one_after_the_other_and_fixed_ones_last():
    given = [
        Discount(n, "A", k, v, "2020-01-01", None, "")
        for n, (k, v) in enumerate((("fixed", "700"), ("percent", "50"), ("percent", "10")))
    ]
    assert [(d.id, part) for d, part in line_discounts(10000, given)] == [(1, 5000), (2, 500), (0, 700)]
    assert [(d.id, part) for d, part in line_discounts(1000, given)] == [(1, 500), (2, 50), (0, 450)]


def test_what_has_no_weight_is_spread_over_nobody_but_the_first():
    assert spread(7, [0, 0, 0]) == [7, 0, 0]
    assert spread(0, [0, 0]) == [0, 0]
    assert spread(7, []) == []


def test_parts_of_a_bundle_without_weights_share_alike(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": "A=0,B=0"})
    codes.add_price(d.session, "BOTH", {"amount": "30.01", "from": "2020-01-01"})
    serve(d, code="BOTH")
    bill(d, "2026-09-01")
    assert d.column("select amount from invoice_line order by id") == [1501, 1500]


def test_prices_with_tax_stay_so_while_services_live_by_them(desk: Desk):
    d = shop(desk)
    rules.set_rule(d.session, "inclusive", "yes")
    serve(d)
    rules.set_rule(d.session, "inclusive", "yes")
    with pytest.raises(Refused, match="entered the other way"):
        rules.set_rule(d.session, "inclusive", "no")


def test_an_estimate_begins_where_another_program_stopped(desk: Desk):
    d = shop(desk)
    d.customer()
    fields = {"code": "A", "start": "2026-01-01", "billed_through": "2026-12-01"}
    new = orders.read_new(d.session, "C1", fields)
    plan = estimates.estimate_of(d.session, [new], estimates.account_of(d.session, "C1"), codes.load(d.session))
    assert [b.bill_date for b in plan.bills] == [date(2026, 12, 1), date(2027, 1, 1)]


def test_a_suspended_service_is_shown_so_and_is_not_suspended_twice(desk: Desk):
    d = shop(desk)
    s = serve(d)
    for kind, shown, again in (
        ("suspend", "suspended", "suspended"),
        ("restore", "active", "connected"),
        ("pause", "paused", "paused"),
    ):
        events.schedule_event(d.session, s, kind, {"on": TODAY.isoformat(), "reason": "asked for"})
        assert subscriptions.find_service(d.session, s)[1].status == shown
        with pytest.raises(Refused, match=f"{again} on {TODAY} already"):
            events.schedule_event(d.session, s, kind, {"on": TODAY.isoformat(), "reason": "asked for"})


def test_the_audit_names_an_anchor_only_where_one_was_changed(desk: Desk):
    d = shop(desk)
    s = serve(d)
    events.schedule_event(d.session, s, "anchor", {"on": "2026-12-01", "anchor": "15"})
    events.schedule_event(d.session, s, "change", {"on": "2026-12-02", "code": "B", "quantity": "2"})
    told = d.column(
        "select detail from audit_event where action in ('service.add', 'service.anchor', 'service.change') order by seq"
    )
    assert '"anchor":15' in told[-2].replace(" ", "")
    assert '"quantity"' not in told[-2]
    assert "anchor" not in told[-1]
    assert '"quantity":"2"' in told[-1].replace(" ", "")


def test_only_cash_is_tendered(desk: Desk):
    desk.customer()
    with pytest.raises(InvalidInput, match="leave it empty for cheque"):
        desk.pay("C1", 1000, method="cheque", reference="77", tendered=2000)
    with pytest.raises(InvalidInput, match="less than the amount"):
        desk.pay("C1", 1000, tendered=999)
    assert desk.pay("C1", 1000, tendered=1000).row.amount == 1000


def test_a_credit_note_says_the_balance_behind_it_also_before_it_is_posted(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 5000)
    tried = credit_notes.credit(desk.session, number, "line was down", amount=2000, dry_run=True)
    done = credit_notes.credit(desk.session, number, "line was down", amount=2000)
    assert (tried.balance, done.balance) == (3000, 3000)
    assert (tried.number, bool(done.number)) == ("", True)


def test_the_clerk_of_a_contact_is_found_by_address_and_number_however_they_are_typed(desk: Desk):
    desk.customer("C1", "Smith", emails=("John@Example.com",), phones=("+44 20 7946 0199",))
    for typed in ("john@example.COM", "020 7946 0199", "0199"):
        found = search(desk.session, typed)
        assert [h.account for h in found.hits] == ["C1"], typed


@pytest.mark.parametrize(
    ("tiers", "good"),
    [
        ("100=0.05, *=0.03", True), ("*=0.03", True), ("100=0.05", False), ("*=0.03, 100=0.05", False), ("100=-1, *=0.03", False),
        ("100, *=0.03", False), ("100=0.05, 100=0.04, *=0.03", False), ("100=nan, *=1", False),
        ("100=0.0000000000000000000001, *=1", False),
    ],
)  # fmt: skip
def test_tiers_rise_and_end_with_one_for_all_above(desk: Desk, tiers: str, good: bool):
    codes.store_code(desk.session, {"code": "GB", "name": "Traffic", "kind": "usage"})
    fields = {"amount": "0", "tiers": tiers, "from": "2020-01-01"}
    if good:
        assert len(codes.add_price(desk.session, "GB", fields)[0].tiers) == tiers.count("=")
    else:
        with pytest.raises(InvalidInput):
            codes.add_price(desk.session, "GB", fields)


def test_a_discount_on_the_invoice_tells_its_day_only_where_its_class_had_other_rates(desk: Desk):
    """A credit gives back the rates of that day."""
    d = shop(desk)
    serve(d, mode="arrears")
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01"})
    bill(d, "2026-10-01")
    assert d.column("select period_first from invoice_line where kind = 'discount'") == [None]
    tax_rates.add_rate(d.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-11-01"})
    bill(d, "2026-11-01")
    assert d.column("select period_first from invoice_line where kind = 'discount' order by id") == [None, "2026-10-31"]
    sound(d)


def test_an_invoice_names_its_service_by_the_code_of_the_period(desk: Desk):
    d = shop(desk)
    s = serve(d)
    bill(d, "2026-09-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-10-01", "code": "B"})
    bill(d, "2026-10-01")
    titles = [documents.of_invoice(d.session, w, look=True).sections[0].title for w, _ in documents.every(d.session)]
    assert [t.split(",")[0] for t in titles] == ["A", "B"]


def test_what_of_a_payment_is_a_slip_of_the_hand(desk: Desk):
    desk.customer()
    today = desk.pay("C1", 1000)
    assert payments.right_to_reverse(desk.session, today) == "reverse"
    other = today._replace(operator="somebody")
    assert payments.right_to_reverse(desk.session, other) == "reverse"


def test_a_service_that_was_sold_at_the_desk_is_not_added_by_a_file(desk: Desk, tmp_path):
    d = shop(desk)
    serve(d, start="2026-09-01")
    columns = {f: (f,) for f in ("account", "code", "start")}
    how = Profile("services", columns)
    made = read(d, tmp_path / "a.csv", "account,code,start\nC1,A,2026-09-01\nC1,A,2026-10-01\nC1,B,2026-09-01\n", how)
    assert (made.created, made.already) == (2, 1)
    assert len(d.column("select 1 from service")) == 3


def test_an_empty_day_is_named_by_its_column(desk: Desk, tmp_path):
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    made = read(desk, tmp_path / "a.csv", f"{head}C1,N1,,2026-01-01,5,,,cash\nC1,N2,2026-01-01,,5,,,cash\n")
    assert [(r.line, r.column) for r in made.rejected] == [(2, "issued"), (3, "due")]


def test_a_checkpoint_of_an_administrator_is_signed(desk: Desk):
    assert len(checkpoints.make(desk.session).signature) == 64
    vault, desk.session.vault = desk.session.vault, None
    assert checkpoints.make(desk.session).signature == b""
    desk.session.vault = vault


@pytest.mark.parametrize("name", [None, *(b for b, _, _ in BUCKETS)])
def test_the_terms_of_a_bucket_bring_its_accounts(desk: Desk, name: str | None):
    for days in (1, 30, 31, 60, 61, 90, 91, 400):
        desk.customer(f"C{days}")
        desk.invoice(f"C{days}", 1000, due=-days)
    terms = overdue.bucket_terms(name)
    found = {r.account for r in lists.every(desk.session, "overdue", lists.read_filter(desk.session, "overdue", terms))}
    youngest, oldest = next(((a, b) for n, a, b in BUCKETS if n == name), (1, None))
    wanted = {f"C{d}" for d in (1, 30, 31, 60, 61, 90, 91, 400) if (youngest or 0) <= d <= (10**6 if oldest is None else oldest)}
    assert found == wanted


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ("days>30", {"C31", "C90"}), ("days>=30", {"C30", "C31", "C90"}), ("days<31", {"C5", "C30"}),
        ("days>5 days<90", {"C30", "C31"}), ("days>5 days>30", {"C31", "C90"}), ("days<90 days<31", {"C5", "C30"}),
        ("!days>30", {"C5", "C30"}),
    ],
)  # fmt: skip
def test_bounds_of_the_sorted_column_hold_however_many_there_are(desk: Desk, terms: str, wanted: set[str]):
    for days in (5, 30, 31, 90):
        desk.customer(f"C{days}")
        desk.invoice(f"C{days}", 1000, due=-days)
    for order in ("", " sort:days", " sort:-days", " sort:amount"):
        chosen = lists.read_filter(desk.session, "overdue", terms + order)
        assert {r.account for r in lists.every(desk.session, "overdue", chosen)} == wanted, order


@pytest.mark.parametrize(("currency", "example"), [("EUR", "12.50"), ("JPY", "1250"), ("KWD", "12.500")])
def test_an_example_has_the_decimals_of_the_currency(currency: str, example: str):
    with pytest.raises(InvalidInput, match=rf"such as {example}\."):
        parse_amount("", currency)


@pytest.mark.parametrize(
    ("typed", "on", "meant"),
    [
        ("31dec", date(2027, 1, 2), date(2026, 12, 31)), ("2jan", date(2026, 12, 30), date(2027, 1, 2)),
        ("30jun", date(2026, 12, 29), date(2026, 6, 30)), ("29feb", date(2027, 5, 1), date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_a_day_without_its_year_is_the_nearest(typed: str, on: date, meant: date):
    assert parse_date(typed, on) == meant


def test_three_letters_are_a_reason(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 500, due=-3)
    for short in ("", "no"):
        with pytest.raises(InvalidInput):
            payments.check_reversal(desk.session, desk.pay("C1", 100).row.receipt, short)
        with pytest.raises(InvalidInput):
            calls.outcome(desk.session, "C1", "d", short)
    assert payments.check_reversal(desk.session, desk.pay("C1", 100).row.receipt, "dup").row.amount == 100
    calls.outcome(desk.session, "C1", "d", "bad", invoice=number)


def test_cents_that_are_left_go_to_the_largest_remainders_with_both_signs():
    assert spread(10, [100, 33, -33]) == [10, 3, -3]
    assert spread(-10, [-100, 33, -33]) == [-10, 3, -3]


def test_a_compounded_rate_within_a_price_is_taken_on_the_taxes_before_it():
    rates = (Rate("GST", "S", "5", 1, compound=False, reason=""), Rate("QST", "S", "10", 2, compound=True, reason=""))
    made = tax_lines([(11550, rates)], inclusive=True)
    assert made.nets == (10000,)
    assert [(g.rate.name, g.base, g.tax) for g in made.groups] == [("GST", 10000, 500), ("QST", 10500, 1050)]


def test_a_promotion_counts_from_the_change_to_its_code(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "P", "name": "P"})
    codes.add_price(d.session, "P", {"amount": "30", "from": "2026-01-01", "promo_amount": "9", "promo_periods": "2"})
    codes.store_code(d.session, {"code": "Q", "name": "Q"})
    codes.add_price(d.session, "Q", {"amount": "10", "from": "2026-01-01"})
    s = serve(d, code="Q", start="2026-05-01")
    for month in range(5, 8):
        bill(d, f"2026-{month:02d}-01")
    events.schedule_event(d.session, s, "change", {"on": "2026-08-01", "code": "P"})
    for month in range(8, 12):
        bill(d, f"2026-{month:02d}-01")
    assert d.column("select amount from invoice_line where kind = 'recurring' order by id") == [1000] * 3 + [900] * 2 + [3000] * 2
    assert d.column("select check_on from service_state") == [None]
    sound(d)


def test_a_period_is_billed_on_its_day_and_not_the_day_before(desk: Desk):
    d = shop(desk)
    s = serve(d, start="2026-09-10")
    events.schedule_event(d.session, s, "pause", {"on": "2026-09-15"})
    events.schedule_event(d.session, s, "resume", {"on": "2026-09-20"})
    for day in ("2026-09-10", "2026-10-09", "2026-10-10"):
        bill(d, day)
    assert d.column("select next_on from service_state") == ["2026-11-10"]
    sound(d)


def test_what_a_view_for_all_is_called_when_it_goes_and_who_may_drop_it(desk: Desk):
    views.save_view(desk.session, "customers", "mine", "plan:a", shared=False)
    views.save_view(desk.session, "customers", "ours", "plan:a", shared=True)
    for name in ("mine", "ours"):
        views.drop_view(desk.session, "customers", name)
    told = desk.column("select detail from audit_event where action = 'view.drop' order by seq")
    assert [json.loads(str(t))["shared"] for t in told] == [False, True]
    clerk = enrolled(desk, "kim", "auditor")
    views.save_view(desk.session, "customers", "ours", "plan:a", shared=True)
    with pytest.raises(NotPermitted):
        views.drop_view(clerk, "customers", "ours")


def test_an_invoice_due_on_its_day_of_issue_is_taken_from_a_file(desk: Desk, tmp_path):
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    made = read(desk, tmp_path / "a.csv", f"{head}C1,N1,2026-01-01,2026-01-01,5,,,cash\nC1,N2,2026-01-02,2026-01-01,5,,,cash\n")
    assert (made.created, [r.column for r in made.rejected]) == (1, ["due"])


def test_an_import_tells_of_each_batch_what_was_there_in_it(desk: Desk, tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "BATCH", 10)
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    text = head + "".join(f"C1,N{n},2026-01-01,2026-02-01,5,,,cash\n" for n in range(25))
    for _ in range(2):
        read(desk, tmp_path / "a.csv", text)
    told = [json.loads(str(t)) for t in desk.column("select detail from audit_event where action = 'import.batch' order by seq")]
    assert [(t["created"], t["already"]) for t in told] == [(10, 0), (10, 0), (5, 0), (0, 10), (0, 10), (0, 5)]


def test_three_letters_of_a_number_find_it(desk: Desk):
    desk.customer("AB1234")
    assert [h.id for h in search(desk.session, "AB1").hits if h.type == "customer"] == ["AB1234"]


def test_an_activation_code_holds_as_long_as_was_told(desk: Desk):
    operators.add(desk.session, "mira", "clerk")
    sound(desk)
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update operator set code_until = code_until + 1 where name = 'mira'")
    assert [c.broken[0] for c in verify(desk.session) if c.broken] == [
        "the activation code of mira is stored with another end than it was given"
    ]


@pytest.mark.parametrize(
    ("fields", "text"),
    [({}, "Discount"), ({"code": "a"}, "Discount on A"), ({"code": "a", "text": "Loyal"}, "Loyal"), ({"text": "Loyal"}, "Loyal")],
)
def test_a_discount_has_its_text_or_one_that_says_what_it_is_on(sqlite_desk: Desk, fields: dict[str, str], text: str):
    d = shop(sqlite_desk)
    serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01", **fields})
    assert d.column("select text from discount") == [text]


def test_lines_of_a_credit_are_typed_as_number_and_amount(sqlite_desk: Desk):
    session = sqlite_desk.session
    assert credit_parts.read_lines(session, []) is None
    assert credit_parts.read_lines(session, ["2=10.00", " 1 =0.50"]) == {2: 1000, 1: 50}
    for wrong in ("2", "=5", "x=5", "\u00b2=5", "-1=5"):
        with pytest.raises(InvalidInput, match="is not LINE=AMOUNT"):
            credit_parts.read_lines(session, [wrong])
    with pytest.raises(InvalidInput, match="named twice"):
        credit_parts.read_lines(session, ["1=5", "1=6"])


def test_a_line_without_a_tax_class_shows_no_rate(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "FREE", "name": "Free of tax"})
    codes.add_price(d.session, "FREE", {"amount": "10", "from": "2020-01-01"})
    serve(d)
    serve(d, code="FREE")
    bill(d, "2026-09-01")
    lines = [n for s in documents.of_invoice(d.session, next(documents.every(d.session))[0], look=True).sections for n in s.lines]
    assert [(n.amount, n.category, n.percent) for n in lines] == [(3000, "S", "20"), (1000, "", "0")]


def test_terms_and_anchors_are_days_of_a_month(sqlite_desk: Desk):
    sqlite_desk.customer()
    for wrong in ({"terms_day": 32}, {"terms_day": -1}, {"anchor": 32}, {"anchor": -1}):
        with pytest.raises(InvalidInput, match="must be from 1 to 31, or 0 for none"):
            subscriptions.set_terms(sqlite_desk.session, "C1", **wrong)
    for right in (0, 1, 31):
        subscriptions.set_terms(sqlite_desk.session, "C1", terms_day=right)
        subscriptions.set_terms(sqlite_desk.session, "C1", anchor=right)
    told = sqlite_desk.column("select detail from audit_event where action = 'customer.terms' order by seq")
    last = json.loads(str(told[-1]))
    assert (last["terms_day"], last["anchor"]) == (31, 31)


def test_a_tax_class_is_one_word(sqlite_desk: Desk):
    for wrong in ("", "two words"):
        with pytest.raises(InvalidInput, match="Type the tax class as one word"):
            tax_rates.add_rate(sqlite_desk.session, wrong, {"percent": "20", "name": "VAT"})


@pytest.mark.parametrize(
    ("last", "seq", "minutes", "due"),
    [
        ("", 1, 0, True), ("x 0", 2, 0, True), ("5 x", 6, 0, True), ("5 0", 104, 4.99, False), ("5 0", 105, 0, True), ("5 0", 6, 5, True),
    ],
)  # fmt: skip
def test_a_checkpoint_is_due_after_a_hundred_events_or_five_minutes(last: str, seq: int, minutes: float, due: bool):
    assert checkpoints.is_due(last, seq, int(minutes * 60_000_000)) is due


def test_who_is_over_a_limit_reads_how_much_it_is(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    bill(d, "2026-09-01")
    mira = enrolled(d, "mira", "supervisor", "20")
    with pytest.raises(NeedsApproval, match=r"^Over your limit of 20\.00: asked as approval \d+;"):
        credit_notes.credit(mira, "INV-000001", "was down", amount=2001)


def test_the_fields_that_can_be_revealed_are_named_without_the_pin(sqlite_desk: Desk):
    sqlite_desk.customer()
    with pytest.raises(InvalidInput, match=r"type one of tax_id, birth_date, .*bank_account.*\.") as told:
        profiles.reveal(sqlite_desk.session, "C1", "shoe_size", "asked by the caller")
    assert "pin" not in str(told.value).split("type one of")[1]


def test_a_key_that_no_administrator_signed_opens_nothing(desk: Desk):
    enrolled(desk, "mira", "clerk")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update compartment_key set status = 'retired' where compartment = 'CONTACT'")
    with pytest.raises(KeyProblem, match="A key of CONTACT is not what an administrator signed"):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)


def test_what_was_found_by_a_contact_says_by_which(desk: Desk):
    desk.customer("C1", "Ann", phones=("+44 20 7946 0199",), emails=("ann@example.org",))
    assert [h.reference for h in search(desk.session, "020 7946 0199").hits] == ["phone ..0199"]
    assert [h.reference for h in search(desk.session, "ann@example.org").hits] == ["e-mail"]


def test_the_audit_of_a_sale_tells_its_own_price_only_where_there_is_one(desk: Desk):
    d = shop(desk)
    serve(d)
    serve(d, price="24", reason="loyal")
    told = [json.loads(str(t)) for t in d.column("select detail from audit_event where action = 'service.add' order by seq")]
    assert [t["own_price"] for t in told] == ["", "fixed 2400"]


def test_the_note_of_a_promise_says_what_became_of_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 1000, due=-40)
    promised = TODAY + timedelta(days=7)
    calls.outcome(desk.session, "C1", "m", "", promised)
    payments.reverse(desk.session, desk.pay("C1", 1000).row.receipt, "bounced", returned=True)
    told = desk.column("select text from note where substr(text, 1, 10) = 'Promise of' order by id")
    assert told == [f"Promise of {promised}: paid", f"Promise of {promised}: a payment was taken back"]


def test_a_credential_that_was_cut_or_is_of_something_else_opens_nothing(sqlite_desk: Desk, tmp_path: Path):
    file = tmp_path / "night.key"
    operators.add_principal(sqlite_desk.session, "night", file)
    text = file.read_text()
    head, name, raw = text.split()
    for wrong in (f"{head}\n{name}\n{raw[:-8]}\n", f"other\n{name}\n{raw}\n", f"{head}\n{name}\n", ""):
        file.write_text(wrong)
        file.chmod(0o600)
        with pytest.raises(KeyProblem, match="is not a credential"):
            sign_in.sign_in_with_credential(at_desk(sqlite_desk), file)
    file.write_text(text)
    sign_in.sign_in_with_credential(at_desk(sqlite_desk), file)


def test_what_comes_next_of_an_account_may_be_a_charge_alone(desk: Desk):
    d = shop(desk)
    d.customer()
    assert estimates.next_bill(d.session, "C1").bills == ()
    codes.store_code(d.session, {"code": "V", "name": "Visit", "kind": "one-time"})
    charges.charge(d.session, "C1", {"code": "V", "amount": "35", "on": str(TODAY)})
    (one,) = estimates.next_bill(d.session, "C1").bills
    assert [n.amount for n in one.lines] == [3500]


def test_the_form_of_a_customer_shows_its_own_terms(sqlite_desk: Desk):
    sqlite_desk.customer("C1", terms_days=14)
    sqlite_desk.customer("C2", terms_days=-1)
    assert [changes.fields_of(sqlite_desk.session, a)["terms_days"] for a in ("C1", "C2")] == ["14", "none"]


def test_the_words_of_all_names_are_read_once_in_some_minutes(sqlite_desk: Desk):
    asked: list[int] = []

    def read(_: Database) -> frozenset[str]:
        asked.append(1)
        return frozenset({"smith"})

    for _ in range(3):
        assert sqlite_desk.session.name_words(read) == {"smith"}
    assert asked == [1]


def test_the_entry_of_an_invoice_says_its_first_line_and_how_many_more(desk: Desk):
    d = shop(desk)
    serve(d)
    serve(d, code="B")
    serve(d, "C2")
    bill(d, "2026-09-01")
    told = d.column("select text from entry where kind = 'invoice' order by id")
    assert [str(t).startswith("Plan A") for t in told] == [True, True]
    assert [str(t).endswith(" +1") for t in told] == [True, False]


def test_what_credit_would_settle_is_shown_before_it_is_used(desk: Desk):
    desk.customer()
    desk.pay("C1", 5000)
    with pytest.raises(Refused, match="has no open invoice"):
        apply_credit.apply_credit(desk.session, "C1")
    desk.invoice("C1", 3000, due=-3)
    look = apply_credit.apply_credit(desk.session, "C1", dry_run=True)
    assert (look.used, look.left) == (3000, 2000)
    assert desk.column("select count(*) from allocation") == [0]
    made = apply_credit.apply_credit(desk.session, "C1")
    assert (made.used, made.left, made.overdue) == (3000, 2000, 0)


@pytest.mark.parametrize(("left", "fees"), [("2026-08-31", [2500]), ("2026-09-01", [])])
def test_who_leaves_on_the_last_day_of_the_term_pays_no_fee(sqlite_desk: Desk, left: str, fees: list[int]):
    d = shop(sqlite_desk)
    fields = {"code": "T", "name": "Term", "minimum_months": "3", "leave_fee": "25"}
    codes.store_code(d.session, fields)
    codes.add_price(d.session, "T", {"amount": "30", "from": "2020-01-01"})
    s = serve(d, code="T", start="2026-06-01")
    for month in ("06", "07", "08"):
        bill(d, f"2026-{month}-01")
    events.schedule_event(d.session, s, "end", {"on": left})
    bill(d, "2026-09-01")
    assert d.column("select amount from invoice_line where kind = 'fee'") == fees


@pytest.mark.parametrize("weight", ["x", "1234567890", "\u0661", "1.5", "-1"])
def test_the_weight_of_a_part_is_a_whole_number(sqlite_desk: Desk, weight: str):
    d = shop(sqlite_desk)
    with pytest.raises(InvalidInput, match="Type the weight of A as a whole number"):
        codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": f"A={weight}"})
    codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": "A=123456789"})


def test_a_process_lives_only_where_it_was_started():
    me = os.getpid()
    assert host.is_alive("another.example", "boot", me)
    assert host.is_alive(host.host(), host.boot_id(), me)
    assert not host.is_alive(host.host(), "an earlier start", me)
    child = subprocess.Popen(["true"])
    child.wait()
    assert not host.is_alive(host.host(), host.boot_id(), child.pid)


@pytest.mark.parametrize(("part", "whole"), [(-1, 30), (31, 30), (0, 0), (1, 0), (-1, -1)])
def test_a_share_is_of_something_and_within_it(part: int, whole: int):
    with pytest.raises(ValueError, match="share of"):
        share(1000, part, whole)


def test_a_service_that_begins_with_its_period_is_not_free_before_its_first_anchor():
    month = date(2026, 9, 1), date(2026, 10, 1)
    assert fraction(date(2026, 9, 1), date(2026, 9, 10), *month, "free", date(2026, 9, 1)) == (9, 30)
    assert fraction(date(2026, 9, 5), date(2026, 10, 1), *month, "free", date(2026, 9, 5)) == (0, 1)


def test_a_discount_stands_on_the_invoice_under_its_own_words(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    discounts.discount(d.session, "C1", {"percent": "10", "from": "2026-09-01", "text": "Loyal"})
    bill(d, "2026-09-01")
    assert d.column("select text from invoice_line where kind = 'discount'") == ["Loyal"]


def test_what_was_shown_of_a_contact_is_counted_in_the_audit(desk: Desk):
    desk.customer("C1", "Ann", street="1 High Street", phones=("+44 20 7946 0199",), emails=("ann@example.org",))
    assert len(profiles.show_contact(desk.session, "C1")) == 3
    (told,) = desk.column("select detail from audit_event where action = 'contact.show'")
    assert json.loads(str(told))["fields"] == 3


def test_a_reveal_needs_a_reason_of_three_letters(sqlite_desk: Desk):
    sqlite_desk.customer("C1", "Ann", profile=(("tax_id", "DE1"),))
    with pytest.raises(InvalidInput, match="A reveal needs a reason"):
        profiles.reveal(sqlite_desk.session, "C1", "tax_id", "no")
    assert profiles.reveal(sqlite_desk.session, "C1", "tax_id", "vat") == "DE1"


def test_tries_that_wait_for_their_answer_are_counted_one_by_one(sqlite_desk: Desk):
    (uid,) = sqlite_desk.column("select uid from operator where name = 'boss'")
    assert [tries.claim(at_desk(sqlite_desk), bytes(uid)).pending for _ in range(3)] == [1, 2, 3]  # type: ignore[arg-type]


def test_the_last_run_of_a_preview_is_one_that_stands(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    assert preview(d.session, date(2026, 9, 1)).last is None
    bill(d, "2026-09-01")
    bill(d, "2026-09-02")
    found = preview(d.session, date(2026, 10, 1)).last
    assert found is not None
    assert found.invoices == 1
    undo.undo(d.session, found.number, "wrong prices")
    assert preview(d.session, date(2026, 10, 1)).last is None


def test_the_key_of_another_demo_opens_nothing(tmp_path: Path):
    target = str(tmp_path / "d.db")
    tmp_path.chmod(0o700)
    book.make(target, customers=1, months=1).session.db.close()
    key = book.key_file(target)
    whole = key.read_bytes()
    for wrong in (whole[:-1], whole[:64] + bytes(16), b""):
        key.write_bytes(wrong)
        session = open_book(target)
        with pytest.raises(KeyProblem, match="is not the key of this demo book"):
            sign_in.sign_in_with_bundle(session, "demo", key)
        session.db.close()


@pytest.mark.parametrize(
    ("key", "again"),
    [
        ("n", date(2026, 11, 24)),
        ("l", date(2026, 11, 23)),
        ("w", date(2026, 11, 23)),
        ("e", date(2026, 11, 23)),
        ("s", date(2026, 11, 21)),
    ],
)
def test_an_account_comes_up_again_after_its_days_or_working_days(key: str, again: date):
    assert next_action(OUTCOMES[key], date(2026, 11, 20)) == again  # a Friday
