"""A document handed out: to the printer, or as a file, with the audit event that says so. Source: docs/rules.md, *Documents*."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from netbill_tui.errors import InvalidInput, NetbillError, PrintUnknown, Refused
from netbill_tui.usecases.audit import exports, printers
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_parts, documents, payments

INVOICE, CREDIT_NOTE, RECEIPT, STATEMENT = KINDS = ("invoice", "credit-note", "receipt", "statement")
PRINTER, PDF, TEXT = "print", "pdf", "text"


class Paper(NamedTuple):
    """A document as it leaves the book.

    Attributes:
        number: What the audit calls it.
        name: As a file is called, without its ending.
        content: The bytes.
        ending: pdf or txt.
        missing: Letters that the font of a PDF lacks.
    """

    number: str
    name: str
    content: bytes
    ending: str
    missing: str = ""


def paper(session: Session, kind: str, number: str, *, pdf: bool) -> Paper:
    """The document, as it was posted; it says COPY where it was handed out before.

    Args:
        session: Whose book.
        kind: One of KINDS.
        number: The document's; of a statement the account.
        pdf: As PDF instead of text of 80 columns; a receipt is text.

    Raises:
        NotFound: There is no such document.
        BookProblem: A PDF without the extra.
    """
    from netbill_tui.documents.invoice import invoice_text
    from netbill_tui.documents.receipt import receipt_text
    from netbill_tui.documents.statement import statement_text

    if kind in (INVOICE, CREDIT_NOTE):
        whole = (credit_parts.invoice if kind == INVOICE else credit_parts.credit_note)(session, number)
        printed = (documents.of_invoice if kind == INVOICE else documents.of_credit_note)(session, whole)
        if pdf:
            from netbill_tui.documents.pdf import invoice_pdf

            drawn = invoice_pdf(printed)
            return Paper(whole.head.number, _plain(whole.head.number), drawn.content, "pdf", drawn.missing)
        return Paper(whole.head.number, _plain(whole.head.number), invoice_text(printed).encode(), "txt")
    if kind == RECEIPT:
        payment = payments.find_payment(session, number)
        then, company = payments.as_printed(session, payment)
        copy = documents.was_handed_out(session, payment.row.receipt)
        text = receipt_text(then, company, session.book.currency, copy=copy, demo=session.book.demo)
        return Paper(payment.row.receipt, _plain(payment.row.receipt), text.encode(), "txt")
    if kind != STATEMENT:
        raise InvalidInput(f"{kind[:20]!r} is no document; type one of {', '.join(KINDS)}.")
    statement = accounts.statement(session, number, None, None)
    aged, seller = accounts.aged(session, number, statement.last), documents.seller(session)
    # An invoice may have the number that an account has.
    called, name = f"statement {statement.account}", _plain(f"statement-{statement.account}-{statement.last}")
    if pdf:
        from netbill_tui.documents.pdf import statement_pdf

        drawn = statement_pdf(statement, seller, session.book.currency, aged=aged, demo=session.book.demo)
        return Paper(called, name, drawn.content, "pdf", drawn.missing)
    text = statement_text(statement, seller.name, session.book.currency, aged=aged, demo=session.book.demo)
    return Paper(called, name, text.encode(), "txt")


def _plain(number: str) -> str:
    """A number as the name of a file: other programs give numbers with slashes and dots."""
    return re.sub(r"[^\w.-]", "_", number).lstrip(".")[:80] or "document"


def can_pdf(kind: str) -> bool:
    """Whether a document of this kind can be made a PDF here."""
    return kind != RECEIPT and find_spec("reportlab") is not None


def print_one(session: Session, kind: str, number: str) -> str:
    """Print a document; what took it. It is printed as PDF where that can be made, else as text.

    Raises:
        Refused: The printer did not take it, and the next print is the first.
        PrintUnknown: Whether it did is not known, and the next print says copy.

    Side effects: an audit event before anything leaves the book, so that the next print says copy; where the printer did not
    take it, another one that says so.
    """
    session.sign_in_if_needed()
    printers.words(session)  # what is not set is said before anything is written
    ready = paper(session, kind, number, pdf=can_pdf(kind))
    documents.handed_out(session, ready.number, PRINTER)
    try:
        return printers.send(session, ready.content)
    except PrintUnknown:
        raise
    except Refused as error:
        documents.not_taken(session, ready.number, str(error))
        raise


def write_one(session: Session, kind: str, number: str, *, pdf: bool) -> tuple[Path, str]:
    """Write a document into the folder of exports, over nothing; where it went, and the letters that the font lacks.

    Raises:
        InvalidInput: The file cannot be written.

    Side effects: an audit event before the file; where it could not be written, another one that says so.
    """
    session.sign_in_if_needed()
    ready = paper(session, kind, number, pdf=pdf)
    documents.handed_out(session, ready.number, PDF if pdf else TEXT)
    try:
        return exports.write_numbered(session, f"{ready.name}.{ready.ending}", ready.content), ready.missing
    except (OSError, NetbillError) as error:
        why = f"The file cannot be written: {error.strerror}." if isinstance(error, OSError) else str(error)
        documents.not_taken(session, ready.number, why)
        raise InvalidInput(why) from None
