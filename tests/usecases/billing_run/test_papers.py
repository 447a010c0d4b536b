"""The documents of a run on paper: postal order, parts and single files, printers that refuse, disks that fill, and going on."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.errors import NotFound, NotSaved, Refused
from netbill_tui.usecases.billing_run import papers, undo
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.receivables import documents, paper
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop

Printer = Callable[..., Path]


@pytest.fixture
def billed(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """Five customers whose postcodes run against their accounts."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(papers, "PART", 2)
    shop(desk)
    for n in range(1, 6):
        changes.create(
            desk.session, {"account": f"C{n}", "name": f"Customer C{n}", "postcode": f"{9 - n}000", "street": "1 Lane"}
        )
        serve(desk, f"C{n}")
    bill(desk, "2026-09-01")
    return desk


@pytest.fixture
def printer(billed: Desk, tmp_path: Path) -> Printer:
    """A program that stands for the printer: what it was given, one file after the other, and then what it does."""

    def make(then: str = "") -> Path:
        given = tmp_path / "given"
        given.mkdir(exist_ok=True)
        program = tmp_path / "lp"
        program.write_text(f'#!/bin/sh\nn=$(ls "{given}" | wc -l)\ncat > "{given}/$n.pdf"\n{then}\n')
        program.chmod(0o755)
        billed.session.settings = billed.session.settings._replace(printer=str(program))
        return given

    return make


def accounts(content: bytes) -> list[str]:
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return [next(f"C{n}" for n in range(1, 6) if f"Customer C{n}" in text) for text in texts]


def told(desk: Desk) -> list[object]:
    return desk.column(
        "select action || ' ' || object from audit_event where action in ('document.print', 'document.refused') order by seq"
    )


def test_the_parts_are_in_postal_order_and_each_is_known_to_the_audit(billed: Desk):
    seen: list[tuple[int, int]] = []
    done = papers.hand_out(billed.session, "RUN-0001", on_progress=lambda now, all_: seen.append((now, all_)))
    assert (done.documents, done.before, done.missing, done.stopped) == (5, 0, "", False)
    files = sorted(Path(done.where).iterdir())
    assert [f.name for f in files] == ["RUN-0001-001.pdf", "RUN-0001-002.pdf", "RUN-0001-003.pdf"]
    assert [a for f in files for a in accounts(f.read_bytes())] == ["C5", "C4", "C3", "C2", "C1"]
    assert [f.stat().st_mode & 0o777 for f in files] == [0o600] * 3
    assert all("1 Lane" in p.extract_text() for f in files for p in PdfReader(f).pages)
    assert all("COPY" not in p.extract_text() for f in files for p in PdfReader(f).pages)
    assert told(billed) == ["document.print RUN-0001"] * 3
    assert [now for now, _ in seen] == sorted(now for now, _ in seen)
    assert {(n, 5) for n in range(1, 6)} == set(seen), "each document is a step"
    # Afterwards a print of one of them is a copy, and the run finds nothing to write.
    assert documents.was_handed_out(billed.session, "INV-000003", "RUN-0001")
    again = papers.hand_out(billed.session, "RUN-0001")
    assert (again.documents, again.before) == (0, 5)
    assert len(told(billed)) == 3
    text = (
        PdfReader(io.BytesIO(paper.paper(billed.session, paper.INVOICE, "INV-000001", pdf=True).content)).pages[0].extract_text()
    )
    assert "COPY" in text
    sound(billed)


def test_single_files_have_their_place_in_their_names_and_the_e_invoice_in_them(billed: Desk):
    rules.set_rule(billed.session, "seller", "Acme Net|1 High Street|Bath|GB|GB123456789|")
    bill(billed, "2026-10-01")
    done = papers.hand_out(billed.session, "RUN-0002", singles=True)
    files = sorted(Path(done.where).iterdir())
    assert [f.name for f in files] == [f"{n:05}-INV-{11 - n:06}.pdf" for n in range(1, 6)]
    attached = [list(PdfReader(f).attachments) for f in files]
    assert attached == [["factur-x.xml"]] * 5
    sound(billed)


def test_a_disk_that_fills_leaves_whole_files_and_the_next_call_goes_on(billed: Desk, monkeypatch: pytest.MonkeyPatch):
    real, calls = os.fsync, []

    def full(fd: int) -> None:
        calls.append(fd)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(fd)

    with monkeypatch.context() as patch:
        patch.setattr(papers.os, "fsync", full)
        with pytest.raises(NotSaved, match=r"RUN-0001-002.pdf cannot be written: No space left on device. The files before it"):
            papers.hand_out(billed.session, "RUN-0001")
    folder = Path(os.environ["XDG_DATA_HOME"]) / "netbill" / "exports" / "RUN-0001"
    assert [f.name for f in folder.iterdir()] == ["RUN-0001-001.pdf"]
    assert told(billed) == ["document.print RUN-0001", "document.print RUN-0001", "document.refused RUN-0001"]
    done = papers.hand_out(billed.session, "RUN-0001")
    assert (done.documents, done.before) == (3, 2)
    texts = [p.extract_text() for f in sorted(folder.iterdir()) for p in PdfReader(f).pages]
    assert ["COPY" in text for text in texts] == [False] * 5, "what was never written is no copy"
    sound(billed)


def test_somebody_who_stops_it_goes_on_later(billed: Desk):
    answers = iter([False, True])
    done = papers.hand_out(billed.session, "RUN-0001", should_stop=lambda: next(answers))
    assert (done.documents, done.stopped) == (2, True)
    assert papers.hand_out(billed.session, "RUN-0001").before == 2


def test_nothing_is_printed_twice_unasked(billed: Desk, printer: Printer):
    given = printer("[ $n != 1 ] || { echo 'out of paper' >&2; exit 1; }")
    with pytest.raises(Refused, match="out of paper"):
        papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER)
    (given / "1.pdf").unlink()
    printer()
    done = papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER)
    assert (done.documents, done.before) == (3, 2)
    sheets = [a for f in sorted(given.iterdir()) for a in accounts(f.read_bytes())]
    assert sheets == ["C5", "C4", "C3", "C2", "C1"]
    assert papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER).documents == 0
    assert papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER, once_more=True).documents == 5
    texts = [p.extract_text() for f in sorted(given.iterdir())[3:] for p in PdfReader(f).pages]
    assert ["COPY" in text for text in texts] == [True] * 5
    sound(billed)


def test_what_was_printed_by_itself_before_is_a_copy_in_its_part(billed: Desk):
    documents.handed_out(billed.session, "INV-000005", "text")
    done = papers.hand_out(billed.session, "RUN-0001")
    first = [p.extract_text() for p in PdfReader(sorted(Path(done.where).iterdir())[0]).pages]
    assert ["COPY" in text for text in first] == [True, False]


def test_another_postcode_afterwards_changes_neither_the_order_nor_the_parts(billed: Desk):
    before = papers.listed(billed.session, "RUN-0001")
    changes.change(billed.session, "C5", {"postcode": "9999"})
    assert papers.listed(billed.session, "RUN-0001") == before


def test_a_run_that_issued_nothing_or_is_not_there_is_said(billed: Desk):
    undone = undo.undo(billed.session, "RUN-0001", "wrong prices")
    with pytest.raises(Refused, match=f"{undone.run} issued no document"):
        papers.hand_out(billed.session, undone.run)
    with pytest.raises(NotFound, match="There is no run"):
        papers.hand_out(billed.session, "77")
