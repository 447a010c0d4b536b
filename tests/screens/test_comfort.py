"""An operator's day: the command line, lists, marks, forms put aside, the caller's answers. Keys in, screen and book out."""

from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.app import NetbillApp
from netbill_tui.cli.core.declared import NAMES
from netbill_tui.cli.core.inside import run_in
from netbill_tui.settings import Settings
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk
from tests.screens.test_screens import owing, press, settle, shown  # noqa: F401 - a fixture
from tests.usecases.test_people import CANARIES

_NAMES = {
    " ": "space", "'": "apostrophe", ".": "full_stop", "-": "minus", "+": "plus", "/": "slash", "@": "at", ":": "colon",
    ">": "greater_than_sign", "<": "less_than_sign", "*": "asterisk", "!": "exclamation_mark", '"': "quotation_mark",
    "=": "equals_sign", ",": "comma", "#": "number_sign", "(": "left_parenthesis", ")": "right_parenthesis",
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield tmp_path
    commands.use({})


@asynccontextmanager
async def opened(desk: Desk, size: tuple[int, int] = (80, 24), **more: object):
    desk.session.db.close()
    settings = Settings(desk.target, "boss", **more)  # type: ignore[arg-type]
    app = NetbillApp(desk.session, settings, lambda s, w, o, f: run_in(s, settings, w, o, form=f), tuple(sorted(NAMES)))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
        desk.session.db.connect()


async def type_(pilot: Pilot, text: str, *more: str) -> str:
    return await press(pilot, *(_NAMES.get(c, c) for c in text), *more)


def value(pilot: Pilot, field: str) -> str:
    return pilot.app.screen.query_one(f"#{field}", Input).value


async def line(pilot: Pilot, text: str) -> str:
    await press(pilot, "colon")
    return await type_(pilot, text, "enter")


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


# Lists.


async def test_a_filter_narrows_a_list_and_a_mistake_keeps_the_words(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "u", "slash")
        text = await type_(pilot, "amount>20 plann:x", "enter")
        assert "did you mean plan" in text
        assert value(pilot, "filter") == "amount>20 plann:x"
        assert "2 rows, 104.00" in await type_(pilot, "amount>20", "enter"), "what was refused is typed over"
        assert "3 rows" in await press(pilot, "1")


async def test_a_view_is_saved_on_a_key_and_opened_by_it(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "u", "slash")
        await type_(pilot, "amount>70", "enter")
        assert "Saved for you: big = amount>70, key 7" in await line(pilot, "view save big 7")
        await press(pilot, "1")
        assert "3 rows" in shown(pilot)
        text = await press(pilot, "7")
        assert "7 big" in text
        assert "1 row, 74.00" in text
        assert "has no view yet" in await press(pilot, "9")
        await line(pilot, "view drop big")
        assert "7 big" not in shown(pilot)


async def test_marks_are_counted_and_acted_on_after_one_confirmation(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2")
        text = await press(pilot, "space", "space")
        assert "marked 2, sum 104.00" in text
        await press(pilot, "t")
        await type_(pilot, "vip", "enter")
        assert pilot.app.screen.is_modal, "the confirmation waits"
        text = await type_(pilot, "n", "enter")
        assert "Type y to tag 2 rows" in text
        text = await type_(pilot, "y", "enter")
        assert "2 done, 0 left out" in text
        assert "marked" not in text
    assert tags.every_tag(owing.session) == [("vip", 2)]


async def test_the_same_outcome_for_all_that_are_marked(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "asterisk", "c", "l")
        assert "2 done" in await type_(pilot, "y", "enter")
    assert owing.column("select outcome from note") == ["left message", "left message"]


async def test_marked_payments_are_reversed_for_one_reason(owing: Desk):  # noqa: F811
    for cents in (100, 200):
        owing.pay("C1", cents)
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "space", "space", "v")
        await type_(pilot, "wrong file", "enter")
        assert "2 done" in await type_(pilot, "y", "enter")
    assert owing.column("select reason from payment_event") == ["wrong file", "wrong file"]
    assert owing.column("select count(*) from payment") == [3], "nothing is deleted"


async def test_more_than_twenty_rows_want_their_number_typed(owing: Desk):  # noqa: F811
    for n in range(25):
        owing.customer(f"D{n:02d}")
    async with opened(owing) as pilot:
        await press(pilot, "g", "c", "asterisk", "t")
        await type_(pilot, "all", "enter")
        assert "Type 27" in await type_(pilot, "y", "enter")
        for _ in range(3):
            await press(pilot, "backspace")
        assert "27 done" in await type_(pilot, "27", "enter")


async def test_the_last_tag_is_repeated_on_another_row(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "t")
        await type_(pilot, "hold", "enter")
        assert "put on" in await press(pilot, "down", "full_stop")
    assert tags.every_tag(owing.session) == [("hold", 2)]


async def test_columns_and_order_are_kept_for_the_next_sitting(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "c", "f4", "down", "down", "space", "enter", "o")
        assert "Status" not in shown(pilot)
    async with opened(owing) as pilot:
        text = await press(pilot, "g", "c")
        assert "Status" not in text
        rows = [r for r in text.splitlines() if "  C" in r[:4] or r.startswith("> C")]
        assert rows[0].startswith("> C2"), "by days, as it was left"


async def test_a_place_in_the_order_and_the_jump_list(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "c", "number_sign")
        text = await type_(pilot, "c2", "enter")
        assert any(r.startswith("> C2") for r in text.splitlines())
        await press(pilot, "enter")
        await line(pilot, "c C1")
        assert "Customer C1" in shown(pilot)
        assert "Customer C2" in await press(pilot, "less_than_sign")
        assert "Customer C1" in await press(pilot, "greater_than_sign")
        assert "No record was opened after" in await press(pilot, "greater_than_sign")


async def test_a_list_is_written_by_the_command_that_prints_it(owing: Desk, home):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "slash")
        await type_(pilot, "days>60", "enter")
        await press(pilot, "e", "c")
        text = shown(pilot)
        assert "Written to" in text.replace("\n", " ")
        assert "--filter 'days>60'" in " ".join(text.split())
    (path,) = (home / "data" / "netbill" / "exports").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().splitlines()[1].startswith('C2,"Smith, John",100,74.00')


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


async def test_a_field_is_filled_from_its_list(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f6", "f4")
        await type_(pilot, "zoe", "enter")
        assert value(pilot, "account") == "C1"
        await press(pilot, "f4")
        await type_(pilot, "paypal", "enter")
        assert value(pilot, "method") == "paypal"


async def test_a_new_customer_is_stored_and_opened_and_then_changed(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "plus", "enter")
        await type_(pilot, "Ivanova, Olga", "enter")
        await press(pilot, "f4")
        await type_(pilot, "business", "enter")
        text = await press(pilot, "f10")
        assert "C10001 Ivanova, Olga was stored" in text
        assert "BUSINESS" in text.upper()
        await press(pilot, "d")
        assert value(pilot, "name") == "Ivanova, Olga"
        for _ in range(20):
            await press(pilot, "backspace")
        assert "Name" in await press(pilot, "f10")
        await type_(pilot, "Ivanova, Inna")
        assert "name changed" in await press(pilot, "f10")
        assert "Ivanova, Inna" in shown(pilot)
    assert owing.column("select name from customer where account = 'C10001'") == ["Ivanova, Inna"]


async def test_private_fields_are_typed_and_never_shown(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        text = await press(pilot, "d")
        assert value(pilot, "tax_id") == ""
        assert CANARIES["tax_id"] not in text
        assert value(pilot, "street") == "Canary Row 77"


async def test_a_note_is_pinned_and_stands_on_the_card(owing: Desk):  # noqa: F811
    notes.add(owing.session, "C1", "pays in cash only")
    notes.add(owing.session, "C1", "second")
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        await press(pilot, "5", "down", "m")
        text = shown(pilot)
        assert "! pays in cash only" in text
        assert "tag" not in text
        assert "payment.record" not in await press(pilot, "6")
        assert "note.pin" in shown(pilot)


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


async def test_the_account_stands_beside_a_list_on_a_wide_terminal(owing: Desk):  # noqa: F811
    async with opened(owing, (120, 40)) as pilot:
        text = await press(pilot, "g", "u")
        assert "Last paid" in text
        assert "Last paid" not in await press(pilot, "f11")
    payments.open_invoices(owing.session, "C1")


# What a review found.


async def form_for(pilot: Pilot, account: str, method: str = "4") -> None:
    await press(pilot, "f6")
    await type_(pilot, account, "enter", method, "enter")


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


async def test_an_export_overwrites_nothing_and_leaves_its_event(owing: Desk, home):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "u")
        await line(pilot, "export csv big.csv")
        await line(pilot, "export csv big.csv")
        assert "plain name" in await line(pilot, "export csv ../big.csv")
    names = sorted(p.name for p in (home / "data" / "netbill" / "exports").iterdir())
    assert names == ["big-2.csv", "big.csv"]
    assert owing.column("select object from audit_event where action = 'list.export'") == ["dues", "dues"]


async def test_a_view_never_takes_a_key_of_the_list_and_keys_count_more_than_a_view(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2")
        assert "the list's own" in await line(pilot, "view save big 1")
        await press(pilot, "slash")
        await type_(pilot, "sort:-amount", "enter")
        await line(pilot, "view save big 7")
        await press(pilot, "7", "o")
        assert "by days" in shown(pilot)


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


async def test_the_rest_of_a_chosen_allocation_is_told_as_it_is_posted(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "20", "enter")
        await press(pilot, "f8")
        for _ in range(6):
            await press(pilot, "backspace")
        await press(pilot, "enter")
        assert "the rest, 15.00, goes to the oldest first" in await type_(pilot, "5")


async def test_a_promise_is_never_repeated_on_another_account(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7", "2", "c", "n", "c", "m", "enter", "enter")
        assert "Nothing to repeat" in await press(pilot, "full_stop")
    assert owing.column("select count(*) from note") == [2]


async def test_a_view_stands_for_the_whole_list_whatever_the_span(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "slash")
        await type_(pilot, "method:cheque", "enter")
        await line(pilot, "view save chq 6")
        await press(pilot, "m", "w")
        text = await press(pilot, "6")
        assert "Payments: chq" in text
        assert "1 row, 25.00" in text


@pytest.mark.parametrize("keys", [("\u00b2",), ("0",), ("view save x \u00b2",)])
async def test_digits_of_other_scripts_are_no_numbers(owing: Desk, keys: tuple[str, ...]):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f7")
        await line(pilot, keys[0])
        assert "Overdue" in shown(pilot)


async def test_marking_to_a_row_that_is_far_away_says_so(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        assert "too far away" in await press(pilot, "g", "c", "V")


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


async def test_the_form_put_aside_last_comes_before_one_left_earlier(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await form_for(pilot, "C2", "2")
        await type_(pilot, "2.22", "enter")
        await press(pilot, "f12")
        await form_for(pilot, "C1", "2")
        await type_(pilot, "1.11", "enter")
        await press(pilot, "f3", "b")
        assert value(pilot, "amount") == "1.11"


async def test_a_book_that_is_held_is_said_to_be_waited_for(owing: Desk):  # noqa: F811
    import fcntl
    from pathlib import Path

    async with opened(owing) as pilot:
        await form_for(pilot, "C1")
        await type_(pilot, "7.00", "enter")
        with Path(f"{owing.target}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            await pilot.press("f10")
            for _ in range(500):
                await pilot.pause(0.01)
                if "Waiting for the book" in shown(pilot):
                    break
            else:
                raise AssertionError("nothing says that the book is waited for")
        await settle(pilot)
        assert "posted" in shown(pilot)
