"""One search over payments, customers and invoices: how a query is read. Source: docs/rules.md, *1 Find*."""

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import MAX_DIGITS, parse_amount
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import fold, query_words


class Hit(NamedTuple):
    """One thing that was found.

    Attributes:
        type: payment, customer, invoice, credit-note, run, code, service, approval or note.
        id: Receipt, account, number or code.
        date: Received, since, issued, begun, asked or written, ISO, or None.
        amount: Minor units: paid, balance, or open.
        exact: The query is exactly its number.
        customer_id: Of a customer.
        is_why: `reference` tells what a customer was found by, and not the plan.
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
    customer_id: int = 0
    is_why: bool = False


class Found(NamedTuple):
    """What was found, and how much there is.

    Attributes:
        hits: The first of them, best first.
        total: How many there are in all, counted up to COUNTED.
        counts: By type, how many there are in all, counted up to COUNTED.
    """

    hits: list[Hit]
    total: int
    counts: Mapping[str, int] = MappingProxyType({})

    def groups(self, most: int) -> list["Group"]:
        """The hits by what they are, the best hit's kind first; of each at most so many where there are several kinds."""
        by_type: dict[str, list[Hit]] = {}
        for hit in self.hits:
            by_type.setdefault(hit.type, []).append(hit)
        shown = len(self.hits) if len(by_type) == 1 else most
        return [Group(kind, hits[:shown], max(self.counts.get(kind, 0), len(hits))) for kind, hits in by_type.items()]

    def summary(self) -> str:
        """`3 hits`, `first 50 of 149 hits`, `first 100 of over 1,000 hits`: a cap is never given as a count."""
        shown = len(self.hits)
        if self.total <= shown:
            return "1 hit" if shown == 1 else f"{shown} hits"
        return f"first {shown} of {f'over {COUNTED:,}' if self.total > COUNTED else f'{self.total:,}'} hits"


class Group(NamedTuple):
    """Hits of one type, and how many there are of it in all, counted up to COUNTED."""

    type: str
    hits: list[Hit]
    total: int

    def summary(self) -> str:
        """`3`, `8 of 149`, `8 of over 1,000`."""
        if self.total <= len(self.hits):
            return f"{self.total}"
        return f"{len(self.hits)} of {f'over {COUNTED:,}' if self.total > COUNTED else f'{self.total:,}'}"


COUNTED = 1000
WITHOUT_AMOUNT = frozenset({"code", "service", "note"})
# A day without its year lies behind, or a little ahead, where invoices fall due.
AHEAD_DAYS = 45


class Query(NamedTuple):
    """A search box read in every way it can be.

    Attributes:
        text: As typed.
        words: Folded words, for names and places.
        digits: Where it may be a phone number.
        key: Letters and digits alone, for references.
        email: Where it may be an address.
        amount: Minor units, where an amount is written among the words.
        printed: The amount has its decimals or groups, as the screens print it; it is meant as an amount before all else.
        day: A date among the words, ISO.
        rest: The folded words beside amount and date; of an amount alone, or a date alone, none.
        beside: What is typed beside amount and date, as one number may be written.
        all_but_day: What is typed beside the date, where the amount is a whole number, which may be another number.
    """

    text: str
    words: tuple[str, ...]
    digits: str
    key: str
    email: str
    amount: int | None
    printed: bool
    day: str | None
    rest: tuple[str, ...]
    beside: str
    all_but_day: str


_PHONE = Pattern(r"[0-9+()./ -]+")
_DATE = Pattern(r"\d{4}-\d\d-\d\d\Z|\d{1,2}[ .-]?[a-z]{3,9}\.?([ .-]?(\d{4}|\d{2}))?\Z", re.ASCII | re.IGNORECASE)
_WITH_YEAR = Pattern(r"\d{4}|[a-z.]\W*\d{2}\Z", re.IGNORECASE | re.ASCII)
_GROUPS = Pattern(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z", re.ASCII)
_WHOLE = Pattern(r"\d{1,12}\Z", re.ASCII)
_WRITTEN = Pattern(r"[\d., ]*[.,]\d+\Z", re.ASCII)


def read_query(text: str, currency: str, today: date) -> Query:
    """What the typed text may mean: number, phone, reference, e-mail, name, amount, date, and several of them at once."""
    typed = text.strip()[:120]
    words = tuple(query_words(typed))
    digits = re.sub(r"\D", "", typed) if _PHONE.fullmatch(typed) else ""
    email = typed if "@" in typed and len(typed) >= 3 else ""
    key = "".join(c for c in fold(typed) if c.isalnum())
    left = typed.split()
    day, left = _take_day(left, today)
    all_but_day = " ".join(left)
    amount, printed, left = _take_amount(left, currency)
    beside = " ".join(left)
    return Query(typed, words, digits, key, email, amount, printed, day, tuple(query_words(beside)), beside, all_but_day)


def _take_day(tokens: list[str], today: date) -> tuple[str | None, list[str]]:
    """The first date that is written in one to three of the tokens, as it is typed or printed, and the others."""
    for count in (3, 2, 1):
        for at in range(len(tokens) - count + 1):
            written = " ".join(tokens[at : at + count]).rstrip(",")
            if not _DATE.match(written):
                continue
            try:
                day = parse_date(written.replace(". ", " ").rstrip("."), today)
            except InvalidInput:
                continue
            if (day - today).days > AHEAD_DAYS and not _WITH_YEAR.search(written):
                with contextlib.suppress(InvalidInput):  # no 29 February then
                    day = parse_date(f"{written} {day.year - 1}", today)
            return day.isoformat(), [*tokens[:at], *tokens[at + count :]]
    return None, tokens


def _take_amount(tokens: list[str], currency: str) -> tuple[int | None, bool, list[str]]:
    """The amount among the tokens, whether it is written as one, and the others; decimals or groups go before a whole number."""
    joined = " ".join(tokens)
    if _WRITTEN.match(joined):
        amount = _amount(joined, currency)
        if amount is not None:
            return amount, True, []
    for printed in (True, False):
        # Of whole numbers the last: `Kiosk 24 30` is the Kiosk 24, and thirty.
        for at, token in reversed(list(enumerate(tokens))) if not printed else enumerate(tokens):
            bare = _without_sign(token, currency)
            if printed is bool(_WHOLE.match(bare)):
                continue
            amount = _amount(bare, currency)
            if amount:
                others = [t for t in (*tokens[:at], *tokens[at + 1 :]) if t.upper() != currency]
                return amount, printed or bare != token, others
    return None, False, tokens


def _without_sign(token: str, currency: str) -> str:
    """A token without the currency's code, a currency sign or a minus around it."""
    bare = "".join(c for c in token if unicodedata.category(c) != "Sc").lstrip("-+\u2212").rstrip(",;")
    return re.sub(rf"^{currency}|{currency}$", "", bare, flags=re.IGNORECASE)


def _amount(written: str, currency: str) -> int | None:
    if not written[:1].isdigit() and written[:1] not in (".", ","):
        return None
    try:
        # As it is printed, a comma before three digits groups, whatever the currency; typed it would have two readings.
        return parse_amount(written.replace(",", "") if _GROUPS.match(written) else written, currency)
    except InvalidInput:
        return None


def account_numbers(text: str) -> list[str]:
    """The account numbers that the text may stand for: as typed, in capitals, and digits with the letter of the own series."""
    typed = text.strip()
    padded = [f"C{typed.zfill(n)}" for n in range(len(typed), 9)] if typed.isascii() and typed.isdigit() else []
    return list(dict.fromkeys((typed, typed.upper(), *padded)))


def document_numbers(text: str, patterns: Sequence[str], year: int) -> list[str]:
    """The numbers of documents, runs and codes that the text may be.

    Args:
        text: As typed; also in capitals, and digits in the form of each series.
        patterns: How the book numbers its invoices and credit notes, with {seq} and {year}.
        year: The year of today; the one before is tried too.
    """
    typed = text.strip()
    candidates: list[str] = []
    if typed.isascii() and typed.isdigit() and len(typed) <= MAX_DIGITS:
        candidates = [p.format(seq=int(typed), year=y) for p in patterns for y in (year, year - 1)]
        candidates += [f"R-{typed}", f"RUN-{typed.zfill(4)}"]
    return list(dict.fromkeys((typed, typed.upper(), *candidates)))


_SERIAL = Pattern(r"(?:(service|approval|note)\s*)?#?\s*(\d{1,15})\Z", re.IGNORECASE | re.ASCII)


def serial_number(text: str) -> tuple[str, int]:
    """The kind and number of a service, approval or note, as messages name them; `service 20`, or 20 alone with no kind.

    0 where the text is none.
    """
    match = _SERIAL.match(text.strip())
    return ((match.group(1) or "").lower(), int(match.group(2))) if match else ("", 0)


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
