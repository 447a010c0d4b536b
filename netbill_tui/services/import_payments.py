"""Import of payments: each settles the oldest open invoices of its account, as one that was taken at the desk."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

from netbill_tui.billing.allocation import settle
from netbill_tui.billing.payments import PaymentRequest, parse_method
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import invoices as invoice_rows
from netbill_tui.db import payments as payment_rows
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.csv_files import Cells, Rejection
from netbill_tui.services.import_customers import account_of, cleaned
from netbill_tui.services.payments import post_rows
from netbill_tui.services.session import Session
from netbill_tui.text import NOTE_LIMIT

if TYPE_CHECKING:
    from netbill_tui.services.importing import Result


class Read(NamedTuple):
    """A row that can be taken. Amount in minor units, date ISO; `number` is the file's own, or empty.

    `invoice` is the one that it names; it settles that one only, and the rest stays on account (behaviours 3).
    """

    account: str
    received: str
    amount: int
    method: str
    reference: str
    number: str
    invoice: str
    note: str


def read(session: Session, cells: Cells) -> Read:
    """The payment in a row, every cell checked."""
    received = cells.date("received")
    if received is None:
        raise cells.bad("received", "is empty")
    if received > session.today():
        raise cells.bad("received", f"{received} lies ahead; nothing is posted before its day")
    amount = cells.amount("amount", session.book.currency)
    if amount <= 0:
        raise cells.bad("amount", "is not more than zero")
    method = "bank"
    if cells.text("method"):
        try:
            method = parse_method(cells.text("method"))
        except InvalidInput as error:
            raise cells.bad("method", str(error)) from None
    return Read(
        account_of(cells), received.isoformat(), amount, method, cleaned(cells, "reference", 80), cleaned(cells, "number", 60),
        cleaned(cells, "invoice", 60), cleaned(cells, "note", NOTE_LIMIT),
    )  # fmt: skip


def uid_of(install_id: bytes, row: Read, occurrence: int) -> bytes:
    """The identity of an imported payment: its own number, else all that is known of it and the how-manieth it is.

    Two equal payments in one file are two; the same file again brings neither a second time.
    """
    known = ("number", row.number) if row.number else (
        row.account, row.received, str(row.amount), row.method, row.reference, row.invoice, str(occurrence),
    )  # fmt: skip
    return uuid5(UUID(bytes=install_id), "\x1f".join(("payments", *known))).bytes


def _contradiction(known: tuple[str, str, int, str], row: Read) -> str:
    """Why a row of a number that is in the book is not that payment; empty where it is."""
    account, received, amount, method = known
    if (account, received, amount, method) == (row.account, row.received, row.amount, row.method):
        return ""
    return f"payment {row.number} is in the book with another account, date, amount or method"


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: "Result") -> None:
    """Post what is not in the book yet; an account that does not exist rejects its row alone."""
    have = customer_rows.by_accounts(session.db, list({r.account for _, r in good}))
    for cells, row in good:
        # Counted over the whole file, so that a batch's edge changes nothing.
        same = row._replace(note="") if not row.number else row
        seen = result.seen.get(same, 0)
        result.seen[same] = seen + 1
        customer = have.get(row.account)
        if customer is None:
            why = f"there is no account {row.account}; import the customers first"
            result.rejected.append(Rejection(cells.line, cells.column("account"), why))
            continue
        uid = uid_of(session.book.install_id, row, seen)
        known = payment_rows.by_uid(session.db, uid)
        if known is not None:
            problem = _contradiction(known, row)
            if problem:
                result.rejected.append(Rejection(cells.line, cells.column("number"), problem))
            else:
                result.count("already")
            continue
        invoices = invoice_rows.open_invoices(session.db, customer.id)
        if row.invoice:
            due = invoice_rows.by_number(session.db, row.invoice, row.received)
            if due is None or due.account != row.account:
                why = f"{row.account} has no invoice {row.invoice}"
                result.rejected.append(Rejection(cells.line, cells.column("invoice"), why))
                continue
            invoices = [i for i in invoices if i.number == row.invoice]
        shares, left = settle(row.amount, invoices, tuple((i.number, min(row.amount, i.open)) for i in invoices if row.invoice))
        request = PaymentRequest(uid, row.account, row.amount, row.method, row.reference, row.received, None, row.note)
        post_rows(tx, session, request, customer.id, (row.reference, row.note, row.received), shares, left, "")
        result.count("created")
        result.add("payments")
