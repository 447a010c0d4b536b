"""Catalogue, services, billing run, invoice: keys in, screen and book out."""

from datetime import date

import pytest

from netbill_tui.screens.catalogue.codes import span_of
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import subscriptions
from tests.conftest import Desk
from tests.screens.test_comfort import home, line, opened, type_, value  # noqa: F401 - a fixture
from tests.screens.test_screens import press, settle, shown
from tests.usecases.test_billing import bill, serve, shop


@pytest.fixture
def shopped(sqlite_desk: Desk) -> Desk:
    return shop(sqlite_desk)


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


async def test_a_service_is_added_with_its_first_bills_shown_before(shopped: Desk):
    shopped.customer("C1", "Smith, John")
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "plus")
        text = await type_(pilot, "A", "f9")
        await settle(pilot)
        text = shown(pilot)
        assert "total 36.00, tax 6.00" in text
        text = await press(pilot, "f10")
        assert "active" in text
        text = await press(pilot, "h")
        assert "Bill of 2026-11-22" in text
        assert "whole period: 30.00" in text
    assert shopped.column("select code from service_state") == ["A"]


async def test_a_refused_service_keeps_what_was_typed(shopped: Desk):
    shopped.customer("C1", "Smith, John")
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "plus")
        text = await type_(pilot, "NONSENSE", "f10")
        assert "is not a billing code" in text
        assert "NONSENSE" in text
        text = await press(pilot, "f12")
        assert "Nothing was posted" in text


async def test_a_change_a_pause_and_a_taken_back_event(shopped: Desk):
    service_id = serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "s", "c", "enter")
        text = await type_(pilot, "B", "f10")
        assert "change from 22 Nov 26" in text
        text = await press(pilot, "enter")
        assert "What happened" in text
        assert "22 Nov 26  change    B x 1" in text
        assert "01 Nov 26 - 01 Dec 26" in text
        assert "2026-" not in text, "one style of dates on the screens"
        await press(pilot, "f12", "z", "enter")
        text = await type_(pilot, "clicked wrong", "enter")
        assert "Taken back" in text
        text = await press(pilot, "7", "enter")
        assert "took back clicked wrong" in text
    assert subscriptions.find_service(shopped.session, service_id)[1].code == "A"


async def test_the_run_is_previewed_confirmed_by_its_number_and_undone(shopped: Desk):
    serve(shopped, "C1", start="2026-11-22")
    serve(shopped, "C2", "B", start="2026-11-22")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i")
        assert "2 invoices, 0 credit notes, 2 lines" in text
        assert "first invoice" in text
        await press(pilot, "f10")
        text = await type_(pilot, "3", "enter")
        assert "Type 2" in text
        await type_(pilot, "2", "enter")
        await settle(pilot)
        text = shown(pilot)
        assert "RUN-0001 is done: 2 invoices" in text
        text = await press(pilot, "3")
        assert "RUN-0001" in text
        await press(pilot, "v")
        await type_(pilot, "RUN-0001", "enter")
        text = await type_(pilot, "wrong prices", "enter")
        await settle(pilot)
        assert "is undone by 2 credit notes" in shown(pilot)
    assert issue.issue(shopped.session, shopped.session.today(), pause_s=0).issued == 2


async def test_who_is_parked_stands_there_with_the_reason_and_is_retried(shopped: Desk):
    from netbill_tui.usecases.catalogue import codes

    codes.store_code(shopped.session, {"code": "NEW", "name": "New"})
    serve(shopped, "C1", "NEW", start="2026-11-22")
    bill(shopped, "2026-11-22")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i", "2")
        assert "NEW has no price on 2026-11-22" in text
        text = await press(pilot, "i")
        assert "has no price" in text
        await line(pilot, "price NEW 10 --from 2026-01-01")
        text = await press(pilot, "f12", "i")
        assert "C1 is billed: 1 invoice" in text


async def test_the_arithmetic_behind_a_number_of_an_invoice(shopped: Desk):
    serve(shopped, start="2026-11-12", anchor="1")
    bill(shopped, "2026-11-12")
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        text = await press(pilot, "equals_sign")
        assert "19 of 30 days: 30.00 x 19 / 30 = 19.00" in text
        assert "price of 01 Jan 20: 30.00" in text
        assert "run RUN-0001" in text
        text = await press(pilot, "f12", "end", "equals_sign")
        assert "VAT 20 %: 19.00 x 20 %" in text
        text = await press(pilot, "f12", "e")
        assert "BALANCE DUE" in text


async def test_part_of_an_invoice_is_credited_and_the_note_is_opened(shopped: Desk):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        await press(pilot, "v", "ctrl+u")
        await type_(pilot, "12", "enter")
        text = await type_(pilot, "line was down", "enter")
        assert "CN-000001: 12.00 given back, balance 24.00" in text
        await press(pilot, "a", "1", "end")
        text = await press(pilot, "enter")
        assert "Credit note CN-000001" in text
        assert "takes back INV-000001" in text


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_the_billing_screens_stand_at_every_size(shopped: Desk, size: tuple[int, int]):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped, size=size) as pilot:
        for keys in (("g", "i"), ("2",), ("3",), ("4",), ("f12", "g", "k"), ("enter",), ("f12", "f12")):
            text = await press(pilot, *keys)
            assert all(len(row) <= size[0] for row in text.splitlines())
        await line(pilot, "c C1")
        assert "INV-000001" in await press(pilot, "2", "enter")


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


async def test_a_half_filled_service_form_is_not_left_by_a_slip_of_a_key(shopped: Desk):
    shopped.customer("C1", "Smith, John")
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "plus")
        text = await type_(pilot, "A", "f3")
        assert "half filled" in text
        assert value(pilot, "field0") == "A"
        text = await press(pilot, "f12")
        assert "Nothing was posted" in text


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


async def test_on_a_small_terminal_the_first_bills_stand_on_a_page_of_their_own(shopped: Desk):
    shopped.customer("C1", "Smith, John")
    async with opened(shopped, size=(60, 16)) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "plus")
        await type_(pilot, "A", "f9")
        await settle(pilot)
        assert "total 36.00, tax 6.00" in shown(pilot)
        await press(pilot, "enter")
        assert value(pilot, "field0") == "A"


async def test_charges_discounts_exemption_and_terms_by_keys(shopped: Desk):
    serve(shopped, start="2026-11-22")
    codes.store_code(shopped.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    async with opened(shopped) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "w", "c")
        text = await type_(pilot, "VISIT", "f10")
        assert "no price" in text  # and the form keeps the code
        assert value(pilot, "field0") == "VISIT"
        text = await type_(pilot, "25", "f10")  # into the amount, where the cursor stands
        assert "goes on the next invoice" in text
        assert "Visit" in await press(pilot, "h")
        await press(pilot, "f12", "w", "w", "enter")
        text = await type_(pilot, "never came", "f10")
        assert "withdrawn" in text
        await press(pilot, "w", "d")
        text = await type_(pilot, "10", "f10")
        assert "Discount holds" in text
        await press(pilot, "w", "s", "enter", "f10")
        await press(pilot, "w", "e")
        text = await type_(pilot, "EX-9", "f10")
        assert "No tax is taken" in text
        await press(pilot, "w", "t")
        text = await type_(pilot, "32", "f10")
        assert "1 to 31" in text
        text = await press(pilot, "ctrl+u", "1", "5", "f10")
        assert "applies from the next invoice" in text
    assert shopped.column("select terms_day from billing_terms") == [15]
    assert shopped.column("select count(*) from pending_charge") == [0]
    assert shopped.column("select end_on from discount") == ["2026-11-22"]
    assert shopped.column("select certificate from exemption") == ["EX-9"]


async def test_the_run_is_planned_as_of_another_day(shopped: Desk):
    serve(shopped, start="2026-12-01")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i")
        assert "There is nothing to bill" in text
        await press(pilot, "d", "ctrl+u")
        text = await type_(pilot, "2026-12-01", "enter")
        await settle(pilot)
        assert "As of 01 Dec 26: 1 invoice" in shown(pilot)
        await press(pilot, "f10")
        await type_(pilot, "1", "enter")
        await settle(pilot)
        assert "RUN-0001 is done" in shown(pilot)
    assert shopped.column("select bill_date || ' ' || issued_on from invoice") == ["2026-12-01 2026-11-22"]


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


def test_spans_end_today_or_with_the_month_or_year_before():
    day = date(2026, 3, 31)
    assert span_of(day, "this month") == (date(2026, 3, 1), day)
    assert span_of(day, "last month") == (date(2026, 2, 1), date(2026, 2, 28))
    assert span_of(day, "last year") == (date(2025, 1, 1), date(2025, 12, 31))


async def test_bill_on_the_line_leads_to_the_preview_and_issues_nothing(shopped: Desk):
    serve(shopped, start="2026-11-01")
    async with opened(shopped) as pilot:
        text = await line(pilot, "bill")
        assert "Billing run" in text
        assert "1 invoice," in text
    assert shopped.column("select count(*) from invoice") == [0]
