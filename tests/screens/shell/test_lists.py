"""Lists: filters, views, marks, order, columns, exports, the pane beside them, and pages far down."""

from netbill_tui.usecases.customers import tags
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_, value

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


async def test_the_account_stands_beside_a_list_on_a_wide_terminal(owing: Desk):  # noqa: F811
    async with opened(owing, (120, 40)) as pilot:
        text = await press(pilot, "g", "u")
        assert "Last paid" in text
        assert "Last paid" not in await press(pilot, "f11")
    payments.open_invoices(owing.session, "C1")


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


async def test_a_view_stands_for_the_whole_list_whatever_the_span(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "g", "p", "slash")
        await type_(pilot, "method:cheque", "enter")
        await line(pilot, "view save chq 6")
        await press(pilot, "m", "w")
        text = await press(pilot, "6")
        assert "Payments: chq" in text
        assert "1 row, 25.00" in text


async def test_marking_to_a_row_that_is_far_away_says_so(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        assert "too far away" in await press(pilot, "g", "c", "V")


async def test_a_list_keeps_its_row_however_far_down(sqlite_desk: Desk):
    sqlite_desk.customer()
    for n in range(250):
        sqlite_desk.pay("C1", 100 + n)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "p")
        await press(pilot, *["pagedown"] * 14)
        grid = pilot.app.screen.query_one(RecordGrid)
        there = grid.record.id
        await press(pilot, "enter")
        assert "RECEIPT" in shown(pilot)
        await press(pilot, "escape")
        assert grid.record.id == there
        await press(pilot, "f5")
        assert grid.record.id == there
        await press(pilot, "end", "f5")
        last = grid.record.id
        await press(pilot, "up", "up", "down", "down")
        assert grid.record.id == last
        await press(pilot, *["pageup"] * 22)
        assert grid.position.startswith("row 1")
        assert grid.record.receipt == "R-10250"


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


async def test_the_list_of_credit_shows_and_sums_credit(owing: Desk):
    owing.pay("C1", 10_000)
    async with opened(owing) as pilot:
        text = await line(pilot, "customers st:credit")
        assert "Credit" in text.splitlines()[3]
        assert "1 row, 55.00" in text
    assert list_sums.sums(owing.session, "customers", lists.read_filter(owing.session, "customers", "st:credit")) == (1, 5500)


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


async def test_a_filter_that_is_refused_says_that_the_list_is_the_one_before(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "g", "c", "slash")
        text = await type_(pilot, "foo:bar", "enter")
        assert "The list shows what it showed before" in " ".join(text.split())
        assert "!Filter>" in text
        assert "C1" in text
        await press(pilot, "ctrl+u")
        assert "!Filter>" not in await type_(pilot, "C2", "enter")
