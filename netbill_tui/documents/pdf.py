"""An invoice, a credit note or a statement as PDF, A4. Needs the extra `pdf`; imported where it is used."""

from collections.abc import Sequence

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Printed, Seller
from netbill_tui.billing.receivables.invoices import Statement
from netbill_tui.documents.pages import LEFT, RIGHT, STEP, Page, Pdf, pdf_of, square_code
from netbill_tui.documents.statement import scanned

_DEBIT, _CREDIT = RIGHT - 150, RIGHT - 75
_DOCUMENT, _WHAT = LEFT + 60, LEFT + 150


def invoice_pdf(printed: Printed) -> Pdf:
    """The document as PDF, the same bytes for the same document.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """

    def draw(page: Page) -> None:
        marks = ("  COPY" if printed.copy else "") + ("  DEMO, NOT REAL" if printed.demo else "")
        facts = [
            f"{printed.kind.upper()}{marks}",
            f"Number {printed.number}",
            f"Issued {printed.issued}",
            f"Account {printed.account}",
        ]
        facts += [f"Due {printed.due}"] if printed.kind == "invoice" else []
        page.head(printed.seller, facts, (printed.name or "(no name)", *printed.address))
        _body(page, printed)
        if printed.kind == "invoice":
            _coupon(page, printed)

    return pdf_of(f"{printed.kind} {printed.number}", printed.seller.name, printed.currency, printed.number, draw)


def _body(page: Page, printed: Printed) -> None:
    if printed.kind == "invoice":
        page.row("Previous balance", printed.previous)
        for day, words, amount in printed.payments:
            page.row(f"{day}  {words}", amount, indent=10)
    elif printed.refers:
        page.paragraph(f"Takes back {printed.refers}")
    page.down()
    for section in printed.sections:
        page.row(section.title, section.amount, bold=True)
        for line in section.lines:
            if line.kind == "notice":
                page.paragraph(line.text, indent=10)
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            page.row(f"{line.text}{times}   {line.period}".rstrip(), line.amount, indent=10)
    page.down()
    page.rule()
    page.row("Net", printed.net)
    for t in printed.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        page.row(f"{t.name}, {t.percent} % on {format_amount(t.base, printed.currency)}{reason}", t.tax, indent=10)
    words = "Total of this invoice" if printed.kind == "invoice" else "Total given back"
    page.row(f"{words} {printed.currency}", printed.total, bold=True)


def _coupon(page: Page, printed: Printed) -> None:
    page.row(f"Balance due by {printed.due}", printed.due_now, bold=True)
    lines = [
        f"Account {printed.account}",
        f"Invoice {printed.number}",
        f"{format_amount(printed.due_now, printed.currency)} {printed.currency}",
    ]
    page.coupon(_payable(lines, printed.seller), payment_code(printed), printed.scanned)


def _payable(lines: list[str], seller: Seller) -> list[str]:
    return [*lines, f"Pay to {seller.name}", seller.iban] if seller.iban else lines


def payment_code(printed: Printed) -> str:
    """What the square code of an invoice says."""
    return square_code(printed.seller, printed.currency, printed.due_now, printed.number, printed.scanned)


def statement_pdf(
    statement: Statement, seller: Seller, currency: str, *, aged: Sequence[tuple[str, int]] = (), demo: bool = False
) -> Pdf:
    """A statement of account as PDF: entries with running balance, ageing, coupon.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """

    def draw(page: Page) -> None:
        span = f"{statement.first or 'From the beginning'} to {statement.last}"
        facts = [f"STATEMENT{'  DEMO, NOT REAL' if demo else ''}", f"Account {statement.account}", span, currency]
        page.head(seller, facts, (statement.name or "(no name)",))
        page.on_new = lambda: _columns(page)
        _columns(page)
        page.row("Opening balance", statement.opening)
        for e in statement.entries:
            documents = page.lines_of(e.document, _WHAT - _DOCUMENT - 6)
            whats = page.lines_of(e.text, _DEBIT - _WHAT - 60)
            page.text(LEFT, e.date)
            page.text(_DOCUMENT, documents[0])
            page.text(_WHAT, whats[0])
            page.text(_DEBIT if e.amount > 0 else _CREDIT, format_amount(abs(e.amount), currency), right=True)
            page.text(RIGHT, format_amount(e.balance, currency), right=True)
            page.down()
            for at in range(1, max(len(documents), len(whats))):
                page.text(_DOCUMENT, documents[at] if at < len(documents) else "")
                page.text(_WHAT, whats[at] if at < len(whats) else "")
                page.down()
        page.rule()
        page.row("Closing balance", statement.closing, bold=True)
        page.on_new = lambda: None
        if aged:
            page.down()
            step = (RIGHT - LEFT) / len(aged)
            for at, (name, _) in enumerate(aged, 1):
                page.text(LEFT + at * step, name, right=True)
            page.down()
            for at, (_, amount) in enumerate(aged, 1):
                page.text(LEFT + at * step, format_amount(amount, currency), right=True)
            page.down()
        due = max(statement.closing, 0)
        lines = _payable([f"Account {statement.account}", f"{format_amount(due, currency)} {currency}"], seller)
        code = scanned(statement)
        page.coupon(lines, square_code(seller, currency, due, statement.account, code), code)

    return pdf_of(f"Statement {statement.account}", seller.name, currency, f"Statement {statement.account}", draw)


def _columns(page: Page) -> None:
    """The heads of the columns, on every page."""
    for x, words, right in (
        (LEFT, "Date", False),
        (_DOCUMENT, "Document", False),
        (_WHAT, "What", False),
        (_DEBIT, "Debit", True),
        (_CREDIT, "Credit", True),
        (RIGHT, "Balance", True),
    ):
        page.text(x, words, bold=True, right=right)
    page.down(STEP + 2)
    page.rule()
