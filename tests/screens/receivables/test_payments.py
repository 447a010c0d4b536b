"""Payments taken back by keys."""

from tests.conftest import Desk
from tests.screens.keys import opened, press, type_


async def test_marked_payments_are_reversed_for_one_reason(owing: Desk):  # noqa: F811
    for cents in (100, 200):
        owing.pay("C1", cents)
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "space", "space", "v")
        await type_(pilot, "wrong file", "enter")
        assert "2 done" in await type_(pilot, "y", "enter")
    assert owing.column("select reason from payment_event") == ["wrong file", "wrong file"]
    assert owing.column("select count(*) from payment") == [3], "nothing is deleted"


async def test_v_reverses_with_a_reason_and_opens_what_was_settled(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "R-10001", "enter")
        text = await press(pilot, "v")
        assert "Opens again: INV-000003 25.00" in text
        assert "Type why" in await press(pilot, "enter", "enter")
        await type_(pilot, "cheque came back", "enter")
        await press(pilot, "backspace")
        text = await press(pilot, "y", "enter")
        assert "R-10001-REV posted: R-10001 is returned, balance 99.00" in text
        text = await press(pilot, "r")
        assert "RETURNED" in text
        assert "already" in await press(pilot, "v")
    assert owing.column("select kind from payment_event") == ["returned"]
