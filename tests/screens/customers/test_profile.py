"""The profile of an account: revealed, hidden again, compared."""

import sqlite3

import pytest

from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_, value
from tests.usecases.customers.people import CANARIES, PHONE


async def test_contact_data_comes_when_the_book_is_free_again(owing: Desk):
    async with opened(owing) as pilot:
        locker = sqlite3.connect(owing.target, isolation_level=None)
        locker.execute("begin immediate")
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert PHONE not in text
        assert "balance 45.00" in text
        locker.execute("rollback")
        locker.close()
        assert PHONE in await press(pilot, "f5")


async def test_a_private_field_that_holds_nothing_asks_no_reason(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C2", "enter", "4")
        assert "was captured" in await press(pilot, "x")


async def test_a_reveal_hides_itself_and_leaving_forgets(owing: Desk, monkeypatch: pytest.MonkeyPatch):
    from netbill_tui.screens.customers import profile

    monkeypatch.setattr(profile, "REVEAL_S", 0.5)
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter", "4", "home")
        await press(pilot, "x")
        assert "Type why" in await press(pilot, "enter")
        text = await type_(pilot, "caller asks", "enter")
        assert CANARIES["tax_id"] in text
        await pilot.pause(0.8)
        await settle(pilot)
        assert CANARIES["tax_id"] not in shown(pilot)
        assert "Hidden again" in shown(pilot)
    assert owing.column("select count(*) from audit_event where action = 'profile.reveal'") == [1]


async def test_a_pin_is_compared(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        await press(pilot, "i", "p")
        text = await type_(pilot, CANARIES["pin"])
        assert CANARIES["pin"] not in text
        text = await press(pilot, "enter")
        assert "MATCH: the PIN fits" in text
        assert "CALLER VERIFIED by PIN" in text
        await press(pilot, "i", "p")
        text = await type_(pilot, "1", "enter")
        assert "NO MATCH" in text
        # A card that is left and opened again is verified no more.
        await press(pilot, "f12", "f2")
        assert "CALLER VERIFIED" not in await type_(pilot, "C1", "enter")


async def test_what_differs_from_what_is_stored_is_marked_and_told(owing: Desk):
    async with opened(owing) as pilot:
        await line(pilot, "c C2")
        text = await press(pilot, "d")
        assert "Name*" in text
        assert " was " not in text
        stored = value(pilot, "name")
        text = await type_(pilot, "Jones, Mia")
        assert f"was {stored}" in text
        text = await press(pilot, "down")
        assert "+Name*" in text
        text = await press(pilot, "up", "f5")
        text = await type_(pilot, stored)
        assert " was " not in text
