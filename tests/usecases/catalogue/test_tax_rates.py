"""A rate that was announced is dropped; one that taxed stays."""

import pytest

from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.usecases.catalogue import tax_rates
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


def test_a_tax_rate_that_was_only_announced_is_dropped_and_one_that_taxed_stays(desk: Desk):
    shop(desk)
    serve(desk, start="2026-11-01")
    bill(desk, "2026-11-01")
    tax_rates.add_rate(desk.session, "std", {"percent": "21", "name": "VAT 21 %", "from": "2027-01-01"})
    assert [(h.dated.rate.percent, h.until) for h in tax_rates.rates(desk.session)] == [("20", "2027-01-01"), ("21", None)]
    with pytest.raises(NotFound):
        tax_rates.drop_rate(desk.session, "std", "2027-02-01")
    tax_rates.drop_rate(desk.session, "std", "2027-01-01")
    assert [(h.dated.rate.percent, h.until) for h in tax_rates.rates(desk.session)] == [("20", None)]
    with pytest.raises(Refused, match="taxed with the rate"):
        tax_rates.drop_rate(desk.session, "std", "1900-01-01")
    with pytest.raises((InvalidInput, Refused)):
        tax_rates.add_rate(desk.session, "std", {"percent": "25", "name": "VAT 25 %", "from": "2026-11-01"})
    sound(desk)


def test_a_rate_that_a_shorter_one_pauses_is_listed_for_both_times(desk: Desk):
    tax_rates.add_rate(desk.session, "std", {"percent": "19", "name": "VAT"})
    tax_rates.add_rate(desk.session, "std", {"percent": "16", "name": "VAT holiday", "from": "2027-07-01", "until": "2028-01-01"})
    held = [(h.dated.rate.percent, h.first, h.until, h.is_resumed) for h in tax_rates.rates(desk.session)]
    assert held == [
        ("19", "1900-01-01", "2027-07-01", False), ("16", "2027-07-01", "2028-01-01", False), ("19", "2028-01-01", None, True),
    ]  # fmt: skip
