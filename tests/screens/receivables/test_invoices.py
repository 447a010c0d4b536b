"""Invoices by keys: why, credit, dispute."""

from netbill_tui.usecases.receivables import disputes
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, type_
from tests.usecases.billing_run.shop import bill, serve


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


async def test_an_invoice_is_disputed_and_its_dispute_is_answered_by_keys(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    number = sqlite_desk.invoice("C1", 1000, due=-20)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, f"inv {number}")
        await press(pilot, "d")
        text = await type_(pilot, "The line was down", "f10")
        assert f"{number} is disputed; d ends it" in text
        assert "DISPUTED   LATE 20 DAYS  open 10.00 of 10.00" in text
        await press(pilot, "d", "a")
        text = await type_(pilot, "It was up", "f10")
        assert f"The dispute of {number} is answered" in text
    assert sqlite_desk.column("select kind from dispute_event order by id") == ["raised", "answered"]
    assert disputes.listed(sqlite_desk.session) == []
