"""Credit is used by itself when an invoice posts, oldest first. Source: behaviours 4."""

from netbill_tui.billing.allocation import settle
from netbill_tui.db import invoices as invoice_rows
from netbill_tui.db import kept, tables
from netbill_tui.db.transaction import Transaction


def use_credit(tx: Transaction, customer_id: int) -> int:
    """Allocate what earlier payments left over to the open invoices of an account; how much was used.

    Any size of credit is used, even if it does not cover an invoice. Disputed invoices are skipped.
    """
    used = 0
    for payment_id, received, amount in kept.open_credits(tx.db, customer_id):
        shares, left = settle(amount, invoice_rows.open_invoices(tx.db, customer_id))
        if not shares:
            break
        ids = tx.ids(len(shares))
        tx.post(
            tables.Allocation,
            [
                (next(ids), payment_id, s.invoice.id, customer_id, s.amount, max(received, s.invoice.earliest), tx.now_us)
                for s in shares
            ],
        )
        for share in shares:
            kept.settle(tx.db, share.invoice.id, share.amount)
        kept.use_credit(tx.db, payment_id, amount - left, left)
        used += amount - left
    if used:
        kept.refresh(tx.db, customer_id, 0)
    return used
