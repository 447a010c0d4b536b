"""Credit is used by itself where an invoice becomes open, oldest first; or by hand. Source: docs/rules.md, *4 Overpayment*."""

from typing import NamedTuple

from netbill_tui.billing.receivables.allocation import settle
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import Refused
from netbill_tui.security import rights
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer


class Applied(NamedTuple):
    """Credit that was used by hand: how much, what is left of it, and what stays overdue, in minor units."""

    account: str
    used: int
    left: int
    overdue: int


def use_credit(tx: Transaction, customer_id: int) -> int:
    """Allocate what earlier payments left over to the open invoices of an account; how much was used.

    Any size of credit is used, even if it does not cover an invoice. Disputed invoices are skipped.
    """
    used = 0
    for credit in balances.open_credits(tx.db, customer_id):
        shares, left = settle(credit.amount, invoice_rows.open_invoices(tx.db, customer_id))
        if not shares:
            break
        ids = tx.ids(len(shares))
        tx.post(
            [
                posted.Allocation(
                    next(ids),
                    credit.source_id,
                    s.invoice.id,
                    customer_id,
                    s.amount,
                    max(credit.since, s.invoice.earliest),
                    tx.now_us,
                )
                for s in shares
            ],
        )
        for share in shares:
            balances.settle(tx.db, share.invoice.id, share.amount)
        balances.use_credit(tx.db, credit.source_id, credit.amount - left, left)
        used += credit.amount - left
    if used:
        balances.refresh(tx.db, customer_id, 0)
    return used


def apply_credit(session: Session, account: str, *, dry_run: bool = False, request_id: bytes | None = None) -> Applied:
    """Use the open credit of an account on its open invoices now.

    Raises:
        Refused: It has no credit, or nothing that credit can settle.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    claim = claim_of(request_id, "credit-apply", customer.account)
    if answered(session, claim) is None:
        credits = balances.open_credits(session.db, customer.id)
        if not credits:
            raise Refused(f"{customer.account} has no credit to use.")
        invoices = [i for i in invoice_rows.open_invoices(session.db, customer.id) if not i.disputed]
        if not invoices:
            raise Refused(f"{customer.account} has no open invoice that is not disputed; its credit waits for the next one.")
        if dry_run:
            most = min(sum(credit.amount for credit in credits), sum(i.open for i in invoices))
            totals = customer_rows.totals(session.db, customer.id)
            return Applied(customer.account, most, totals.credit - most, totals.overdue)

        def work(tx: Transaction) -> int:
            customer_rows.lock(session.db, customer.id)
            used = use_credit(tx, customer.id)
            if not used:
                raise Refused(f"The credit of {customer.account} was used meanwhile; nothing was changed.")
            tx.note("credit.apply", customer.account, {"amount": used})
            return used

        used = once(session, rights.POST, claim, work)
    else:
        used = answered(session, claim) or 0
    totals = customer_rows.totals(session.db, customer.id)
    return Applied(customer.account, used, totals.credit, totals.overdue)
