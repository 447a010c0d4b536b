"""The dashboard: what it sums, and what it says of an empty or an unsound book."""

from netbill_tui.usecases.customers import notes
from tests.conftest import Desk
from tests.screens.keys import opened, press, shown
from tests.usecases.verify.test_verifying import unguarded


async def test_the_dashboard_sums_the_day_and_opens_what_it_sums(owing: Desk):
    async with opened(owing) as pilot:
        text = shown(pilot)
        assert "cheque" in text
        assert "25.00" in text
        assert "over-90 days past due" in text
        assert "74.00" in text
        assert "All overdue accounts" in text
        assert "Overdue queue" in await press(pilot, "enter")
        assert "Dashboard" in await press(pilot, "f3")
        text = await press(pilot, "down", "down", "enter")
        assert "in the next 7 days" in text
        assert "1 row, 15.00" in text


async def test_an_empty_book_says_what_to_do(sqlite_desk: Desk):
    async with opened(sqlite_desk) as pilot:
        assert "netbill import" in shown(pilot)
        assert "No account here" in await press(pilot, "f7")


async def test_the_dashboard_says_that_the_book_is_not_sound(sqlite_desk: Desk):
    sqlite_desk.customer()
    notes.add(sqlite_desk.session, "C1", "a note")
    unguarded(sqlite_desk, "note", "update note set text = 'another'")
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "f3")
        for _ in range(1000):  # the look at the book goes on beside the screen
            if "NOT sound" in text:
                break
            await pilot.pause(0.03)
            text = shown(pilot)
        assert "The book is NOT sound (newest audit events" in text
        assert "Stop posting, and run: netbill verify" in " ".join(text.split())
    unguarded(sqlite_desk, "note", "update note set text = 'a note'")
    async with opened(sqlite_desk) as pilot:
        assert "NOT sound" not in await press(pilot, "f3")
