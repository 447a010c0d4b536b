"""An invoice, a credit note or a statement as PDF, A4. Needs the extra `pdf`; imported where it is used."""

from collections.abc import Sequence

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Printed, Seller
from netbill_tui.billing.receivables.invoices import Statement
from netbill_tui.documents.pages import LEFT, RIGHT, STEP, Page, Pdf, pdf_of, square_code
from netbill_tui.documents.statement import scanned

_DEBIT, _CREDIT = RIGHT - 150, RIGHT - 75
_DOCUMENT, _WHAT = LEFT + 60, LEFT + 150


def invoice_pdf(made: Printed) -> Pdf:
    """The document as PDF, the same bytes for the same document.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """

    def draw(page: Page) -> None:
        marks = ("  COPY" if made.copy else "") + ("  DEMO, NOT REAL" if made.demo else "")
        facts = [f"{made.kind.upper()}{marks}", f"Number {made.number}", f"Issued {made.issued}", f"Account {made.account}"]
        facts += [f"Due {made.due}"] if made.kind == "invoice" else []
        page.head(made.seller, facts, (made.name or "(no name)", *made.address))
        _body(page, made)
        if made.kind == "invoice":
            _coupon(page, made)

    return pdf_of(f"{made.kind} {made.number}", made.seller.name, made.currency, made.number, draw)


def _body(page: Page, made: Printed) -> None:
    if made.kind == "invoice":
        page.row("Previous balance", made.previous)
        for day, words, amount in made.payments:
            page.row(f"{day}  {words}", amount, indent=10)
    elif made.refers:
        page.paragraph(f"Takes back {made.refers}")
    page.down()
    for section in made.sections:
        page.row(section.title, section.amount, bold=True)
        for line in section.lines:
            if line.kind == "notice":
                page.paragraph(line.text, indent=10)
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            page.row(f"{line.text}{times}   {line.period}".rstrip(), line.amount, indent=10)
    page.down()
    page.rule()
    page.row("Net", made.net)
    for t in made.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        page.row(f"{t.name}, {t.percent} % on {format_amount(t.base, made.currency)}{reason}", t.tax, indent=10)
    words = "Total of this invoice" if made.kind == "invoice" else "Total given back"
    page.row(f"{words} {made.currency}", made.total, bold=True)


def _coupon(page: Page, made: Printed) -> None:
    page.row(f"Balance due by {made.due}", made.due_now, bold=True)
    told = [f"Account {made.account}", f"Invoice {made.number}", f"{format_amount(made.due_now, made.currency)} {made.currency}"]
    page.coupon(_payable(told, made.seller), payment_code(made), made.scanned)


def _payable(told: list[str], seller: Seller) -> list[str]:
    return [*told, f"Pay to {seller.name}", seller.iban] if seller.iban else told


def payment_code(made: Printed) -> str:
    """What the square code of an invoice says."""
    return square_code(made.seller, made.currency, made.due_now, made.number, made.scanned)


def statement_pdf(
    made: Statement, seller: Seller, currency: str, *, aged: Sequence[tuple[str, int]] = (), demo: bool = False
) -> Pdf:
    """A statement of account as PDF: entries with running balance, ageing, coupon.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """

    def draw(page: Page) -> None:
        span = f"{made.first or 'From the beginning'} to {made.last}"
        facts = [f"STATEMENT{'  DEMO, NOT REAL' if demo else ''}", f"Account {made.account}", span, currency]
        page.head(seller, facts, (made.name or "(no name)",))
        page.on_new = lambda: _columns(page)
        _columns(page)
        page.row("Opening balance", made.opening)
        for e in made.entries:
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
        page.row("Closing balance", made.closing, bold=True)
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
        due = max(made.closing, 0)
        told = _payable([f"Account {made.account}", f"{format_amount(due, currency)} {currency}"], seller)
        code = scanned(made)
        page.coupon(told, square_code(seller, currency, due, made.account, code), code)

    return pdf_of(f"Statement {made.account}", seller.name, currency, f"Statement {made.account}", draw)


def _columns(page: Page) -> None:
    """The heads of the columns, on every page."""
    for x, words, right in (
        (LEFT, "Date", False), (_DOCUMENT, "Document", False), (_WHAT, "What", False), (_DEBIT, "Debit", True),
        (_CREDIT, "Credit", True), (RIGHT, "Balance", True),
    ):  # fmt: skip
        page.text(x, words, bold=True, right=right)
    page.down(STEP + 2)
    page.rule()
