"""Bad debts: what is open of an invoice is given up, and comes back with a payment or credit note that leaves something over.

A write-off never restores access. Source: docs/rules.md, *19 Write-off*.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.collections.steps import WRITE_OFF
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.allocation import OpenInvoice
from netbill_tui.db.collections import promises as promise_rows
from netbill_tui.db.collections import write_offs
from netbill_tui.db.collections.write_offs import WriteOffRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, counted, visible
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer

OLD_ENOUGH = 90  # days past due, where the ladder names none


class WrittenOff(NamedTuple):
    """A write-off that was posted: its number, the invoice, how much, and the balance behind it."""

    number: str
    invoice: str
    amount: int
    balance: int


def of_account(session: Session, account: str) -> list[WriteOffRow]:
    """The write-offs of an account, oldest first."""
    return write_offs.of_customer(session.db, find_customer(session, account).id)


def between(session: Session, first: date, last: date) -> list[WriteOffRow]:
    """The write-offs from one day to another."""
    return write_offs.between(session.db, first.isoformat(), last.isoformat())


def _invoice(session: Session, customer: Customer, number: str) -> OpenInvoice:
    mine = invoice_rows.open_invoices(session.db, customer.id)
    invoice = next((i for i in mine if i.number.upper() == number.strip().upper()), None)
    if invoice is None:
        shown = visible(number.strip())[:30]
        raise NotFound(f"{customer.account} has no open invoice {shown!r}; netbill dues {customer.account} lists them.")
    if invoice.disputed:
        raise Refused(f"{invoice.number} is disputed; end the dispute first, its money may be there already.")
    if invoice.id in promise_rows.arranged(session.db, customer.id):
        raise Refused(
            f"{invoice.number} is paid by an arrangement; cancel that first: netbill promise {customer.account} --cancel."
        )
    return invoice


def too_early(session: Session, customer: Customer, invoice: OpenInvoice) -> str:
    """Why an invoice is not given up yet, or empty."""
    step = policies.load(session).ladder(customer.id, customer.kind, session.today()).step_of(WRITE_OFF)
    least = step.offset if step is not None else OLD_ENOUGH
    days = (session.today() - date.fromisoformat(invoice.due)).days
    if days < least:
        return f"{invoice.number} is {counted(max(days, 0), 'day')} past due, and debts are given up from {least} on"
    today = session.today().isoformat()
    running = [r for r in service_rows.of_customer(session.db, customer.id) if r.ends_on is None or r.ends_on > today]
    return f"services of {customer.account} run" if running else ""


def write_off(
    session: Session, account: str, number: str, reason: str, *, amount: int | None = None, anyway: bool = False,
    dry_run: bool = False, request_id: bytes | None = None,
) -> WrittenOff:  # fmt: skip
    """Give up what is open of an invoice, or a part of it.

    Args:
        session: Who gives it up.
        account: Whose.
        number: Of the invoice.
        reason: Why, for the ledger and the approver.
        amount: A part of it, in minor units.
        anyway: Also where it is not old enough, or services run.
        dry_run: Only check.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: No reason, or more than is open.
        Refused: It is too early.
        NeedsApproval: It is over the operator's limit.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("A write-off needs a reason; type why, such as: moved away, mail came back.")
    claim = claim_of(request_id, "write-off", customer.account, number.strip(), words, amount)
    known = answered(session, claim)
    if known is None:
        invoice = _invoice(session, customer, number)
        part = _part(session, invoice, amount)
        early = too_early(session, customer, invoice)
        if early and not anyway:
            raise Refused(f"{early[:1].upper()}{early[1:]}; write it off all the same with --anyway.")
        if dry_run:
            balance = customer_rows.totals(session.db, customer.id).balance
            return WrittenOff("", invoice.number, part, balance - part)
        asked = {approvals.CLAIM: claim.uid.hex(), "invoice": invoice.number, "amount": part}
        # The approver sees, and the ledger keeps, that it is too early by the rules.
        words = f"{words}; {early}" if early else words
        approvals.ask(session, rights.WRITE_OFF, "write-off", customer.account, part, words, asked)

        def work(tx: Transaction) -> int:
            approvals.still_within(session, part, customer.account)
            limits.gave(tx, session, "write-off", customer.account, part)
            row = _post(tx, session, customer, invoice.number, part, words)
            said = {"invoice": invoice.number, "amount": part, "reason": words}
            tx.note("write-off.post", row.number, {"account": customer.account, **said})
            return row.id

        known = once(session, rights.WRITE_OFF, claim, work)
    row = write_offs.by_id(session.db, known)
    assert row is not None
    return WrittenOff(row.number, row.invoice, row.amount, customer_rows.totals(session.db, customer.id).balance)


def _part(session: Session, invoice: OpenInvoice, amount: int | None) -> int:
    part = invoice.open if amount is None else amount
    if not 0 < part <= invoice.open:
        shown = format_amount(invoice.open, session.book.currency)
        raise InvalidInput(f"Type an amount of more than zero and at most {shown}, which is open on {invoice.number}.")
    return part


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Post a write-off that was asked; its number."""
    customer = find_customer(session, asked.object)
    return _post(tx, session, customer, str(request["invoice"]), int(request["amount"]), asked.reason).number


def _post(tx: Transaction, session: Session, customer: Customer, number: str, amount: int, reason: str) -> posted.WriteOff:
    customer_rows.lock(session.db, customer.id)
    invoice = _invoice(session, customer, number)
    part = _part(session, invoice, amount)
    operator, _ = session.sign_in_if_needed()
    today = session.today().isoformat()
    ids = tx.ids(3)
    row = posted.WriteOff(
        next(ids), f"WO-{tx.take('write-off')[0]:06}", customer.id, invoice.id, part, reason, today, operator.name, tx.now_us
    )
    tx.post([row])
    on = max(today, invoice.earliest)
    tx.post([posted.Allocation(next(ids), row.id, invoice.id, customer.id, part, on, tx.now_us)])
    text = f"Bad debt, {invoice.number}: {reason}"[:120]
    tx.post([posted.Entry(next(ids), customer.id, today, "write-off", -part, row.number, text, None, None, tx.now_us)])
    balances.settle(session.db, invoice.id, part)
    balances.refresh(session.db, customer.id, -part)
    return row


def recover(
    tx: Transaction, session: Session, customer_id: int, source_id: int, on: str, left: int, *, invoice_id: int = 0
) -> int:
    """Let what a payment or a credit note leaves over bring back what was written off, oldest first; what is left of it then.

    Reversal and allocation are one transaction with the payment. What a disputed invoice may still take stays credit.

    Args:
        tx: In which the payment or credit note is posted.
        session: Whose book.
        customer_id: Whose.
        source_id: The payment or credit note.
        on: Its day.
        left: What nothing open took.
        invoice_id: The invoice that a credit note takes back: what was given up of it comes first, whatever is disputed.
    """
    rows = write_offs.of_customer(session.db, customer_id)
    for row in rows:
        if row.invoice_id == invoice_id:
            left -= _recover(tx, session, row, source_id, max(on, row.on), min(left, row.left))
    disputed = sum(i.open for i in invoice_rows.open_invoices(session.db, customer_id) if i.disputed) if rows else 0
    for row in rows:
        if row.invoice_id != invoice_id:
            left -= _recover(tx, session, row, source_id, max(on, row.on), min(left - disputed, row.left))
    return left


def _recover(tx: Transaction, session: Session, row: WriteOffRow, source_id: int, on: str, part: int) -> int:
    """Bring back a part of a write-off; how much, which is nothing where nothing is left for it."""
    if part <= 0:
        return 0
    ids = tx.ids(4)
    document = f"{row.number}-REC{write_offs.recoveries(session.db, row.id) + 1}"
    tx.post([posted.Recovery(next(ids), row.id, source_id, row.customer_id, document, part, on, tx.now_us)])
    tx.post([
        posted.Allocation(next(ids), row.id, row.invoice_id, row.customer_id, -part, on, tx.now_us),
        posted.Allocation(next(ids), source_id, row.invoice_id, row.customer_id, part, on, tx.now_us),
    ])  # fmt: skip
    text = f"Recovered of {row.invoice}"
    tx.post([posted.Entry(next(ids), row.customer_id, on, "recovery", part, document, text, None, None, tx.now_us)])
    balances.refresh(session.db, row.customer_id, part)
    return part


def give_up_again(tx: Transaction, session: Session, customer_id: int, payment_id: int, on: str) -> int:
    """A payment was taken back that had recovered something: that is written off as it was; how much.

    Called when the payment's own allocations are undone already, so that the invoices are open.
    """
    total = 0
    for back in write_offs.recovered_by(session.db, payment_id):
        ids = tx.ids(3)
        document = f"{back.number}-REC{write_offs.recoveries(session.db, back.write_off_id) + 1}"
        tx.post([posted.Recovery(
            next(ids), back.write_off_id, payment_id, customer_id, document, -back.amount, on, tx.now_us,
        )])  # fmt: skip
        tx.post([posted.Allocation(
            next(ids), back.write_off_id, back.invoice_id, customer_id, back.amount, on, tx.now_us,
        )])  # fmt: skip
        text = f"Recovery of {back.number} taken back"
        tx.post([posted.Entry(next(ids), customer_id, on, "write-off", -back.amount, document, text, None, None, tx.now_us)])
        balances.settle(session.db, back.invoice_id, back.amount)
        balances.refresh(session.db, customer_id, -back.amount)
        total += back.amount
    return total
