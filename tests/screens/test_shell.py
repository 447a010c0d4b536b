"""The shell around the work: messages that clear, the field that is wrong, what opens, moves and ranks, times of the book's zone."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from netbill_tui.billing.core.dates import dates_as_shown, short
from netbill_tui.billing.core.money import CURRENCIES, exponent, large_amount
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.text import counted
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core import host
from netbill_tui.usecases.customers import notes
from netbill_tui.usecases.lookup import lists
from netbill_tui.widgets.lines import Lines
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.test_comfort import line
from tests.screens.test_screens import opened, owing, press, shown, type_
from tests.usecases.test_billing import serve, shop
from tests.usecases.test_verifying import unguarded

__all__ = ["owing"]


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


async def test_f12_stays_where_one_is_asked_whether_to_leave_and_a_burst_is_no_answer(owing: Desk):
    async with opened(owing) as pilot:
        assert "F12  stay" in await press(pilot, "q")
        await press(pilot, "f12")
        assert "Dashboard" in shown(pilot)
        for key in ("q", "colon", *"pay"):
            pilot.app.post_message(_key(key))
        await press(pilot)
        assert pilot.app.is_running
        assert not pilot.app.leaving


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


# What opens.


async def test_enter_opens_a_note_and_an_event_in_full(owing: Desk):
    words = (
        "Customer says the line was down since Monday, wants a technician on Thursday after four, and a credit for the week. " * 3
    )
    notes.add(owing.session, "C1", words.strip())
    async with opened(owing) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "5")
        text = re.sub(r"[|\s]+", " ", await press(pilot, "enter"))
        assert text.count("a credit for the week.") == 3
        await press(pilot, "f12", "6")
        assert "Audit event" in await press(pilot, "enter")
        assert isinstance(pilot.app.screen_stack[-2].query_one(RecordGrid).record, trail.Event)


async def test_a_note_is_read_whole_and_as_it_was_written_on_a_small_screen(owing: Desk):
    notes.add(owing.session, "C1", " ".join(f"word{n} of 2026-11-29 and more" for n in range(14)) + " end-of-note")
    async with opened(owing, size=(60, 16)) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "5")
        text = await press(pilot, "enter")
        assert "Up and Down scroll" in text
        assert "more line" in text
        seen = text
        for _ in range(12):
            seen += await press(pilot, "down")
        assert "end-of-note" in seen
        assert not [row for row in text.splitlines() if "~" in row and "more line" not in row]
        assert "29 Nov 26" not in text.split("word0")[1]


async def test_a_page_says_how_much_lies_below(owing: Desk):
    async with opened(owing) as pilot:
        text = await press(pilot, "f1")
        assert re.search(r"\d+ more lines? below", text)
        text = await press(pilot, "end")
        assert "more line" not in text


def test_a_page_that_is_whole_says_nothing_of_more():
    assert Lines(["a"], scrolls=True)._scrolls


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 10)])
async def test_no_line_of_a_note_is_passed_over_by_the_page(owing: Desk, size: tuple[int, int]):
    from netbill_tui.screens.shell.forms.why import WhyForm

    async with opened(owing, size=size) as pilot:
        pilot.app.push_screen(WhyForm("Thirty", [(f"line {n:02d}", "") for n in range(30)]))
        seen = await press(pilot)
        for _ in range(30):
            seen += await press(pilot, "pagedown")
        assert {f"line {n:02d}" for n in range(30)} <= set(re.findall(r"line \d\d", seen))


async def test_a_search_in_the_help_shows_its_answers_wherever_it_was_scrolled(owing: Desk):
    async with opened(owing, size=(60, 16)) as pilot:
        await press(pilot, "f1", "end", "slash")
        text = await type_(pilot, "pay", "enter")
        assert "Take a payment" in text or "payment" in text.split("F1 again")[0]


async def test_the_ledger_shows_both_sides_on_any_width(owing: Desk):
    async with opened(owing, size=(60, 16)) as pilot:
        await line(pilot, "c C2")
        text = shown(pilot)
        assert "Amount" in text
        assert "99.00" in text
        assert "-25.00" in text


async def test_the_list_of_credit_shows_and_sums_credit(owing: Desk):
    owing.pay("C1", 10_000)
    async with opened(owing) as pilot:
        text = await line(pilot, "customers st:credit")
        assert "Credit" in text.splitlines()[3]
        assert "1 row, 55.00" in text
    assert lists.sums(owing.session, "customers", lists.read_filter(owing.session, "customers", "st:credit")) == (1, 5500)


async def test_marked_payments_that_were_taken_back_are_not_counted_again(owing: Desk):
    owing.pay("C1", 1000)
    owing.pay("C1", 2000)
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "v")
        await type_(pilot, "wrong", "f10")
        await press(pilot, "home", "asterisk")
        text = await press(pilot, "v")
        assert "Reverse 2 payments of 2 accounts, sum 35.00 EUR" in text
        assert "taken back already: 1" in " ".join(text.split())


# Dates, times, numbers.


def test_dates_in_a_sentence_are_shown_as_the_screens_show_them():
    for given_, wanted in (
        ("It holds from 2026-11-29.", "It holds from 29 Nov 26."),
        ("2026-11-01 to 2026-11-30: 5", "01 Nov 26 to 30 Nov 26: 5"),
        ("netbill price A 5 --from 2026-11-29", "netbill price A 5 --from 2026-11-29"),
        ("Written to x/dues-2026-11-29.csv", "Written to x/dues-2026-11-29.csv"),
        ("Export this list: netbill dues --filter 'due>2026-11-10 due<2026-12-05'",) * 2,
        ("Saved for you: x1 = due>2026-11-10 due<2026-12-05.",) * 2,
        ("Nothing matches '2026-11-29'.",) * 2,
        ("type a date such as 2026-11-22.",) * 2,
        ("Written to /home/u/bank 2026-11-29/in.csv",) * 2,
        ("due 2026-11-29..2026-12-01",) * 2,
        ("0001-01-01",) * 2,
        (
            "The service starts on 2026-11-22; type that day or a later one.",
            "The service starts on 22 Nov 26; type that day or a later one.",
        ),
        ("2026-02-31", "2026-02-31"),
    ):
        assert dates_as_shown(given_) == wanted


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_date_is_shown_once(day: date):
    assert dates_as_shown(f"on {day}") == f"on {short(day)}"
    assert dates_as_shown(dates_as_shown(f"on {day}")) == f"on {short(day)}"


def test_moments_are_those_of_the_books_zone(desk: Desk):
    desk.session.calendar.timezone = "Europe/Berlin"
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    at_us = int(late.timestamp()) * 1_000_000
    assert desk.session.calendar.moment(at_us) == "22 Nov 26 00:30:00"
    assert desk.session.calendar.day_of(at_us) == date(2026, 11, 22)
    desk.customer("C1")
    clock, desk.session.calendar.clock = desk.session.calendar.clock, lambda: late
    desk.session.settings = desk.session.settings._replace(clock_days=0)  # it lies before what the desk wrote
    notes.add(desk.session, "C1", "after midnight in Berlin")
    desk.session.calendar.clock = clock
    for first, last, count in ((22, 22, 1), (21, 21, 0)):
        wanted = trail.read_query(desk.session, action="note", first=date(2026, 11, first), last=date(2026, 11, last))
        assert trail.count(desk.session, wanted) == count, first


@pytest.mark.parametrize(("number", "words"), [(0, "0 invoices"), (1, "1 invoice"), (2, "2 invoices"), (1200, "1,200 invoices")])
def test_a_number_with_its_word(number: int, words: str):
    assert counted(number, "invoice") == words


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


# Sittings of other machines.


def test_a_sitting_of_another_machine_ends_when_nobody_can_sit_so_long(desk: Desk):
    from netbill_tui.db.access import operators as rows
    from netbill_tui.usecases.core.sitting import OVER_S
    from netbill_tui.usecases.core.unit_of_work import writing

    now = desk.session.now_us()
    with writing(desk.session, "import") as tx:
        operator = rows.by_name(desk.session.db, "boss")
        assert operator is not None
        for name, hours in (("old", 25), ("new", 1)):
            row = rows.SessionRow(name, "boss", "tui", "elsewhere", 1, "x", now - hours * 3_600_000_000, None, "")
            rows.open_session(desk.session.db, row, operator.id)
        tx.note("test.sittings", "boss", {})
    assert OVER_S == 12 * 3600
    with writing(desk.session, "import") as tx:
        sign_in.reap(desk.session)
        tx.note("test.reap", "boss", {})
    alive = [s.id for s in rows.live_sessions(desk.session.db) if s.host != host.host()]
    assert alive == ["new"]


def test_a_note_has_what_its_page_shows():
    assert {"date", "operator", "text", "next_action_on", "pinned"} <= set(NoteRow._fields)


async def test_every_row_of_a_bulk_action_has_a_request_id_of_its_own(owing: Desk):
    owing.pay("C1", 1000)
    owing.pay("C1", 2000)
    async with opened(owing) as pilot:
        await line(pilot, "customers")
        await press(pilot, "asterisk", "n")
        await type_(pilot, "all of them", "enter", "y", "enter")
        assert "Noted: 2 done" in shown(pilot)
        await press(pilot, "f7", "2", "asterisk", "c", "n")
        await press(pilot, "y", "enter")
        await press(pilot, "g", "p", "asterisk", "v")
        text = await type_(pilot, "wrong day", "enter", "y", "enter")
        assert "Reversed: 3 done" in text
    kinds = sorted(str(k) for k in owing.column("select kind from posting_request"))
    assert [kinds.count(k) for k in ("note", "call", "reversal")] == [2, 1, 3], kinds
    assert len(kinds) == len(set(owing.column("select uid from posting_request")))


async def test_control_z_says_what_it_does_not_do(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "ctrl+z")
        assert "^X locks" in message(pilot)


async def test_the_dashboard_says_that_the_book_is_not_sound(sqlite_desk: Desk):
    sqlite_desk.customer()
    notes.add(sqlite_desk.session, "C1", "a note")
    unguarded(sqlite_desk, "note", "update note set text = 'another'")
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "f3")
        for _ in range(1000):  # the look at the book goes on beside the screen
            if "NOT sound" in text:
                break
            await pilot.pause(0.03)
            text = shown(pilot)
        assert "The book is NOT sound (newest audit events" in text
        assert "Stop posting, and run: netbill verify" in " ".join(text.split())
    unguarded(sqlite_desk, "note", "update note set text = 'a note'")
    async with opened(sqlite_desk) as pilot:
        assert "NOT sound" not in await press(pilot, "f3")


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
