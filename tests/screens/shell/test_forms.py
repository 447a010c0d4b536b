"""Forms: the field that was wrong, moving between fields, lists of a field, one's own keys."""

import pytest
from textual.widgets import Input

from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core import unfinished_forms
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, type_, value
from tests.screens.shell.test_kept_forms import form_for
from tests.usecases.billing_run.shop import serve, shop


async def test_a_field_is_filled_from_its_list(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6", "f4")
        await type_(pilot, "zoe", "enter")
        assert value(pilot, "account") == "C1"
        await press(pilot, "f4")
        await type_(pilot, "paypal", "enter")
        assert value(pilot, "method") == "paypal"


async def test_keys_of_ones_own_work_and_are_shown(owing: Desk):  # noqa: F811
    async with opened(owing, keys={"app.overdue": "f7,ctrl+x", "note.add": "N"}) as pilot:
        text = await press(pilot, "ctrl+x")
        assert "Overdue queue" in text
        assert "N Note" in text
        assert "Note on" in await press(pilot, "N")


async def test_a_read_only_start_says_so_and_posts_nothing(owing: Desk):  # noqa: F811
    owing.session.settings = owing.session.settings._replace(readonly=True)
    async with opened(owing) as pilot:
        text = await press(pilot, "f7", "n")
        assert "READ ONLY" in text
        assert "read-only" in text
        assert "read-only" in await press(pilot, "f6")
    assert owing.column("select count(*) from note") == [0]
    owing.session.settings = owing.session.settings._replace(readonly=False)


async def test_the_help_is_searched(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "f1", "slash")
        text = await type_(pilot, "columns", "enter")
        assert "F4 |" in text
        assert "Mark the row" not in text
        assert "Mark the row" in await press(pilot, "f12")


async def test_days_beyond_the_calendar_are_refused(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        assert "calendar" in await line(pilot, "od days>999999999")


# What a tester found.


async def test_fields_left_by_tab_are_stored_too(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1", "2")
        await type_(pilot, "7.50", "tab", "tab")
        await type_(pilot, "CHQ 5", "tab")
    (kept,) = unfinished_forms.waiting(owing.session)
    assert (kept.fields["amount"], kept.fields["reference"]) == ("7.50", "CHQ 5")


def _key(name: str):
    from textual import events

    return events.Key(name, name if len(name) == 1 else {"colon": ":"}[name])


# Forms.


async def field(pilot) -> str:
    focused = pilot.app.focused
    assert isinstance(focused, Input)
    return focused.id or ""


async def test_a_refused_form_opens_in_the_field_that_was_wrong(sqlite_desk: Desk):
    shop(sqlite_desk)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "k", "enter", "i")
        await type_(pilot, "29.99", "tab", "tab", "ctrl+u")
        text = await type_(pilot, "xx", "f10")
        assert "type all or new" in text
        inputs = [i.value for i in pilot.app.screen.query(Input)]
        assert pilot.app.focused.value == "xx"
        assert "29.99" in inputs
        text = await type_(pilot, "all", "f10")  # over what was refused, and nothing else
        assert "29.99 from" in text
    (row,) = [p for p in codes.load(sqlite_desk.session).prices_of("A") if p.amount == 2999]
    assert row.audience == "all"


@pytest.mark.parametrize(("keys", "wrong"), [
    (("w", "d", "1", "0", "tab", "5"), "5"),  # a percentage and an amount
    (("w", "d", "1", "0", "tab", "tab", "tab", "ctrl+u", "x"), "x"),  # the day
    (("w", "e", "C", "tab", "ctrl+u", "x"), "x"),
    (("w", "t", "1", "tab", "ctrl+u", "9", "9"), "99"),
    (("w", "d", "z", "z"), "zz"),
    (("w", "d", "1", "0", *["tab"] * 5, "z", "z"), "zz"),  # until
    (("s", "p", "ctrl+u", *"2001", "minus", *"01", "minus", *"01"), "2001-01-01"),
])  # fmt: skip
async def test_in_every_form_of_an_account_too(sqlite_desk: Desk, keys: tuple[str, ...], wrong: str):
    shop(sqlite_desk)
    serve(sqlite_desk)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "7", *keys, "f10")
        assert pilot.app.focused.value == wrong


async def test_up_and_down_move_between_fields_and_f5_empties_one(sqlite_desk: Desk):
    shop(sqlite_desk)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "k", "enter", "i")
        assert await field(pilot) == "field0"
        await press(pilot, "up")
        assert await field(pilot) == "field0"
        await press(pilot, "down", "down")
        assert await field(pilot) == "field2"
        await press(pilot, "up")
        assert await field(pilot) == "field1"
        await press(pilot, "x", "f5", "z")
        assert pilot.app.focused.value == "z"


def test_what_begins_as_typed_stands_first():
    from netbill_tui.screens.shell.forms.pick import Choice, _rank

    rows = [Choice("BIZ-1G", "BIZ-1G Business 1000/1000"), Choice("INT-100", "INT-100 Fibre 100"), Choice("100", "100 Hundred")]
    assert [r.value for r in sorted(rows, key=lambda r: _rank("100", r))] == ["100", "INT-100", "BIZ-1G"]
    assert PickForm("x", [("2026-11-02", "2026-11-02  Monday")])._choices == [("2026-11-02", "02 Nov 26  Monday")]


@pytest.mark.parametrize(("key", "names"), [("plus", ["account", "name", "kind"]), ("f6", ["account", "method", "amount"])])
async def test_up_and_down_go_from_field_to_field_in_a_form_that_fills_the_screen(owing: Desk, key: str, names: list[str]):
    """The customer's form is longer than the screen: the arrows moved the page, and what was typed went into the first field."""
    async with opened(owing) as pilot:
        await press(pilot, key)
        seen = [pilot.app.screen.focused.id]
        for _ in names[1:]:
            await press(pilot, "down")
            seen.append(pilot.app.screen.focused.id)
        assert seen == names
        await press(pilot, "up")
        assert pilot.app.screen.focused.id == names[-2]
        for _ in range(30):
            await press(pilot, "down")
        last = pilot.app.screen.focused
        assert 0 < last.region.y < pilot.app.size.height - 2, "the page follows the cursor"
