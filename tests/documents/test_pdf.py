"""Documents as PDF, read back by another library."""

import io

import pytest
from pypdf import PdfReader

from netbill_tui.billing.receivables.documents import Seller, Style
from netbill_tui.billing.receivables.invoices import Entry, Statement
from netbill_tui.documents.pdf import square_code, statement_pdf
from netbill_tui.documents.words import words

SELLER = Seller("Acme Net", "1 High Street", "Bath", "GB", "GB1", "DE89 3704 0044 0532 0130 00")


def statement(count: int) -> Statement:
    entries = tuple(
        Entry(n, f"2026-{n % 12 + 1:02}-01", "invoice", f"INV-{n:06}", f"Fibre {n} [red]\x1b(", 100, 100 * (n + 1))
        for n in range(count)
    )  # fmt: skip
    return Statement("C1", "Smith, Zo\u00eb", None, "2026-12-31", 0, entries, 100 * count)


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (120, 3)])
def test_a_statement_holds_every_entry_and_heads_every_page(count: int, pages: int):
    made = statement(count)
    content = statement_pdf(made, SELLER, "EUR", aged=[("current", 100 * count), ("over-90", 0)]).content
    assert content == statement_pdf(made, SELLER, "EUR", aged=[("current", 100 * count), ("over-90", 0)]).content
    found = PdfReader(io.BytesIO(content)).pages
    texts = [page.extract_text() for page in found]
    assert len(texts) == pages
    assert all("Balance" in text for text in texts)
    assert all("Statement C1" in text for text in texts[1:])
    assert [f"page {n} of {pages}" in text for n, text in enumerate(texts, 1)] == [True] * pages
    whole = "\n".join(texts)
    assert [f"INV-{n:06}" in whole for n in range(count)] == [True] * count
    assert "Closing balance" in texts[-1]
    assert "over 90 days" in texts[-1]
    assert "Acme Net" in texts[0]
    assert "\x1b" not in whole


@pytest.mark.parametrize(("large", "currency", "amount"), [(True, "EUR", 100), (False, "EUR", 10**17), (True, "KWD", 10**15)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_statement_whose_columns_do_not_fit_stands_below_each_other(large: bool, currency: str, amount: int, language: str):
    entries = tuple(Entry(n, "2026-11-01", "invoice", f"INV-{n:06}", "Fibre", amount, amount * (n + 1)) for n in range(30))
    drawn = statement_pdf(
        Statement("C1", "Smith", None, "2026-12-31", 0, entries, amount * 30), SELLER, currency,
        style=Style(language, large=large),
    )  # fmt: skip
    whole = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(drawn.content)).pages)
    assert [f"INV-{n:06}" in whole for n in range(30)] == [True] * 30
    say = words(language)
    assert all(say.amount(amount * (n + 1), currency) in whole for n in range(30))


def test_the_square_code_is_a_transfer_only_where_a_bank_can_make_one():
    assert square_code(SELLER, "EUR", 100, "INV-1", "*NB1*") == (
        "BCD\n002\n1\nSCT\n\nAcme Net\nDE89370400440532013000\nEUR1.00\n\n\nINV-1"
    )
    assert square_code(SELLER, "USD", 100, "INV-1", "*NB1*") == "*NB1*"
    assert square_code(SELLER, "EUR", 0, "INV-1", "*NB1*") == "*NB1*"
    assert square_code(SELLER._replace(iban=""), "EUR", 100, "INV-1", "*NB1*") == "*NB1*"
