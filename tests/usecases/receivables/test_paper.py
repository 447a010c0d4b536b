"""Documents handed out: by a printer that takes them, or refuses; as files; each known to the audit, the second one a copy."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.errors import InvalidInput, NotFound, PrintUnknown, Refused
from netbill_tui.usecases.audit import exports, printers
from netbill_tui.usecases.receivables import credit_notes, paper
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop

Printer = Callable[..., Path]


@pytest.fixture
def printer(desk: Desk, tmp_path: Path) -> Printer:
    """Lets a program of its own stand where the printer's command is; where it puts what it was given."""

    def make(then: str = "") -> Path:
        given = tmp_path / "given"
        program = tmp_path / "to paper"
        program.write_text(f'#!/bin/sh\ncat > "{given}"\nprintf "%s|" "$@" > "{given}.words"\nenv > "{given}.env"\n{then}\n')
        program.chmod(0o755)
        desk.session.settings = desk.session.settings._replace(printer=f"'{program}' -d 'the office'")
        return given

    return make


@pytest.fixture
def billed(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shop(desk)
    serve(desk)
    bill(desk, "2026-09-01")
    desk.pay("C1", 600)
    credit_notes.credit(desk.session, "INV-000001", "line was down", amount=1200)
    return desk


def told(desk: Desk) -> list[object]:
    return desk.column(
        "select action || ' ' || object from audit_event where action in ('document.print', 'document.refused') order by seq"
    )


@pytest.mark.parametrize(
    ("kind", "number", "says"),
    [
        (paper.INVOICE, "INV-000001", b"%PDF-"), (paper.CREDIT_NOTE, "CN-000001", b"%PDF-"), (paper.RECEIPT, "R-10001", b"%PDF-"),
        (paper.STATEMENT, "C1", b"%PDF-"),
    ],
)  # fmt: skip
def test_a_document_goes_to_the_printer_and_the_audit_says_so(
    billed: Desk, printer: Printer, kind: str, number: str, says: bytes
):
    given = printer()
    assert paper.print_one(billed.session, kind, number) == f"'{given.parent}/to paper' -d 'the office'"[:60]
    assert says in given.read_bytes()
    assert Path(f"{given}.words").read_text() == "-d|the office|", "split as a shell splits words, and no shell sees them"
    called = "statement C1" if kind == paper.STATEMENT else number
    assert told(billed) == [f"document.print {called}"]
    environment = Path(f"{given}.env").read_text()
    assert "NETBILL_" not in environment
    assert "PYTHON" not in environment
    sound(billed)


def test_the_second_print_says_copy_and_what_the_printer_refused_was_no_first(billed: Desk, printer: Printer):
    given = printer("echo 'out of paper \\033[2J' >&2; exit 3")
    with pytest.raises(Refused, match=r"did not take the document \(exit 3\); it says: out of paper .\[2J"):
        paper.print_one(billed.session, paper.RECEIPT, "R-10001")
    assert told(billed) == ["document.print R-10001", "document.refused R-10001"]
    for copies in (False, True, True):
        printer()
        paper.print_one(billed.session, paper.RECEIPT, "R-10001")
        assert ("COPY" in PdfReader(given).pages[0].extract_text()) is copies
    sound(billed)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("off", "No printer is set"), ("", "No printer is set"), ("no-such-printer -d x", "There is no program no-such-printer"),
        ("lp -d 'office", "quotation mark that is not closed"),
    ],
)  # fmt: skip
def test_a_printer_that_is_not_there_is_said_before_anything_is_written(billed: Desk, command: str, says: str):
    billed.session.settings = billed.session.settings._replace(printer=command)
    with pytest.raises(Refused, match=says):
        paper.print_one(billed.session, paper.INVOICE, "INV-000001")
    assert told(billed) == []


def test_a_printer_that_is_never_done_is_stopped_and_nobody_says_that_it_printed_nothing(
    billed: Desk, printer: Printer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(printers, "PATIENCE_S", 0.2)
    printer("exec sleep 600")
    with pytest.raises(PrintUnknown, match="look at the printer before you print again"):
        paper.print_one(billed.session, paper.INVOICE, "INV-000001")
    assert told(billed) == ["document.print INV-000001"]


def test_what_the_printer_leaves_running_is_not_waited_for(billed: Desk, printer: Printer):
    printer("sleep 600 &\nexit 0")
    paper.print_one(billed.session, paper.RECEIPT, "R-10001")
    assert told(billed) == ["document.print R-10001"]


@pytest.mark.parametrize("number", ["../../../../evil", "2026/00017", ".hidden", "a\\b c", "/etc/passwd"])
def test_no_number_of_a_document_leads_out_of_the_folder(billed: Desk, number: str):
    """Other programs give numbers with slashes; a file of one stands where all stand."""
    desk = billed
    desk.invoice("C1", 500, number=number)
    path, _ = paper.write_one(desk.session, paper.INVOICE, number, pdf=False)
    assert path.parent == exports.folder(desk.session)
    assert not path.name.startswith(".")
    assert told(desk) == [f"document.print {number}"]


def test_a_file_that_cannot_be_written_is_no_first_copy(billed: Desk):
    folder = exports.folder(billed.session)
    folder.chmod(0o500)
    if os.geteuid() == 0:
        folder.rmdir()
        folder.symlink_to("/nowhere")
    with pytest.raises(InvalidInput):
        paper.write_one(billed.session, paper.RECEIPT, "R-10001", pdf=False)
    assert told(billed) == ["document.print R-10001", "document.refused R-10001"]


@pytest.mark.parametrize("origin", ["NETBILL_PRINTER", "/home/mira/.config/netbill/config.toml"])
def test_under_a_service_account_the_printer_is_the_administrators(billed: Desk, printer: Printer, origin: str):
    """What an operator could name would run with the rights of the account."""
    given = printer()
    billed.session.settings = billed.session.settings._replace(exports=exports.OWN, printer_from=origin)
    with pytest.raises(Refused, match="so its printer is set in /etc/netbill/config.toml"):
        paper.print_one(billed.session, paper.INVOICE, "INV-000001")
    assert not given.exists()
    assert told(billed) == []


def test_a_document_is_written_over_nothing(billed: Desk):
    written = [paper.write_one(billed.session, paper.INVOICE, "INV-000001", pdf=pdf)[0] for pdf in (True, True, False)]
    assert [w.name for w in written] == ["INV-000001.pdf", "INV-000001-2.pdf", "INV-000001.txt"]
    assert written[0].read_bytes().startswith(b"%PDF-")
    assert "COPY" in written[2].read_text()
    assert {w.stat().st_mode & 0o777 for w in written} == {0o600}
    assert told(billed) == ["document.print INV-000001"] * 3


def test_what_is_not_there_is_not_printed(billed: Desk, printer: Printer):
    printer()
    for kind, number in ((paper.INVOICE, "INV-9"), (paper.CREDIT_NOTE, "CN-9"), (paper.RECEIPT, "R-9"), (paper.STATEMENT, "C9")):
        with pytest.raises(NotFound):
            paper.print_one(billed.session, kind, number)
    assert told(billed) == []
