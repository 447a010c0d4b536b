"""Forms that were put aside, left, or lost with the line come back."""

from textual.pilot import Pilot

from netbill_tui.usecases.core import unfinished_forms
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, shown, type_, value

# Forms.


async def test_a_half_filled_form_is_put_aside_and_comes_back_with_its_id(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "2", "enter")
        await type_(pilot, "12.00", "enter")
        await type_(pilot, "CHQ 9")
        form = pilot.app.screen
        uid = form.request_id  # type: ignore[attr-defined]
        text = await press(pilot, "f2")
        assert "1 waiting" in text
        await type_(pilot, "C2", "enter")
        await press(pilot, "p")
        await type_(pilot, "1", "enter")
        text = await type_(pilot, "3.00", "f10")
        assert "R-10002 posted: 3.00 cash for C2" in " ".join(text.split())
        await press(pilot, "ctrl+g")
        assert pilot.app.screen is form
        assert (value(pilot, "amount"), value(pilot, "reference")) == ("12.00", "CHQ 9")
        assert form.request_id == uid  # type: ignore[attr-defined]
        assert "R-10003 posted" in await press(pilot, "f10")
        assert "waiting" not in shown(pilot)
    assert owing.column("select amount from payment order by id") == [2500, 300, 1200]
    assert owing.column("select count(*) from draft") == [0]


async def test_a_form_that_was_left_can_be_brought_back(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "2", "enter", "7")
        assert "brings the form back" in await press(pilot, "f12")
        await press(pilot, "b")
        assert value(pilot, "amount") == "7"
        await press(pilot, "f12", "f6")
        assert value(pilot, "amount") == ""


async def test_a_form_is_offered_again_after_the_line_was_lost(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "2", "enter")
        await type_(pilot, "12.00", "enter")
        await type_(pilot, "CHQ 9", "enter")
        uid = pilot.app.screen.request_id  # type: ignore[attr-defined]
    async with opened(owing) as pilot:
        assert "left half-filled: Payment C1 12.00 cheque" in " ".join(shown(pilot).split())
        await press(pilot, "ctrl+g")
        assert (value(pilot, "account"), value(pilot, "reference")) == ("C1", "CHQ 9")
        assert pilot.app.screen.request_id == uid  # type: ignore[attr-defined]
        assert "posted" in await press(pilot, "f10")
    assert owing.column("select count(*) from payment") == [2]
    assert unfinished_forms.waiting(owing.session) == []


# What a review found.


async def form_for(pilot: Pilot, account: str, method: str = "4") -> None:
    await press(pilot, "f6")
    await type_(pilot, account, "enter", method, "enter")


async def test_a_form_under_another_screen_is_brought_back_and_not_doubled(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1", "2")
        await type_(pilot, "7.50", "enter")
        form = pilot.app.screen
        await press(pilot, "f1", "ctrl+g")
        assert pilot.app.screen is form


async def test_the_form_that_was_left_last_comes_back_first(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1", "2")
        await type_(pilot, "1.11", "enter")
        await press(pilot, "f3")
        await form_for(pilot, "C2", "2")
        await type_(pilot, "2.22", "enter")
        await press(pilot, "f12", "b")
        assert value(pilot, "amount") == "2.22"
        await press(pilot, "ctrl+g")
        assert value(pilot, "amount") == "1.11"


async def test_a_new_customer_with_a_number_of_its_own_comes_back_as_a_new_one(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await line(pilot, "new")
        await type_(pilot, "C2", "enter")
        await type_(pilot, "Testov, Ivan", "enter")
    async with opened(owing) as pilot:
        assert "New customer" in await press(pilot, "ctrl+g")
        assert (value(pilot, "account"), value(pilot, "name")) == ("C2", "Testov, Ivan")
        assert "in use" in await press(pilot, "f10")


async def test_the_change_of_one_customer_does_not_stand_in_the_form_of_the_next(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1", "1")
        await type_(pilot, "5.00", "enter")
        assert "CHANGE 45.00" in await type_(pilot, "50", "enter")
        assert "CHANGE" not in await press(pilot, "f10")


async def test_the_form_put_aside_last_comes_before_one_left_earlier(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C2", "2")
        await type_(pilot, "2.22", "enter")
        await press(pilot, "f12")
        await form_for(pilot, "C1", "2")
        await type_(pilot, "1.11", "enter")
        await press(pilot, "f3", "b")
        assert value(pilot, "amount") == "1.11"
