"""A promise to pay ends when payments since it cover what was overdue then. Source: docs/rules.md, *7 Overdue queue*.

It is judged wherever money comes or goes back: at the desk, by a file, by a reversal. A payment that is taken back lets it
stand again. One that has an amount is judged by collections/promises.py; here, one of an older book, which has only a day.
"""

from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import notes
from netbill_tui.db.customers.notes import Promise
from netbill_tui.db.receivables import balances
from netbill_tui.usecases.core.hooks import PROMISE_JUDGE, hook
from netbill_tui.usecases.core.session import Session

KEPT, STANDS = "promise kept", "promise stands again"


def judge(tx: Transaction, session: Session, customer_id: int) -> str:
    """End the promise of an account that is covered now, or let it stand again; what was noted, or empty."""
    return judge_last(tx, session, customer_id, notes.last_promise(session.db, customer_id))


def judge_last(tx: Transaction, session: Session, customer_id: int, last: Promise | None) -> str:
    """The same, where the newest promise of the account is known."""
    if last is None:
        return ""
    if last.row:
        return str(hook(PROMISE_JUDGE)(tx, session, customer_id))
    paid = notes.given_since(session.db, customer_id, last.id)
    is_paid = paid > 0 and paid >= notes.overdue_at(session.db, customer_id, last.id, last.on_date)
    if is_paid == last.ended:
        return ""
    what, promise_on = (KEPT, None) if is_paid else (STANDS, last.promise_on)
    operator, _ = session.sign_in_if_needed()
    today = session.today().isoformat()
    text = f"Promise of {last.promise_on}: {'paid' if is_paid else 'a payment was taken back'}"
    tx.post([posted.Note(
        next(tx.ids(1)), customer_id, today, "promise", what, text, None, promise_on, operator.name, tx.now_us,
    )])  # fmt: skip
    balances.promised(session.db, customer_id, promise_on)
    return what
