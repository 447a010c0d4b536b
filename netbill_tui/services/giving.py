"""How much an operator gives back: counted over every road, for each document and for each day, against the operator's limit.

Source: security.md 2.9, docs/security.md, *Who gives back how much*.
"""

from netbill_tui.billing.prices import CannotBill
from netbill_tui.billing.services import Event, standing
from netbill_tui.db import services as rows
from netbill_tui.db import tables
from netbill_tui.db.services import ServiceRow
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction
from netbill_tui.services import catalogue, subscriptions
from netbill_tui.services.session import Session

_SUMS = Statement(
    "select (select coalesce(sum(amount), 0) from giving where operator = ? and on_date = ?), "
    "(select coalesce(sum(amount), 0) from giving where operator = ? and object = ?)"
)


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


def backdated(session: Session, account: str, row: ServiceRow, event: Event) -> int:
    """What an event of a service gives back because it is dated before today: what it would not give back if it were dated today.

    Args:
        session: Whose book.
        account: Whose service.
        row: The service.
        event: What would happen to it; its id decides nothing. One that voids another is compared with nothing being voided.
    """
    today = session.today()
    if event.on >= today:
        return 0
    known = rows.events(session.db, (row.service.id,))[row.service.id]
    late = event._replace(id=1 << 62)
    if event.kind == "void":
        with_it, without = tuple(e for e in known if e.id != event.number), known
    else:
        with_it, without = (*known, late), (*known, late._replace(on=max(today, row.service.start)))
    try:
        return max(_total(session, account, row, without, event.on) - _total(session, account, row, with_it, event.on), 0)
    except CannotBill:
        return 0


def _total(session: Session, account: str, row: ServiceRow, known: tuple[Event, ...], since: object) -> int:
    """What a service would be billed by today with these events; below zero where it would be given back."""
    from netbill_tui.billing.planning import plan_customer

    check = min(str(since), row.check_on or "9999")
    held = rows.held(session.db, row._replace(check_on=check), tuple(standing(known)))
    who, book = subscriptions.account_of(session, account), catalogue.load(session)
    plan = plan_customer(who, [held], (), session.today(), book, session.book.currency, "all")
    return sum(b.total for b in plan.bills)
