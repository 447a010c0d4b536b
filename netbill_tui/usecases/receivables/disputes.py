"""A dispute names its invoice; it is raised in the customer's words, answered or withdrawn, and listed while it stands.

A disputed invoice is left out of automatic allocation, and of the work list where nothing else is overdue.
Source: docs/rules.md, *3 Payment*, *7 Overdue queue*.
"""

from typing import NamedTuple

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.allocation import OpenInvoice, natural
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances, disputes
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean, visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables.apply_credit import use_credit

# How a dispute ends: we answered it and the invoice stands, or the customer no longer disputes it.
ENDS = ("answered", "withdrawn")


class Dispute(NamedTuple):
    """An invoice that is disputed. Amount open in minor units."""

    number: str
    account: str
    name: str
    raised: str
    days: int
    open: int
    reason: str


def to_raise(session: Session, customer: Customer, number: str = "") -> OpenInvoice:
    """The invoice that would be disputed: the one that is named, else the oldest overdue one that is not. Changes nothing.

    Raises:
        NotFound: The account has no open invoice of this number.
        Refused: It is disputed already, or nothing is overdue.
    """
    mine = invoice_rows.open_invoices(session.db, customer.id)
    typed = number.strip()
    if typed:
        invoice = next((i for i in mine if i.number.upper() == typed.upper()), None)
        if invoice is None:
            raise NotFound(
                f"{customer.account} has no open invoice {visible(typed)[:30]!r}; netbill dues {customer.account} lists them."
            )
        if invoice.disputed:
            raise Refused(f"{invoice.number} is disputed already; netbill dispute lists what is.")
        return invoice
    today = session.today().isoformat()
    overdue = sorted((i for i in mine if not i.disputed and i.due < today), key=lambda i: (i.due, i.issued, natural(i.number)))
    if not overdue:
        raise Refused("No undisputed overdue invoice on this account; name the invoice, or write a note instead.")
    return overdue[0]


def oldest(session: Session, account: str) -> str:
    """Number of the invoice that a dispute would be of when none is named; empty where nothing is overdue."""
    try:
        return to_raise(session, find_customer(session, account)).number
    except Refused:
        return ""


def raise_in(tx: Transaction, session: Session, customer: Customer, number: str, reason: str) -> str:
    """Mark an invoice as disputed, inside a transaction and without an audit event; its number."""
    invoice = to_raise(session, customer, number)
    _post(tx, session, invoice.id, customer.id, "raised", reason)
    balances.mark_disputed(session.db, invoice.id, True)
    return invoice.number


def _post(tx: Transaction, session: Session, invoice_id: int, customer_id: int, kind: str, reason: str) -> int:
    (event_id,) = tx.take("id")
    tx.post([posted.DisputeEvent(event_id, invoice_id, customer_id, kind, session.today().isoformat(), reason, tx.now_us)])
    return event_id


def _reason(text: str) -> str:
    words = clean(text, "The reason", limit=NOTE_LIMIT, newlines=True)
    if len(words) < 3:
        raise InvalidInput("A dispute needs its reason in words; type what is disputed, or how it was answered.")
    return words


def start(session: Session, number: str, reason: str, *, dry_run: bool = False, request_id: bytes | None = None) -> str:
    """Raise a dispute of an invoice; its number.

    Raises:
        NotFound: There is no open invoice of this number.
        Refused: It is disputed already.

    Side effect: one audit event.
    """
    words, owner = _reason(reason), disputes.owner(session.db, number.strip())
    if owner is None:
        raise NotFound(f"There is no invoice {visible(number.strip())[:30]!r}; find it with netbill find.")
    claim = claim_of(request_id, "dispute", number.strip(), words)
    if answered(session, claim) is not None:
        return number.strip()
    customer = find_customer(session, owner)
    invoice = to_raise(session, customer, number)
    if dry_run:
        return invoice.number

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        raised = raise_in(tx, session, customer, number, words)
        tx.note("dispute.raise", customer.account, {"invoice": raised, "reason": words})
        return invoice.id

    once(session, rights.NOTE, claim, work)
    return invoice.number


def end(session: Session, number: str, how: str, reason: str, *, dry_run: bool = False, request_id: bytes | None = None) -> str:
    """Answer a dispute or withdraw it: the invoice counts as any other again, and credit that stands settles it.

    Raises:
        NotFound: There is no dispute of this invoice.
        InvalidInput: It ends in no such way.

    Side effect: one audit event.
    """
    if how not in ENDS:
        raise InvalidInput(f"A dispute ends as {' or '.join(ENDS)}.")
    words = _reason(reason)
    claim = claim_of(request_id, "dispute-end", number.strip(), how, words)
    if answered(session, claim) is not None:
        return number.strip()
    dispute = disputes.standing(session.db, number.strip())
    if dispute is None:
        raise NotFound(f"{visible(number.strip())[:30]!r} is not disputed; netbill dispute lists what is.")
    if dry_run:
        return dispute.number
    customer = find_customer(session, dispute.account)

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        if disputes.standing(session.db, dispute.number) is None:
            raise Refused(f"The dispute of {dispute.number} was ended meanwhile; nothing was changed.")
        event_id = _post(tx, session, dispute.invoice_id, customer.id, how, words)
        balances.mark_disputed(session.db, dispute.invoice_id, False)
        used = use_credit(tx, customer.id)
        more = {"credit_used": used} if used else {}
        tx.note(f"dispute.{how}", customer.account, {"invoice": dispute.number, "reason": words, **more})
        return event_id

    once(session, rights.NOTE, claim, work)
    return dispute.number


def listed(session: Session, account: str = "") -> list[Dispute]:
    """Every invoice that is disputed, or those of one account, the oldest dispute first."""
    owner = find_customer(session, account).id if account else None
    today = session.today()
    return [
        Dispute(d.number, d.account, d.name, d.raised, (today - d.day).days, d.open, d.reason)
        for d in disputes.all_standing(session.db, owner)
    ]
