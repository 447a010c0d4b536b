"""The kept figures: open items, open credit, totals per customer and per due date, and their yardstick.

They change in the same transaction as the posted rows they follow from; `verify` recomputes them all.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from netbill_tui.billing.receivables.allocation import OpenInvoice
from netbill_tui.db.access import operators
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list


class Open(NamedTuple):
    """What is open of an invoice, and when it falls due."""

    amount: int
    due: str


class OpenItem(NamedTuple):
    """An issued invoice that is not settled."""

    invoice_id: int
    customer_id: int
    number: str
    issued: str
    due: str
    total: int
    open: int
    disputed: int = 0


class OpenCredit(NamedTuple):
    """What of a payment or credit note settles nothing yet, and from which day it can be used."""

    source_id: int
    since: str
    amount: int


class TotalChange(NamedTuple):
    """What a document adds to the totals of its customer; `due` is empty for a credit note."""

    customer_id: int
    balance: int
    open: int = 0
    overdue: int = 0
    due: str = ""


_OPEN_ADD = Statement(
    "insert into open_item (invoice_id, customer_id, number, issued_on, due_on, total, open, disputed) "
    "values (?, ?, ?, ?, ?, ?, ?, ?)"
)
_OPEN_OF = Select("select open, due_on from open_item where invoice_id = ?", Open)
_OPEN_SET = Statement("update open_item set open = ? where invoice_id = ?")
_OPEN_DROP = Statement("delete from open_item where invoice_id = ?")
_REOPEN = Statement(
    "insert into open_item (invoice_id, customer_id, number, issued_on, due_on, total, open, disputed) "
    "select i.id, i.customer_id, i.number, i.issued_on, i.due_on, i.total, ?, coalesce((select case when d.kind = 'raised' "
    "then 1 else 0 end from dispute_event d where d.invoice_id = i.id order by d.id desc limit 1), 0) "
    "from invoice i where i.id = ?"
)
_DUE_OF = Select("select due_on from invoice where id = ?", str)
_DUE_ADD = Statement(
    "insert into due_total (due_on, invoices, amount) values (?, ?, ?) on conflict (due_on) do update set "
    "invoices = due_total.invoices + excluded.invoices, amount = due_total.amount + excluded.amount"
)
_DUE_DROP = Statement("delete from due_total where due_on = ? and invoices = 0 and amount = 0")
_CREDIT_ADD = Statement("insert into open_credit (payment_id, customer_id, received_on, amount) values (?, ?, ?, ?)")
_CREDIT_OF = Select("select amount from open_credit where payment_id = ?", int)
_CREDIT_DROP = Statement("delete from open_credit where payment_id = ?")
_CREDITS_OF = Select(
    "select payment_id, received_on, amount from open_credit where customer_id = ? order by received_on, payment_id", OpenCredit
)
_CREDIT_RAISE = Statement("update open_credit set amount = amount + ?, received_on = ? where payment_id = ?")
_TOTAL_GROW = Statement(
    "update customer_total set balance = balance + ?, open = open + ?, overdue = overdue + ?, "
    "oldest_due = case when oldest_due is null or oldest_due > ? then ? else oldest_due end where customer_id = ?"
)
_CREDIT_SET = Statement("update open_credit set amount = ? where payment_id = ?")
_BOOK_CREDIT = Statement("update kept_state set credit = credit + ? where id = 1")
_TOTAL_ADD = Statement(
    "insert into customer_total (customer_id, account, balance, open, credit, overdue, oldest_due, last_contact, disputed) "
    "values (?, ?, 0, 0, 0, 0, null, '', 0)"
)
_REFRESH = (
    "open = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id), "
    "credit = (select coalesce(sum(k.amount), 0) from open_credit k where k.customer_id = customer_total.customer_id), "
    "overdue = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id "
    "and o.due_on < (select rolled_to from kept_state where id = 1)), "
    "disputed = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id "
    "and o.disputed = 1 and o.due_on < (select rolled_to from kept_state where id = 1)), "
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
_TOTAL_DISPUTED = Statement(
    "update customer_total set disputed = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = "
    "customer_total.customer_id and o.disputed = 1 and o.due_on < (select rolled_to from kept_state where id = 1)) "
    "where customer_id = (select customer_id from open_item where invoice_id = ?)"
)
_STATE = Statement("select credit, rolled_to from kept_state where id = 1")
_LOCK_STATE = Statement("select rolled_to from kept_state where id = 1", lock=True)
_SET_ROLLED = Statement("update kept_state set rolled_to = ? where id = 1")
_ROLL = Statement(
    "update customer_total set overdue = (select coalesce(sum(o.open), 0) from open_item o "
    "where o.customer_id = customer_total.customer_id and o.due_on < ?), "
    "disputed = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id "
    "and o.disputed = 1 and o.due_on < ?) "
    "where customer_id in (select customer_id from open_item where due_on >= ? and due_on < ?)"
)
_ROLL_SOME = Statement(
    "update customer_total set overdue = (select coalesce(sum(o.open), 0) from open_item o "
    "where o.customer_id = customer_total.customer_id and o.due_on < ?), "
    "disputed = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = customer_total.customer_id "
    "and o.disputed = 1 and o.due_on < ?) "
    "where customer_id > ? and customer_id <= ? and exists (select 1 from open_item o "
    "where o.customer_id = customer_total.customer_id and o.due_on >= ? and o.due_on < ?)"
)
_ROLLED = Select(
    "select rolled_to, (select value from keeping where name = ?) from kept_state where id = 1",
    lambda on, left: Rolled(str(on), left is not None),
)
_FALLING_DUE = Select("select count(*) from (select 1 from open_item where due_on >= ? and due_on < ? limit ?) t", int)
_NEXT_STEP = Select("select customer_id from customer_total where customer_id > ? order by customer_id limit 1 offset ?", int)
AT_ONCE = 5000  # so many open items that fell due change the sums in one statement; of more they change in steps
STEP = 1000  # customers
_ROLLING = "rolling"  # in `keeping`: from which due date, before which, and behind which customer the sums still stand elsewhere
_BULK = (
    Statement(
        "update customer_total set balance = coalesce((select sum(e.amount) from entry e where e.customer_id = "
        f"customer_total.customer_id), 0), {_REFRESH}"
    ),
    Statement("delete from due_total"),
    Statement(
        "insert into due_total (due_on, invoices, amount) select due_on, count(*), sum(open) from open_item group by due_on"
    ),
    Statement("update kept_state set credit = (select coalesce(sum(amount), 0) from open_credit) where id = 1"),
)


def add_customer(db: Database, customers: Sequence[tuple[int, str]]) -> None:
    """Begin the totals of new customers, given by id and account."""
    db.run_many(_TOTAL_ADD, customers)


def open_items(db: Database, items: Sequence[OpenItem]) -> None:
    """Open issued invoices."""
    db.run_many(_OPEN_ADD, items)


def add_due(db: Database, sums: Iterable[tuple[str, int, int]]) -> None:
    """Change the totals of due dates: date, number, amount; both may be negative."""
    for due_on, number, amount in sums:
        db.run(_DUE_ADD, (due_on, number, amount))
        db.run(_DUE_DROP, (due_on,))


def settle(db: Database, invoice_id: int, amount: int) -> None:
    """Take an allocation off an open invoice; a negative amount opens it again."""
    item = _OPEN_OF.first(db, (invoice_id,))
    if item is None:
        if amount >= 0:
            raise ValueError("only an open invoice is settled")
        db.run(_REOPEN, (-amount, invoice_id))
        add_due(db, [(_DUE_OF.one(db, (invoice_id,)), 1, -amount)])
        return
    left = item.amount - amount
    if left == 0:
        db.run(_OPEN_DROP, (invoice_id,))
    else:
        db.run(_OPEN_SET, (left, invoice_id))
    add_due(db, [(item.due, -1 if left == 0 else 0, -amount)])


def settle_open(db: Database, items: Sequence[tuple[OpenInvoice, int]]) -> None:
    """Take allocations off invoices whose open amounts are known under this transaction's locks: no read in between."""
    due: dict[str, tuple[int, int]] = {}
    for item, amount in items:
        left = item.open - amount
        db.run(*((_OPEN_SET, (left, item.id)) if left else (_OPEN_DROP, (item.id,))))
        number, of_day = due.get(item.due, (0, 0))
        due[item.due] = (number - (0 if left else 1), of_day - amount)
    add_due(db, [(day, *change) for day, change in due.items()])


class Settled(NamedTuple):
    """An invoice whose whole open amount was allocated."""

    invoice_id: int
    due: str
    amount: int


def settle_wholly(db: Database, items: Sequence[Settled]) -> None:
    """Take out invoices of which nothing is left open, as it is known under this transaction's locks."""
    db.run_many(_OPEN_DROP, [(item.invoice_id,) for item in items])
    due: dict[str, tuple[int, int]] = {}
    for item in items:
        number, of_day = due.get(item.due, (0, 0))
        due[item.due] = (number - 1, of_day - item.amount)
    add_due(db, [(day, *change) for day, change in due.items()])


def add_credit(db: Database, payment_id: int, customer_id: int, received_on: str, amount: int) -> None:
    """Keep what a payment leaves unallocated."""
    if amount:
        db.run(_CREDIT_ADD, (payment_id, customer_id, received_on, amount))
        db.run(_BOOK_CREDIT, (amount,))


def drop_credit(db: Database, payment_id: int) -> int:
    """Forget a payment's unallocated credit; how much it was."""
    amount = _CREDIT_OF.first(db, (payment_id,))
    if amount is None:
        return 0
    db.run(_CREDIT_DROP, (payment_id,))
    db.run(_BOOK_CREDIT, (-amount,))
    return amount


def give_back_credit(db: Database, source_id: int, customer_id: int, since: str, usable_on: str, amount: int) -> None:
    """Keep as open credit what an allocation had used: usable from its own day on, or from a later one where it stands already.

    Args:
        db: The book.
        source_id: The payment or credit note.
        customer_id: Whose.
        since: From which day it can be used where nothing of it stands open.
        usable_on: From which day all of it can be used where some of it stands open.
        amount: In minor units.
    """
    if _CREDIT_OF.first(db, (source_id,)) is None:
        add_credit(db, source_id, customer_id, since, amount)
    else:
        db.run(_CREDIT_RAISE, (amount, usable_on, source_id))
        db.run(_BOOK_CREDIT, (amount,))


def open_of(db: Database, invoice_id: int) -> int:
    """What is open of an invoice."""
    item = _OPEN_OF.first(db, (invoice_id,))
    return item.amount if item else 0


def open_credits(db: Database, customer_id: int) -> list[OpenCredit]:
    """What settles nothing yet, oldest first."""
    return _CREDITS_OF.all(db, (customer_id,))


def with_credit(db: Database, customer_ids: Sequence[int]) -> list[int]:
    """Those of some customers who have open credit."""
    if not customer_ids:
        return []
    sql = f"select distinct customer_id from open_credit where customer_id in {in_list(len(customer_ids))}"  # noqa: S608
    return Select(sql, int).all(db, customer_ids)


def add_totals(db: Database, changes: Sequence[TotalChange]) -> None:
    """Bring the totals of customers up to date to whom one invoice was issued each."""
    db.run_many(_TOTAL_GROW, [(c.balance, c.open, c.overdue, c.due, c.due, c.customer_id) for c in changes])


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


def contacted_many(db: Database, rows: Sequence[tuple[object, ...]]) -> None:
    """The same of many accounts: next action, promise, day and outcome of the last contact, customer."""
    db.run_many(_TOTAL_CONTACT, rows)


def promised(db: Database, customer_id: int, promise_on: str | None) -> None:
    """Keep the promise of an account, or that there is none that stands."""
    db.run(_PROMISED, (promise_on, customer_id))


def mark_disputed(db: Database, invoice_id: int, disputed: bool) -> None:
    """Keep the dispute mark of an open invoice, and what of its account is disputed."""
    db.run(_DISPUTED, (int(disputed), invoice_id))
    db.run(_TOTAL_DISPUTED, (invoice_id,))


def rolled_to(db: Database) -> str:
    """The business date the overdue sums stand at."""
    row = db.row(_STATE)
    return str(row[1]) if row else ""


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
        db.run(_LOCK_STATE)


class Rolled(NamedTuple):
    """The business date of the overdue sums, and whether those of some customers are still to be brought there."""

    on: str
    in_steps: bool


def rolled(db: Database) -> Rolled:
    """How far the overdue sums are; nowhere in a book whose row of them is gone, which `verify` names."""
    return _ROLLED.first(db, (_ROLLING,)) or Rolled("", False)


def roll(db: Database, today: str) -> bool:
    """Bring the overdue sums to a business date, or some of them; whether more are left. Call it inside `write`.

    From the first step on whatever is posted to an account stands at that date, so that others may post between the steps.
    """
    row = db.row(_LOCK_STATE)
    before, left = str(row[0]) if row else today, operators.state_value(db, _ROLLING)
    if before == today and not left:
        return False
    first, end, last = left.split() if left else (min(before, today), max(before, today), "0")
    if before != today:
        first, end, last = min(first, before, today), max(end, before, today), "0"
        db.run(_SET_ROLLED, (today,))
        if not left and _FALLING_DUE.one(db, (first, end, AT_ONCE + 1)) <= AT_ONCE:
            db.run(_ROLL, (today, today, first, end))
            return False
    until = _NEXT_STEP.first(db, (int(last), STEP - 1))
    db.run(_ROLL_SOME, (today, today, int(last), (1 << 62) if until is None else until, first, end))
    if until is None:
        operators.drop_state_value(db, _ROLLING)
        return False
    operators.set_state_value(db, _ROLLING, f"{first} {end} {until}")
    return True


def rebuild(db: Database) -> None:
    """Recompute totals per customer, per due date and of the book after a bulk load of open items and credit."""
    for statement in _BULK:
        db.run(statement)
