"""Closing, disputing, dropping a rate by keys: what is asked, what is stored, and which message stands afterwards."""

from datetime import date

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.catalogue import tax_rates
from netbill_tui.usecases.receivables import disputes, payments
from tests.conftest import TODAY, Desk
from tests.screens.test_comfort import home, line, opened, type_  # noqa: F401 - a fixture
from tests.screens.test_screens import press
from tests.usecases.test_billing import bill, serve, shop


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


async def test_an_invoice_is_disputed_and_its_dispute_is_answered_by_keys(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    number = sqlite_desk.invoice("C1", 1000, due=-20)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, f"inv {number}")
        await press(pilot, "d")
        text = await type_(pilot, "The line was down", "f10")
        assert f"{number} is disputed; d ends it" in text
        assert "disputed" in text.split("total")[1].splitlines()[0]
        await press(pilot, "d", "a")
        text = await type_(pilot, "It was up", "f10")
        assert f"The dispute of {number} is answered" in text
    assert sqlite_desk.column("select kind from dispute_event order by id") == ["raised", "answered"]
    assert disputes.listed(sqlite_desk.session) == []


async def test_a_call_names_the_invoice_that_is_disputed(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    sqlite_desk.invoice("C1", 1000, due=-40)
    second = sqlite_desk.invoice("C1", 2000, due=-20)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "od")
        await press(pilot, "c", "d")
        await type_(pilot, "Wrong price", "enter", "ctrl+u")
        await type_(pilot, second, "f10")
    assert [d.number for d in disputes.listed(sqlite_desk.session)] == [second]


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


async def test_the_card_does_not_call_a_payment_paid_that_was_taken_back(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    one = sqlite_desk.pay("C1", 9870)
    payments.reverse(sqlite_desk.session, one.row.receipt, "wrong account")
    async with opened(sqlite_desk) as pilot:
        text = await line(pilot, "c C1")
        assert "REVERSED" in next(row for row in text.splitlines() if "Last paid" in row)


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


class Counted(NetbillScreen):
    """A screen that counts how often it reads."""

    reads = 0

    def action_refresh(self) -> None:
        self.reads += 1


async def test_an_opened_screen_reads_once_and_again_when_another_was_left(sqlite_desk: Desk):
    async with opened(sqlite_desk) as pilot:
        screen = Counted()
        await pilot.app.push_screen(screen)
        await press(pilot)
        assert screen.reads == 1
        await press(pilot, "f2")
        assert screen.reads == 1
        await press(pilot, "f12")
        assert screen.reads == 2
        await press(pilot, "f1", "f12")
        assert pilot.app.screen is screen


async def test_credit_is_applied_by_keys(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    sqlite_desk.pay("C1", 1500)
    number = sqlite_desk.invoice("C1", 400, due=-3)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        text = await press(pilot, "w", "a")
        assert "Use 4.00 of the credit of C1 now?" in text
        text = await press(pilot, "y")
        assert "4.00 used; 11.00 of credit is left" in text
    sql = f"select a.amount from allocation a join invoice i on i.id = a.invoice_id where i.number = '{number}'"
    assert sqlite_desk.column(sql) == [400]
