"""The payment form: amounts, shares, questions, what was typed and what is posted."""

import pytest
from textual.widgets import Input

from netbill_tui.billing.core.money import CURRENCIES, exponent, large_amount
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, shown, type_, value
from tests.screens.shell.test_kept_forms import form_for


async def test_the_amount_calculates_and_keeps_its_formula(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "4", "enter")
        text = await type_(pilot, "3*5.50-1", "enter")
        assert "3*5.50-1 = 15.50" in text
        assert value(pilot, "amount") == "15.50"
        await press(pilot, "f10")
    assert owing.column("select note from payment order by id desc limit 1") == ["[3*5.50-1 = 15.50]"]


async def test_the_operator_says_which_invoices_are_settled(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "4", "enter")
        await type_(pilot, "20.00", "enter")
        await press(pilot, "f8", "f5")
        for _ in range(6):
            await press(pilot, "backspace")
        await type_(pilot, "5", "enter")
        text = await type_(pilot, "99", "f10")
        assert "only 15.00 open" in text
        for _ in range(6):
            await press(pilot, "backspace")
        text = await type_(pilot, "15", "f10")
        assert "chosen, F8" in text
        await press(pilot, "f10")
    assert owing.column(
        "select amount from allocation where payment_id = (select max(payment_id) from allocation) order by id"
    ) == [500, 1500]


async def test_the_last_payment_is_filled_in_again(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        assert "No payment was posted" in await press(pilot, "f9")
        await type_(pilot, "C1", "enter", "4", "enter")
        await type_(pilot, "7.00", "f10")
        await type_(pilot, "C2", "enter")
        await press(pilot, "f9")
        assert (value(pilot, "method"), value(pilot, "amount")) == ("bank", "7.00")


async def test_a_formula_that_was_typed_over_is_not_kept(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "10+20", "enter")
        pilot.app.screen.query_one("#amount", Input).value = "5.00"
        await press(pilot, "f10")
    assert owing.column("select note from payment order by id desc limit 1") == [""]


async def test_a_large_amount_is_asked_again_for_the_next_customer(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "5000", "f10")
        await type_(pilot, "5000", "enter")
        await type_(pilot, "C2", "enter", "4", "enter")
        await type_(pilot, "5000", "f10")
        assert pilot.app.screen.is_modal
        await press(pilot, "escape")
    assert owing.column("select amount from payment order by id") == [2500, 500_000]


async def test_a_chosen_allocation_survives_the_line_and_a_stale_one_is_given_up(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "15", "enter")
        await press(pilot, "f8")
        for _ in range(6):
            await press(pilot, "backspace")
        await press(pilot, "enter")
        await type_(pilot, "15", "f10")
        await press(pilot, "enter")
    async with opened(owing) as pilot:
        text = await press(pilot, "ctrl+g")
        assert "chosen, F8" in text
        await press(pilot, "f2")
        owing.session.db.connect()
        owing.pay("C1", 1000, apply=(("INV-000002", 1000),))
        owing.session.db.close()
        text = await press(pilot, "ctrl+g")
        assert "The oldest is settled first again" in " ".join(text.split())
        assert "posted" in await press(pilot, "f10")


async def test_a_draft_without_a_known_account_comes_back_too(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "2", "enter")
        await type_(pilot, "9", "enter")
        pilot.app.screen.query_one("#account", Input).value = "C1x"
        await pilot.app.screen.keep()  # type: ignore[attr-defined]
    async with opened(owing) as pilot:
        assert "no account" in await press(pilot, "ctrl+g")
        assert (value(pilot, "account"), value(pilot, "amount")) == ("C1x", "9.00")


async def test_the_rest_of_a_chosen_allocation_is_told_as_it_is_posted(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "20", "enter")
        await press(pilot, "f8")
        for _ in range(6):
            await press(pilot, "backspace")
        await press(pilot, "enter")
        assert "the rest, 15.00, goes to the oldest first" in await type_(pilot, "5")


async def test_what_was_typed_as_the_amount_is_what_is_posted(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "tab", "tab")
        text = await type_(pilot, "25.00", "f10")
        assert "The account is now C1" in text
        assert pilot.app.screen.query_one("#amount", Input).value == "25.00"
        assert "posted: 25.00 cash for C1" in await press(pilot, "f10")


async def test_another_account_in_a_filled_form_is_shown_before_it_is_posted_to(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "enter")
        await type_(pilot, "11.00", "enter")
        pilot.app.screen.query_one("#account", Input).focus()
        await pilot.pause()
        assert "The account is now C2" in await type_(pilot, "C2", "f10")
        assert "posted: 11.00 cash for C2" in await press(pilot, "f10")


async def test_a_huge_amount_is_typed_twice_where_nothing_is_due(owing: Desk):
    owing.customer("C9")
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C9", "enter", "1", "enter")
        assert "An unusual amount" in await type_(pilot, "9000000", "f10")
    assert owing.column("select count(*) from payment") == [1]


async def test_what_was_done_is_said_and_stays_said(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "v")
        await type_(pilot, "wrong account", "enter")
        assert "R-10001-REV posted" in await press(pilot, "enter")
        assert "already" in await press(pilot, "v")


@pytest.mark.parametrize("size", [(60, 16), (40, 10), (120, 40)], ids=str)
async def test_money_is_whole_or_not_there_on_any_size(owing: Desk, size: tuple[int, int]):
    async with opened(owing, size) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert "30.0~" not in text
        assert "45.00" in text


async def test_the_payment_form_is_whole_on_a_low_terminal(owing: Desk):
    async with opened(owing, (60, 16)) as pilot:
        await press(pilot, "f6")
        text = await type_(pilot, "C1", "enter", "1", "enter")
        assert "Enter or F10 posts" in text
        assert " Note " in text
        assert "posted: 45.00" in await press(pilot, "f10")


async def test_after_a_payment_the_cursor_stands_on_it(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "R-10001", "enter", "p", "1", "enter")
        assert "posted: 74.00" in await press(pilot, "f10")
        assert pilot.app.screen.query_one(RecordGrid).record.document == "R-10002"
        assert "Reverse R-10002" in await press(pilot, "v"), "and not the one that was looked up before"


async def test_p_takes_a_cash_payment_with_change_and_the_balance_follows(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        text = await press(pilot, "p")
        assert "Take payment" in text
        assert "45.00" in text, "the amount defaults to what is due"
        await press(pilot, "1", "enter")
        await type_(pilot, "35", "enter")
        text = await type_(pilot, "40", "enter")
        assert "CHANGE 5.00" in text
        assert "on account (credit)" in text
        text = await press(pilot, "f10")
        assert "change 5.00, balance 10.00" in text
        assert "balance 10.00" in text
    assert owing.column("select amount from payment order by id desc limit 1") == [3500]
    assert owing.column("select tendered from payment order by id desc limit 1") == [4000]


async def test_a_wrong_field_says_what_to_type_and_keeps_what_was_typed(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        assert "no account" in await type_(pilot, "nobody", "enter")
        assert pilot.app.screen.query_one("#account", Input).value == "nobody"
        await press(pilot, "f5")
        await type_(pilot, "C1", "enter")
        assert "not a payment method" in await type_(pilot, "gold", "enter")
        await press(pilot, "f5", "2", "enter")
        assert "type 1234 or 1.23" in await type_(pilot, "1,234".replace(",", "."), "enter")
        await press(pilot, "f5")
        await type_(pilot, "20", "enter")
        assert "card number" in await type_(pilot, "4111111111111111", "enter")
        await press(pilot, "f5", "enter")
        assert "not a date" in await type_(pilot, "soon", "enter")
        await press(pilot, "f5", "t", "enter", "enter")
        assert "cheque needs its number" in await press(pilot, "enter")
        assert pilot.app.screen.query_one("#amount", Input).value == "20.00"
        assert "Dashboard" in await press(pilot, "f12")
    assert owing.column("select count(*) from payment") == [1]


async def test_an_unusual_amount_is_typed_twice(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter")
        text = await type_(pilot, "450", "f10")
        assert "An unusual amount" in text
        assert "is not 450.00" in await type_(pilot, "45", "enter")
        await press(pilot, *["backspace"] * 2)
        assert "posted: 450.00" in await type_(pilot, "450", "enter")


async def test_a_suspected_duplicate_wants_a_typed_yes_and_a_reason(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C2", "enter", "1", "enter")
        text = await type_(pilot, "25", "f10")
        assert "Is this another payment?" in text
        assert "Type yes in full" in await press(pilot, "y", "enter", "enter")
        await press(pilot, "escape")
        assert "Nothing was posted" in shown(pilot)
        await press(pilot, "f10")
        await type_(pilot, "yes", "enter")
        assert "posted: 25.00" in await type_(pilot, "two invoices", "enter")
    assert owing.column("select count(*) from payment") == [2]


def test_an_unusual_amount_is_one_in_its_own_currency():
    assert large_amount("EUR") == 100_000
    assert large_amount("JPY") == 100_000  # yen have no decimals: a hundred thousand of them
    assert large_amount("KWD") == 1_000_000
    for currency in CURRENCIES:
        assert large_amount(currency) >= 10 ** (3 + exponent(currency))


async def test_a_payment_of_some_thousand_yen_is_not_asked_for_twice(sqlite_desk: Desk):
    sqlite_desk.session.book = sqlite_desk.session.book._replace(currency="JPY")
    sqlite_desk.customer("C1")
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "p", "1", "enter")
        assert "posted: 3,500 cash" in await type_(pilot, "3500", "f10")


async def test_change_is_never_that_of_another_amount(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "ctrl+u")
        await type_(pilot, "5", "enter")
        assert "CHANGE 145.00" in await type_(pilot, "150", "enter")
        await press(pilot, "up", "up", "ctrl+u")
        assert "CHANGE 142.00" in await type_(pilot, "8")
        text = await type_(pilot, "00")  # 800: more than was handed over
        assert "CHANGE" not in text
        assert "cash only" in text


async def test_a_second_f10_takes_nothing_from_what_is_said_of_the_first(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "ctrl+u")
        await type_(pilot, "5", "f10")
        await press(pilot)
        said = "R-10002 posted: 5.00"
        text = shown(pilot)
        assert said in text
        # The form is empty again, and names nobody.
        assert "O'Brien" not in text.split(said)[0]
        assert said in await press(pilot, "f10")
    assert owing.column("select count(*) from payment") == [2]


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [("method", "*Pp", "not a payment method"), ("amount", "12.5.0", "is not an amount"), ("tendered", "x", "is not an amount"),
     ("received", "31feb", "date"), ("reference", "4111 1111 1111 1111", "card number"), ("post", "K9", "Nothing is typed into Post")],
)  # fmt: skip
async def test_f10_puts_the_cursor_into_the_field_that_is_wrong(owing: Desk, name: str, typed: str, says: str):
    """From whichever field it was pressed; what was typed stays."""
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "ctrl+u")
        await type_(pilot, "5", "enter")
        form = pilot.app.screen
        form.query_one(f"#{name}", Input).value = typed
        form.query_one("#account" if name != "account" else "#note", Input).focus()
        text = await press(pilot, "f10")
        assert says in text
        assert pilot.app.focused is form.query_one(f"#{name}", Input)
        assert form.query_one(f"#{name}", Input).value == typed
    assert owing.column("select count(*) from payment") == [1]


async def test_what_is_typed_into_post_is_refused(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "ctrl+u")
        await type_(pilot, "5", "enter", "enter", "enter", "enter", "enter")
        text = await type_(pilot, "+5", "enter")
        assert "Nothing is typed into Post" in text
    assert owing.column("select count(*) from payment") == [1]
