"""Import of payments: each settles the oldest open invoices of its account, as one that was taken at the desk.

The same rules hold as there. What looks like a payment in the book is held back and named, and posted only where its line is
named to be taken; a row that says that no money came is refused. Source: docs/rules.md, *3 Payment* to *5 Duplicates*.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.allocation import OpenInvoice, settle
from netbill_tui.billing.receivables.payments import METHODS, NOTE_LIMIT, CheckedRequest, PaymentRequest
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import notes
from netbill_tui.db.customers.notes import Promise
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import payments as payment_rows
from netbill_tui.errors import DuplicateSuspected
from netbill_tui.integrations import words
from netbill_tui.integrations.csv_files import Cells, Rejection
from netbill_tui.integrations.values import shown
from netbill_tui.text import visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers.checking import account_of, cleaned, known_accounts
from netbill_tui.usecases.imports.result import Held, Result
from netbill_tui.usecases.receivables import duplicates, promises
from netbill_tui.usecases.receivables.payments import post_rows


class Read(NamedTuple):
    """A row that can be taken. Amount in minor units, date ISO; `number` is the file's own, or empty.

    `invoice` is the one that it names; it settles that one only, and the rest stays on account. `no_money` is the
    column and the word by which the row says that no money came, or that it did not stay.
    """

    account: str
    received: str
    amount: int
    method: str
    reference: str
    number: str
    invoice: str
    note: str
    no_money: tuple[str, str] = ("", "")


def read(session: Session, cells: Cells) -> Read:
    """The payment in a row, every cell checked."""
    received = cells.date("received")
    if received is None:
        raise cells.bad("received", "is empty")
    if received > session.today():
        raise cells.bad("received", f"{received} is in the future; nothing is posted before its day")
    check_currency(session, cells)
    no_money = qualified("payments", cells, ("state", "type", "direction"))
    amount = cells.signed("amount", session.book.currency) if no_money[0] else cells.amount("amount", session.book.currency)
    if amount <= 0 and not no_money[0]:
        raise cells.bad("amount", "is not more than zero")
    if cells.signed("refunded", session.book.currency) and not no_money[0]:
        no_money = (cells.column("refunded"), f"{cells.text('refunded')} of it was given back")
    method, reference = read_method(cells, "payments"), cleaned(cells, "reference", 80)
    if method == "cheque" and not reference and not no_money[0]:
        raise cells.bad("reference", "is empty, and a cheque needs its number")
    return Read(
        account_of(cells), received.isoformat(), amount, method, reference, cleaned(cells, "number", 60),
        cleaned(cells, "invoice", 60), cleaned(cells, "note", NOTE_LIMIT), no_money,
    )  # fmt: skip


def read_method(cells: Cells, kind: str) -> str:
    """The payment method of a row: a whole known word; `bank` where the file says nothing of it."""
    typed = cells.text("method").strip()
    if not typed:
        if cells.has("method") and kind == "payments":
            raise cells.bad("method", "is empty; fill it, or write method under [defaults] in the profile")
        return "bank"
    method = typed.lower() if typed.lower() in METHODS else words.ours(kind, "method", typed)
    if method == words.ASK:
        raise cells.bad("method", f"{shown(typed)} is not a payment method; it is one of {', '.join(METHODS)}")
    return method


def check_currency(session: Session, cells: Cells) -> None:
    """Refuse a row in another currency than the book's."""
    typed = cells.text("currency").strip().upper()
    if typed and typed != session.book.currency:
        raise cells.bad("currency", f"is {visible(typed)[:12]}, the book is in {session.book.currency}")


def qualified(kind: str, cells: Cells, fields: tuple[str, ...]) -> tuple[str, str]:
    """Column and word by which a row says that its amount does not count; empty where it counts."""
    for field in fields:
        typed = cells.text(field).strip()
        known = typed if typed in (words.TAKEN, words.LEFT) else words.ours(kind, field, typed) if typed else words.TAKEN
        if known == words.ASK:
            raise cells.bad(
                field, f"{shown(typed)} is not known; write {words.TAKEN} or {words.LEFT} for it under [values.{field}]"
            )
        if known == words.LEFT:
            return cells.column(field), f"says {shown(cells.raw(cells.column(field)) or typed)}"
    return "", ""


def uid_of(install_id: bytes, row: Read, occurrence: int, *, split: bool = False) -> bytes:
    """The identity of an imported payment: its own number, else all that is known of it and the how-manieth it is.

    Two equal payments in one file are two; the same file again brings neither a second time. `split`: a further row of a number,
    of another invoice.
    """
    known = ("number", row.number, *([row.invoice] if split else [])) if row.number else (
        row.account, row.received, str(row.amount), row.method, row.reference, row.invoice, str(occurrence),
    )  # fmt: skip
    return uuid5(UUID(bytes=install_id), "\x1f".join(("payments", *known))).bytes


def _contradiction(known: payment_rows.Known, row: Read) -> str:
    """Why a row of a number that is in the book is not that payment; empty where it is."""
    mine = (known.account.upper(), known.received, known.amount, known.method)
    if mine == (row.account.upper(), row.received, row.amount, row.method):
        return ""
    return f"payment {row.number} is in the book with another account, date, amount or method"


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> None:
    """Post what is not in the book yet; an account that does not exist rejects its row alone."""
    if not good:
        return
    have = known_accounts(session, [r.account for _, r in good])
    known_ = _Known(session, [r for _, r in good if r.account in have], result)
    accounts = _Accounts(session, good, have)
    for cells, row in good:
        customer = have.get(row.account)
        if customer is None:
            why = f"there is no account {row.account}; import the customers first"
            result.rejected.append(Rejection(cells.line, cells.column("account"), why))
            continue
        uid, known = known_.of(row)
        if known is not None:
            problem = _contradiction(known, row)
            if problem:
                result.rejected.append(Rejection(cells.line, cells.column("number"), problem))
            else:
                # It is of this file, as those that this run posts: what was broken off goes on as if it never had been.
                result.posted.add(known.id)
                result.count("already")
        elif row.no_money[0]:
            result.rejected.append(Rejection(cells.line, row.no_money[0], f"{row.no_money[1]}; nothing of it was posted"))
        else:
            payment_id = _post(tx, accounts, customer, uid, cells, row, result)
            if payment_id is not None:
                known_.add(uid, payment_rows.Known(payment_id, customer.account, row.received, row.amount, row.method))


class _Known:
    """The payments of a batch that are in the book, by identity or receipt number: read at once, those that are posted added."""

    def __init__(self, session: Session, rows: Sequence[Read], result: Result) -> None:
        self._install, self._seen = session.book.install_id, result.seen
        self._by_number = payment_rows.by_numbers(session.db, list({r.number for r in rows if r.number}))
        # The identities that the rows will have: they are counted on a copy, and once more as the rows come.
        counted = dict(self._seen)
        uids = [uid for row in rows if (uid := self._identity(row, counted)) is not None]
        self._by_uid = payment_rows.by_uids(session.db, list(dict.fromkeys(uids)))

    def of(self, row: Read) -> tuple[bytes, payment_rows.Known | None]:
        """The identity of a row, and the payment of that identity or receipt number, if the book has it."""
        uid = self._identity(row, self._seen)
        return (b"", self._by_number[row.number]) if uid is None else (uid, self._by_uid.get(uid))

    def add(self, uid: bytes, payment: payment_rows.Known) -> None:
        """It was posted."""
        self._by_uid[uid] = payment

    def _identity(self, row: Read, seen: dict[object, int]) -> bytes | None:
        """None for a row that names a receipt of the book itself."""
        # Counted over the whole file, so that a batch's edge changes nothing.
        same: object = ("row", *row[:7]) if not row.number else ("number", row.number)
        before = seen.get(same, 0)
        seen[same] = before + 1
        if not row.number:
            return uid_of(self._install, row, before)
        if row.number in self._by_number:
            return None
        first = seen.setdefault(("first", row.number, row.invoice), before)
        return uid_of(self._install, row, 0, split=first > 0)


class _Accounts:
    """What the rows of a batch have to know of their accounts: read at once under the locks, and again where a row changed it."""

    def __init__(self, session: Session, good: Sequence[tuple[Cells, Read]], have: Mapping[str, Customer]) -> None:
        self.session = session
        self._ids = sorted({have[row.account].id for _, row in good if row.account in have})
        self._span = duplicates.span({row.received for _, row in good})
        self._open: dict[int, list[OpenInvoice]] = {}
        self._promises: dict[int, Promise] = {}
        self._recent: dict[int, list[payment_rows.Recent]] = {}
        for first in range(0, len(self._ids), 500):
            self._load(self._ids[first : first + 500])

    def _load(self, ids: Sequence[int]) -> None:
        open_, promises_, recent = self.session.db.together(
            invoice_rows.reading_open_of(ids), notes.reading_promises(ids), payment_rows.reading_recent(ids, *self._span)
        )
        for id_ in ids:
            self._open[id_], self._recent[id_] = open_.get(id_, []), recent.get(id_, [])
        self._promises |= promises_

    def of(self, customer_id: int) -> tuple[list[OpenInvoice], Promise | None, list[payment_rows.Recent]]:
        """Open invoices, newest promise and recent payments of an account now."""
        if customer_id not in self._open:
            self._promises.pop(customer_id, None)
            self._load([customer_id])
        return self._open[customer_id], self._promises.get(customer_id), self._recent[customer_id]

    def changed(self, customer_id: int) -> None:
        """A row posted to it."""
        del self._open[customer_id]


def _post(
    tx: Transaction,
    accounts: _Accounts,
    customer: Customer,
    uid: bytes,
    cells: Cells,
    row: Read,
    result: Result,
) -> int | None:
    """Post a row that is new, or hold it back where it looks like a payment that another road brought; its id where posted."""
    session = accounts.session
    customer_rows.lock_only(session.db, customer.id)
    request = PaymentRequest(uid, customer.account, row.amount, row.method, row.reference, row.received, None, row.note)
    invoices, promise, recent = accounts.of(customer.id)
    if row.invoice:
        due = invoice_rows.by_number(session.db, row.invoice, row.received)
        if due is None or due.account != customer.account:
            why = f"{customer.account} has no invoice {row.invoice}"
            result.rejected.append(Rejection(cells.line, cells.column("invoice"), why))
            return None
        invoices = [i for i in invoices if i.number == row.invoice]
    like = duplicates.among(
        session, request, row.reference, *duplicates.of_recent(request, row.received, recent), but=result.posted
    )
    if like is not None and cells.line not in result.take:
        result.held.append(Held(cells.line, like.receipt, _held_because(like)))
        return None
    shares, left = settle(row.amount, invoices, tuple((i.number, min(row.amount, i.open)) for i in invoices if row.invoice))
    checked = CheckedRequest(row.reference, row.note, row.received)
    reason = f"{like.receipt}: taken by its line" if like is not None else ""
    payment_id, _ = post_rows(tx, session, request, customer.id, checked, shares, left, reason)
    promises.judge_last(tx, session, customer.id, promise)
    accounts.changed(customer.id)
    result.posted.add(payment_id)
    result.count("created")
    result.add("payments")
    return payment_id


def _held_because(like: DuplicateSuspected) -> str:
    return f"looks like {like.receipt}: {like.why}"
