"""Taxes: compound, within a price, exempt, by line and by rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.catalogue.taxes import DatedRate, Rate, rates_on, spans_held, spread, tax_lines
from netbill_tui.errors import InvalidInput


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


def test_a_compounded_rate_within_a_price_is_taken_on_the_taxes_before_it():
    rates = (Rate("GST", "S", "5", 1, compound=False, reason=""), Rate("QST", "S", "10", 2, compound=True, reason=""))
    made = tax_lines([(11550, rates)], inclusive=True)
    assert made.nets == (10000,)
    assert [(g.rate.name, g.base, g.tax) for g in made.groups] == [("GST", 10000, 500), ("QST", 10500, 1050)]


DAYS = st.integers(1, 28).map(lambda n: f"2027-01-{n:02}")
DATED = st.lists(
    st.tuples(DAYS, st.one_of(st.none(), DAYS)).filter(lambda d: d[1] is None or d[0] < d[1]),
    max_size=5,
    unique_by=lambda d: d[0],
)


@given(DATED, DAYS)
def test_the_times_in_which_rates_hold_are_the_days_on_which_they_tax(dated, on):
    rates = [DatedRate("std", first, end, Rate("r", "S", str(n % 2))) for n, (first, end) in enumerate(dated)]
    listed = [r.rate for r in rates for first, until in spans_held(rates, r) if first <= on and (until is None or on < until)]
    assert tuple(listed) == rates_on(rates, "std", on)
    assert all(spans_held(rates, r)[0][0] == r.first for r in rates), "each holds at least once"
