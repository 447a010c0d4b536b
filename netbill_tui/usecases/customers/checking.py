"""A customer as a form or a file tells of it: every field read and checked."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from netbill_tui.billing.customers.accounts import KINDS, LANGUAGES, STATUSES, Customer, NewCustomer
from netbill_tui.billing.customers.phones import check_email, check_phone, is_valid_phone
from netbill_tui.billing.receivables.payments import METHODS
from netbill_tui.db.customers import accounts as account_rows
from netbill_tui.errors import InvalidInput
from netbill_tui.identifiers import iban_is_valid
from netbill_tui.integrations.csv_files import BadCell, Rejection
from netbill_tui.integrations.fields import Fields
from netbill_tui.integrations.values import shown
from netbill_tui.text import clean
from netbill_tui.usecases.core.session import Session

T = TypeVar("T")


# Field of the file: attribute of the customer, where it is not sealed.
PLAIN = {
    "name": "name", "kind": "kind", "status": "status", "since": "since", "terms_days": "terms_days", "town": "town",
    "postcode": "postcode", "plan": "plan", "paperless": "paperless", "method": "preferred_method",
    "language": "language",
}  # fmt: skip


_PROFILE = ("tax_id", "birth_date", "bank_account", "credit_score", "pin")


ACCOUNT = re.compile(r"[\w.:/-]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be taken, which fields it speaks about, and cells of it that cannot be taken.

    `whole`: what it says of addresses and numbers is all that there is.
    """

    new: NewCustomer
    spoken_of: frozenset[str]
    left: tuple[Rejection, ...] = ()
    whole: bool = False


def account_of(cells: Fields) -> str:
    """The account number of a row."""
    account = cleaned(cells, "account", 40, needed=True)
    if not ACCOUNT.match(account):
        raise cells.bad("account", f"{shown(account)} is not an account number: letters, digits and . : / - _ only")
    return account


def cleaned(cells: Fields, name: str, limit: int, *, needed: bool = False) -> str:
    """A text cell fit to be stored; a refusal names its column."""
    raw = cells.needed(name) if needed else cells.text(name)
    try:
        return clean(raw, "The text", limit=limit)
    except InvalidInput as error:
        raise cells.bad(name, str(error).removesuffix(".")) from None


def _one_of(cells: Fields, name: str, allowed: tuple[str, ...], default: str) -> str:
    word = cells.text(name).lower()
    if word and word not in allowed:
        raise cells.bad(name, f"{shown(word)} is not one of {', '.join(allowed)}")
    return word or default


def _language(cells: Fields) -> str:
    return _one_of(cells, "language", LANGUAGES, "")


def _terms(cells: Fields) -> int:
    terms = cells.text("terms_days") or "30"
    if terms.lower() in ("none", "-1"):
        return -1  # none were agreed: the run parks the customer and says so
    if not terms.isascii() or not terms.isdigit() or len(terms) > 3 or int(terms) > 365:
        raise cells.bad("terms_days", f"{shown(terms)} is not a number of days from 0 to 365, nor the word none")
    return int(terms)


class _Optional:
    """Reads the cells that a customer can do without: a bad one is left out and told, and the rest of the row is taken."""

    def __init__(self, cells: Fields, *, strict: bool) -> None:
        self.cells, self.strict = cells, strict
        self.left: list[Rejection] = []
        self.bad: set[str] = set()

    def read(self, name: str, work: Callable[[Fields], T], empty: T) -> T:
        """What the work makes of the cell, or what stands for nothing.

        Raises:
            BadCell: The cell cannot be taken, and nothing may be left out.
        """
        try:
            return work(self.cells)
        except BadCell as bad:
            if self.strict:
                raise
            self.left.append(Rejection(self.cells.line, bad.column, str(bad)))
            self.bad.add(name)
            return empty

    def text(self, name: str, limit: int) -> str:
        """A text of at most so many characters."""
        return self.read(name, lambda cells: cleaned(cells, name, limit), "")


def read(session: Session, cells: Fields, *, typed: bool = False) -> Read:
    """The customer in a row, every cell checked.

    Args:
        session: For the day.
        cells: The row.
        typed: It comes from a form: a bad cell is asked again and a blank one empties what is stored. Of a file a bad cell that
            can be done without is left out, and a blank one says nothing.
    """
    optional = _Optional(cells, strict=typed)
    since = optional.read("since", lambda c: c.date("since"), None)
    new = NewCustomer(
        account_of(cells), cleaned(cells, "name", 300), _one_of(cells, "kind", KINDS, "residential"),
        _one_of(cells, "status", STATUSES, "active"), since.isoformat() if since else None, _terms(cells),
        optional.text("town", 80), optional.text("postcode", 20), optional.text("plan", 120), cells.yes("paperless"),
        _one_of(cells, "method", tuple(METHODS), ""), optional.text("street", 200),
        optional.read("email", _emails, ()), optional.read("phone", _phones, ()), _profile(session, optional),
        optional.read("language", _language, ""),
    )  # fmt: skip
    speaks = cells.has if typed else cells.filled
    spoken_of = frozenset(f for f in (*PLAIN, "street", "email", "phone", *_PROFILE) if speaks(f) and f not in optional.bad)
    return Read(new, spoken_of, tuple(optional.left), typed)


def _emails(cells: Fields) -> tuple[str, ...]:
    try:
        return tuple(check_email(clean(v, "The address", limit=254)) for v in re.split(r"[;,/\s]+", cells.text("email")) if v)
    except InvalidInput as error:
        raise cells.bad("email", str(error).removesuffix(".")) from None


def _phones(cells: Fields) -> tuple[str, ...]:
    try:
        many = (v.strip() for v in re.split(r"[;,/|]|\s{3,}", cells.text("phone")))
        return tuple(check_phone(v if is_valid_phone(v) else clean(v, "The number", limit=40)) for v in many if v)
    except InvalidInput as error:
        raise cells.bad("phone", str(error).removesuffix(".")) from None


def _profile(session: Session, optional: _Optional) -> tuple[tuple[str, str], ...]:
    fields = [(name, optional.read(name, partial(_private, session, name), "")) for name in _PROFILE]
    return tuple((name, value) for name, value in fields if value)


def _private(session: Session, name: str, cells: Fields) -> str:
    if name == "birth_date":
        day = cells.date(name)
        if day is not None and day > session.today():
            raise cells.bad(name, f"{day} lies ahead")
        return day.isoformat() if day else ""
    if name == "bank_account" and iban_is_valid(cells.text(name)):
        # An IBAN may hold a run of digits that passes for a card number; its own check digits vouch for it.
        return cells.text(name)
    value = cleaned(cells, name, 80)
    if name == "credit_score" and value and not (value.isascii() and value.isdigit() and len(value) <= 6):
        raise cells.bad(name, f"{shown(value)} is not a whole number")
    return value


def known_accounts(session: Session, accounts: Sequence[str]) -> dict[str, Customer]:
    """The customers of some account numbers, as they are written or in capitals: as somebody at the desk types them."""
    have = account_rows.by_accounts(session.db, list(dict.fromkeys(accounts)))
    rest = {a: a.upper() for a in accounts if a not in have and a.upper() != a}
    if rest:
        capitals = account_rows.by_accounts(session.db, list(dict.fromkeys(rest.values())))
        have |= {a: capitals[up] for a, up in rest.items() if up in capitals}
    return have
