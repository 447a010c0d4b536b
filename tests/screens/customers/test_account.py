"""The card of an account and its tabs."""

from datetime import date

from netbill_tui.billing.customers.accounts import MASK
from netbill_tui.usecases.receivables import payments
from tests.conftest import TODAY, Desk
from tests.screens.keys import line, opened, press, shown, type_
from tests.usecases.billing_run.shop import bill, serve, shop
from tests.usecases.customers.people import CANARIES, PHONE


async def test_the_account_shows_ledger_invoices_payments_profile_and_notes(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert "O'Brien, Zoë" in text
        assert PHONE in text
        assert "balance 45.00" in text
        assert "overdue 30.00, 40 days" in text
        assert "INV-000001" in text
        assert "part" not in await press(pilot, "2")
        assert "No payment yet" in await press(pilot, "3")
        text = await press(pilot, "4")
        assert MASK in text
        assert all(value not in text for value in CANARIES.values())
        assert "No note yet" in await press(pilot, "5")
        text = await press(pilot, "1", "equals_sign")
        assert "sum of 2 entries" in text
        assert "45.00" in text


async def test_the_ledger_shows_both_sides_on_any_width(owing: Desk):
    async with opened(owing, size=(60, 16)) as pilot:
        await line(pilot, "c C2")
        text = shown(pilot)
        assert "Amount" in text
        assert "99.00" in text
        assert "-25.00" in text


async def test_closing_an_account_asks_for_the_services_that_run(sqlite_desk: Desk):
    shop(sqlite_desk)
    serve(sqlite_desk, start="2026-11-01")
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "d", "enter", "enter", "ctrl+u")
        text = await type_(pilot, "closed", "f10")
        assert "C1 still has a service running" in text
        text = await press(pilot, "n")
        assert "cannot be closed" in text
        await press(pilot, "f10")
        text = await press(pilot, "y")
        assert "C1: status changed" in text
        assert "CLOSED" in text
    assert sqlite_desk.column("select status from customer") == ["closed"]
    assert sqlite_desk.column("select ends_on from service_state") == [TODAY.isoformat()]


async def test_the_card_does_not_call_a_payment_paid_that_was_taken_back(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    one = sqlite_desk.pay("C1", 9870)
    payments.reverse(sqlite_desk.session, one.row.receipt, "wrong account")
    async with opened(sqlite_desk) as pilot:
        text = await line(pilot, "c C1")
        assert "REVERSED" in next(row for row in text.splitlines() if "last paid" in row)


async def test_who_comes_back_finds_no_old_message(sqlite_desk: Desk):
    shop(sqlite_desk)
    serve(sqlite_desk, start="2026-11-01")
    bill(sqlite_desk, date(2026, 11, 1).isoformat())
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        text = await press(pilot, "n", "f12")
        assert "Nothing was posted" in text
        await press(pilot, "2", "enter")
        text = await press(pilot, "f12")
        assert "Nothing was posted" not in text
