"""The billing run by keys: preview, confirm, retry, undo."""

from datetime import date
from pathlib import Path

import pytest

from netbill_tui.screens.catalogue.codes import span_of
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_
from tests.usecases.billing_run.shop import bill, serve


async def test_the_run_is_previewed_confirmed_by_its_number_and_undone(shopped: Desk):
    serve(shopped, "C1", start="2026-11-22")
    serve(shopped, "C2", "B", start="2026-11-22")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i")
        assert "invoices                      2" in text
        assert "2 lines" in text
        assert "first invoice" in text
        await press(pilot, "f10")
        text = await type_(pilot, "3", "enter")
        assert "Type 2" in text
        await type_(pilot, "2", "enter")
        await settle(pilot)
        text = shown(pilot)
        assert "RUN-0001 is done: 2 invoices" in text
        text = await press(pilot, "3")
        assert "RUN-0001" in text
        await press(pilot, "v")
        await type_(pilot, "RUN-0001", "enter")
        text = await type_(pilot, "wrong prices", "enter")
        await settle(pilot)
        assert "is undone by 2 credit notes" in shown(pilot)
    assert issue.issue(shopped.session, shopped.session.today(), pause_s=0).issued == 2


async def test_who_is_parked_stands_there_with_the_reason_and_is_retried(shopped: Desk):

    codes.store_code(shopped.session, {"code": "NEW", "name": "New"})
    serve(shopped, "C1", "NEW", start="2026-11-22")
    bill(shopped, "2026-11-22")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i", "2")
        assert "NEW has no price on 2026-11-22" in text
        text = await press(pilot, "i")
        assert "has no price" in text
        await line(pilot, "price NEW 10 --from 2026-01-01")
        text = await press(pilot, "f12", "i")
        assert "C1 is billed: 1 invoice" in text


async def test_the_run_is_planned_as_of_another_day(shopped: Desk):
    serve(shopped, start="2026-12-01")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i")
        assert "There is nothing to bill" in text
        await press(pilot, "d", "ctrl+u")
        text = await type_(pilot, "2026-12-01", "enter")
        await settle(pilot)
        assert "As of 01 Dec 26" in shown(pilot)
        assert "invoices                      1" in shown(pilot)
        await press(pilot, "f10")
        await type_(pilot, "1", "enter")
        await settle(pilot)
        assert "RUN-0001 is done" in shown(pilot)
    assert shopped.column("select bill_date || ' ' || issued_on from invoice") == ["2026-12-01 2026-11-22"]


def test_spans_end_today_or_with_the_month_or_year_before():
    day = date(2026, 3, 31)
    assert span_of(day, "this month") == (date(2026, 3, 1), day)
    assert span_of(day, "last month") == (date(2026, 2, 1), date(2026, 2, 28))
    assert span_of(day, "last year") == (date(2025, 1, 1), date(2025, 12, 31))


async def test_bill_on_the_line_leads_to_the_preview_and_issues_nothing(shopped: Desk):
    serve(shopped, start="2026-11-01")
    async with opened(shopped) as pilot:
        text = await line(pilot, "bill")
        assert "Billing run" in text
        assert "invoices                      1" in text
    assert shopped.column("select count(*) from invoice") == [0]


async def test_the_documents_of_a_run_are_written_by_a_key(shopped: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    serve(shopped, "C1", start="2026-11-22")
    bill(shopped, "2026-11-22")
    async with opened(shopped) as pilot:
        text = await press(pilot, "g", "i", "P")
        assert "Go to the runs with 3" in text
        text = await press(pilot, "3", "P")
        assert "RUN-0001: 1 document in postal order" in text
        await press(pilot, "s")
        await settle(pilot)
        assert "Wrote 1 document of RUN-0001 to" in shown(pilot)
        await press(pilot, "P", "f12")
        assert "Nothing was printed." in shown(pilot)
    (folder,) = (tmp_path / "data" / "netbill" / "exports").iterdir()
    assert [f.name for f in folder.iterdir()] == ["00001-INV-000001.pdf"]
