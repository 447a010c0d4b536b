"""Payments, as they cross layers, and the rules that need no database. Source: docs/rules.md, *3 Payment* to *6 Reversal*."""

import re
import struct
from datetime import date
from typing import NamedTuple

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import clean, fold

# Method: word on the screens, what its reference is called.
METHODS: dict[str, tuple[str, str]] = {
    "cash": ("cash", ""),
    "cheque": ("cheque", "cheque number"),
    "card": ("card", "transaction id"),
    "bank": ("bank transfer", "bank reference"),
    "debit": ("direct debit", "mandate reference"),
    "paypal": ("PayPal", "transaction id"),
    "online": ("other online", "transaction id"),
}
BACKDATE_DAYS = 7
DUPLICATE_DAYS = 5
DUPLICATE_CHEQUE_DAYS = 180
NOTE_LIMIT = 500


def parse_method(text: str) -> str:
    """The payment method that was typed: its word or the start of it.

    Raises:
        InvalidInput: With the methods there are.
    """
    typed = text.strip().lower()
    methods = [m for m in METHODS if m == typed] or [m for m in METHODS if typed and m.startswith(typed)]
    if len(methods) != 1:
        raise InvalidInput(f"{text.strip()[:20]!r} is not a payment method; type one of {', '.join(METHODS)}.")
    return methods[0]


class PaymentRequest(NamedTuple):
    """A payment as an operator asked for it. Every field as given; None and empty mean not given.

    Attributes:
        request_id: 16 bytes, made when the form opened; the same id never posts twice.
        account: Account number.
        amount: Minor units, more than zero.
        method: One of METHODS.
        received: ISO date.
        tendered: Cash handed over, for the change.
        apply: Invoice number and amount, the operator's choice.
        confirmed: Why a suspected duplicate is none; empty asks.
    """

    request_id: bytes
    account: str
    amount: int
    method: str
    reference: str = ""
    received: str | None = None
    tendered: int | None = None
    note: str = ""
    apply: tuple[tuple[str, int], ...] = ()
    confirmed: str = ""

    def digest(self, currency: str) -> bytes:
        """The request hash (docs/commands.md): the same id with another hash is refused."""
        import hashlib  # 3 ms that a read need not spend

        parts = (
            self.account,
            str(self.amount),
            currency,
            self.method,
            self.reference,
            self.received or "",
            ",".join(f"{number}={amount}" for number, amount in self.apply),
        )
        packed = b"".join(struct.pack(">I", len(p.encode())) + p.encode() for p in parts)
        return hashlib.sha256(packed).digest()


class CheckedRequest(NamedTuple):
    """The texts of a payment as they are stored; the day is ISO."""

    reference: str
    note: str
    received: str


def check_request(request: PaymentRequest, today: date) -> CheckedRequest:
    """The reference, note and received date of a payment that may be posted.

    Raises:
        InvalidInput: With what to type instead.
    """
    if request.method not in METHODS:
        parse_method(request.method)
    if request.amount <= 0:
        raise InvalidInput("The amount must be more than zero.")
    what = METHODS[request.method][1]
    reference = clean(request.reference, "The reference", limit=80)
    if request.method == "cheque" and not reference:
        raise InvalidInput("A cheque needs its number; type it as the reference.")
    note = clean(request.note, "The note", limit=NOTE_LIMIT)
    if request.tendered is not None and request.method != "cash":
        raise InvalidInput(f"Tendered cash is for cash payments only; leave it empty for {what or request.method}.")
    if request.tendered is not None and request.tendered < request.amount:
        raise InvalidInput("The tendered cash is less than the amount; take less or ask for the rest.")
    received = date.fromisoformat(request.received) if request.received else today
    if received > today:
        raise InvalidInput(f"{received} is in the future; type today or a day up to {BACKDATE_DAYS} days ago.")
    if (today - received).days > BACKDATE_DAYS:
        raise InvalidInput(f"{received} is more than {BACKDATE_DAYS} days ago; use netbill import for older payments.")
    return CheckedRequest(reference, note, received.isoformat())


_RUNS = Pattern(r"[a-z]+|[0-9]+|[^\W0-9a-z_]+")


def reference_words(reference: str) -> list[str]:
    """The folded words by which a reference is found: the whole of it, and its runs of letters and digits."""
    folded = fold(reference)
    key = "".join(c for c in folded if c.isalnum())
    if not key:
        return []
    runs = [r for r in re.split(r"[\W_]+", folded) if len(r) >= 2] + [r for r in _RUNS.findall(folded) if len(r) >= 2]
    stripped = [r.lstrip("0") for r in runs if r.isdigit()]
    return list(dict.fromkeys(w[:60] for w in (key, *runs, *stripped) if len(w) >= 2))


def reference_tail(reference: str) -> str:
    """The reference turned round, so that its last digits are a prefix."""
    return "".join(c for c in fold(reference) if c.isalnum())[::-1][:60]


def cheque_number(reference: str) -> str:
    """The number of a cheque as it is compared: its last run of digits without leading zeros, else the folded text."""
    runs = re.findall(r"[0-9]+", fold(reference))
    return runs[-1].lstrip("0") or "0" if runs else fold(reference)


class PaymentRow(NamedTuple):
    """A payment in a list. `state` is received, cleared, returned or reversed, derived from its events."""

    id: int
    receipt: str
    account: str
    name: str
    date: str
    method: str
    reference: str
    amount: int
    state: str


class Settled(NamedTuple):
    """What a payment settles of an invoice, in minor units."""

    invoice: str
    amount: int


class Payment(NamedTuple):
    """Everything about one payment.

    Attributes:
        allocated: What it settles, in order; what a reversal took back is not in it.
        unapplied: What settles nothing.
        balance: The account's balance now.
    """

    row: PaymentRow
    uid: bytes
    tendered: int | None
    note: str
    operator: str
    recorded_at: int
    allocated: tuple[Settled, ...]
    unapplied: int
    balance: int
    event_date: str | None
    event_reason: str
    event_document: str
    repeated: bool = False

    @property
    def change(self) -> int:
        """Cash given back."""
        return 0 if self.tendered is None else self.tendered - self.row.amount


class Reversal(NamedTuple):
    """What taking a payment back did: the invoices that are open again, and the balance."""

    receipt: str
    document: str
    state: str
    amount: int
    reopened: tuple[Settled, ...]
    fee: int
    balance: int
