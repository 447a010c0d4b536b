"""A document handed out: to the printer, or as a file, with the audit event that says so. Source: docs/rules.md, *Documents*."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.billing.receivables.invoices import Statement
from netbill_tui.errors import InvalidInput, NetbillError, PrintUnknown, Refused
from netbill_tui.usecases.audit import exports, printers
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_parts, documents, payments

if TYPE_CHECKING:
    from netbill_tui.documents.pages import Pdf

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


def paper(session: Session, kind: str, number: str, *, pdf: bool, einvoice: bool = False) -> Paper:
    """The document, as it was posted; it says COPY where it was handed out before.

    Args:
        session: Whose book.
        kind: One of KINDS.
        number: The document's; of a statement the account.
        pdf: As PDF instead of text of 80 columns.
        einvoice: With the e-invoice in the PDF of an invoice or credit note, where the extra is installed.

    Raises:
        NotFound: There is no such document.
        BookProblem: A PDF without the extra.
    """
    if kind in (INVOICE, CREDIT_NOTE):
        whole = (credit_parts.invoice if kind == INVOICE else credit_parts.credit_note)(session, number)
        printed = (documents.of_invoice if kind == INVOICE else documents.of_credit_note)(session, whole)
        return drawn(printed, pdf=pdf, einvoice=einvoice)
    if kind == RECEIPT:
        return _receipt(session, number, pdf=pdf)
    if kind != STATEMENT:
        raise InvalidInput(f"{kind[:20]!r} is no document; type one of {', '.join(KINDS)}.")
    return _statement(session, number, pdf=pdf)


def drawn(printed: Printed, *, pdf: bool, einvoice: bool = False) -> Paper:
    """An invoice or credit note as PDF, or as text."""
    name = plain(printed.number)
    if not pdf:
        from netbill_tui.documents.invoice import invoice_text

        return Paper(printed.number, name, invoice_text(printed).encode(), "txt")
    from netbill_tui.documents.einvoice import attached
    from netbill_tui.documents.pdf import invoice_pdf

    page = invoice_pdf(printed)
    return Paper(printed.number, name, attached(page.content, printed) if einvoice else page.content, "pdf", page.missing)


def _receipt(session: Session, number: str, *, pdf: bool) -> Paper:
    from netbill_tui.documents.receipt import receipt_text

    payment = payments.find_payment(session, number)
    then, seller, language = payments.as_printed(session, payment)
    copy, book = documents.was_handed_out(session, payment.row.receipt), session.book
    name = plain(payment.row.receipt)
    if pdf:
        from netbill_tui.documents.pdf import receipt_pdf

        customer = accounts.find_customer(session, payment.row.account)
        styled, seq = documents.style_of(session, customer.id), payments.posted_by(session, payment)
        style = documents.dressed(session, styled, customer, seq)
        page = receipt_pdf(then, seller, book.currency, copy=copy, demo=book.demo, style=style)
        return Paper(payment.row.receipt, name, page.content, "pdf", page.missing)
    text = receipt_text(then, seller.name, book.currency, copy=copy, demo=book.demo, language=language)
    return Paper(payment.row.receipt, name, text.encode(), "txt")


class Drawn(NamedTuple):
    """A statement with all that it is drawn with."""

    statement: Statement
    aged: list[tuple[str, int]]
    styled: documents.Styled
    customer: Customer


def statement_of(session: Session, account: str, first: str | None, last: str | None) -> Drawn:
    """The statement of an account over a span; without one of all until today."""
    customer = accounts.find_customer(session, account)
    statement = accounts.statement(session, customer, first, last)
    aged = accounts.aged(session, customer, statement.last)
    return Drawn(statement, aged, documents.style_of(session, customer.id), customer)


def statement_words(session: Session, drawn: Drawn) -> str:
    """The statement as text of 80 columns."""
    from netbill_tui.documents.statement import statement_text

    seller, language, book = drawn.styled.seller, drawn.styled.style.language, session.book
    return statement_text(
        drawn.statement, seller.name, book.currency, aged=drawn.aged, demo=book.demo, language=language
    )  # fmt: skip


def statement_page(session: Session, drawn: Drawn) -> "Pdf":
    """The statement as PDF.

    Side effect: one audit event where a street is opened.
    """
    from netbill_tui.documents.pdf import statement_pdf

    style, book = documents.dressed(session, drawn.styled, drawn.customer), session.book
    return statement_pdf(drawn.statement, drawn.styled.seller, book.currency, aged=drawn.aged, demo=book.demo, style=style)


def _statement(session: Session, account: str, *, pdf: bool) -> Paper:
    drawn = statement_of(session, account, None, None)
    # An invoice may have the number that an account has.
    called = f"statement {drawn.statement.account}"
    name = plain(f"statement-{drawn.statement.account}-{drawn.statement.last}")
    if pdf:
        page = statement_page(session, drawn)
        return Paper(called, name, page.content, "pdf", page.missing)
    return Paper(called, name, statement_words(session, drawn).encode(), "txt")


def plain(number: str) -> str:
    """A number as the name of a file: other programs give numbers with slashes and dots."""
    return re.sub(r"[^\w.-]", "_", number).lstrip(".")[:80] or "document"


def can_pdf() -> bool:
    """Whether a document can be made a PDF here."""
    return find_spec("reportlab") is not None


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
    ready = paper(session, kind, number, pdf=can_pdf())
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
    ready = paper(session, kind, number, pdf=pdf, einvoice=True)
    documents.handed_out(session, ready.number, PDF if pdf else TEXT)
    try:
        return exports.write_numbered(session, f"{ready.name}.{ready.ending}", ready.content), ready.missing
    except (OSError, NetbillError) as error:
        why = f"The file cannot be written: {error.strerror}." if isinstance(error, OSError) else str(error)
        documents.not_taken(session, ready.number, why)
        raise InvalidInput(why) from None
