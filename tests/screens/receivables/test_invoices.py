"""Invoices by keys: why, credit, dispute, print."""

from pathlib import Path

import pytest

from netbill_tui.usecases.receivables import disputes
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, type_
from tests.usecases.billing_run.shop import bill, serve


async def test_the_arithmetic_behind_a_number_of_an_invoice(shopped: Desk):
    serve(shopped, start="2026-11-12", anchor="1")
    bill(shopped, "2026-11-12")
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        text = await press(pilot, "equals_sign")
        assert "19 of 30 days: 30.00 x 19 / 30 = 19.00" in text
        assert "price of 01 Jan 20: 30.00" in text
        assert "run RUN-0001" in text
        text = await press(pilot, "f12", "end", "equals_sign")
        assert "VAT 20 %: 19.00 x 20 %" in text
        text = await press(pilot, "f12", "e")
        assert "BALANCE DUE" in text


async def test_part_of_an_invoice_is_credited_and_the_note_is_opened(shopped: Desk):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        await press(pilot, "v", "ctrl+u")
        await type_(pilot, "12", "enter")
        text = await type_(pilot, "line was down", "enter")
        assert "CN-000001: 12.00 given back, balance 24.00" in text
        await press(pilot, "a", "1", "end")
        text = await press(pilot, "enter")
        assert "Credit note CN-000001" in text
        assert "takes back INV-000001" in text


async def test_an_invoice_is_disputed_and_its_dispute_is_answered_by_keys(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    number = sqlite_desk.invoice("C1", 1000, due=-20)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, f"inv {number}")
        await press(pilot, "d")
        text = await type_(pilot, "The line was down", "f10")
        assert f"{number} is disputed; d ends it" in text
        assert "DISPUTED   LATE 20 DAYS  open 10.00 of 10.00" in text
        await press(pilot, "d", "a")
        text = await type_(pilot, "It was up", "f10")
        assert f"The dispute of {number} is answered" in text
    assert sqlite_desk.column("select kind from dispute_event order by id") == ["raised", "answered"]
    assert disputes.listed(sqlite_desk.session) == []


@pytest.fixture
def printed(shopped: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A printer that keeps what it was given, each in a file of its own."""
    program, folder = tmp_path / "paper", tmp_path / "printed"
    folder.mkdir()
    program.write_text(f'#!/bin/sh\ncat > "{folder}/$$"\n')
    program.chmod(0o755)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shopped.session.settings = shopped.session.settings._replace(printer=str(program))
    for account in ("C1", "C2", "C3"):
        serve(shopped, account, start="2026-11-01")
    bill(shopped, "2026-11-01")
    shopped.pay("C1", 500)
    return folder


async def test_one_key_prints_an_invoice_a_receipt_and_a_statement(shopped: Desk, printed: Path):
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        text = await press(pilot, "P")
        assert "INV-000001: to the printer or into a file?" in text
        assert "Nothing was printed" in await press(pilot, "f12")
        assert "INV-000001 went to " in await press(pilot, "P", "p")
        await line(pilot, "receipt R-10001")
        assert "R-10001 went to " in await press(pilot, "P", "p")
        await line(pilot, "customer C1")
        await press(pilot, "1")
        assert "The statement of C1 went to " in await press(pilot, "P", "p")
    assert len(list(printed.iterdir())) == 3
    assert shopped.column("select object from audit_event where action = 'document.print' order by seq") == [
        "INV-000001", "R-10001", "statement C1",
    ]  # fmt: skip


async def test_the_marked_invoices_are_printed_one_by_one(shopped: Desk, printed: Path):
    async with opened(shopped) as pilot:
        await line(pilot, "dues")
        await press(pilot, "asterisk")
        text = await press(pilot, "P")
        assert "3 documents: to the printer or into files?" in text
        await press(pilot, "p")
        text = await type_(pilot, "y", "f10")
        assert "Printed: 3 done, 0 left out." in text
    assert len(list(printed.iterdir())) == 3


async def test_a_printer_that_is_not_there_is_said_and_a_file_is_written(shopped: Desk, printed: Path):
    shopped.session.settings = shopped.session.settings._replace(printer="no-such-printer")
    async with opened(shopped) as pilot:
        await line(pilot, "inv 1")
        assert "There is no program no-such-printer" in await press(pilot, "P", "p")
        assert "INV-000001 was written to " in await press(pilot, "P", "f")
    assert not list(printed.iterdir())


async def test_one_key_mails_an_invoice_to_the_customer_and_the_invoice_says_so(shopped: Desk):
    shopped.customer("M1", "Mail, Mia", emails=("m1@example.org",))
    for account in ("M1", "C1"):
        serve(shopped, account, start="2026-11-01")
    bill(shopped, "2026-11-01")
    numbers = dict(
        shopped.session.db.peewee.execute_sql(
            "select c.account, i.number from invoice i join customer c on c.id = i.customer_id"
        ).fetchall()
    )
    async with opened(shopped) as pilot:
        await line(pilot, f"inv {numbers['M1']}")
        text = await press(pilot, "P", "m")
        assert "waits in the outbox for M1" in text
        assert "by mail, queued" in text
        assert "waits to be mailed already" in await press(pilot, "P", "m")
        await line(pilot, f"inv {numbers['C1']}")
        assert "has no mail address" in await press(pilot, "P", "m")
    assert shopped.column("select count(*) from message") == [1]
