"""Find by keys."""

from netbill_tui.usecases.customers import notes
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.keys import opened, press, type_


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


async def test_find_answers_while_typing_and_opens_an_exact_number(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "4417")
        assert "R-10001" in text
        assert "taken by boss" in text
        assert "Balance   74.00 now" in text
        await press(pilot, *["backspace"] * 4)
        text = await type_(pilot, "o'brien")
        assert "overdue 30.00, 40 days" in text
        await press(pilot, *["backspace"] * 7)
        assert "Customer C2" in await type_(pilot, "r-10001", "enter")
        assert "Find" in await press(pilot, "escape")
        await press(pilot, *["backspace"] * 7)
        text = await type_(pilot, "zzzz", "enter")
        assert "Nothing matches" in text
        assert "payments" in (await press(pilot, "tab")).splitlines()[1]
