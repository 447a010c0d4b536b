"""The phone number of the queue: opened where the cursor rests, once, and gone when nobody may look."""

from textual.pilot import Pilot

from tests.conftest import Desk
from tests.screens.keys import opened, press, settle, shown
from tests.usecases.customers.people import PHONE

SHOWN = "select count(*) from audit_event where action = 'contact.show' and object = 'C1'"


async def _rest(pilot: Pilot) -> str:
    """Until the number came, or the timer is long over."""
    for _ in range(100):
        await pilot.pause(0.02)
        if PHONE in shown(pilot):
            break
    await settle(pilot)
    return shown(pilot)


async def _on_c1(pilot: Pilot) -> str:
    await press(pilot, "g", "o", "2", "home")
    row = next(n for n, r in enumerate(pilot.app.screen.query_one("RecordGrid").records) if r.account == "C1")
    return await press(pilot, *["down"] * row)


async def test_the_number_comes_where_the_cursor_rests_and_is_opened_once(owing: Desk):
    async with opened(owing) as pilot:
        await _on_c1(pilot)
        assert PHONE in await _rest(pilot)
        await press(pilot, "up")
        assert PHONE in await _on_c1(pilot)
        text = await press(pilot, "y")
        assert "phone number of C1" in text
        assert pilot.app.clipboard == PHONE
    assert owing.column(SHOWN) == [1]


async def test_a_locked_program_knows_no_number(owing: Desk):
    async with opened(owing) as pilot:
        await _on_c1(pilot)
        await _rest(pilot)
        await press(pilot, "y")
        await press(pilot, "f3")
        await press(pilot, "ctrl+x")
        assert pilot.app.desk.phones == {}
        assert pilot.app.clipboard == ""
        assert PHONE not in shown(pilot)


async def test_who_looks_away_sees_what_is_owed_and_no_number(owing: Desk):
    async with opened(owing) as pilot:
        await _on_c1(pilot)
        await _rest(pilot)
        pilot.app.on_app_blur()
        await settle(pilot)
        text = shown(pilot)
        assert PHONE not in text
        assert "owes 30.00" in text
