"""What is billed, by rule: the worked examples of the domain, and properties that hold for every date."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbill_tui.billing.billing_run.accounts import Held, SharedTimeline
from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.billing_run.planning import plan_customer
from netbill_tui.billing.catalogue.codes import Catalogue, Code, Rules
from netbill_tui.billing.catalogue.prices import CannotBill, Price, PriceOverride, Tier, price_row, usage_amount
from netbill_tui.billing.catalogue.taxes import CreditedTax, DatedRate, Rate, spread, tax_lines, tax_of_credit
from netbill_tui.billing.core.cycles import Cycle, month_length, parse_cycle, schedule
from netbill_tui.billing.services.charging import pieces, upcoming
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.billing.services.proration import credits_for, fraction, retained, share
from netbill_tui.billing.services.subscriptions import Event, Service, timeline_of
from netbill_tui.errors import InvalidInput
from tests.billing.simulation import ACCOUNT, Customer

D = date
VAT = Rate("VAT 20 %", "S", "20")
CODES = {
    "A": Code("A", "Plan A", tax_class="std"), "B": Code("B", "Plan B", tax_class="std"), "N": Code("N", "No price"),
    "T": Code("T", "Term", minimum_months=12, leave_fee=5000), "S": Code("S", "Stops", suspended="stop"),
    "X": Code("X", "Box", "bundle", kind="bundle", parts=(("A", 2), ("B", 1))), "ONE": Code("ONE", "Visit", kind="one-time"),
    "GB": Code("GB", "Traffic", kind="usage", unit="GB"),
}  # fmt: skip


def book(prices: dict[str, tuple[Price, ...]] | None = None, **rules) -> Catalogue:
    listed = {c: (Price(i, "2020-01-01", None, "all", p),) for i, (c, p) in enumerate(
        {"A": 5999, "B": 7999, "T": 3000, "S": 3000, "X": 1000, "ONE": 2500}.items(), 1)}  # fmt: skip
    return Catalogue(CODES, listed | (prices or {}), (DatedRate("std", "2000-01-01", None, VAT),), Rules(**rules))


MONTHLY = Cycle(1)


def service(start: date, anchor: int | None = None, cycle: Cycle = MONTHLY, mode: str = "advance", code: str = "A", **more):
    events = [Event(100, start, "start", code, **more)]
    return Service(1, start, cycle, anchor or start.day, mode), events


def customer(made: Catalogue, *services) -> Customer:
    one = Customer(made)
    for at, (kept, events) in enumerate(services, 1):
        one.add(kept._replace(id=at), [e._replace(id=e.id + at * 1000) for e in events])
    return one


def lines(bills, kind: str = "") -> list[tuple[object, ...]]:
    return [(n.code, n.first, n.end, n.amount) for b in bills for n in b.lines if not kind or n.kind == kind]


# The examples of docs/rules.md, one each.


def test_a_stub_costs_its_days_of_the_period_that_would_have_held_it():
    one = customer(book(), service(D(2026, 2, 20), 15))
    assert lines(one.bill(D(2026, 2, 20))) == [("A", "2026-02-20", "2026-03-15", 4928)]


def test_a_change_in_mid_period_gives_back_29_99_and_charges_40_00():
    one = customer(book(), service(D(2026, 2, 15)))
    one.bill(D(2026, 2, 15))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    assert one.bill(D(2026, 3, 1)) == [], "both wait for the next invoice"
    (bill,) = one.bill(D(2026, 3, 15))
    assert lines([bill], "credit") == [("A", "2026-03-01", "2026-03-15", -2999)]
    assert lines([bill], "recurring") == [("B", "2026-03-01", "2026-03-15", 4000), ("B", "2026-03-15", "2026-04-15", 7999)]
    assert bill.net == 1001 + 7999


def test_a_second_change_of_the_same_day_replaces_the_first():
    one = customer(book(), service(D(2026, 2, 15)))
    one.bill(D(2026, 2, 15))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    one.happen(1, Event(9001, D(2026, 3, 1), "change", "T"))
    (bill,) = one.bill(D(2026, 3, 15))
    assert {code for code, *_ in lines([bill], "recurring")} == {"T"}


@pytest.mark.parametrize(("anchor", "dates"), [
    pytest.param(31, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], id="last-day"),
    pytest.param(30, ["2026-01-30", "2026-02-28", "2026-03-30", "2026-04-30"], id="thirtieth"),
    pytest.param(29, ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29"], id="leap-day"),
    pytest.param(1, ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"], id="first"),
])  # fmt: skip
def test_dates_are_counted_from_the_anchor(anchor, dates):
    made = schedule(D(2026, 1, anchor), Cycle(1), anchor)
    assert [made.boundary(k).isoformat() for k in range(4)] == dates


def test_an_anchor_that_changes_makes_one_stub():
    one = customer(book(), service(D(2026, 1, 10)))
    one.bill(D(2026, 1, 10))
    one.happen(1, Event(9000, D(2026, 1, 20), "anchor", number=1))
    found = lines(one.bill(D(2026, 4, 1)))
    assert [(f, e) for _, f, e, _ in found] == [
        ("2026-02-10", "2026-03-01"), ("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-05-01"),
    ]  # fmt: skip
    assert found[0][3] == share(5999, 19, 28)


def test_a_pause_is_given_back_and_resumes_within_the_period():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 11), "pause"))
    one.happen(1, Event(9001, D(2026, 3, 21), "resume"))
    (bill,) = one.bill(D(2026, 4, 1))
    assert sum(n.amount for n in bill.lines) == 5999 - (5999 - retained(5999, 21, 31))
    assert not any(n.kind == "recurring" and n.first < "2026-04-01" for n in bill.lines), "the days after are still charged"


def test_suspended_access_stops_charging_with_the_next_period_and_skipped_ones_stay_skipped():
    one = customer(book(), service(D(2026, 1, 1), code="S"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 10), "suspend", policy="stop"))
    assert one.bill(D(2026, 2, 1)) == []
    one.happen(1, Event(9001, D(2026, 3, 20), "restore"))
    assert lines(one.bill(D(2026, 4, 1))) == [("S", "2026-04-01", "2026-05-01", 3000)]


@pytest.mark.parametrize(("policy", "given_back"), [("days", 1 - 5999 + retained(5999, 14, 31) - 1), ("period", 0)])
def test_an_end_gives_back_what_is_left_or_keeps_the_period(policy, given_back):
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 15), "end", policy=policy))
    bills = one.bill(D(2026, 5, 1))
    assert sum(b.net for b in bills) == given_back


def test_leaving_before_the_end_of_the_term_costs_the_fee_once():
    one = customer(book(), service(D(2026, 1, 1), code="T"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 20), "end", policy="days"))
    bills = [*one.bill(D(2026, 1, 20)), *one.bill(D(2026, 2, 20)), *one.bill(D(2027, 2, 20))]
    assert [a for _, _, _, a in lines(bills, "fee")] == [5000]


def test_a_promotion_holds_for_n_periods_and_then_the_list_price():
    prices = {"A": (Price(1, "2026-01-01", None, "all", 5999, promo_amount=990, promo_periods=3),)}
    one = customer(book(prices), service(D(2026, 1, 10), 1))
    found = [a for *_, a in lines(one.bill(D(2026, 5, 1)))]
    assert found == [share(990, 22, 31), 990, 990, 990, 5999]


def test_a_price_for_new_customers_holds_for_new_ones_only():
    rows = (Price(1, "2026-01-01", None, "all", 5999), Price(2, "2026-03-01", None, "new", 4999))
    assert price_row(rows, "2026-04-01", "2026-02-01") == rows[0]
    assert price_row(rows, "2026-04-01", "2026-03-01") == rows[1]


def test_a_raise_counts_from_the_period_that_begins_on_it_or_after():
    prices = {"A": (Price(1, "2026-01-01", None, "all", 5999), Price(2, "2026-02-10", None, "all", 6499, notice=True))}
    one = customer(book(prices), service(D(2026, 1, 5)))
    bills = one.bill(D(2026, 3, 5))
    assert [a for *_, a in lines(bills, "recurring")] == [5999, 5999, 6499]
    notices = [n.text for n in bills[1].lines if n.kind == "notice"]
    assert len(notices) == 1
    assert "2026-03-05" in notices[0]
    assert "64.99" in notices[0]
    assert not [n for n in bills[0].lines if n.kind == "notice"]


def test_an_own_price_that_ends_in_mid_period_splits_it():
    kept, events = service(D(2026, 3, 1))
    own = Event(101, D(2026, 3, 1), "price", override=PriceOverride("fixed", "1000", "friend"), until=D(2026, 3, 16))
    one = customer(book(), (kept, [*events, own]))
    assert [a for *_, a in lines(one.bill(D(2026, 3, 1)))] == [share(1000, 15, 31), share(5999, 16, 31)]
    assert [a for *_, a in lines(one.bill(D(2026, 4, 1)))] == [5999]


def test_a_percentage_of_the_list_price_is_rounded_once_with_the_days():
    kept, events = service(D(2026, 2, 20), 15, quantity="3")
    own = Event(101, D(2026, 2, 20), "price", override=PriceOverride("percent", "33.3", ""))
    (bill,) = customer(book(), (kept, [*events, own])).bill(D(2026, 2, 20))
    exact = Fraction(5999) * Fraction("33.3") / 100 * 3 * 23 / 28
    assert abs(bill.net - exact) <= Fraction(1, 2)


def test_the_parts_of_a_bundle_add_up_to_its_price():
    (bill,) = customer(book(), service(D(2026, 1, 1), code="X")).bill(D(2026, 1, 1))
    assert [(n.code, n.amount) for n in bill.lines] == [("A", 667), ("B", 333)]


def test_usage_is_counted_tier_by_tier_above_what_is_included():
    row = Price(
        1, "2026-01-01", None, "all", 0, included=Decimal(10), tiers=(Tier(Decimal(100), Decimal(5)), Tier(None, Decimal("2.5")))
    )
    assert usage_amount(row, Decimal(8)) == 0
    assert usage_amount(row, Decimal(15)) == 25
    assert usage_amount(row, Decimal(211)) == 100 * 5 + 253
    with pytest.raises(CannotBill):
        usage_amount(row._replace(tiers=row.tiers[:1]), Decimal(200))


@pytest.mark.parametrize(("first_bill", "dates"), [
    pytest.param("stub", [("2026-03-15", 1)], id="at-once"),
    pytest.param("stub+full", [("2026-03-15", 2)], id="with-the-first-full-period"),
    pytest.param("defer", [("2026-04-01", 2)], id="when-that-begins"),
])  # fmt: skip
def test_the_first_bill_is_what_the_book_says(first_bill, dates):
    one = customer(book(first_bill=first_bill), service(D(2026, 3, 15), 1))
    bills = one.bill(D(2026, 3, 15)) or one.bill(D(2026, 4, 1))
    assert [(b.bill_date.isoformat(), len(b.lines)) for b in bills] == dates


def test_in_arrears_the_period_that_ended_is_billed_and_an_end_bills_the_rest():
    one = customer(book(), service(D(2026, 3, 10), mode="arrears"))
    assert one.bill(D(2026, 4, 9)) == []
    assert lines(one.bill(D(2026, 4, 10))) == [("A", "2026-03-10", "2026-04-10", 5999)]
    one.happen(1, Event(9000, D(2026, 4, 25), "end", policy="days"))
    (bill,) = one.bill(D(2026, 4, 25))
    assert lines([bill]) == [("A", "2026-04-10", "2026-04-25", share(5999, 15, 30))]


def test_a_customer_who_left_gets_the_credit_by_itself():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 11), "end", policy="days"))
    (bill,) = one.bill(D(2026, 3, 11))
    assert bill.net == -(5999 - retained(5999, 10, 31))
    assert bill.tax == -round(Fraction(-bill.net, 5))
    assert one.bill(D(2026, 12, 1)) == []


def test_a_one_off_charge_rides_on_the_next_invoice_or_stands_alone():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 3, 1))
    one.charges.append(OneOff(1, D(2026, 3, 10), "one-off", "ONE", Decimal(2), None, "", "2026-03-10"))
    assert one.bill(D(2026, 3, 31)) == []
    (bill,) = one.bill(D(2026, 4, 1))
    assert [n.amount for n in bill.lines if n.kind == "one-off"] == [5000]
    alone = Customer(book(), charges=[OneOff(2, D(2026, 3, 10), "one-off", "ONE", Decimal(1), None, "", "2026-03-10")])
    assert [b.net for b in alone.bill(D(2026, 3, 10))] == [2500]


def test_a_change_that_is_entered_late_gives_back_and_charges_every_period_since():
    one = customer(book(), service(D(2026, 3, 1)))
    one.bill(D(2026, 5, 1))
    one.happen(1, Event(9000, D(2026, 3, 16), "change", "B"))
    one.bill(D(2026, 7, 1))
    wanted = retained(5999, 15, 31) + share(7999, 16, 31) + 4 * 7999
    assert sum(b.net for b in one.bills) == wanted


def test_an_own_price_that_is_entered_late_corrects_what_stands_behind_a_change_too():
    one = customer(book(), service(D(2026, 11, 1)))
    one.bill(D(2026, 11, 1))
    one.happen(1, Event(9000, D(2026, 11, 16), "change", "B"))
    one.bill(D(2026, 12, 1))
    one.happen(1, Event(9001, D(2026, 11, 1), "price", override=PriceOverride("fixed", "1000")))
    one.bill(D(2027, 1, 1))
    assert sum(b.net for b in one.bills) == 500 + 500 + 1000 + 1000


def test_an_end_that_is_taken_back_takes_the_early_leave_fee_back():
    one = customer(book(), service(D(2026, 1, 1), code="T"))
    one.bill(D(2026, 1, 1))
    one.happen(1, Event(9000, D(2026, 1, 20), "end", policy="days"))
    one.bill(D(2026, 1, 20))
    one.happen(1, Event(9001, D(2026, 1, 20), "void", number=9000))
    one.held[1] = one.held[1]._replace(events=tuple(e for e in one.held[1].events if e.id != 9000))
    one.bill(D(2026, 3, 1))
    assert sum(b.net for b in one.bills) == 3 * 3000


def test_what_is_given_back_has_the_tax_it_was_charged_with():
    rates = (DatedRate("std", "2000-01-01", "2026-12-01", VAT), DatedRate("std", "2026-12-01", None, Rate("VAT 25 %", "S", "25")))
    made = book()
    made.rates = rates
    one = customer(made, service(D(2026, 11, 6)))
    one.bill(D(2026, 11, 6))
    one.happen(1, Event(9000, D(2026, 12, 5), "end", policy="days"))
    (bill,) = one.bill(D(2026, 12, 5))
    assert [g.rate.percent for g in bill.groups] == ["20"]


def test_a_discount_on_the_invoice_is_not_taken_from_what_is_given_back():
    one = customer(book(), service(D(2026, 3, 1)))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "10", "2026-01-01", None, "ten"),))
    one.bill(D(2026, 3, 1))
    one.happen(1, Event(9000, D(2026, 3, 1), "change", "B"))
    one.bill(D(2026, 4, 1))
    assert sum(b.net for b in one.bills) == 2 * (7999 - 800)


def test_lines_that_look_alike_are_not_taken_for_each_other():
    prices = {"A": (Price(1, "2020-01-01", None, "all", 9000), Price(2, "2026-10-01", None, "new", 6000))}
    one = customer(
        book(prices), service(D(2026, 11, 1), 16), service(D(2026, 11, 1), 16, Cycle(3)), service(D(2026, 9, 16), 16),
    )  # fmt: skip
    found = {n.service_id: n.amount for b in one.bill(D(2026, 11, 1)) for n in b.lines if n.first >= "2026-11-01"}
    assert found == {1: share(6000, 15, 31), 2: share(6000, 15, 92)}
    later = {n.service_id: n.amount for b in one.bill(D(2026, 11, 16)) for n in b.lines if n.end == "2026-12-16"}
    assert later == {1: 6000, 3: 9000}


def test_the_parts_of_a_period_never_cost_more_than_the_period():
    for policy in ("30", "whole"):
        one = customer(book(proration=policy), service(D(2026, 3, 1)))
        one.bill(D(2026, 3, 1))
        one.happen(1, Event(9000, D(2026, 3, 11), "pause"))
        one.happen(1, Event(9001, D(2026, 3, 21), "resume"))
        one.bill(D(2026, 4, 1))
        march = sum(n.amount for b in one.bills for n in b.lines if n.first < "2026-04-01")
        assert 0 < march <= 5999


# Discounts and taxes.


def test_discounts_come_in_their_order_and_never_below_zero():
    given = (
        Discount(1, "A", "fixed", "500", "2026-01-01", None, "a"), Discount(2, "A", "percent", "10", "2026-01-01", None, "b"),
        Discount(3, "", "percent", "50", "2026-01-01", None, "c"), Discount(4, "", "fixed", "99999", "2026-01-01", None, "d"),
    )  # fmt: skip
    one = customer(book(), service(D(2026, 1, 1)))
    one.account = ACCOUNT._replace(discounts=given)
    (bill,) = one.bill(D(2026, 1, 1))
    assert bill.lines[0].amount == 5999 - 600 - 500
    assert [n.amount for n in bill.lines if n.kind == "discount"] == [-2450, -2449]
    assert (bill.net, bill.tax) == (0, 0)


def test_what_is_given_back_is_what_was_charged_after_the_discounts():
    one = customer(book(), service(D(2026, 3, 1)))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "50", "2026-01-01", "2026-03-31", "half"),))
    (first,) = one.bill(D(2026, 3, 1))
    assert first.net == 2999
    one.happen(1, Event(9000, D(2026, 3, 1), "end", policy="days"))
    (bill,) = one.bill(D(2026, 3, 2))
    assert first.net + bill.net == 0


def test_compound_inclusive_and_exempt_taxes():
    gst, pst = Rate("GST", "S", "5", 1), Rate("PST", "S", "9.975", 2, compound=True)
    made = tax_lines([(10000, (gst, pst))])
    assert [(g.base, g.tax) for g in made.groups] == [(10000, 500), (10500, 1047)]
    back = tax_lines([(11547, (gst, pst))], inclusive=True)
    assert (back.nets, back.tax) == ((10000,), 1547)
    with pytest.raises(InvalidInput):
        tax_lines([(100, (Rate("x", "S", "101"),))])


RATES = st.lists(
    st.builds(Rate, st.sampled_from("abc"), st.just("S"), st.sampled_from(["0", "5", "7", "8.875", "19", "20", "23.33"]),
              st.integers(1, 3), st.booleans()), max_size=3, unique_by=lambda r: r.order,
).map(lambda found: tuple(sorted(found, key=lambda r: r.order)))  # fmt: skip


@given(st.lists(st.tuples(st.integers(-10_000_000, 10_000_000), RATES), min_size=1, max_size=8), st.booleans())
def test_taxes_by_line_are_the_taxes_by_rate(rows, inclusive):
    made = tax_lines(rows, inclusive=inclusive)
    assert sum(made.taxes) == made.tax
    if inclusive:
        assert [n + t for n, t in zip(made.nets, made.taxes, strict=True)] == [a for a, _ in rows]
    else:
        assert list(made.nets) == [a for a, _ in rows]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=9))
def test_spreading_loses_no_unit(total, weights):
    assert sum(spread(total, weights)) == total


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_credits_of_a_line_give_back_exactly_what_was_taken(net, tax, parts):
    gone_net = gone_tax = 0
    for part in [min(p, net) for p in parts] + [net]:
        part = min(part, net - gone_net)
        if part == 0:
            continue
        back = tax_of_credit(CreditedTax(net, tax, gone_net, gone_tax), part)
        gone_net, gone_tax = gone_net + part, gone_tax + back
    assert (gone_net, gone_tax) == (net, tax)


@given(st.integers(-(10**8), 10**8), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_kept_and_given_back_are_what_was_charged(charged, unused):
    billed = sum(unused) + 3
    back = credits_for(charged, billed, unused)
    assert sum(back) + retained(charged, 3, billed) == charged


# Periods.

DAYS = st.dates(D(2023, 1, 1), D(2028, 12, 31))
CYCLES = st.sampled_from(["1M", "2M", "3M", "6M", "12M", "7D", "14D", "28D"]).map(
    lambda c: Cycle(2) if c == "2M" else parse_cycle(c)
)  # fmt: skip


@given(DAYS, CYCLES, st.integers(1, 31), st.integers(0, 40))
def test_periods_touch_and_hold_their_days(start, cycle, anchor, k):
    made = schedule(start, cycle, anchor)
    first, end = made.boundary(k), made.boundary(k + 1)
    assert first < end
    assert made.number(first) == k
    assert made.number(end - timedelta(days=1)) == k
    if cycle.months:
        assert first.day == min(anchor, month_length(first.year, first.month))
        assert timedelta(0) <= made.origin - start <= timedelta(days=31)


@given(DAYS, CYCLES, st.integers(1, 31), st.integers(0, 400), st.sampled_from(["days", "30"]))
def test_parts_of_a_span_are_parts_of_their_periods(start, cycle, anchor, length, policy):
    end = start + timedelta(days=length)
    made = timeline_of(Service(1, start, cycle, anchor), [Event(1, start, "start", "A"), Event(2, end, "end", policy="days")])
    found = pieces(made, start, D(2035, 1, 1))
    assert sum((p.end - p.first).days for p in found) == length
    for a, b in zip(found, found[1:], strict=False):
        assert a.end == b.first
    for p in found:
        used, whole = fraction(p.first, p.end, p.whole_first, p.whole_end, policy)
        assert 0 < used <= whole
        assert (used == whole) >= ((p.first, p.end) == (p.whole_first, p.whole_end))


# One book, billed in two ways.

START = D(2024, 1, 1)
SPAN = st.integers(0, 230).map(lambda n: START + timedelta(days=n))
KINDS = st.sampled_from(["change", "change", "price", "pause", "resume", "suspend", "restore", "anchor", "end"])


@st.composite
def histories(draw):
    """Services with events that are known from the beginning."""
    made = []
    for at in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, 90).map(lambda n: START + timedelta(days=n)))
        cycle = draw(st.sampled_from([Cycle(1), Cycle(1), Cycle(3), Cycle(0, 14)]))
        kept = Service(at + 1, start, cycle, draw(st.integers(1, 31)), draw(st.sampled_from(["advance", "advance", "arrears"])))
        events = [Event(100, start, "start", draw(st.sampled_from(["A", "T", "S"])), draw(st.sampled_from(["1", "2", "1.5"])))]
        for n in range(draw(st.integers(0, 4))):
            on = max(draw(SPAN), start)
            kind = draw(KINDS)
            own = PriceOverride("fixed", str(draw(st.integers(0, 9000))), "own")
            until = on + timedelta(days=draw(st.integers(1, 60))) if kind == "price" and draw(st.booleans()) else None
            events.append(Event(
                101 + n, on, kind, draw(st.sampled_from(["A", "B", "S"])), "1", override=own if kind == "price" else PriceOverride(), until=until,
                number=draw(st.integers(1, 31)), policy=draw(st.sampled_from(["days", "period"])),
            ))  # fmt: skip
        made.append((kept, events))
    return made


@settings(max_examples=25, deadline=None)
@given(histories(), st.sampled_from(["stub", "stub+full", "defer"]), st.sampled_from(["next", "at-once"]), st.integers(0, 5))
def test_a_year_night_by_night_is_the_year_in_one_catch_up(made, first_bill, changes, lead):
    rules = {"first_bill": first_bill, "changes": changes, "lead_days": lead}
    end = START + timedelta(days=260)
    night = customer(book(**rules), *made).night_by_night(START, end)
    once = customer(book(**rules), *made)
    once.bill(end)
    assert sorted(once.shown(), key=str) == sorted(night.shown(), key=str)
    assert once.bill(end) == [], "a second run brings nothing"
    assert night.bill(end) == []


@settings(max_examples=40, deadline=None)
@given(histories(), st.data())
def test_whatever_is_entered_late_comes_right_in_the_end(made, data):
    """Services begin with their first event; every other one is entered on some later day, when nights have passed."""
    end = START + timedelta(days=260)
    one = customer(book(), *[(kept, events[:1]) for kept, events in made])
    late = sorted(
        ((data.draw(st.integers(0, 240)), at + 1, e._replace(id=e.id + 1000 * (at + 1)))
         for at, (_, events) in enumerate(made) for e in events[1:]), key=lambda row: row[0],
    )  # fmt: skip
    for days, service_id, event in late:
        one.bill(START + timedelta(days=days))
        if event.kind == "anchor":
            # As the service does: what is billed keeps its periods.
            event = event._replace(on=max(event.on, one.held[service_id].settled_until))
        one.happen(service_id, event)
    one.bill(end)
    assert_every_day_once(one, end)


def assert_every_day_once(one: Customer, end: date) -> None:
    for held in one.held.values():
        live = sorted(part for s in held.spans for part in s.live)
        for a, b in zip(live, live[1:], strict=False):
            assert a[1] <= b[0], "no day is charged twice"
        full = timeline_of(held.service, held.events)
        by_terms: dict[int, int] = {}
        for s in held.spans:
            by_terms[s.terms_id] = by_terms.get(s.terms_id, 0) + sum((b - a).days for a, b in s.live)
        wanted: dict[int, int] = {}
        for p in pieces(full, held.service.start, end):
            wanted[p.terms.id] = wanted.get(p.terms.id, 0) + (p.end - p.first).days
        waiting = held.check_on is not None and held.check_on <= end
        if not waiting:
            assert {k: v for k, v in by_terms.items() if v} == wanted, "every day is charged once, on its own terms"


@settings(max_examples=25, deadline=None)
@given(histories())
def test_what_stands_charged_touches_and_never_overlaps(made):
    end = START + timedelta(days=260)
    one = customer(book(), *made).night_by_night(START, end)
    assert_every_day_once(one, end)


def test_bill_dates_are_foreseen():
    made = timeline_of(Service(1, D(2026, 1, 31), Cycle(1), 31), [Event(1, D(2026, 1, 31), "start", "A")])
    assert upcoming(made, D(2026, 2, 28), D(2026, 5, 1)) == [D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30)]


@pytest.mark.parametrize("bad", ["", "0M", "13W", "4M", "-1M", "1.5M", "99D", "M"])
def test_a_cycle_that_is_none_is_refused(bad):
    with pytest.raises(InvalidInput):
        parse_cycle(bad)


def test_what_cannot_be_billed_says_why():
    with pytest.raises(CannotBill, match="no price on 2026-01-01"):
        customer(book(), service(D(2026, 1, 1), code="N")).bill(D(2026, 1, 1))
    ended = {"A": (Price(1, "2020-01-01", "2026-01-01", "all", 5999),)}
    with pytest.raises(CannotBill, match="has ended"):
        customer(book(ended), service(D(2026, 1, 1))).bill(D(2026, 1, 1))
    one = customer(book(), service(D(2026, 1, 1)))
    one.account = ACCOUNT._replace(terms_days=-1)
    with pytest.raises(CannotBill, match="no payment terms"):
        one.bill(D(2026, 1, 1))
    one.account = ACCOUNT._replace(discounts=(Discount(1, "", "percent", "150", "2026-01-01", None, "x"),))
    with pytest.raises(CannotBill, match="out of range"):
        one.bill(D(2026, 1, 1))


PROMOTED = {
    "P": (Price(7, "2020-01-01", None, "all", 4000, 1000, 3),),
    "W": (Price(8, "2020-01-01", None, "all", 4000), Price(9, "2024-02-10", None, "new", 3500)),
}  # fmt: skip
CODES |= {"P": Code("P", "Promoted", tax_class="std"), "W": Code("W", "For new ones", tax_class="std")}


@st.composite
def neighbours(draw):
    """Customers with the same services who began on different days."""
    begun = st.sampled_from([START, D(2024, 1, 31), D(2024, 2, 10)]) | st.integers(0, 80).map(lambda n: START + timedelta(n))
    shapes = draw(st.lists(st.tuples(
        st.sampled_from([Cycle(1), Cycle(1), Cycle(3), Cycle(0, 14)]), st.sampled_from([1, 15, 30, 31]),
        st.sampled_from(["advance", "arrears"]), st.sampled_from("APW"),
        st.sampled_from([None, None, ("fixed", "2500"), ("percent", "80")]),
    ), min_size=1, max_size=2))  # fmt: skip
    made = []
    for number, start in enumerate(draw(st.lists(begun, min_size=2, max_size=8))):
        person = []
        for c, a, m, code, own in shapes:
            events = [Event(100, start, "start", code)]
            if own is not None:
                # The price is the same, the reason is each one's own: it may stand on nobody else's invoice.
                events.append(
                    Event(
                        101,
                        start,
                        "price",
                        override=PriceOverride(*own, draw(st.sampled_from([f"secret of {number}", "agreed"]))),
                    )
                )
            person.append((Service(1, start, c, a, m), events))
        made.append(person)
    return made


@settings(max_examples=60, deadline=None)
@given(neighbours(), SPAN, st.integers(0, 120), st.sampled_from(["stub", "stub+full", "defer"]))
def test_who_is_billed_like_another_gets_what_he_would_have_got_alone(people, middle, length, first_bill):
    shared = book(PROMOTED, first_bill=first_bill)
    for number, made in enumerate(people):
        alone = book(PROMOTED, first_bill=first_bill)
        before = customer(alone, *made).night_by_night(START, middle)
        account = ACCOUNT._replace(id=number, account=f"C{number}")
        quiet = []
        for held in before.held.values():
            one = held.service._replace(id=100 * number + held.service.id)
            plain = SharedTimeline(timeline_of(one._replace(id=0), held.events), held.settled_until)
            quiet.append(Held(one, (), (), held.settled_until, plain=plain))
        as_of = middle + timedelta(days=length)
        ours = plan_customer(account, quiet, [], as_of, shared, "EUR", "all")
        theirs = plan_customer(account, list(before.held.values()), [], as_of, alone, "EUR", "all")

        def numbered(bills, number=number):
            return [
                b._replace(lines=tuple(n._replace(service_id=100 * number + n.service_id) for n in b.lines)) for b in bills
            ]  # fmt: skip

        assert list(ours.bills) == numbered(theirs.bills)
        told = "".join(n.why for b in ours.bills for n in b.lines)
        assert not [n for n in range(len(people)) if n != number and f"secret of {n}" in told]
        assert [(a.settled_until, a.next_on) for a in ours.after] == [(a.settled_until, a.next_on) for a in theirs.after]
        assert [a.service_id for a in ours.after] == [h.service.id for h in quiet]
        assert ours.account is account


# What an attack on the rules found.


def test_an_anchor_ordered_before_another_has_come_into_force_gives_way():
    kept, events = service(D(2026, 8, 3), anchor=31)
    one = customer(book(first_bill="defer"), (kept, events))
    one.night_by_night(D(2026, 8, 3), D(2026, 8, 4))
    one.happen(1, Event(2001, D(2026, 8, 12), "anchor", number=21))
    one.night_by_night(D(2026, 8, 5), D(2026, 8, 21))
    one.happen(1, Event(2002, D(2026, 8, 21), "anchor", number=24))
    one.night_by_night(D(2026, 8, 21), D(2026, 11, 30))
    assert_every_day_once(one, D(2026, 11, 30))


@pytest.mark.parametrize("cycle", [Cycle(1), Cycle(3), Cycle(12)], ids=["monthly", "quarterly", "yearly"])
def test_an_end_that_is_taken_back_in_arrears_leaves_the_rest_to_the_end_of_the_period(cycle):
    one = customer(book(), service(D(2026, 8, 1), cycle=cycle, mode="arrears"))
    one.happen(1, Event(2001, D(2026, 8, 10), "end", policy="days"))
    one.night_by_night(D(2026, 8, 1), D(2026, 8, 11))
    one.happen(1, Event(2002, D(2026, 8, 10), "void", number=2001))
    one.night_by_night(D(2026, 8, 12), D(2026, 8, 20))
    assert [b.bill_date for b in one.bills] == [D(2026, 8, 10)], "the rest waits for the end of its period"
    end = one.held[1].service.cycle.months
    one.bill(schedule(D(2026, 8, 1), cycle, 1).boundary(1))
    assert [b.bill_date for b in one.bills][1:] == [schedule(D(2026, 8, 1), cycle, 1).boundary(1)], end


def test_the_stub_of_another_anchor_is_billed_when_it_begins():
    one = customer(book(), service(D(2026, 8, 20), anchor=25))
    one.bill(D(2026, 8, 21))
    one.happen(1, Event(2001, D(2026, 8, 25), "anchor", number=10))
    one.night_by_night(D(2026, 8, 21), D(2026, 9, 15))
    assert [(b.bill_date, b.lines[0].first, b.lines[0].end) for b in one.bills] == [
        (D(2026, 8, 20), "2026-08-20", "2026-08-25"), (D(2026, 8, 25), "2026-08-25", "2026-09-10"),
        (D(2026, 9, 10), "2026-09-10", "2026-10-10"),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 3)), min_size=1, max_size=6),
    st.sampled_from(["5", "20", "9.975"]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_negative_bill_mirrors_its_charge(rows, percent, compound, inclusive):
    first, second = Rate("one", "S", "20", 1), Rate("two", "S", percent, 2, compound)
    chosen = {1: (first,), 2: (first, second), 3: (second,)}
    charge = tax_lines([(amount, chosen[kind]) for amount, kind in rows], inclusive=inclusive)
    credit = tax_lines([(-amount, chosen[kind]) for amount, kind in rows], inclusive=inclusive)
    assert credit.tax == -charge.tax


def test_an_own_price_behind_another_is_known_from_its_own_day():
    made, kept = book(), service(D(2024, 2, 29), anchor=30, cycle=Cycle(12))
    histories = []
    for night in (True, False):
        one = customer(made, kept)
        one.happen(1, Event(2101, D(2024, 3, 19), "price", override=PriceOverride("percent", "50")))
        one.happen(1, Event(2102, D(2024, 3, 2), "price", override=PriceOverride("percent", "90"), until=D(2024, 4, 24)))
        one.night_by_night(D(2024, 2, 29), D(2024, 5, 1)) if night else one.bill(D(2024, 5, 1))
        histories.append(one.shown())
    assert histories[0] == histories[1]
