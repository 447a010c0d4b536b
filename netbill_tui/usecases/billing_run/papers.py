"""The documents of a run on paper: in postal order, in parts of some hundred or each in a file of its own.

A part is whole or not there, and the audit names what went into it before it leaves the book; begun again it goes on behind the
parts that are there, so that nothing is printed twice unasked. Source: docs/rules.md, *Documents*.
"""

import os
from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple

from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.db.billing_run import runs as run_rows
from netbill_tui.db.billing_run.runs import Posted
from netbill_tui.errors import NetbillError, NotSaved, PrintUnknown, Refused
from netbill_tui.security import rights
from netbill_tui.text import counted
from netbill_tui.usecases.audit import exports, printers
from netbill_tui.usecases.billing_run.issue import find_run
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.receivables import credit_parts, documents, paper

PART = 250
FILES, PRINTER = "files", "printer"
Progress = Callable[[int, int], None]


class Papers(NamedTuple):
    """What came of it.

    Attributes:
        run: Its number.
        documents: How many were written or printed now.
        before: How many were there already.
        where: The folder, or the printer's command.
        missing: Letters that no font has.
        stopped: Somebody stopped it; begun again it goes on.
    """

    run: str
    documents: int
    before: int
    where: str
    missing: str
    stopped: bool = False

    def words(self, *, printed: bool) -> str:
        """What was written or printed, in a sentence."""
        what = f"{'Printed' if printed else 'Wrote'} {counted(self.documents, 'document')} of {self.run} to {self.where}"
        before = f"; {self.before:,} had been there before" if self.before else ""
        lacks = f" The fonts lack {self.missing[:40]}: other signs stand there." if self.missing else ""
        return f"{what}{before}.{lacks}"


class Part(NamedTuple):
    """Documents that go together, what their file is called, and whether each has one of its own."""

    name: str
    documents: Sequence[Posted]
    is_single: bool

    @property
    def numbers(self) -> list[str]:
        """Their numbers."""
        return [document.number for document in self.documents]


def listed(session: Session, number: str) -> list[Posted]:
    """The invoices and credit notes of a run by postcode, town and account.

    Raises:
        NotFound: There is no such run.
        Refused: It issued nothing.
    """
    run = find_run(session, number)
    posted = run_rows.in_postal_order(session.db, run_rows.events_of(session.db, run.number))
    if not posted:
        raise Refused(f"{run.number} issued no document, so there is nothing to print.")
    return posted


def hand_out(
    session: Session, number: str, *, to: str = FILES, singles: bool = False, once_more: bool = False,
    on_progress: Progress | None = None, should_stop: Callable[[], bool] = lambda: False,
) -> Papers:  # fmt: skip
    """Write or print the documents of a run, part by part.

    Args:
        session: Whose book.
        number: The run.
        to: FILES or PRINTER.
        singles: Each document in a file of its own.
        once_more: Print what was printed before too, as copies; files that are there are never written again.
        on_progress: Called with how many are done, and of how many.
        should_stop: Asked before each part.

    Raises:
        Refused: The run has no document, or the printer took no part.
        NotSaved: A file cannot be written; what is there stays, and begun again it goes on.

    Side effect: one audit event for each part.
    """
    session.sign_in_if_needed()
    run, posted = find_run(session, number).number, listed(session, number)
    size = 1 if singles else PART
    parts = [_part(run, at, posted[(at - 1) * size : at * size], singles=singles) for at in range(1, -(-len(posted) // size) + 1)]
    place = _Folder(session, run) if to == FILES else _Printer(session, run, once_more=once_more)
    missing: dict[str, None] = {}
    fresh = before = 0
    report = on_progress or (lambda *_: None)
    for part in parts:
        if should_stop():
            return Papers(run, fresh, before, place.where, "".join(missing), stopped=True)
        if place.has(part):
            before += len(part.documents)
        else:
            done = fresh + before
            drawn = _drawn(session, run, part, to, lambda n, done=done: report(done + n, len(posted)))  # type: ignore[misc]
            missing |= dict.fromkeys(drawn.missing)
            place.take(part, drawn)
            fresh += len(part.documents)
        report(fresh + before, len(posted))
    return Papers(run, fresh, before, place.where, "".join(missing))


def _part(run: str, at: int, some: Sequence[Posted], *, singles: bool) -> Part:
    return Part(f"{at:05}-{paper.plain(some[0].number)}" if singles else f"{run}-{at:03}", some, singles)


def _drawn(session: Session, run: str, part: Part, to: str, tick: Callable[[int], None]) -> paper.Paper:
    """A part as it leaves the book. Side effect: its audit event, before anything of it is opened."""
    copies = documents.handed_out_of(session, part.numbers, run)
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note(documents.HANDED_OUT, run, {"as": to, "numbers": part.numbers})
    if not paper.can_pdf():
        from netbill_tui.documents.invoice import invoice_text

        texts = [invoice_text(printed) + "\n" for printed in _each(session, part, copies, tick)]
        return paper.Paper(run, run, "\f\n".join(texts).encode(), "txt")
    if part.is_single:
        return _single(session, part, copies, to)
    from netbill_tui.documents.pdf import invoices_pdf

    drawn = invoices_pdf(_each(session, part, copies, tick), run)
    return paper.Paper(run, run, drawn.content, "pdf", drawn.missing)


def _single(session: Session, part: Part, copies: Set[str], to: str) -> paper.Paper:
    """One document; in a file it holds its e-invoice."""
    from netbill_tui.documents.einvoice import attached
    from netbill_tui.documents.pdf import invoice_pdf

    (printed,) = _each(session, part, copies, lambda _: None)
    drawn = invoice_pdf(printed)
    content = attached(drawn.content, printed) if to == FILES else drawn.content
    return paper.Paper(printed.number, printed.number, content, "pdf", drawn.missing)


def _each(session: Session, part: Part, copies: Set[str], tick: Callable[[int], None]) -> Iterator[Printed]:
    """The documents of a part, read as they are drawn."""
    for at, document in enumerate(part.documents, 1):
        yield _printed(session, document, copy=document.number in copies)
        tick(at)


def _printed(session: Session, document: Posted, *, copy: bool) -> Printed:
    read = credit_parts.credit_note if document.credit else credit_parts.invoice
    of = documents.of_credit_note if document.credit else documents.of_invoice
    return of(session, read(session, document.number), noted=True)._replace(copy=copy)


class _Folder:
    """Files in a folder of the run, each whole or not there."""

    def __init__(self, session: Session, run: str) -> None:
        self._session, self._run = session, run
        self._folder = exports.inner_folder(session, run)
        self.where = str(self._folder)
        self._there = {path.stem for path in self._folder.iterdir() if not path.name.startswith(".")}

    def has(self, part: Part) -> bool:
        """Whether the part was written before."""
        return part.name in self._there

    def take(self, part: Part, drawn: paper.Paper) -> None:
        """Write the part."""
        name = f"{part.name}.{drawn.ending}"
        path, beside = self._folder / name, self._folder / f".{name}"
        try:
            beside.unlink(missing_ok=True)  # of one that was cut short
            fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(drawn.content)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, path)
            beside.unlink()
        except OSError as error:
            beside.unlink(missing_ok=True)
            _not_taken(self._session, self._run, part, str(error.strerror))
            raise NotSaved(
                f"{path} cannot be written: {error.strerror}. The files before it are whole; begin again, and it goes on there."
            ) from None


class _Printer:
    """The printer of the settings."""

    def __init__(self, session: Session, run: str, *, once_more: bool) -> None:
        self._session, self._run, self._once_more = session, run, once_more
        self.where = " ".join(printers.words(session))

    def has(self, part: Part) -> bool:
        """Whether all of the part was handed out before, and nobody asks for copies."""
        known = documents.handed_out_of(self._session, part.numbers, self._run)
        return not self._once_more and len(known) == len(part.documents)

    def take(self, part: Part, drawn: paper.Paper) -> None:
        """Print the part."""
        try:
            printers.send(self._session, drawn.content)
        except PrintUnknown:
            raise
        except NetbillError as error:
            _not_taken(self._session, self._run, part, str(error))
            raise


def _not_taken(session: Session, run: str, part: Part, why: str) -> None:
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note(documents.NOT_TAKEN, run, {"why": why, "numbers": part.numbers})
