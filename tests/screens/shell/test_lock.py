"""The lock hides everything and gives the form back."""

from textual.widgets import Input

from tests.conftest import Desk
from tests.screens.access.test_operators import signed_in
from tests.screens.keys import opened, press, type_
from tests.usecases.access.desks import WORDS


async def test_the_lock_hides_everything_and_a_form_is_there_afterwards(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    boss = signed_in(sqlite_desk, "mira", "administrator")
    async with opened(boss) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1")
        text = await press(pilot, "ctrl+x")
        assert "Locked." in text
        assert "C1" not in text
        assert "Pay" not in text  # nothing in the footer that cannot be done
        assert boss.session.vault is None
        for key in ("f2", "f6", "f12"):
            text = await press(pilot, key)
            assert "Locked." in text
        await press(pilot, "ctrl+u")
        text = await type_(pilot, "wrong-lantern-orchard-17", "enter")
        assert "Locked." in text
        assert "wrong-lantern" not in text
        text = await type_(pilot, WORDS, "enter")
        assert "Locked." not in text
        assert "C1" in [i.value for i in pilot.app.screen.query(Input)]
    assert sqlite_desk.column("select count(*) from audit_event where action = 'session.refused'") != [0]


async def test_the_lock_takes_its_key_from_small_forms_too(sqlite_desk: Desk):
    boss = signed_in(sqlite_desk, "mira", "administrator")
    async with opened(boss) as pilot:
        await press(pilot, "g", "w", "plus")
        await type_(pilot, "joe")
        text = await press(pilot, "ctrl+x")
        assert "Locked." in text
        assert "joe" not in text
        text = await type_(pilot, WORDS, "enter")
        assert "A new operator" in text
        assert "joe" in text
        await press(pilot, "f12", "d")
        text = await press(pilot, "ctrl+x")
        assert "Locked." in text
