"""Services of an account by keys."""

from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.services import subscriptions
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_, value
from tests.usecases.billing_run.shop import bill, serve


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


async def test_a_change_of_plan_shows_its_money_before_it_is_ordered(shopped: Desk):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    events_before = shopped.column("select count(*) from service_event")
    async with opened(shopped, size=(100, 30)) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", "s", "c", "enter")
        text = await type_(pilot, "B", "f9")
        rows = [row.split() for row in text.splitlines() if " now " in row and " then " in row]
        # 36.00 a month becomes 72.00; of November nine days are given back and charged anew on the next invoice.
        assert [row[:3] + row[4:5] + row[6:7] for row in rows][-1] == ["01", "Jan", "27", "36.00", "72.00"], rows
        assert all(row[-1].startswith("+") for row in rows)
        await press(pilot, "f12")
    assert shopped.column("select count(*) from service_event") == events_before
