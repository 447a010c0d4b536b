"""What is printed: an invoice or credit note with everything that stands on it, and nothing that is looked up later."""

from collections.abc import Mapping
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

    @property
    def is_charged(self) -> bool:
        """Whether it has an amount: an announcement, and what was taken off the line above, have none."""
        return self.kind not in ("notice", "less")


class PrintedTax(NamedTuple):
    """The tax of one rate."""

    name: str
    category: str
    percent: str
    base: int
    tax: int
    reason: str


class Served(NamedTuple):
    """What a service was when a document was posted: its billing code, cycle and mode."""

    code: str
    cycle: str
    mode: str


class Section(NamedTuple):
    """The lines of one service, or of one kind where there is none. `place` is where the service is, where it has an address."""

    kind: str
    lines: tuple[PrintedLine, ...]
    service: Served | None = None
    place: str = ""

    @property
    def amount(self) -> int:
        """Their sum."""
        return sum(n.amount for n in self.lines)

    @property
    def is_charged(self) -> bool:
        """Whether one of them has an amount."""
        return any(n.is_charged for n in self.lines)


class Seller(NamedTuple):
    """Who bills."""

    name: str
    street: str = ""
    town: str = ""
    country: str = ""
    tax_id: str = ""
    iban: str = ""


class Since(NamedTuple):
    """What came into an account since the invoice before: money received is below zero.

    `kind` is the entry's; empty in documents of an older book, which say the text alone. `text` is the reference of a payment.
    """

    day: str
    kind: str
    document: str
    method: str
    text: str
    amount: int


class Wording(NamedTuple):
    """What a document says beside its lines and taxes, as it was when it was posted.

    Attributes:
        name: The customer's; the street stays sealed with the customer, where former ones are kept.
        language: Of its fixed words.
        instructions: How it can be paid.
        services: What each service was, by its id.
        logo: Number of the picture in its letterhead; 0 for none.
        previous: Balance after the invoice before it.
    """

    name: str
    postcode: str
    town: str
    language: str
    seller: Seller
    instructions: str
    services: Mapping[int, Served]
    logo: int = 0
    previous: int = 0
    since: tuple[Since, ...] = ()

    @property
    def before(self) -> int:
        """Balance of the account before this document."""
        return self.previous + sum(s.amount for s in self.since)


class Style(NamedTuple):
    """How a statement or receipt is printed for a customer: see Printed. `address` are the lines below the name."""

    language: str = "en"
    paper: str = "A4"
    instructions: str = ""
    large: bool = False
    logo: bytes = b""
    address: tuple[str, ...] = ()


class Printed(NamedTuple):
    """An invoice or credit note.

    Attributes:
        kind: invoice or credit note.
        address: Lines below the name.
        previous: Balance before this document, after the invoice before it.
        since: What came after that.
        sections: Services first, then the rest.
        due_now: Balance of the account with this document.
        copy: It was printed before.
        refers: The invoice that a credit note takes back, or its reason.
        language: Of its fixed words, dates and amounts.
        instructions: How it can be paid.
        paper: A4 or Letter.
        large: In large print.
        logo: PNG, or nothing.
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
    since: tuple[Since, ...]
    sections: tuple[Section, ...]
    taxes: tuple[PrintedTax, ...]
    net: int
    tax: int
    total: int
    due_now: int
    copy: bool = False
    refers: str = ""
    demo: bool = False
    language: str = "en"
    instructions: str = ""
    paper: str = "A4"
    large: bool = False
    logo: bytes = b""

    @property
    def scanned(self) -> str:
        """What a scanner reads off the coupon: account, document, amount in minor units."""
        return f"NB1*{self.account}*{self.number}*{max(self.due_now, 0)}"
