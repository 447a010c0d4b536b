"""The documents of a run on paper: in postal order, in files of some hundred or each in one of its own, or to the printer.

A file is whole or not there, and the audit names what went into it before it leaves the book. Begun again it goes on with what is
in no file of this book yet, or what no printer took; where a printer was given something and nobody knows whether it took it,
somebody has to look and say so. Source: docs/rules.md, *Documents*.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.db.billing_run import runs as run_rows
from netbill_tui.db.billing_run.runs import Posted, Run
from netbill_tui.db.core import chain
from netbill_tui.errors import InvalidInput, NetbillError, NotPermitted, NotSaved, PrintUnknown, Refused
from netbill_tui.security import rights
from netbill_tui.text import counted
from netbill_tui.usecases.audit import exports, printers
from netbill_tui.usecases.billing_run.issue import find_run
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.receivables import credit_parts, documents, paper
from netbill_tui.usecases.receivables.documents import HANDED_OUT, NOT_TAKEN, TAKEN

PART = 250
FILES, PRINTER = "files", "printer"
PRINTED, MISSING = "printed", "missing"  # what somebody found who looked at the printer
Progress = Callable[[int, int], None]


class Papers(NamedTuple):
    """What came of it.

    Attributes:
        run: Its number.
        documents: How many were written or printed now.
        before: How many had been before.
        where: The folder, or the printer's command.
        missing: Letters that no font has.
        left_out: How many go by mail, or are wanted by nobody.
        stopped: Somebody stopped it; begun again it goes on.
        undone: The run was undone: its documents were all taken back.
    """

    run: str
    documents: int
    before: int
    where: str
    missing: str
    left_out: int = 0
    stopped: bool = False
    undone: bool = False

    def words(self, *, printed: bool) -> str:
        """What was written or printed, in a sentence."""
        what = f"{'Printed' if printed else 'Wrote'} {counted(self.documents, 'document')} of {self.run} to {self.where}"
        before = f"; {self.before:,} had been there before" if self.before else ""
        other = f"; {self.left_out:,} by mail or not wanted" if self.left_out else ""
        lacks = f" The fonts lack {self.missing[:40]}: other signs stand there." if self.missing else ""
        undone = " The run was undone: credit notes took all of them back." if self.undone else ""
        return f"{what}{before}{other}.{lacks}{undone}"


class _Past(NamedTuple):
    """What the audit says of the documents of a run.

    Attributes:
        seq: The newest event of it.
        times: How often each document left the book.
        files: The file that each was written to last: by its number, and whether it has the file for itself.
        printed: What the printer took.
        unknown: What it was given, and nobody knows.
    """

    seq: int
    times: Counter[str]
    files: Mapping[tuple[str, bool], Path]
    printed: set[str]
    unknown: list[str]


def listed(session: Session, number: str) -> list[Posted]:
    """The invoices and credit notes of a run that are wanted on paper, by postcode, town and account.

    Raises:
        NotFound: There is no such run.
        Refused: It issued nothing for paper, or still issues.
    """
    return _listed(session, find_run(session, number))[0]


def _listed(session: Session, run: Run) -> tuple[list[Posted], int]:
    """What goes on paper, and how many documents do not."""
    if run.state == "running":
        raise Refused(f"{run.number} still issues, or was cut off; let it end, or let netbill bill go on where it was cut off.")
    events = run_rows.events_of(session.db, run.number)
    posted, others = run_rows.in_postal_order(session.db, events), run_rows.not_on_paper(session.db, events)
    on_paper = [document for document in posted if document.number not in others]
    if not on_paper:
        what = "no document" if not posted else "no document for paper: they go by mail, or nobody wants them"
        raise Refused(f"{run.number} issued {what}, so there is nothing to print.")
    return on_paper, len(posted) - len(on_paper)


def hand_out(
    session: Session, number: str, *, to: str = FILES, singles: bool = False, once_more: bool = False, unknown: str = "",
    on_progress: Progress | None = None, should_stop: Callable[[], bool] = lambda: False,
) -> Papers:  # fmt: skip
    """Write or print the documents of a run, part by part.

    Args:
        session: Whose book.
        number: The run.
        to: FILES or PRINTER.
        singles: Each document in a file of its own.
        once_more: Print what was printed before too, as copies.
        unknown: What became of documents of which that is not known: PRINTED or MISSING, or empty where nobody looked.
        on_progress: Called with how many are done, and of how many.
        should_stop: Asked before each part.

    Raises:
        NotPermitted: No right to bill, or no key of the addresses.
        Refused: The run has no document or still issues; the printer took no part; it is not known whether it took one.
        NotSaved: A file cannot be written; what is there stays, and begun again it goes on.

    Side effects: for each part an audit event before its addresses are opened, one before it leaves the book, and of what is
    printed one that the printer took it.
    """
    _may(session, to, singles=singles)
    run = find_run(session, number)
    posted, others = _listed(session, run)
    past = _past(session, run.number, [document.number for document in posted])
    where = _folder(session, run.number) if to == FILES else None
    past = _looked_at(session, run.number, past, posted, unknown) if where is None else past
    written = {n for (n, alone), file in past.files.items() if alone == singles and file.exists()}
    done = written if where else set() if once_more else past.printed
    todo = [document for document in posted if document.number not in done]
    report = on_progress or (lambda *_: None)
    before, fresh, missing = len(posted) - len(todo), 0, dict[str, None]()
    place = str(where) if where else " ".join(printers.words(session))
    report(before, len(posted))
    for at in range(0, len(todo), PART):
        part = todo[at : at + PART]
        if should_stop():
            return Papers(run.number, fresh, before, place, "".join(missing), others, stopped=True, undone=run.state == "undone")
        base = before + fresh
        each = _opened(session, run.number, part, past, lambda n, base=base: report(base + n, len(posted)))  # type: ignore[misc]
        drawn = _singles(each, base) if singles else [_together(each, run.number)]
        missing |= dict.fromkeys("".join(sheet.missing for sheet in drawn))
        if where:
            past = _write(session, run.number, past, part, drawn, where, singles=singles)
        else:
            past = _print(session, run.number, past, part, drawn[0])
        fresh += len(part)
        report(before + fresh, len(posted))
    return Papers(run.number, fresh, before, place, "".join(missing), others, undone=run.state == "undone")


def is_unknown(session: Session, number: str) -> bool:
    """Whether a printer was given documents of a run, and nobody knows whether it took them."""
    return bool(_past(session, find_run(session, number).number, ()).unknown)


def _may(session: Session, to: str, *, singles: bool) -> None:
    session.needs(rights.BILL)
    _, vault = session.sign_in_if_needed()
    session.may_write()
    if not vault.holds_field("customer", "street"):
        raise NotPermitted("You hold no key of contact data, so the papers would have no street; ask somebody who holds it.")
    if to == PRINTER and singles:
        raise InvalidInput("A file for each document goes with files; the printer gets them together.")


def _folder(session: Session, run: str) -> Path:
    """The folder of a run; another book has a run of the same number, and another folder for it."""
    return exports.inner_folder(session, f"{run}-{session.book.install_id.hex()[:6]}")


# What was before.


def _past(session: Session, run: str, numbers: Sequence[str]) -> _Past:
    times: Counter[str] = Counter()
    for action, sign in ((HANDED_OUT, 1), (NOT_TAKEN, -1)):
        for at in range(0, len(numbers), 500):
            for number, often in chain.times_told_of(session.db, action, numbers[at : at + 500]).items():
                times[number] += sign * often
    files: dict[tuple[str, bool], Path] = {}
    printed, unknown = set[str](), dict[str, None]()
    events = [(e.seq, a, e.said) for a in (HANDED_OUT, NOT_TAKEN, TAKEN) for e in chain.about(session.db, a, run)]
    for _, action, said in sorted(events, key=lambda event: event[0]):
        mine = [str(n) for n in said.get("numbers", ())]
        sign = {HANDED_OUT: 1, NOT_TAKEN: -1}.get(action, 0)
        times.update({n: sign for n in mine})
        if action == HANDED_OUT and said.get("as") == PRINTER:
            unknown |= dict.fromkeys(mine)
        elif action == HANDED_OUT:
            names, alone = said.get("files", ()), bool(said.get("singles"))
            folder = Path(str(said.get("folder", "")))
            several = names if alone else [*names[:1]] * len(mine)
            files |= {(n, alone): folder / str(name) for n, name in zip(mine, several, strict=False)}
        else:
            for n in mine:
                unknown.pop(n, None)
        if action == TAKEN:
            printed |= set(mine)
    return _Past(max((seq for seq, _, _ in events), default=0), times, files, printed, list(unknown))


def _looked_at(session: Session, run: str, past: _Past, posted: Sequence[Posted], unknown: str) -> _Past:
    """The past with what somebody found who looked at the printer.

    Raises:
        Refused: Something is unknown, and nobody looked.
    """
    if not past.unknown:
        return past
    if unknown not in (PRINTED, MISSING):
        raise Refused(
            f"{counted(len(past.unknown), 'document')} of {run} went to the printer, {past.unknown[0]} to {past.unknown[-1]}, "
            "and it is not known whether it took them. Look at the printer, then say --unknown printed or --unknown missing."
        )
    with writing(session, rights.BILL, posts=False) as tx:
        tx.note(TAKEN if unknown == PRINTED else NOT_TAKEN, run, {"why": "somebody looked", "numbers": past.unknown})
    return _past(session, run, [document.number for document in posted])


def _announce(session: Session, run: str, past: _Past, detail: Mapping[str, object]) -> int:
    """The event before a part leaves the book; its number.

    Raises:
        Refused: Somebody else handed out documents of this run meanwhile.
    """
    with writing(session, rights.BILL, posts=False) as tx:
        newest = max((e.seq for a in (HANDED_OUT, NOT_TAKEN, TAKEN) for e in chain.about(session.db, a, run)), default=0)
        if newest != past.seq:
            raise Refused(f"Somebody else hands out the documents of {run} at this moment; nothing of this part left the book.")
        tx.note(HANDED_OUT, run, detail)
        return tx.seq


# Drawing.


def _opened(session: Session, run: str, part: Sequence[Posted], past: _Past, tick: Callable[[int], None]) -> Iterator[Printed]:
    """The documents of a part, read as they are drawn. Side effect: one audit event, before their addresses are opened."""
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note("contact.show", run, {"accounts": sorted({document.account for document in part})})
    for at, document in enumerate(part, 1):
        read = credit_parts.credit_note if document.credit else credit_parts.invoice
        of = documents.of_credit_note if document.credit else documents.of_invoice
        yield of(session, read(session, document.number), noted=True)._replace(copy=past.times[document.number] > 0)
        tick(at)


def _together(each: Iterator[Printed], run: str) -> paper.Paper:
    if not paper.can_pdf():
        from netbill_tui.documents.invoice import invoice_text

        return paper.Paper(run, run, "\f\n".join(invoice_text(p) + "\n" for p in each).encode(), "txt")
    from netbill_tui.documents.pdf import invoices_pdf

    drawn = invoices_pdf(each, run)
    return paper.Paper(run, run, drawn.content, "pdf", drawn.missing)


def _singles(each: Iterator[Printed], before: int) -> list[paper.Paper]:
    """Each document by itself, with its place in its name and its e-invoice in it."""
    drawn = []
    for at, printed in enumerate(each, before + 1):
        single = paper.drawn(printed, einvoice=True, pdf=paper.can_pdf())
        drawn.append(single._replace(name=f"{at:05}-{single.name}"))
    return drawn


# Leaving the book.


def _write(
    session: Session, run: str, past: _Past, part: Sequence[Posted], drawn: Sequence[paper.Paper], folder: Path, *, singles: bool
) -> _Past:
    """Write the files of a part: aside first, then the event, then under their names."""
    aside: list[tuple[str, str]] = []
    names = [_free(folder, run, sheet) for sheet in drawn]
    try:
        for sheet, name in zip(drawn, names, strict=True):
            fd, beside = tempfile.mkstemp(prefix=".", dir=folder)
            aside.append((beside, name))
            with os.fdopen(fd, "wb") as file:
                file.write(sheet.content)
                file.flush()
                os.fsync(file.fileno())
        numbers = [document.number for document in part]
        detail = {"as": FILES, "folder": str(folder), "files": names, "singles": singles, "numbers": numbers}
        seq = _announce(session, run, past, detail)
        for beside, name in aside:
            os.replace(beside, folder / name)
    except OSError as error:
        raise NotSaved(
            f"{folder} cannot be written: {error.strerror}. The files that are there are whole; begin again, and it goes on."
        ) from None
    finally:
        for beside, _ in aside:
            with suppress(OSError):
                os.unlink(beside)
    return past._replace(seq=seq)


def _free(folder: Path, run: str, drawn: paper.Paper) -> str:
    """The name of a file that none has: of a part its number, of a document its own, with another number where it is taken."""
    names = (
        f"{run}-{at:03}.{drawn.ending}" if drawn.name == run else f"{drawn.name}{f'-{at}' if at > 1 else ''}.{drawn.ending}"
        for at in count(1)
    )
    return next(name for name in names if not os.path.lexists(folder / name))


def _print(session: Session, run: str, past: _Past, part: Sequence[Posted], drawn: paper.Paper) -> _Past:
    numbers = [document.number for document in part]
    _announce(session, run, past, {"as": PRINTER, "numbers": numbers})
    try:
        printers.send(session, drawn.content)
    except PrintUnknown:
        raise
    except NetbillError as error:
        with writing(session, rights.BILL, posts=False) as tx:
            tx.note(NOT_TAKEN, run, {"why": str(error), "numbers": numbers})
        raise
    with writing(session, rights.BILL, posts=False) as tx:
        tx.note(TAKEN, run, {"numbers": numbers})
        return past._replace(seq=tx.seq)
