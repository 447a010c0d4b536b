"""How much an operator gives back: counted over every road, for each document and for each day, against the operator's limit.

Source: docs/security.md, *Postings*, docs/security.md, *Who gives back how much*.
"""

from netbill_tui.db.access import giving
from netbill_tui.db.access.giving import Given
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.usecases.core.session import Session


def begun(session: Session, run: str) -> bool:
    """Whether who is signed in began to undo a run, so that its sum is counted already."""
    operator, _ = session.sign_in_if_needed()
    return giving.undone(session.db, operator.name, run) > 0


def before(session: Session, obj: str) -> Given:
    """What who is signed in gave back today, and of this document ever, in minor units."""
    operator, _ = session.sign_in_if_needed()
    return giving.sums(session.db, operator.name, session.today().isoformat(), obj)


def within_limit(session: Session, amount: int, obj: str) -> bool:
    """True when who is signed in may give so much back alone, with what they gave back of it and today."""
    operator, _ = session.sign_in_if_needed()
    if operator.limit is None or amount <= 0:
        return True
    known = before(session, obj)
    return max(known.on_day, known.of_document) + amount <= operator.limit


def gave(tx: Transaction, session: Session, road: str, obj: str, amount: int) -> None:
    """Count what is given back, in the transaction that does it."""
    if amount > 0:
        operator, _ = session.sign_in_if_needed()
        (row_id,) = tx.take("id")
        tx.post([posted.Giving(row_id, operator.name, session.today().isoformat(), road, obj, amount)])
