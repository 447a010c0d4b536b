"""Screens: keys in, screen and database out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.app import NetbillApp
from netbill_tui.billing.customers.accounts import MASK
from netbill_tui.settings import Settings
from netbill_tui.usecases.customers import notes
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.usecases.test_people import CANARIES, PHONE, person


async def settle(pilot: Pilot) -> None:
    """Wait until no key is queued, no story holds the gate and no search runs: the program waits for the operator."""
    calm = 0
    for _ in range(2000):
        await pilot.pause()
        app = pilot.app
        busy = (
            app._holds
            or app.keys_waiting
            or app._pumping
            or any(w.group in ("search", "count", "draft", "views", "side") and not w.is_finished for w in app.workers)
        )
        calm = 0 if busy else calm + 1
        if calm == 3:
            return
    raise AssertionError("the program never came to rest")


def shown(pilot: Pilot) -> str:
    """The screen as text."""
    width, height = pilot.app.size
    return "\n".join("".join(s.text for s in strip) for strip in pilot.app.screen._compositor.render_strips())[
        : (width + 1) * height * 4
    ]


@asynccontextmanager
async def opened(desk: Desk, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot]:
    desk.session.db.close()
    app = NetbillApp(desk.session, Settings(desk.target, "boss"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
        desk.session.db.connect()


async def press(pilot: Pilot, *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)
    return shown(pilot)


async def type_(pilot: Pilot, text: str, *more: str) -> str:
    names = {" ": "space", "'": "apostrophe", ".": "full_stop", "-": "minus", "+": "plus", "/": "slash", "@": "at"}
    return await press(pilot, *(names.get(c, c) for c in text), *more)


@pytest.fixture
def owing(sqlite_desk: Desk) -> Desk:
    person(sqlite_desk)
    sqlite_desk.customer("C2", "Smith, John")
    sqlite_desk.invoice("C1", 3000, due=-40)
    sqlite_desk.invoice("C1", 1500, due=3)
    sqlite_desk.invoice("C2", 9900, due=-100)
    sqlite_desk.pay("C2", 2500, method="cheque", reference="CHQ 004417")
    return sqlite_desk


async def test_the_dashboard_sums_the_day_and_opens_what_it_sums(owing: Desk):
    async with opened(owing) as pilot:
        text = shown(pilot)
        assert "cheque" in text
        assert "25.00" in text
        assert "over-90 days past due" in text
        assert "74.00" in text
        assert "All overdue accounts" in text
        assert "Overdue queue" in await press(pilot, "enter")
        assert "Dashboard" in await press(pilot, "f3")
        text = await press(pilot, "down", "down", "enter")
        assert "in the next 7 days" in text
        assert "1 row, 15.00" in text


async def test_an_empty_book_says_what_to_do(sqlite_desk: Desk):
    async with opened(sqlite_desk) as pilot:
        assert "netbill import" in shown(pilot)
        assert "No account here" in await press(pilot, "f7")


async def test_find_answers_while_typing_and_opens_an_exact_number(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "4417")
        assert "R-10001" in text
        assert "taken by boss" in text
        assert "Balance   74.00 now" in text
        await press(pilot, *["backspace"] * 4)
        text = await type_(pilot, "o'brien")
        assert "overdue 30.00 (40 d)" in text
        await press(pilot, *["backspace"] * 7)
        assert "Customer C2" in await type_(pilot, "r-10001", "enter")
        assert "Find" in await press(pilot, "escape")
        await press(pilot, *["backspace"] * 7)
        text = await type_(pilot, "zzzz", "enter")
        assert "Nothing matches" in text
        assert "scope: payments" in await press(pilot, "tab")


async def test_the_account_shows_ledger_invoices_payments_profile_and_notes(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        text = await type_(pilot, "C1", "enter")
        assert "O'Brien, Zoë" in text
        assert PHONE in text
        assert "Balance 45.00" in text
        assert "overdue 30.00 (40 d)" in text
        assert "INV-000001" in text
        assert "part" not in await press(pilot, "2")
        assert "No payment yet" in await press(pilot, "3")
        text = await press(pilot, "4")
        assert MASK in text
        assert all(value not in text for value in CANARIES.values())
        assert "No note yet" in await press(pilot, "5")
        text = await press(pilot, "1", "equals_sign")
        assert "sum of 2 entries" in text
        assert "45.00" in text


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
        assert "Balance 10.00" in text
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


async def test_the_queue_is_worked_by_one_key_and_the_cursor_stays_on_its_account(owing: Desk):
    owing.customer("C3", "Weber")
    owing.invoice("C3", 4000, due=-50)
    async with opened(owing) as pilot:
        text = await press(pilot, "f7")
        assert "3 rows, 144.00 EUR" in text
        grid = pilot.app.screen.query_one(RecordGrid)
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        await press(pilot, "down")
        assert grid.record.account == "C3"
        await press(pilot, "f5")
        assert grid.record.account == "C3", "refresh keeps the account"
        text = await press(pilot, "c", "n")
        assert "C3: no answer, again on" in text
        assert [r.account for r in grid.records] == ["C2", "C1"]
        assert grid.record.account == "C1", "the next account"
        text = await press(pilot, "2")
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        await press(pilot, "o")
        assert [r.account for r in grid.records] == ["C2", "C3", "C1"]
        assert "by amount" in shown(pilot)
        await press(pilot, "home", "c", "m")
        text = await type_(pilot, "", "enter")
        assert "Promise of C2" in text
        assert "promises to pay" in await type_(pilot, "after salary", "enter")
        await press(pilot, "end", "n")
        assert "Noted on" in await type_(pilot, "wants a call", "enter")
    assert owing.column("select outcome from note order by id") == ["no answer", "promises to pay", ""]


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


async def test_a_pretended_date_shows_itself_and_posts_nothing(owing: Desk):
    from datetime import date

    owing.session.calendar.as_of = date(2026, 11, 21)
    owing.session.settings = owing.session.settings._replace(preview=True)
    async with opened(owing) as pilot:
        text = shown(pilot)
        assert "AS OF 21 Nov 26" in text
        assert "0 payments" in text
        assert "nothing is posted" in await press(pilot, "f6")
        assert "nothing is posted" in await press(pilot, "f7", "c")
    assert owing.column("select count(*) from note") == [0]


async def test_every_screen_has_help_a_way_out_and_bindings_from_its_commands(owing: Desk):
    async with opened(owing) as pilot:
        for keys in ((), ("f2",), ("f7",), ("g", "u"), ("g", "p"), ("f6",)):
            await press(pilot, "f3", *keys)
            screen = pilot.app.screen
            for command in (*screen.DECLARED, *commands.EVERYWHERE):  # type: ignore[attr-defined]
                assert hasattr(screen, "action_" + command.action.split("(")[0]), (screen, command.id)
            text = await press(pilot, "f1")
            assert "On this screen" in text
            page = str(pilot.app.screen._page._lines)  # type: ignore[attr-defined]
            assert "Everywhere" in page
            assert "Behind :" in page
            assert "Every command" in await press(pilot, "f1")
            assert pilot.app.screen is not screen
            await press(pilot, "f12")
            assert pilot.app.screen is screen
            assert "F12 Back" in shown(pilot) or "Sign in" in shown(pilot)


async def test_another_operators_payment_appears_after_a_refresh(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        assert "Balance 45.00" in await type_(pilot, "C1", "enter")
        from netbill_tui.usecases.core.open_book import open_book

        other = open_book(owing.target, clock=owing.session.calendar.clock)
        other.operator, other.vault = owing.session.operator, owing.session.vault
        notes.add(other, "C1", "paid at the other desk")
        other.db.close()
        assert "Notes(1)" in await press(pilot, "f5")


async def test_the_grid_reads_page_after_page_and_forgets_the_far_ones(sqlite_desk: Desk):
    from netbill_tui.widgets import record_grid

    sqlite_desk.customer()
    for n in range(230):
        sqlite_desk.pay("C1", 100 + n, received=f"2026-11-{16 + n % 7}")
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "p")
        grid = pilot.app.screen.query_one(RecordGrid)
        assert len(grid.records) == 100
        seen = {grid.record.id}
        for _ in range(229):
            await pilot.press("down")
            seen.add(grid.record.id)
        await settle(pilot)
        assert len(seen) == 230
        await press(pilot, "down", "down")
        last = grid.record.id
        await press(pilot, "home")
        assert grid.record.id != last
        await press(pilot, "end")
        assert grid.record.id == last
        assert record_grid.WINDOW >= 200


async def test_sign_in_takes_the_right_password_only(tmp_path):
    from netbill_tui.usecases.books.create import NewBook, make_book
    from netbill_tui.usecases.core.open_book import open_book
    from tests.conftest import CLOCK

    tmp_path.chmod(0o700)
    made = make_book(str(tmp_path / "s.db"), NewBook("Acme", "EUR", "UTC", "", "mira", "gravel-otter-lantern"), clock=CLOCK)
    made.session.db.close()
    session = open_book(str(tmp_path / "s.db"), clock=CLOCK)
    session.db.close()
    app = NetbillApp(session, Settings(str(tmp_path / "s.db"), "mira"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Sign in" in shown(pilot)
        assert "Sign in first" in await press(pilot, "f2")
        text = await type_(pilot, "wrong-password", "enter")
        assert "type both again" in text
        text = await type_(pilot, "gravel-otter-lantern", "enter")
        assert "Dashboard" in text
        assert "gravel" not in text
