"""Which invoices a payment settles. Source: docs/rules.md, *3 Payment*."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from netbill_tui.errors import InvalidInput


class OpenInvoice(NamedTuple):
    """An invoice that still has something to pay.

    Attributes:
        id: Row id.
        number: Invoice number as printed.
        issued: ISO date of issue.
        due: ISO date it falls due.
        total: Minor units, the whole invoice.
        open: Minor units, 0 < open <= total.
        disputed: Skipped by automatic allocation.
        reopened: ISO date on which a payment of it was last taken back, or empty.
    """

    id: int
    number: str
    issued: str
    due: str
    total: int
    open: int
    disputed: bool = False
    reopened: str = ""

    @property
    def earliest(self) -> str:
        """The first date an allocation may have: before it, the invoice was not issued or was settled by another payment.

        Behaviours 3 names issue date and received date only; without the third a backdated payment of a reopened invoice
        would settle it twice as of the days between.
        """
        return max(self.issued, self.reopened)


class Share(NamedTuple):
    """The part of a payment that settles one invoice, in minor units."""

    invoice: OpenInvoice
    amount: int


def oldest_first(invoice: OpenInvoice) -> tuple[str, str, tuple[tuple[int, str], ...]]:
    """The order of settling: due date, then issue date, then number, whose digits are compared as numbers."""
    return (invoice.due, invoice.issued, natural(invoice.number))


def natural(number: str) -> tuple[tuple[int, str], ...]:
    """A document number as it is ordered: R9 stands before R10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", number) if part)


def settle(
    amount: int, invoices: Sequence[OpenInvoice], chosen: Sequence[tuple[str, int]] = (), *, automatic: bool = True
) -> tuple[list[Share], int]:
    """How a payment is spread: the operator's choice first, the rest oldest first; what is left is credit.

    Args:
        amount: The payment in minor units, more than zero.
        invoices: Everything open on the account, in any order.
        chosen: Invoice number and amount, as the operator gave them.
        automatic: False leaves the rest as credit.

    Returns:
        The shares in the order they are made, and the unallocated rest.

    Raises:
        InvalidInput: A choice that names no open invoice of the account, or exceeds what is open or paid.
    """
    by_number = {i.number: i for i in invoices}
    taken: dict[str, int] = {}
    for number, part in chosen:
        invoice = by_number.get(number)
        if invoice is None:
            raise InvalidInput(f"{number} is not an open invoice of this account.")
        taken[number] = taken.get(number, 0) + part
        if part <= 0 or taken[number] > invoice.open:
            raise InvalidInput(f"The part for {number} must be more than zero and at most what is open on it.")
    left = amount - sum(taken.values())
    if left < 0:
        raise InvalidInput("The amounts for the invoices are more than the payment; type smaller amounts.")
    for invoice in sorted(invoices, key=oldest_first) if automatic else ():
        if invoice.disputed:
            continue
        part = min(left, invoice.open - taken.get(invoice.number, 0))
        if part > 0:
            taken[invoice.number] = taken.get(invoice.number, 0) + part
            left -= part
    return [Share(by_number[n], part) for n, part in taken.items()], left


def exact_match(amount: int, invoices: Sequence[OpenInvoice], shares: Sequence[Share]) -> str | None:
    """Number of the one other invoice whose open amount is exactly the payment: a hint, never a silent choice."""
    settled = {s.invoice.number for s in shares if s.amount == s.invoice.open}
    matches = [i.number for i in invoices if i.open == amount and i.number not in settled]
    return matches[0] if len(matches) == 1 and len(shares) != 0 else None
