"""Codes, prices, rates and rules by keys."""

import pytest

from netbill_tui.usecases.catalogue import codes, tax_rates
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, shown, type_, value
from tests.usecases.billing_run.shop import bill, serve, shop


async def test_a_code_and_its_price_are_added_by_keys(shopped: Desk):
    async with opened(shopped) as pilot:
        await press(pilot, "g", "k", "plus")
        await type_(pilot, "TV-1", "enter")
        text = await type_(pilot, "Television", "enter", *["enter"] * 6, "enter")
        assert "TV-1 Television is stored" in text
        await press(pilot, "end", "enter", "i")
        text = await type_(pilot, "12.90", "f10")
        assert "12.90 from" in text
        assert "22 Nov 26" in text
    assert shopped.column("select amount from price where code = 'TV-1'") == [1290]


async def test_a_raise_shows_who_is_affected_and_waits_for_a_yes(shopped: Desk):
    serve(shopped)
    async with opened(shopped) as pilot:
        await line(pilot, "catalogue A")
        await press(pilot, "i")
        await type_(pilot, "35", "enter", "ctrl+u")
        text = await type_(pilot, "2026-12-01", "f10")
        assert "1 service will pay 35.00" in text
        assert "C1" in text
        await type_(pilot, "no", "enter")
        assert shopped.session.db.peewee is not None
        await press(pilot, "f10")
        text = await type_(pilot, "yes", "enter")
        assert "affects 1 service." in text
    assert sorted(shopped.column("select amount from price where code = 'A'")) == [3000, 3500]


async def test_without_colours_the_tab_is_drawn_again_below_a_left_form(shopped: Desk, monkeypatch: pytest.MonkeyPatch):
    """A segment without a style stopped the program in Textual's filter for no colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    serve(shopped)
    async with opened(shopped) as pilot:
        await press(pilot, "g", "c", "enter", "7", "plus")
        await press(pilot, "f12")
        assert "A" in shown(pilot)
        await press(pilot, "plus", "f9", "f12", "h")
        assert pilot.app.is_running


async def test_codes_and_cycles_are_chosen_from_a_list(shopped: Desk):
    shopped.customer("C1", "Smith, John")
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "plus")
        text = await press(pilot, "f4")
        assert "Plan A" in text
        assert "30.00" in text
        await press(pilot, "down", "enter")
        assert value(pilot, "field0") == "B"
        await press(pilot, "tab", "tab", "tab", "f4")
        await type_(pilot, "quarter", "enter")
        assert value(pilot, "field3") == "3M"
        text = await press(pilot, "tab", "f4")
        assert "no list" in text
        text = await press(pilot, "f1")
        assert "F9 or ^E" in text
        await press(pilot, "enter", "f10")
    assert shopped.column("select code from service_state") == ["B"]


async def test_rates_rules_and_revenue_stand_beside_the_codes(shopped: Desk):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "k", "2")
        assert "VAT 20 %" in text
        await press(pilot, "plus", "f4", "enter", "tab")
        text = await type_(pilot, "120", "f10")
        assert "a percentage from 0 to 100" in text
        assert value(pilot, "field0") == "std"
        await type_(pilot, "21", "tab")  # over what was refused, where the cursor stands
        await type_(pilot, "VAT 21 %", "tab")
        text = await type_(pilot, "2027-01-01", "f10")
        assert "VAT 21 %, 21 % from 01 Jan 27" in text
        text = await press(pilot, "d")
        assert "never changed" in text
        text = await press(pilot, "3", "down", "enter")
        assert "How the book bills" in text
        await press(pilot, "f4", "down", "enter", "f10")
        assert "proration is 30 from now on" in shown(pilot)
        text = await press(pilot, "4")
        assert "this month" in text.lower()
        assert "30.00" in text
        text = await press(pilot, "w")
        assert "Nothing was invoiced in last month" in text
        text = await press(pilot, "w", "enter")
        assert "Billing code A" in text
    assert shopped.column("select percent from tax_rate order by id") == ["20", "21"]
    assert shopped.column("select value from book_setting where name = 'proration'") == ["30"]


async def test_a_rate_that_taxed_nothing_is_dropped_by_keys(sqlite_desk: Desk):
    shop(sqlite_desk)
    tax_rates.add_rate(sqlite_desk.session, "std", {"percent": "21", "name": "VAT 21 %", "from": "2027-01-01"})
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "k", "2")
        text = await press(pilot, "end", "v")
        assert "Drop VAT 21 %" in text
        text = await press(pilot, "y")
        assert "has no rate of its own from 01 Jan 27 any more" in text
    assert sqlite_desk.column("select percent from tax_rate") == ["20"]


async def test_the_list_says_what_has_no_price_what_comes_and_what_is_withdrawn(shopped: Desk):
    codes.add_price(shopped.session, "A", {"amount": "35.90", "from": "2027-01-01"})
    codes.store_code(shopped.session, {"code": "NEW", "name": "Not priced yet"})
    codes.store_code(shopped.session, {"code": "OLD", "name": "Old plan"})
    codes.add_price(shopped.session, "OLD", {"amount": "9", "from": "2020-01-01"})
    codes.store_code(shopped.session, {"code": "OLD", "active": "no"})
    async with opened(shopped) as pilot:
        rows = {row.split()[0]: row for row in (await press(pilot, "g", "k")).replace(">", " ", 1).splitlines() if row.split()}
        text = shown(pilot)
        assert "> 35.90 from 01 Jan 27" in text
        assert "NO PRICE" in rows["NEW"]
        assert "withdrawn" in rows["OLD"]
        assert "NO PRICE" not in rows["OLD"]
