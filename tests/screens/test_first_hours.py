"""What an operator's first hours on the screens brought to light, each with the keys that showed it."""

import sqlite3

import pytest
from textual.widgets import Input

from netbill_tui.usecases.customers import notes
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.test_screens import opened, owing, press, shown, type_
from tests.usecases.test_people import PHONE

__all__ = ["owing"]


async def test_what_was_typed_as_the_amount_is_what_is_posted(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "tab", "tab")
        text = await type_(pilot, "25.00", "f10")
        assert "The account is now C1" in text
        assert pilot.app.screen.query_one("#amount", Input).value == "25.00"
        assert "posted: 25.00 cash for C1" in await press(pilot, "f10")


async def test_another_account_in_a_filled_form_is_shown_before_it_is_posted_to(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "enter")
        await type_(pilot, "11.00", "enter")
        pilot.app.screen.query_one("#account", Input).focus()
        await pilot.pause()
        assert "The account is now C2" in await type_(pilot, "C2", "f10")
        assert "posted: 11.00 cash for C2" in await press(pilot, "f10")


async def test_a_list_keeps_its_row_however_far_down(sqlite_desk: Desk):
    sqlite_desk.customer()
    for n in range(250):
        sqlite_desk.pay("C1", 100 + n)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "p")
        await press(pilot, *["pagedown"] * 14)
        grid = pilot.app.screen.query_one(RecordGrid)
        there = grid.record.id
        await press(pilot, "enter")
        assert "RECEIPT" in shown(pilot)
        await press(pilot, "escape")
        assert grid.record.id == there
        await press(pilot, "f5")
        assert grid.record.id == there
        await press(pilot, "end", "f5")
        last = grid.record.id
        await press(pilot, "up", "up", "down", "down")
        assert grid.record.id == last
        await press(pilot, *["pageup"] * 22)
        assert grid.position.startswith("row 1")
        assert grid.record.receipt == "R-10250"


async def test_leaving_the_program_is_asked_about(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "4")
        assert "Leave netbill?" in await press(pilot, "ctrl+q")
        assert "Take payment" in await press(pilot, "n")
        text = await press(pilot, "f3")
        assert "Dashboard" in text
        assert "1 waiting" in text
        assert "Take payment" in await press(pilot, "b")
        assert pilot.app.screen.query_one("#amount", Input).value == "4"


async def test_a_huge_amount_is_typed_twice_where_nothing_is_due(owing: Desk):
    owing.customer("C9")
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C9", "enter", "1", "enter")
        assert "An unusual amount" in await type_(pilot, "9000000", "f10")
    assert owing.column("select count(*) from payment") == [1]


async def test_what_was_done_is_said_and_stays_said(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "v")
        await type_(pilot, "wrong account", "enter")
        assert "R-10001-REV posted" in await press(pilot, "enter")
        assert "already" in await press(pilot, "v")


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


async def test_contact_data_comes_when_the_book_is_free_again(owing: Desk):
    async with opened(owing) as pilot:
        locker = sqlite3.connect(owing.target, isolation_level=None)
        locker.execute("begin immediate")
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert PHONE not in text
        assert "Balance 45.00" in text
        locker.execute("rollback")
        locker.close()
        assert PHONE in await press(pilot, "f5")


async def test_a_long_sentence_is_wrapped_and_an_old_one_goes(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter")
        text = await type_(pilot, "gold", "enter")
        assert "paypal, online" in text.replace("\n", " ")
        await type_(pilot, "1", "enter")
        assert "is not a payment method" not in shown(pilot)
        await type_(pilot, "1.234", "enter")
        await type_(pilot, "12.50", "enter")
        assert "two ways" not in shown(pilot)


@pytest.mark.parametrize("size", [(60, 16), (40, 10), (120, 40)], ids=str)
async def test_money_is_whole_or_not_there_on_any_size(owing: Desk, size: tuple[int, int]):
    async with opened(owing, size) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert "30.0~" not in text
        assert "45.00" in text


async def test_the_payment_form_is_whole_on_a_low_terminal(owing: Desk):
    async with opened(owing, (60, 16)) as pilot:
        await press(pilot, "f6")
        text = await type_(pilot, "C1", "enter", "1", "enter")
        assert "Post ..." in text
        assert "Note ..." in text
        assert "posted: 45.00" in await press(pilot, "f10")


async def test_after_a_payment_the_cursor_stands_on_it(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "R-10001", "enter", "p", "1", "enter")
        assert "posted: 74.00" in await press(pilot, "f10")
        assert pilot.app.screen.query_one(RecordGrid).record.document == "R-10002"
        assert "Reverse R-10002" in await press(pilot, "v"), "and not the one that was looked up before"


async def test_a_private_field_that_holds_nothing_asks_no_reason(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C2", "enter", "4")
        assert "was captured" in await press(pilot, "x")


async def test_find_opens_a_service_and_a_note_where_they_are_listed(owing: Desk):
    notes.add(owing.session, "C1", "first")
    notes.add(owing.session, "C1", "call after six")
    older, _ = owing.column("select id from note order by id")
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, f"note {older}", "enter")
        assert "Customer C1" in text
        assert pilot.app.screen.query_one(RecordGrid).record.id == older
        await press(pilot, "escape", "escape")
        await press(pilot, "f2")
        assert "Nothing matches" in await type_(pilot, "service 99999")
