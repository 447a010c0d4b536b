"""Reminders as letters: on pages with the address in the window of an envelope, or as text with a page each."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.billing.receivables.documents import Seller
from netbill_tui.documents.words import words
from netbill_tui.text import visible

if TYPE_CHECKING:
    from netbill_tui.documents.pages import Pdf


class Letter(NamedTuple):
    """A letter.

    Attributes:
        account: Whose.
        addressed: Name and address, line by line.
        seller: Who writes.
        day: Of the letter, ISO.
        subject: Its title.
        body: Its text.
        language: Of the fixed words.
        paper: A4 or Letter.
        large: In large print.
        logo: A picture in the letterhead.
        copy: It was drawn before.
    """

    account: str
    addressed: Sequence[str]
    seller: Seller
    day: str
    subject: str
    body: str
    language: str
    paper: str
    large: bool = False
    logo: bytes = b""
    copy: bool = False


def letters_pdf(letters: Iterable[Letter], title: str) -> "Pdf":
    """Letters as one PDF, each beginning a page; at least one.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    from netbill_tui.documents.pages import Leaf, Letterhead, Page, Row, pdf_of

    def leaf(letter: Letter) -> Leaf:
        say = words(letter.language)
        tax_id = f"{say('tax-id')} {letter.seller.tax_id}" if letter.seller.tax_id else ""
        letterhead = Letterhead(letter.seller, tax_id, letter.logo)

        def draw(page: Page) -> None:
            facts = [(say("account"), letter.account), (say("date"), say.date(letter.day))]
            page.head(letterhead, say("copy") if letter.copy else "", facts, letter.addressed)
            rows = [Row(letter.subject, bold=True), Row(" ")]
            rows += [Row(line or " ", gap=2 * page.scale) for line in letter.body.rstrip("\n").split("\n")]
            page.rows(rows)

        pages = lambda page, of: say("page", page=page, pages=of)  # noqa: E731 - one line of words
        return Leaf(f"{letter.subject} {letter.account}", letterhead, letter.paper, draw, pages, letter.large)

    return pdf_of(title, (leaf(letter) for letter in letters))


def letters_text(letters: Iterable[Letter]) -> str:
    """The same as text, with a form feed between two."""
    return "\f".join(_text(letter) for letter in letters)


def _text(letter: Letter) -> str:
    say = words(letter.language)
    seller = " - ".join(visible(p) for p in letter.seller[:3] if p)
    lines = [seller, "", *(visible(line) for line in letter.addressed), "", f"{say('account')} {letter.account}"]
    lines += [f"{say('date')} {say.date(letter.day)}", *([say("copy")] if letter.copy else []), "", visible(letter.subject), ""]
    lines += [visible(line) for line in letter.body.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"
