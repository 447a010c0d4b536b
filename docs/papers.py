"""The four documents in two languages, as they stand in the pages: an English one on US Letter, a German one on A4."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from netbill_tui.billing.receivables.documents import Printed, PrintedLine, PrintedTax, Section, Seller, Served, Since, Style
from netbill_tui.billing.receivables.invoices import Entry, Statement
from netbill_tui.billing.receivables.payments import Payment, PaymentRow, Settled
from netbill_tui.documents.pdf import invoice_pdf, receipt_pdf, statement_pdf

_SELLERS = {
    "en": Seller("Acme Net", "1 High Street", "Springfield IL 62701", "US", "36-1234567", ""),
    "de": Seller("Acme Netz GmbH", "Hauptstraße 12", "10115 Berlin", "DE", "DE123456789", "DE89 3704 0044 0532 0130 00"),
}
_ADDRESSES = {"en": ("5 Long Lane", "Springfield IL 62703"), "de": ("Lange Straße 5", "20095 Hamburg")}
_NAMES = {"en": "Smith, John", "de": "Müller, Jürgen"}
_TEXTS = {
    "en": ("Fibre 250", "Telephone, one line", "Installation of a second socket", "State tax", "Line was down for a week"),
    "de": ("Glasfaser 250", "Telefon, eine Leitung", "Einbau einer zweiten Dose", "USt", "Leitung war eine Woche gestört"),
}
_INSTRUCTIONS = {
    "en": "Pay by phone at 555 0100, or at any store with this page.",
    "de": "Oder bar in jedem Laden mit dieser Seite.",
}


def _style(language: str) -> Style:
    return Style(language, {"en": "Letter", "de": "A4"}[language], _INSTRUCTIONS[language], address=_ADDRESSES[language])


def _invoice(language: str) -> Printed:
    fibre, phone, socket, tax, _ = _TEXTS[language]
    rated = ("std", "recurring", "S", "19")
    month = "2026-12-01 - 2027-01-01"
    lines = (
        PrintedLine(fibre, month, "1", 3999, 3599, 684, *rated), PrintedLine("10 %: -4.00", "", "1", 0, 0, 0, "", "less"),
        PrintedLine(phone, month, "1", 1000, 1000, 190, *rated),
    )  # fmt: skip
    sections = (
        Section("recurring", lines, Served("INT-250", "1M", "advance"), ", ".join(_ADDRESSES[language])),
        Section("one-off", (PrintedLine(socket, "2026-11-20", "1", 4900, 4900, 931, "std", "one-off", "S", "19"),)),
    )
    net, taxed, style = 9499, 1805, _style(language)
    return Printed(
        kind="invoice", number="INV-000123", account="C10234", name=_NAMES[language], address=style.address,
        seller=_SELLERS[language], currency={"en": "USD", "de": "EUR"}[language], bill_date="2026-12-01", issued="2026-12-01",
        due="2026-12-15", previous=5474, since=(Since("2026-11-14", "payment", "R-10456", "bank", "RF18 7989 575", -5474),),
        sections=sections, taxes=(PrintedTax(tax, "S", "19", net, taxed, ""),), net=net, tax=taxed, total=net + taxed,
        due_now=net + taxed, language=language, instructions=style.instructions, paper=style.paper,
    )  # fmt: skip


def _credit_note(language: str) -> Printed:
    fibre, *_, tax, why = _TEXTS[language]
    line = PrintedLine(fibre, "2026-12-01 - 2027-01-01", "1", 900, 900, 171, "std", "recurring", "S", "19")
    return _invoice(language)._replace(
        kind="credit note", number="CN-000004", issued="2026-12-09", previous=0, since=(), refers=f"INV-000123: {why}",
        sections=(Section("recurring", (line,), Served("INT-250", "1M", "advance")),),
        taxes=(PrintedTax(tax, "S", "19", 900, 171, ""),), net=900, tax=171, total=1071, due_now=-1071,
    )  # fmt: skip


def _statement(language: str) -> bytes:
    entries = (
        Entry(1, "2026-11-01", "invoice", "INV-000088", f"{_TEXTS[language][0]} +1", 5474, 5474),
        Entry(2, "2026-11-14", "payment", "R-10456", "RF18 7989 575", -5474, 0),
        Entry(3, "2026-12-01", "invoice", "INV-000123", f"{_TEXTS[language][0]} +2", 11304, 11304),
        Entry(4, "2026-12-09", "credit-note", "CN-000004", _TEXTS[language][4], -1071, 10233),
    )
    statement = Statement("C10234", _NAMES[language], "2026-11-01", "2026-12-31", 0, entries, 10233)
    aged = [("current", 0), ("1-30", 10233), ("31-60", 0), ("61-90", 0), ("over-90", 0)]
    currency = _invoice(language).currency
    return statement_pdf(statement, _SELLERS[language], currency, aged=aged, style=_style(language)).content


def _receipt(language: str) -> bytes:
    row = PaymentRow(1, "R-10457", "C10234", _NAMES[language], "2026-12-12", "cash", "", 10233, "received")
    paid = Payment(
        row, bytes(16), 11000, "", "mira", 1_797_086_000_000_000, (Settled("INV-000123", 10233),), 0, 0, None, "", ""
    )  # fmt: skip
    return receipt_pdf(paid, _SELLERS[language], _invoice(language).currency, style=_style(language)).content


def papers() -> Iterator[tuple[str, bytes]]:
    """Name and PDF of each."""
    for language in ("en", "de"):
        yield f"invoice-{language}", invoice_pdf(_invoice(language)).content
        yield f"credit-note-{language}", invoice_pdf(_credit_note(language)).content
        yield f"statement-{language}", _statement(language)
        yield f"receipt-{language}", _receipt(language)


def draw(folder: Path) -> None:
    """Draw them as pictures; needs pdftoppm."""
    tool = shutil.which("pdftoppm")
    if tool is None:
        raise SystemExit("pdftoppm is missing: apt install poppler-utils")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name, content in papers():
            (Path(place) / "page.pdf").write_bytes(content)
            subprocess.run(
                [tool, "-r", "75", "-gray", "-png", "-singlefile", f"{place}/page.pdf", str(folder / name)], check=True
            )  # fmt: skip
