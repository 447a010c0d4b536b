"""A late fee on an invoice of its own, where the policy wants that; an issued invoice is never added to."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from netbill_tui.billing.billing_run.composing import compose
from netbill_tui.billing.billing_run.invoicing import OneOff, one_off_line
from netbill_tui.billing.billing_run.planning import Plan
from netbill_tui.db.billing_run import accounts as account_rows
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.usecases.billing_run.posting import Batch
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session


def issue(tx: Transaction, session: Session, charges: Sequence[posted.Charge]) -> None:
    """Issue one invoice for each account over some of its charges, inside the transaction that made them."""
    if not charges:
        return
    catalogue, today = codes.load(session), session.today()
    batch = Batch(tx, session, catalogue, today)
    ids = sorted({c.customer_id for c in charges})
    many = []
    for loaded in account_rows.load(session.db, ids, today):
        mine = [c for c in charges if c.customer_id == loaded.account.id]
        lines = [one_off_line(_one_off(c), catalogue, session.book.currency) for c in mine]
        bill = compose(today, lines, catalogue, exemptions=loaded.account.exemptions, currency=session.book.currency)
        many.append((loaded, Plan(loaded.account, (bill,), ())))
    batch.add(many)
    batch.write()
    batch.use_credits(ids)


def _one_off(charge: posted.Charge) -> OneOff:
    on = date.fromisoformat(charge.on_date)
    return OneOff(charge.id, on, charge.kind, charge.code, Decimal(charge.quantity), charge.amount, charge.text, charge.on_date)
