"""How much an operator gives back: counted over every road, for each document and for each day, against the operator's limit.

Source: docs/security.md, *Postings*, docs/security.md, *Who gives back how much*.
"""

from netbill_tui.db.core import tables
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.usecases.core.session import Session

_SUMS = Statement(
    "select (select coalesce(sum(amount), 0) from giving where operator = ? and on_date = ?), "
    "(select coalesce(sum(amount), 0) from giving where operator = ? and object = ?)"
)


_UNDONE_BY = Statement("select coalesce(sum(amount), 0) from giving where operator = ? and road = 'undo' and object = ?")


def begun(session: Session, run: str) -> bool:
    """Whether who is signed in began to undo a run, so that its sum is counted already."""
    operator, _ = session.sign_in_if_needed()
    found = session.db.row(_UNDONE_BY, (operator.name, run))
    return found is not None and int(found[0]) > 0


def before(session: Session, obj: str) -> tuple[int, int]:
    """What who is signed in gave back today, and of this document ever, in minor units."""
    operator, _ = session.sign_in_if_needed()
    found = session.db.row(_SUMS, (operator.name, session.today().isoformat(), operator.name, obj))
    assert found is not None
    return int(found[0]), int(found[1])


def within_limit(session: Session, amount: int, obj: str) -> bool:
    """True when who is signed in may give so much back alone, with what they gave back of it and today."""
    operator, _ = session.sign_in_if_needed()
    if operator.limit is None or amount <= 0:
        return True
    today, of_it = before(session, obj)
    return max(today, of_it) + amount <= operator.limit


def gave(tx: Transaction, session: Session, road: str, obj: str, amount: int) -> None:
    """Count what is given back, in the transaction that does it."""
    if amount > 0:
        operator, _ = session.sign_in_if_needed()
        (row_id,) = tx.take("id")
        tx.post(tables.Giving, [(row_id, operator.name, session.today().isoformat(), road, obj, amount)])
