"""One search over payments, customers and invoices: how a query is read. Source: behaviours 1."""

import re
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.dates import parse_date
from netbill_tui.billing.money import parse_amount
from netbill_tui.errors import InvalidInput
from netbill_tui.text import query_words


class Hit(NamedTuple):
    """One thing that was found.

    Attributes:
        type: payment, customer or invoice.
        id: Receipt, account or invoice number.
        date: Received, since or issued, ISO, or None.
        amount: Minor units: paid, balance, or open.
        exact: The query is exactly its number.
    """

    type: str
    id: str
    account: str
    name: str
    date: str | None
    amount: int
    reference: str
    state: str
    exact: bool = False


class Query(NamedTuple):
    """A search box read in every way it can be."""

    text: str
    words: tuple[str, ...]
    digits: str
    key: str
    email: str
    amount: int | None
    day: str | None


def read_query(text: str, currency: str, today: date) -> Query:
    """What the typed text may mean: number, phone, reference, e-mail, name, amount, date."""
    typed = text.strip()[:120]
    words = tuple(query_words(typed))
    digits = re.sub(r"\D", "", typed) if re.fullmatch(r"[0-9+()./ -]+", typed) else ""
    amount = None
    if re.fullmatch(r"[0-9., ]*[.,][0-9]+", typed):
        try:
            amount = parse_amount(typed, currency)
        except InvalidInput:
            amount = None
    try:
        day = parse_date(typed, today).isoformat() if len(typed) == 10 else None
    except InvalidInput:
        day = None
    email = typed if "@" in typed and len(typed) >= 3 else ""
    return Query(typed, words, digits, "".join(words), email, amount, day)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
TYPO_LENGTH = 4  # of shorter words too many are one letter apart


def near_words(word: str, known: frozenset[str]) -> list[str]:
    """The known words that are one mistyped letter away: one swapped, missing, too many or wrong; the nearest first."""
    if word in known:
        return [word]
    if len(word) < TYPO_LENGTH:
        return []
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1]
    missing = [a + c + b for a, b in halves for c in _LETTERS]
    wrong = [a + c + b[1:] for a, b in halves if b for c in _LETTERS]
    extra = [a + b[1:] for a, b in halves if b]
    return [w for w in dict.fromkeys([*swapped, *wrong, *missing, *extra]) if w in known][:20]
