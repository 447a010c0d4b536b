"""The command line: what its words do, recall, completion, and what it does not take."""

import pytest
from textual.widgets import Input

from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_
from tests.screens.shell.test_kept_forms import form_for

# The command line.


@pytest.mark.parametrize(("typed", "says"), [
    ("c c1", "Customer C1"), ("cust C1", "Customer C1"), ("od", "Overdue queue: Work"), ("od days>60", "1 row, 74.00"),
    ("dues amount>10", "3 rows"), ("payments method:cheque", "1 row, 25.00"), ("customers o'brien", "1 row, 45.00"),
    ("inv 1", "Invoice INV-000001"), ("receipt R-10001", "Receipt R-10001"), ("find chq", "CHQ 004417"), ("ageing", "over-90"),
    ("statement C1", "closing"), ("new", "New customer"), ("help", "On this screen"), ("10001", "Receipt R-10001"),
    ("view overdue", "no saved view"),
])  # fmt: skip
async def test_the_line_does_what_its_words_say(owing: Desk, typed: str, says: str):  # noqa: F811
    async with opened(owing) as pilot:
        assert says.lower() in (await line(pilot, typed)).lower()


@pytest.mark.parametrize(("typed", "says"), [
    ("custmer C1", "did you mean customer"), ("c", "ACCOUNT"), ("c nobody", "no account"), ("od dayz>3", "did you mean days"),
    ("pay C1 12 gold", "not a payment method"), ('note C1 "open', "quote"), ("tui", "for the shell"), ("view save", "lists"),
    ("export csv", "Lists are exported"), ("ageing --as-of 2026-01-01", "leave it out here"), ("ageing --nonsense", "help"),
])  # fmt: skip
async def test_a_line_that_cannot_be_done_says_what_to_type(owing: Desk, typed: str, says: str):  # noqa: F811
    async with opened(owing) as pilot:
        assert says in await line(pilot, typed)
    assert owing.column("select count(*) from payment") == [1]


async def test_a_payment_in_one_line_shows_its_allocation_before_it_posts(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        text = await line(pilot, "pay C1 10.00 bank RF18-7")
        assert "Enter posts 10.00 bank for C1" in text
        assert "INV-000001" in text
        assert owing.session.db is not None
        assert "R-10002 posted" in await press(pilot, "enter")
    assert owing.column("select amount from payment order by id") == [2500, 1000]
    assert owing.column("select reference from payment order by id") == ["CHQ 004417", "RF18-7"]


async def test_lines_are_recalled_and_completed(owing: Desk, home):  # noqa: F811
    async with opened(owing) as pilot:
        await line(pilot, "od days>60")
        await press(pilot, "colon", "up")
        assert pilot.app.screen.query_one(Input).value == "od days>60"
        await press(pilot, "escape", "colon")
        await type_(pilot, "agei", "tab")
        assert pilot.app.screen.query_one(Input).value.strip() == "ageing"
        await press(pilot, "escape")
    assert (home / "state" / "netbill" / "history-boss").read_text() == "od days>60\n"
    assert (home / "state" / "netbill" / "history-boss").stat().st_mode & 0o777 == 0o600


async def test_the_palette_finds_a_command_by_its_words(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "ctrl+p")
        await type_(pilot, "overdue queue", "enter")
        await settle(pilot)
        assert "Overdue queue: Work" in shown(pilot)


@pytest.mark.parametrize("typed", [
    "find 015112345678", "find a@example.org", "change-customer C1 --set street=Secret", "note C1 secret", "pay C1 4111111111111111",
])  # fmt: skip
async def test_a_line_that_could_hold_a_secret_is_not_remembered(owing: Desk, home, typed: str):  # noqa: F811
    async with opened(owing) as pilot:
        await line(pilot, typed)
        if pilot.app.screen.is_modal:
            await press(pilot, "escape")
        await press(pilot, "f3")
        await line(pilot, "ageing")
    assert set((home / "state" / "netbill" / "history-boss").read_text().splitlines()) == {"ageing"}


@pytest.mark.parametrize("typed", ["import f.csv", "change-customer C1 --private", "customer C1 --check pin"])
async def test_what_reads_a_file_or_the_keyboard_stays_outside(owing: Desk, typed: str):  # noqa: F811
    async with opened(owing) as pilot:
        assert "leave the screens" in await line(pilot, typed)


@pytest.mark.parametrize("keys", [("\u00b2",), ("0",), ("view save x \u00b2",)])
async def test_digits_of_other_scripts_are_no_numbers(owing: Desk, keys: tuple[str, ...]):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7")
        await line(pilot, keys[0])
        assert "Overdue" in shown(pilot)


# What a session of fifty calls found.


async def test_keys_typed_behind_a_command_reach_what_it_opened(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        # As one burst: nothing waits between the keys.
        for key in ("colon", *"c", "space", *"C2", "enter", "v", *"wrong", "enter", "enter"):
            await pilot.press(key)
        await settle(pilot)
        assert "R-10001-REV posted" in " ".join(shown(pilot).split())


@pytest.mark.parametrize(("key", "words"), [("f2", "Find"), ("f3", "Dashboard"), ("f7", "Overdue queue")])
async def test_a_question_is_left_for_the_phone(owing: Desk, key: str, words: str):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C2")
        await type_(pilot, "25.00", "f10")
        assert pilot.app.screen.is_modal, "it looks like one already taken"
        text = await press(pilot, key)
        assert words in text
        assert "1 waiting" in text
    assert owing.column("select count(*) from payment") == [1]
