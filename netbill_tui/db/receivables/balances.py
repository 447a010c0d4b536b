"""The kept figures: open items, open credit, totals per customer and per due date, and their yardstick.

They change in the same transaction as the posted rows they follow from; `verify` recomputes them all.
"""

from collections.abc import Iterable, Sequence

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Statement

_OPEN_ADD = Statement(
    "insert into open_item (invoice_id, customer_id, number, issued_on, due_on, total, open, disputed) "
    "values (?, ?, ?, ?, ?, ?, ?, ?)"
)
_OPEN_OF = Statement("select open, due_on from open_item where invoice_id = ?")
_OPEN_SET = Statement("update open_item set open = ? where invoice_id = ?")
_OPEN_DROP = Statement("delete from open_item where invoice_id = ?")
_REOPEN = Statement(
    "insert into open_item (invoice_id, customer_id, number, issued_on, due_on, total, open, disputed) "
    "select i.id, i.customer_id, i.number, i.issued_on, i.due_on, i.total, ?, coalesce((select case when d.kind = 'raised' "
    "then 1 else 0 end from dispute_event d where d.invoice_id = i.id order by d.id desc limit 1), 0) "
    "from invoice i where i.id = ?"
)
_DUE_OF = Statement("select due_on from invoice where id = ?")
_DUE_ADD = Statement(
    "insert into due_total (due_on, invoices, amount) values (?, ?, ?) on conflict (due_on) do update set "
    "invoices = due_total.invoices + excluded.invoices, amount = due_total.amount + excluded.amount"
)
_DUE_DROP = Statement("delete from due_total where due_on = ? and invoices = 0 and amount = 0")
_CREDIT_ADD = Statement("insert into open_credit (payment_id, customer_id, received_on, amount) values (?, ?, ?, ?)")
_CREDIT_OF = Statement("select amount from open_credit where payment_id = ?")
_CREDIT_DROP = Statement("delete from open_credit where payment_id = ?")
_CREDITS_OF = Statement(
    "select payment_id, received_on, amount from open_credit where customer_id = ? order by received_on, payment_id"
)
_CREDIT_SET = Statement("update open_credit set amount = ? where payment_id = ?")
_BOOK_CREDIT = Statement("update kept_state set credit = credit + ? where id = 1")
_TOTAL_ADD = Statement(
    "insert into customer_total (customer_id, account, balance, open, credit, overdue, oldest_due, last_contact) "
    "values (?, ?, 0, 0, 0, 0, null, '')"
)
_REFRESH = (
    "open = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id), "
    "credit = (select coalesce(sum(k.amount), 0) from open_credit k where k.customer_id = customer_total.customer_id), "
    "overdue = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id "
    "and o.due_on < (select rolled_to from kept_state where id = 1)), "
    "oldest_due = (select min(o.due_on) from open_item o where o.customer_id = customer_total.customer_id)"
)
_TOTAL_REFRESH = Statement(f"update customer_total set balance = balance + ?, {_REFRESH} where customer_id = ?")
_TOTAL_RECOUNT = Statement(
    "update customer_total set balance = (select coalesce(sum(e.amount), 0) from entry e "
    f"where e.customer_id = customer_total.customer_id), {_REFRESH} where customer_id = ?"
)
_TOTAL_CONTACT = Statement(
    "update customer_total set next_action_on = ?, promise_on = ?, last_contact_on = ?, last_contact = ? where customer_id = ?"
)
_PROMISED = Statement("update customer_total set promise_on = ? where customer_id = ?")
_DISPUTED = Statement("update open_item set disputed = ? where invoice_id = ?")
_STATE = Statement("select credit, rolled_to from kept_state where id = 1")
_LOCK_STATE = Statement("select rolled_to from kept_state where id = 1", lock=True)
_SET_ROLLED = Statement("update kept_state set rolled_to = ? where id = 1")
_ROLL = Statement(
    "update customer_total set overdue = (select coalesce(sum(o.open), 0) from open_item o "
    "where o.customer_id = customer_total.customer_id and o.due_on < ?) "
    "where customer_id in (select customer_id from open_item where due_on >= ? and due_on < ?)"
)
_BULK = (
    Statement(
        "update customer_total set balance = coalesce((select sum(e.amount) from entry e where e.customer_id = "
        f"customer_total.customer_id), 0), {_REFRESH}"
    ),  # fmt: skip
    Statement("delete from due_total"),
    Statement(
        "insert into due_total (due_on, invoices, amount) select due_on, count(*), sum(open) from open_item group by due_on"
    ),
    Statement("update kept_state set credit = (select coalesce(sum(amount), 0) from open_credit) where id = 1"),
)


def add_customer(db: Database, customers: Sequence[tuple[int, str]]) -> None:
    """Begin the totals of new customers, given by id and account."""
    db.run_many(_TOTAL_ADD, customers)


def open_items(db: Database, rows: Sequence[Row]) -> None:
    """Open issued invoices: invoice id, customer id, number, issued, due, total, open, disputed."""
    db.run_many(_OPEN_ADD, rows)


def add_due(db: Database, sums: Iterable[tuple[str, int, int]]) -> None:
    """Change the totals of due dates: date, number, amount; both may be negative."""
    for due_on, number, amount in sums:
        db.run(_DUE_ADD, (due_on, number, amount))
        db.run(_DUE_DROP, (due_on,))


def settle(db: Database, invoice_id: int, amount: int) -> None:
    """Take an allocation off an open invoice; a negative amount opens it again."""
    found = db.row(_OPEN_OF, (invoice_id,))
    if found is None:
        if amount >= 0:
            raise ValueError("only an open invoice is settled")
        db.run(_REOPEN, (-amount, invoice_id))
        due = db.row(_DUE_OF, (invoice_id,))
        assert due is not None
        add_due(db, [(due[0], 1, -amount)])
        return
    left = int(found[0]) - amount
    if left == 0:
        db.run(_OPEN_DROP, (invoice_id,))
    else:
        db.run(_OPEN_SET, (left, invoice_id))
    add_due(db, [(found[1], -1 if left == 0 else 0, -amount)])


def add_credit(db: Database, payment_id: int, customer_id: int, received_on: str, amount: int) -> None:
    """Keep what a payment leaves unallocated."""
    if amount:
        db.run(_CREDIT_ADD, (payment_id, customer_id, received_on, amount))
        db.run(_BOOK_CREDIT, (amount,))


def drop_credit(db: Database, payment_id: int) -> int:
    """Forget a payment's unallocated credit; how much it was."""
    found = db.row(_CREDIT_OF, (payment_id,))
    if found is None:
        return 0
    db.run(_CREDIT_DROP, (payment_id,))
    db.run(_BOOK_CREDIT, (-int(found[0]),))
    return int(found[0])


def open_credits(db: Database, customer_id: int) -> list[tuple[int, str, int]]:
    """Payment id, received date and amount of what settles nothing yet, oldest first."""
    return [(int(r[0]), str(r[1]), int(r[2])) for r in db.rows(_CREDITS_OF, (customer_id,))]


def use_credit(db: Database, payment_id: int, used: int, left: int) -> None:
    """Take what was allocated off a payment's credit."""
    if left:
        db.run(_CREDIT_SET, (left, payment_id))
    else:
        db.run(_CREDIT_DROP, (payment_id,))
    db.run(_BOOK_CREDIT, (-used,))


def refresh(db: Database, customer_id: int, balance_change: int) -> None:
    """Bring one customer's totals up to date after its open items and credit were."""
    db.run(_TOTAL_REFRESH, (balance_change, customer_id))


def recount(db: Database, customer_ids: Iterable[int]) -> None:
    """Recompute the totals of some customers from their entries, open items and credit."""
    db.run_many(_TOTAL_RECOUNT, [(i,) for i in customer_ids])


def contacted(db: Database, customer_id: int, next_on: str | None, promise_on: str | None, on: str | None, what: str) -> None:
    """Keep the last contact and the next action of an account."""
    db.run(_TOTAL_CONTACT, (next_on, promise_on, on, what, customer_id))


def promised(db: Database, customer_id: int, promise_on: str | None) -> None:
    """Keep the promise of an account, or that there is none that stands."""
    db.run(_PROMISED, (promise_on, customer_id))


def mark_disputed(db: Database, invoice_id: int, disputed: bool) -> None:
    """Keep the dispute mark of an open invoice."""
    db.run(_DISPUTED, (int(disputed), invoice_id))


def rolled_to(db: Database) -> str:
    """The business date the overdue sums stand at."""
    found = db.row(_STATE)
    return str(found[1]) if found else ""


def begin(db: Database, today: str) -> None:
    """The business date at which a new book begins."""
    db.run(_SET_ROLLED, (today,))


def lock(db: Database) -> None:
    """Let one posting at a time change the kept figures of a server; first of all locks.

    A posting that refreshes an account while another session rolls the book to a new date would leave the account's overdue
    sum at the old one: the server rechecks the row that waited, not what was read beside it. Postings wait for each other
    at the number series anyway. On SQLite the book's lock did this already.
    """
    if db.kind == "postgres":
        db.rows(_LOCK_STATE)


def roll(db: Database, today: str) -> None:
    """Bring the overdue sums to a business date. Harmless when they are there; call it inside `write`."""
    found = db.row(_LOCK_STATE)
    before = str(found[0]) if found else today
    if before != today:
        db.run(_ROLL, (today, min(before, today), max(before, today)))
        db.run(_SET_ROLLED, (today,))


def rebuild(db: Database) -> None:
    """Recompute totals per customer, per due date and of the book after a bulk load of open items and credit."""
    for statement in _BULK:
        db.run(statement)
