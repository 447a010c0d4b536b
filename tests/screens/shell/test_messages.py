"""The message line: what clears a message, and what does not."""

from tests.conftest import Desk
from tests.screens.keys import line, opened, press, type_
from tests.usecases.billing_run.shop import shop


def message(pilot) -> str:
    """What stands on the message line."""
    return "".join(s.text for s in pilot.app.screen._message.render_line(0)).strip()


# Messages.


async def test_a_refusal_is_gone_with_the_next_key_and_a_success_with_the_next_that_does_something(owing: Desk):
    async with opened(owing) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "v")
        assert "Put the cursor on a payment first" in message(pilot)
        await press(pilot, "up")
        assert message(pilot) == ""
        await press(pilot, "n")
        await type_(pilot, "called back", "enter")
        said = message(pilot)
        assert said
        await press(pilot, "up", "down", "home")
        assert message(pilot) == said
        await press(pilot, "2")
        assert message(pilot) == ""


async def test_a_key_that_does_nothing_and_one_typed_ahead_leave_the_word_of_a_payment(owing: Desk):
    async with opened(owing) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "p", "1", "enter")
        await type_(pilot, "45.00", "enter")
        await type_(pilot, "50.00", "f10")
        assert "change 5.00" in message(pilot)
        await press(pilot, "Q", "ctrl+f")
        assert "change 5.00" in message(pilot)
        await press(pilot, "2")
        assert message(pilot) == ""


async def test_what_find_did_not_find_is_not_said_above_what_it_found(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        assert "Nothing matches 'zzzz'" in await type_(pilot, "zzzz", "enter")
        await press(pilot, *["backspace"] * 4)
        assert "Nothing matches" not in await type_(pilot, "smith")


async def test_a_message_of_one_tab_is_not_said_on_another(sqlite_desk: Desk):
    shop(sqlite_desk)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "k", "4")
        assert "net. w shows another span" in message(pilot)
        await press(pilot, "1")
        assert message(pilot) == ""
