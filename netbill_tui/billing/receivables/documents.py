"""What is printed: an invoice or credit note with everything that stands on it, and nothing that is looked up later."""

from typing import NamedTuple

IMPORTED = "IMPORTED"  # the code of the one line of an invoice that another program issued


class PrintedLine(NamedTuple):
    """A row: amounts in minor units without tax; `category` is empty where no one rate is its tax."""

    text: str
    period: str
    quantity: str
    unit_price: int
    amount: int
    tax: int
    tax_class: str
    kind: str
    category: str = ""
    percent: str = "0"


class PrintedTax(NamedTuple):
    """The tax of one rate."""

    name: str
    category: str
    percent: str
    base: int
    tax: int
    reason: str


class Section(NamedTuple):
    """The lines of one service, or of one kind."""

    title: str
    lines: tuple[PrintedLine, ...]

    @property
    def amount(self) -> int:
        """Their sum."""
        return sum(n.amount for n in self.lines)


class Seller(NamedTuple):
    """Who bills."""

    name: str
    street: str = ""
    town: str = ""
    country: str = ""
    tax_id: str = ""
    iban: str = ""


class Printed(NamedTuple):
    """An invoice or credit note.

    Attributes:
        kind: invoice or credit note.
        address: Lines below the name.
        previous: Balance before this document, after the invoice before it.
        payments: Date, words and amount of what came since; money received is below zero.
        sections: Services first, then the rest.
        due_now: Balance of the account with this document.
        copy: It was printed before.
        refers: The invoice that a credit note takes back, or its reason.
    """

    kind: str
    number: str
    account: str
    name: str
    address: tuple[str, ...]
    seller: Seller
    currency: str
    bill_date: str
    issued: str
    due: str
    previous: int
    payments: tuple[tuple[str, str, int], ...]
    sections: tuple[Section, ...]
    taxes: tuple[PrintedTax, ...]
    net: int
    tax: int
    total: int
    due_now: int
    copy: bool = False
    refers: str = ""
    demo: bool = False

    @property
    def scanned(self) -> str:
        """What a scanner reads off the coupon: account, document, amount in minor units."""
        return f"NB1*{self.account}*{self.number}*{max(self.due_now, 0)}"
