"""The overdue queue by keys."""

from netbill_tui.usecases.receivables import disputes
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_
from tests.screens.shell.test_kept_forms import form_for


async def test_the_same_outcome_for_all_that_are_marked(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "asterisk", "c", "l")
        assert "2 done" in await type_(pilot, "y", "enter")
    assert owing.column("select outcome from note") == ["left message", "left message"]


async def test_a_promise_is_never_repeated_on_another_account(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "c", "n", "c", "m", "enter", "enter", "enter")
        assert "Nothing to repeat" in await press(pilot, "full_stop")
    assert owing.column("select count(*) from note") == [2]


async def test_a_book_that_is_held_is_said_to_be_waited_for(owing: Desk):  # noqa: F811
    import fcntl
    from pathlib import Path

    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "7.00", "enter")
        with Path(f"{owing.target}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            await pilot.press("f10")
            for _ in range(500):
                await pilot.pause(0.01)
                if "Waiting for the book" in shown(pilot):
                    break
            else:
                raise AssertionError("nothing says that the book is waited for")
        await settle(pilot)
        assert "posted" in shown(pilot)


async def test_the_queue_is_worked_by_one_key_and_the_cursor_stays_on_its_account(owing: Desk):
    owing.customer("C3", "Weber")
    owing.invoice("C3", 4000, due=-50)
    async with opened(owing) as pilot:
        text = await press(pilot, "f7")
        assert "3 rows, 144.00 EUR" in text
        grid = pilot.app.screen.query_one(RecordGrid)
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        await press(pilot, "down")
        assert grid.record.account == "C3"
        await press(pilot, "f5")
        assert grid.record.account == "C3", "refresh keeps the account"
        text = await press(pilot, "c", "n")
        assert "C3: no answer, again on" in text
        assert [r.account for r in grid.records] == ["C2", "C1"]
        assert grid.record.account == "C1", "the next account"
        text = await press(pilot, "2")
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        await press(pilot, "o")
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        assert "by amount" in shown(pilot)
        await press(pilot, "home", "c", "m")
        text = await type_(pilot, "", "enter")
        assert "Promise of C2" in text
        await press(pilot, "enter")
        assert "promises to pay" in await type_(pilot, "after salary", "enter")
        await press(pilot, "end", "n")
        assert "Noted on" in await type_(pilot, "wants a call", "enter")
    assert owing.column("select outcome from note order by id") == ["no answer", "promises to pay", ""]


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
