"""Customers, as they cross layers."""

from typing import NamedTuple

KINDS = ("residential", "business")
STATUSES = ("active", "suspended", "closed")
# In which a document can be written; the fixed words of each are a file in documents/words.
LANGUAGES = ("en", "de", "es", "fr")
# What is sealed on a customer, in the order of the profile page, with the words of the screens.
PROFILE = (
    ("tax_id", "Tax id"),
    ("birth_date", "Birth date"),
    ("bank_account", "Bank account"),
    ("credit_score", "Credit score"),
    ("pin", "PIN"),
)
MASK = "********"


class Customer(NamedTuple):
    """An account that owes.

    Attributes:
        id: Row id.
        uid: 16 bytes, made before the row; sealed values are bound to it.
        account: Account number, unique.
        name: As given, maybe empty.
        kind: One of KINDS.
        status: One of STATUSES.
        since: ISO date, or None.
        terms_days: Days from issue to due.
        town: Plain.
        postcode: Plain.
        plan: What the customer takes, in words.
        paperless: Bills go out electronically.
        preferred_method: One of the payment methods, or empty.
        language: One of LANGUAGES, or empty for the book's.
    """

    id: int
    uid: bytes
    account: str
    name: str
    kind: str
    status: str
    since: str | None
    terms_days: int
    town: str
    postcode: str
    plan: str
    paperless: bool
    preferred_method: str
    language: str = ""


class Totals(NamedTuple):
    """What a customer owes as of a date, in minor units.

    Attributes:
        balance: Sum of the entries.
        open: Sum of the open invoices.
        credit: Money that settles nothing yet, never negative.
        overdue: The part of `open` that is past due.
        oldest_due: ISO due date of the oldest open invoice, or None.
        last_contact: What the last contact was, or empty.
    """

    balance: int
    open: int
    credit: int
    overdue: int
    oldest_due: str | None
    next_action_on: str | None = None
    promise_on: str | None = None
    last_contact_on: str | None = None
    last_contact: str = ""


class LastPayment(NamedTuple):
    """The newest payment of an account."""

    receipt: str
    received_on: str
    method: str
    amount: int
    reference: str
    state: str

    @property
    def mark(self) -> str:
        """Empty where the money stands; else what became of it, in capitals, so that nobody takes it for paid."""
        return "" if self.state == "received" else f" {self.state.upper()}"


class Card(NamedTuple):
    """The account card: who, what is owed, and whether the sums agree."""

    customer: Customer
    totals: Totals
    oldest_days: int
    disputed: int
    last_payment: LastPayment | None
    notes: int
    fault: str = ""


class CustomerRow(NamedTuple):
    """A customer in a list; amounts in minor units."""

    id: int
    account: str
    name: str
    status: str
    kind: str
    plan: str
    town: str
    balance: int
    overdue: int
    oldest_due: str | None
    last_contact_on: str | None
    credit: int = 0


class NewCustomer(NamedTuple):
    """What is known of a customer before there is a row; sealed fields still plain, contact values as typed."""

    account: str
    name: str = ""
    kind: str = "residential"
    status: str = "active"
    since: str | None = None
    terms_days: int = 30
    town: str = ""
    postcode: str = ""
    plan: str = ""
    paperless: bool = False
    preferred_method: str = ""
    street: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    profile: tuple[tuple[str, str], ...] = ()
    language: str = ""
