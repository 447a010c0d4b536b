"""Which price a period has: lists, promotions, own prices, raises, bundles and usage."""

from decimal import Decimal
from fractions import Fraction

import pytest

from netbill_tui.billing.catalogue.prices import CannotBill, Price, PriceOverride, Tier, price_row, usage_amount
from netbill_tui.billing.core.cycles import Cycle
from netbill_tui.billing.services.proration import share
from netbill_tui.billing.services.subscriptions import Event
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.catalogue import codes
from tests.billing.billing_run.cases import D, book, customer, lines, service
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop


def test_a_promotion_holds_for_n_periods_and_then_the_list_price():
    prices = {"A": (Price(1, "2026-01-01", None, "all", 5999, promo_amount=990, promo_periods=3),)}
    one = customer(book(prices), service(D(2026, 1, 10), 1))
    bills = one.bill(D(2026, 5, 1))
    assert [a for *_, a in lines(bills, "recurring")] == [share(990, 22, 31), 990, 990, 990, 5999]
    notices = [[n.text for n in b.lines if n.kind == "notice"] for b in bills]
    assert notices == [[], [], [], ["Notice: from 2026-05-01 Plan A costs 59.99 instead of 9.90: the promotion ends"], []]


def test_who_leaves_with_the_promotion_is_not_told_of_what_comes_after_it():
    prices = {"A": (Price(1, "2026-01-01", None, "all", 5999, promo_amount=990, promo_periods=3),)}
    sold, events = service(D(2026, 1, 10), 1)
    one = customer(book(prices), (sold, [*events, Event(101, D(2026, 5, 1), "end")]))
    assert not lines(one.bill(D(2026, 5, 1)), "notice")


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


def test_parts_of_a_bundle_without_weights_share_alike(desk: Desk):
    d = shop(desk)
    codes.store_code(d.session, {"code": "BOTH", "name": "Both", "kind": "bundle", "parts": "A=0,B=0"})
    codes.add_price(d.session, "BOTH", {"amount": "30.01", "from": "2020-01-01"})
    serve(d, code="BOTH")
    bill(d, "2026-09-01")
    assert d.column("select amount from invoice_line order by id") == [1501, 1500]


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
