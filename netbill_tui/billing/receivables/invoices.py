"""Invoices and account entries, as they cross layers. The screens call an open invoice a due."""

from typing import NamedTuple


class Due(NamedTuple):
    """An invoice with its open amount as of a date. Amounts in minor units; `days` past due, negative before.

    `credited` is what credit notes took back of it, read where an invoice may be settled.
    """

    id: int
    number: str
    account: str
    name: str
    issued: str
    due: str
    total: int
    open: int
    days: int
    disputed: bool
    credited: int = 0

    @property
    def state(self) -> str:
        """Derived, never set: paid, credited whole, partly paid, open; with `disputed` before what is open."""
        if self.open == 0:
            return "credited" if 0 < self.total <= self.credited else "paid"
        if self.disputed:
            return "disputed"
        return "open" if self.open == self.total else "part paid"


class Line(NamedTuple):
    """One row of an invoice, in minor units."""

    position: int
    code: str
    text: str
    period_first: str | None
    period_end: str | None
    quantity: str
    unit_price: int
    amount: int


class Entry(NamedTuple):
    """One row of an account: signed amount, and the balance after it."""

    id: int
    date: str
    kind: str
    document: str
    text: str
    amount: int
    balance: int


class Statement(NamedTuple):
    """Opening balance, dated entries with running balance, closing balance."""

    account: str
    name: str
    first: str | None
    last: str
    opening: int
    entries: tuple[Entry, ...]
    closing: int
