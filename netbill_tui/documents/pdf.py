"""An invoice, a credit note, a statement or a receipt as PDF. Needs the extra `pdf`; imported where it is used."""

from collections.abc import Callable, Iterable, Sequence

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Printed, PrintedLine, Seller, Style
from netbill_tui.billing.receivables.invoices import Statement
from netbill_tui.billing.receivables.payments import Payment
from netbill_tui.documents.coupons import Coupon, draw_coupon
from netbill_tui.documents.invoice import KIND, due_words, facts_of, line_words, marked, tax_words
from netbill_tui.documents.pages import Cell, Leaf, Letterhead, Page, Pdf, Row, pdf_of
from netbill_tui.documents.receipt import how_paid, taken_back, who_took
from netbill_tui.documents.statement import scanned
from netbill_tui.documents.words import Words, words
from netbill_tui.text import visible


def invoice_pdf(printed: Printed) -> Pdf:
    """The document as PDF, the same bytes for the same document.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    leaf = _leaf(printed)
    return pdf_of(leaf.label, [leaf])


def invoices_pdf(many: Iterable[Printed], title: str) -> Pdf:
    """Several documents as one PDF, at least one, each beginning a page.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    return pdf_of(title, (_leaf(printed) for printed in many))


def _leaf(printed: Printed) -> Leaf:
    say = words(printed.language)
    label = f"{say(KIND[printed.kind])} {printed.number}"
    letterhead = _letterhead(printed.seller, say, printed.logo)

    def draw(page: Page) -> None:
        addressed = (printed.name or say("no-name"), *printed.address)
        page.head(letterhead, marked(printed, say), facts_of(printed, say), addressed)
        coupon = _coupon(printed, say) if printed.kind == "invoice" and printed.due_now > 0 else None
        page.rows(_rows(printed, say, page.scale), last=page.sheet.coupon - 5 if coupon else 0)
        if coupon:
            draw_coupon(page, coupon)

    return Leaf(label, letterhead, printed.paper, draw, _pages(say), printed.large)


def _letterhead(seller: Seller, say: Words, logo: bytes) -> Letterhead:
    return Letterhead(seller, f"{say('tax-id')} {seller.tax_id}" if seller.tax_id else "", logo)


def _pages(say: Words) -> Callable[[int, int], str]:
    return lambda page, pages: say("page", page=page, pages=pages)


def _rows(printed: Printed, say: Words, scale: float) -> list[Row]:
    """The rows of an invoice or credit note; its sums are tied to its last line."""

    def money(minor: int) -> str:
        return say.amount(minor, printed.currency)

    rows: list[Row] = []
    if printed.kind == "invoice":
        rows.append(Row(say("previous-balance"), money(printed.previous)))
        for at, came in enumerate(printed.since):
            rows.append(Row(f"{say.date(came.day)}  {say.since(came)}", money(came.amount), indent=10, tied=at == 0))
    elif printed.refers:
        rows.append(Row(say("takes-back", what=printed.refers)))
    for section in printed.sections:
        rows.append(Row(say.title(section), money(section.amount) if section.is_charged else "", bold=True, gap=6 * scale))
        if section.place:
            rows.append(Row(say("service-at", place=section.place), indent=10, tied=True, grey=True))
        # The first line stands with the name of its section, what was taken off a line with the line.
        for at, line in enumerate(section.lines):
            tied = at == 0 or line.kind == "less"
            if not line.is_charged:
                rows.append(Row(line_words(line, say).strip(), indent=20 if line.kind == "less" else 10, tied=tied))
            else:
                rows.append(_line_row(line, say, money(line.amount), tied=tied))
    return [*rows, *_sums(printed, say, scale)]


def _line_row(line: PrintedLine, say: Words, amount: str, *, tied: bool) -> Row:
    return Row(line_words(line, say), amount, say.period(line.period), indent=10, tied=tied)


def _sums(printed: Printed, say: Words, scale: float) -> list[Row]:
    def money(minor: int) -> str:
        return say.amount(minor, printed.currency)

    total = f"{say('total-' + KIND[printed.kind])} {printed.currency}"
    rows = [Row(say("net"), money(printed.net), gap=10 * scale, rule=True, tied=True)]
    # So many taxes that they fill a page may be parted, but the total stands below one.
    many = len(printed.taxes) > 12
    rows += [Row(tax_words(t, printed, say), money(t.tax), tied=not many or at == 0) for at, t in enumerate(printed.taxes)]
    rows.append(Row(total, money(printed.total), bold=True, tied=True))
    if printed.kind == "invoice":
        rows.append(Row(due_words(printed, say), money(printed.due_now), bold=True, gap=6 * scale, rule=True, tied=True))
    return rows


def _coupon(printed: Printed, say: Words) -> Coupon:
    facts = (
        (say("account"), printed.account),
        (say("invoice"), printed.number),
        (say("due"), say.date(printed.due)),
    )
    amount = f"{say.amount(printed.due_now, printed.currency)} {printed.currency}"
    below = _payable(printed.seller, printed.number, say)
    return Coupon(
        say("coupon"), facts, amount, (*below, *_instructions(printed.instructions)), payment_code(printed), printed.scanned
    )  # fmt: skip


def _instructions(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _payable(seller: Seller, reference: str, say: Words) -> tuple[str, ...]:
    return (say("payable", name=seller.name, iban=seller.iban, number=reference),) if seller.iban else ()


def payment_code(printed: Printed) -> str:
    """What the square code of an invoice says."""
    return square_code(printed.seller, printed.currency, printed.due_now, printed.number, printed.scanned)


def square_code(seller: Seller, currency: str, amount: int, reference: str, scanned_: str) -> str:
    """What the square code says: a credit transfer for banks, where there is an IBAN and euro; else what a scanner types."""
    if seller.iban and currency == "EUR" and amount > 0:
        amount_ = f"EUR{format_amount(amount, 'EUR')}"
        name = visible(seller.name)[:70]
        return "\n".join(["BCD", "002", "1", "SCT", "", name, seller.iban.replace(" ", ""), amount_, "", "", reference])
    return scanned_


def statement_pdf(
    statement: Statement, seller: Seller, currency: str, *, aged: Sequence[tuple[str, int]] = (), demo: bool = False,
    style: Style = Style(),  # noqa: B008 - it never changes
) -> Pdf:  # fmt: skip
    """A statement of account as PDF: entries with running balance, ageing, coupon.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    say = words(style.language)
    label = f"{say('statement')} {statement.account}"
    letterhead = _letterhead(seller, say, style.logo)

    def money(minor: int) -> str:
        return say.amount(minor, currency)

    def draw(page: Page) -> None:
        title = " - ".join([say("statement").upper(), *([say("demo")] if demo else [])])
        first = say.date(statement.first) if statement.first else say("from-beginning")
        span = say("span", first=first, last=say.date(statement.last), currency=currency)
        facts = [(say("account"), statement.account), ("", span)]
        page.head(letterhead, title, facts, (statement.name or say("no-name"), *style.address))
        _entries(page, statement, say, currency)
        due = max(statement.closing, 0)
        rows = [Row(say("closing-balance"), money(statement.closing), bold=True, rule=True, gap=6 * page.scale)]
        rows += [Row(say.bucket(name), money(amount), tied=True, indent=10) for name, amount in aged]
        page.rows(rows, last=page.sheet.coupon - 5 if due else 0)
        if due:
            code = scanned(statement)
            square = square_code(seller, currency, due, statement.account, code)
            below = (*_payable(seller, statement.account, say), *_instructions(style.instructions))
            draw_coupon(page, Coupon(say("coupon"), tuple(facts[:1]), f"{money(due)} {currency}", below, square, code))

    return pdf_of(label, [Leaf(label, letterhead, style.paper, draw, _pages(say), style.large)])


def _entries(page: Page, statement: Statement, say: Words, currency: str) -> None:
    """The entries in columns, whose heads stand on every page; below each other where the paper is too narrow for columns."""
    left, right = page.sheet.left, page.sheet.right
    sums = [statement.opening, *(e.balance for e in statement.entries), *(e.amount for e in statement.entries)]
    amount = max(66 * page.scale, *(page.setter.width(say.amount(s, currency), page.size) + 8 for s in sums))
    day = page.setter.width(say.date("2026-12-28"), page.size) + 8
    document = 84 * page.scale
    what = right - 3 * amount - left - day - document
    if what < 80:
        _narrow(page, statement, say, currency)
        return

    def row(cells: Sequence[str], *, bold: bool = False) -> None:
        on, number, words_, debit, credit, balance = cells
        page.cells([
            Cell(left, day - 6, on), Cell(left + day, document - 6, number), Cell(left + day + document, what - 6, words_),
            Cell(right - 2 * amount, amount, debit, right=True), Cell(right - amount, amount, credit, right=True),
            Cell(right, amount, balance, right=True),
        ], bold=bold)  # fmt: skip

    def heads() -> None:
        row([say(n) for n in ("date", "document", "what", "debit", "credit", "balance")], bold=True)

    page.on_new = heads
    heads()
    row(["", "", say("opening-balance"), "", "", say.amount(statement.opening, currency)])
    for e in statement.entries:
        either = (say.amount(abs(e.amount), currency), "") if e.amount > 0 else ("", say.amount(abs(e.amount), currency))
        row([say.date(e.date), e.document, e.text, *either, say.amount(e.balance, currency)])
    page.on_new = lambda: None


def _narrow(page: Page, statement: Statement, say: Words, currency: str) -> None:
    """Each entry with its amount, and below it the balance."""
    page.rows([Row(say("opening-balance"), say.amount(statement.opening, currency))])
    for e in statement.entries:
        words_ = f"{say.date(e.date)}  {e.document}  {e.text}"
        page.rows([
            Row(words_, say.amount(e.amount, currency), gap=4),
            Row(say("balance"), say.amount(e.balance, currency), indent=20, tied=True, grey=True),
        ])  # fmt: skip


def receipt_pdf(payment: Payment, seller: Seller, currency: str, *, copy: bool = False, demo: bool = False, style: Style) -> Pdf:
    """A receipt as PDF.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    say, row = words(style.language), payment.row
    label = f"{say('receipt')} {row.receipt}"
    letterhead = _letterhead(seller, say, style.logo)

    def money(minor: int) -> str:
        return say.amount(minor, currency)

    def draw(page: Page) -> None:
        marks = [say(name) for name, on in (("copy", copy), ("demo", demo)) if on]
        facts = [(say("number"), row.receipt), (say("account"), row.account), (say("received"), say.date(row.date))]
        page.head(letterhead, " - ".join([say("receipt").upper(), *marks]), facts, (row.name or say("no-name"), *style.address))
        rows = [Row(words_, bold=True) for words_ in taken_back(payment, say)]
        rows += [Row(f"{name}: {value}") for name, value in how_paid(payment, say, currency)]
        rows.append(Row(say("applied-to"), currency, bold=True, gap=6 * page.scale, rule=True))
        rows += [Row(share.invoice, money(share.amount), indent=10, tied=True) for share in payment.allocated[:1]]
        rows += [Row(share.invoice, money(share.amount), indent=10) for share in payment.allocated[1:]]
        rows.append(Row(say("on-account"), money(payment.unapplied), indent=10))
        rows.append(Row(say("amount-received"), money(row.amount), bold=True, gap=6 * page.scale, rule=True, tied=True))
        rows.append(Row(say("balance-after"), money(payment.balance), tied=True))
        rows.append(Row(who_took(payment, say), gap=12 * page.scale, grey=True, tied=True))
        page.rows(rows)

    return pdf_of(label, [Leaf(label, letterhead, style.paper, draw, _pages(say), style.large)])
