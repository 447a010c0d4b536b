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


async def test_hits_of_several_kinds_stand_in_groups_and_the_cursor_passes_over_their_headings(desk: Desk):
    desk.customer("C1", "Smith, John")
    for n in range(12):
        desk.invoice("C1", 2500, due=n)
        desk.pay("C1", 2500, method="bank", reference=f"T{n}", confirmed="another one")
    desk.invoice("C1", 2500)
    async with opened(desk) as pilot:
        await press(pilot, "f2")
        lines = (await type_(pilot, "25.00")).splitlines()
        heads = [line.strip() for line in lines if line.lstrip().startswith(("Payments ", "Invoices "))]
        assert [head[:18] for head in heads] == ["Payments 8 of 12  ", "Invoices 8 of 13  "]
        grid = pilot.app.screen.query_one(RecordGrid)
        assert grid.record.type == "payment"
        walked = []
        for _ in range(20):
            walked.append((grid.record.type, grid.record.id))
            await press(pilot, "down")
        assert len(set(walked)) == 16
        assert {kind for kind, _ in walked} == {"payment", "invoice"}
        back = []
        for _ in range(20):
            back.append((grid.record.type, grid.record.id))
            text = await press(pilot, "up")
        assert set(back) == set(walked)
        assert "Payments 8 of 12" in text
        text = await press(pilot, "tab")
        assert "Payments 8" not in text
        assert sum(" R-" in line for line in text.splitlines()) >= 12


async def test_what_is_exactly_the_number_is_marked_and_what_was_typed_is_strong(owing: Desk):
    owing.customer("C7", "Brien-Smith, Oana")
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "r-10001")
        assert ">=" in text
        await press(pilot, *["backspace"] * 7)
        await type_(pilot, "brien")
        strips = pilot.app.screen._compositor.render_strips()
        strong = [s.text for strip in strips for s in strip if s.style and s.style.bold and s.text.lower() == "brien"]
        assert len(strong) == 1  # the other row has the cursor
