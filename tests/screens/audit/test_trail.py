"""The audit trail by keys."""

from tests.conftest import Desk
from tests.screens.keys import opened, press, type_


async def test_the_audit_is_listed_narrowed_down_and_opened(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    sqlite_desk.pay("C1", 500)
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "g", "a")
        assert "took 5.00 by cash for C1 as R-10001" in text
        assert "test.customer" in text
        await press(pilot, "slash", "enter")
        text = await type_(pilot, "payment.", "f10")
        assert "1 event" in text
        assert "test.customer" not in text
        text = await press(pilot, "enter")
        assert f"sitting {sqlite_desk.session.sitting.id}" in text
        assert "boss: payment." in text
