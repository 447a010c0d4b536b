"""The documents of a run on paper: postal order, parts and single files, printers that refuse, disks that fill, and going on."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.errors import InvalidInput, NotFound, NotPermitted, NotSaved, PrintUnknown, Refused
from netbill_tui.usecases.audit import printers
from netbill_tui.usecases.billing_run import papers, undo
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.receivables import documents, paper
from tests.conftest import Desk, sound
from tests.usecases.access.desks import enrolled
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


def told(desk: Desk) -> list[str]:
    rows = desk.column("select action || ' ' || object from audit_event where substr(action, 1, 9) = 'document.' order by seq")
    return [str(row).removeprefix("document.").removesuffix(" RUN-0001") for row in rows]


def folder_of(desk: Desk) -> Path:
    name = f"RUN-0001-{desk.session.book.install_id.hex()[:6]}"
    return Path(os.environ["XDG_DATA_HOME"]) / "netbill" / "exports" / name


def copies(files: list[Path]) -> list[bool]:
    return ["COPY" in page.extract_text() for file in files for page in PdfReader(file).pages]


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
    assert told(billed) == ["print"] * 3
    opened = billed.column("select detail from audit_event where action = 'contact.show' and object = 'RUN-0001' order by seq")
    assert [str(d) for d in opened] == ['{"accounts":["C4","C5"]}', '{"accounts":["C2","C3"]}', '{"accounts":["C1"]}']
    assert [now for now, _ in seen] == sorted(now for now, _ in seen)
    assert {(n, 5) for n in range(6)} == set(seen), "each document is a step"
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


def test_the_papers_of_a_run_that_was_undone_say_so(billed: Desk):
    undo.undo(billed.session, "RUN-0001", "wrong prices")
    done = papers.hand_out(billed.session, "RUN-0001")
    assert done.words(printed=False).endswith("The run was undone: credit notes took all of them back.")


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
        with pytest.raises(NotSaved, match=r"cannot be written: No space left on device. The files that are there are whole"):
            papers.hand_out(billed.session, "RUN-0001")
    assert [f.name for f in folder_of(billed).iterdir()] == ["RUN-0001-001.pdf"]
    assert told(billed) == ["print"], "what was never written was not handed out"
    done = papers.hand_out(billed.session, "RUN-0001")
    assert (done.documents, done.before) == (3, 2)
    assert copies(sorted(folder_of(billed).iterdir())) == [False] * 5
    sound(billed)


@pytest.mark.parametrize("singles", [False, True])
def test_who_is_interrupted_goes_on_with_what_is_in_no_file(billed: Desk, monkeypatch: pytest.MonkeyPatch, singles: bool):
    real = papers._announce

    def killed(*words: object) -> int:
        if len(told(billed)) == 1:
            raise KeyboardInterrupt
        return real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(papers, "_announce", killed)
        with pytest.raises(KeyboardInterrupt):
            papers.hand_out(billed.session, "RUN-0001", singles=singles)
    (folder_of(billed) / ".of-one-that-was-killed").write_bytes(b"%PDF-half")
    done = papers.hand_out(billed.session, "RUN-0001", singles=singles)
    assert (done.documents, done.before) == (3, 2)
    files = sorted(f for f in folder_of(billed).iterdir() if not f.name.startswith("."))
    assert [a for f in files for a in accounts(f.read_bytes())] == ["C5", "C4", "C3", "C2", "C1"]
    assert copies(files) == [False] * 5
    # In files of the other kind they are once more, as copies.
    other = papers.hand_out(billed.session, "RUN-0001", singles=not singles)
    assert (other.documents, other.before) == (5, 0)
    # One that is gone is written once more, as a copy, under a name of its own.
    files[-1].unlink()
    again = papers.hand_out(billed.session, "RUN-0001", singles=singles)
    assert (again.documents, again.before) == (1, 4)


def test_another_book_with_a_run_of_this_number_has_another_folder(
    sqlite_books: Callable[[Path], Iterator[Desk]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    where = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for desk in sqlite_books(tmp_path / name):
            # Copies of one pattern are one book to each other; a book that somebody makes has a name of its own.
            desk.session.book = desk.session.book._replace(install_id=name.encode() * 5)
            serve(shop(desk))
            bill(desk, "2026-09-01")
            done = papers.hand_out(desk.session, "RUN-0001")
            assert (done.documents, done.before) == (1, 0)
            where.append(done.where)
    assert len(set(where)) == 2


def test_a_run_that_still_issues_is_not_printed(billed: Desk):
    billed.session.db.peewee.execute_sql("update billing_run set state = 'running'")
    with pytest.raises(Refused, match="RUN-0001 still issues, or was cut off"):
        papers.hand_out(billed.session, "RUN-0001")
    assert told(billed) == []


def test_two_who_hand_out_one_run_do_not_both(billed: Desk, printer: Printer):
    given, beside = printer(), []

    def other(now: int, _: int) -> None:
        if now == 3 and not beside:
            beside.append(papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER).documents)

    with pytest.raises(Refused, match="Somebody else hands out the documents of RUN-0001"):
        papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER, on_progress=other)
    assert beside == [3]
    assert sorted(a for f in given.iterdir() for a in accounts(f.read_bytes())) == ["C1", "C2", "C3", "C4", "C5"]


def test_papers_take_the_right_to_bill_and_the_key_of_the_addresses(billed: Desk):
    for role in ("auditor", "clerk", "cashier"):
        with pytest.raises(NotPermitted):
            papers.hand_out(enrolled(billed, f"a{role}", role), "RUN-0001")
    assert told(billed) == []


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
    assert told(billed) == ["print", "taken", "print", "refused", "print", "taken", "print", "taken"]
    sheets = [a for f in sorted(given.iterdir()) for a in accounts(f.read_bytes())]
    assert sheets == ["C5", "C4", "C3", "C2", "C1"]
    assert papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER).documents == 0
    assert papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER, once_more=True).documents == 5
    assert copies(sorted(given.iterdir())[3:]) == [True] * 5
    with pytest.raises(InvalidInput, match="goes with files"):
        papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER, singles=True)
    sound(billed)


@pytest.mark.parametrize(("seen", "documents_", "copy"), [(papers.PRINTED, 3, False), (papers.MISSING, 5, False)])
def test_what_the_printer_may_have_taken_is_asked_and_neither_lost_nor_printed_twice(
    billed: Desk, printer: Printer, monkeypatch: pytest.MonkeyPatch, seen: str, documents_: int, copy: bool
):
    given = printer("exec sleep 600")
    monkeypatch.setattr(printers, "PATIENCE_S", 0.3)
    with pytest.raises(PrintUnknown):
        papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER)
    monkeypatch.undo()
    assert papers.is_unknown(billed.session, "RUN-0001")
    for file in given.iterdir():
        file.unlink()
    printer()
    with pytest.raises(
        Refused, match=r"2 documents of RUN-0001 went to the printer, INV-00000\d to INV-00000\d, and it is not known"
    ):
        papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER)
    assert not list(given.iterdir())
    done = papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER, unknown=seen)
    assert done.documents == documents_
    assert not papers.is_unknown(billed.session, "RUN-0001")
    assert copies(sorted(given.iterdir())) == [copy] * documents_


def test_files_are_no_print(billed: Desk, printer: Printer):
    papers.hand_out(billed.session, "RUN-0001")
    given = printer()
    assert papers.hand_out(billed.session, "RUN-0001", to=papers.PRINTER).documents == 5
    assert copies(sorted(given.iterdir())) == [True] * 5


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
