"""Notes of an account by keys."""

import sqlite3

from textual.widgets import Input

from netbill_tui.usecases.customers import notes
from tests.conftest import Desk
from tests.screens.keys import opened, press, shown, type_


async def test_a_note_is_pinned_and_stands_on_the_card(owing: Desk):  # noqa: F811
    notes.add(owing.session, "C1", "pays in cash only")
    notes.add(owing.session, "C1", "second")
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        await press(pilot, "5", "down", "m")
        text = shown(pilot)
        assert "! pays in cash only" in text
        assert "tag" not in text
        assert "took" not in await press(pilot, "6")
        assert "pinned a note of C1" in shown(pilot)


async def test_a_note_is_not_lost_when_the_book_is_busy(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f7", "n")
        locker = sqlite3.connect(owing.target, isolation_level=None)
        locker.execute("begin immediate")
        text = await type_(pilot, "moving house", "enter")
        assert "Another program holds the book" in text
        assert pilot.app.screen.query_one("#field0", Input).value == "moving house"
        locker.execute("rollback")
        locker.close()
        assert "Noted on" in await press(pilot, "enter")
    assert owing.column("select text from note") == ["moving house"]
