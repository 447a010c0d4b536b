"""The overdue queue: of today by keyset pages from the kept totals, of another date from what was open then."""

from collections.abc import Sequence

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.ageing import bucket_of, days_past_due
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Select, Statement, in_list

COLUMNS = (
    "t.customer_id, t.account, c.name, t.overdue, t.next_action_on, t.promise_on, t.last_contact_on, t.last_contact, t.balance, "
    "exists (select 1 from collection_mark k where k.customer_id = t.customer_id and k.kind = 'handed-over')"
)
TABLES = "customer_total t join customer c on c.id = t.customer_id"
_ALL = Statement(f"select {COLUMNS} from {TABLES} where t.overdue > 0")
_SUMS = Select("select count(*), cast(coalesce(sum(overdue), 0) as bigint) from customer_total where overdue > 0", Tally)
_COUNT_EACH = (
    "select customer_id, count(*), cast(sum(case when disputed = 1 then open else 0 end) as bigint), min(due_on) "
    "from open_item where due_on < ?"
)
_COUNTS = Statement(_COUNT_EACH + " group by customer_id")
_COUNTS_OF = {n: Statement(f"{_COUNT_EACH} and customer_id in {in_list(n)} group by customer_id") for n in (1, 10, 100)}
_HANDED_OVER = Statement("select customer_id from collection_mark where kind = 'handed-over'")
# Of all accounts at once: a statement for each of thousands would take as long as all else together.
_CALLS = Statement(
    "select n.customer_id, n.next_action_on, n.on_date, n.outcome from note n where n.id in (select max(m.id) from note m "
    "where m.kind = 'call' and m.on_date <= ? group by m.customer_id)"
)
_PROMISES = Statement(
    "select n.customer_id, n.promise_on from note n where n.id in (select max(m.id) from note m where m.on_date <= ? and "
    "(m.promise_on is not null or m.kind = 'promise') group by m.customer_id)"
)


def queued(db: Database, rows: Sequence[Row], as_of: str, *, every: bool = False) -> list[Overdue]:
    """Rows of the kept totals with the number of overdue invoices and what of them is disputed.

    Args:
        db: The book.
        rows: Of COLUMNS.
        as_of: Today.
        every: The rows are the whole queue, so one grouped read is cheaper than many small ones.
    """
    ids = [int(r[0]) for r in rows]
    counts = {r[0]: r[1:] for r in (db.rows(_COUNTS, (as_of,)) if every else _counts(db, ids, as_of))}
    queue = []
    for customer_id, account, name, overdue, next_on, promise_on, on, what, balance, with_agency in rows:
        if customer_id not in counts:
            continue
        number, disputed, oldest = counts[customer_id]
        days = days_past_due(oldest, as_of)
        queue.append(
            Overdue(
                customer_id,
                account,
                name,
                oldest,
                days,
                overdue,
                bucket_of(days),
                number,
                disputed,
                next_on,
                promise_on,
                on,
                what,
                balance > 0,
                bool(with_agency),
            )
        )
    return queue


def handed_over(db: Database) -> frozenset[int]:
    """The customers whose debt an agency has; few."""
    return frozenset(int(row[0]) for row in db.rows(_HANDED_OVER))


def _counts(db: Database, ids: list[int], as_of: str) -> list[Row]:
    rows: list[Row] = []
    for first in range(0, len(ids), 100):
        part = ids[first : first + 100]
        size = next(n for n in (1, 10, 100) if n >= len(part))
        rows += db.rows(_COUNTS_OF[size], (as_of, *part, *[part[-1]] * (size - len(part))))
    return rows


def today(db: Database, as_of: str) -> list[Overdue]:
    """The whole queue of today, unsorted."""
    return queued(db, db.rows(_ALL), as_of, every=True)


def reading_sums() -> Read[Tally]:
    """The overdue accounts and their overdue sum today."""
    return _SUMS.read_one()


def sums(db: Database) -> Tally:
    """The same, at once."""
    return _SUMS.one(db)


_BALANCES = Statement("select customer_id, cast(sum(amount) as bigint) from entry where on_date <= ? group by customer_id")


def _balances(db: Database, as_of: str) -> dict[int, int]:
    """The balance of every account at the end of a day."""
    return {int(i): int(total) for i, total in db.rows(_BALANCES, (as_of,))}


def of_dues(db: Database, dues: list[Due], customer_ids: dict[str, int], as_of: str) -> list[Overdue]:
    """The queue of any date, from everything that was open then, unsorted."""
    by_account: dict[str, list[Due]] = {}
    for due in dues:
        if due.days > 0:
            by_account.setdefault(due.account, []).append(due)
    owing = _balances(db, as_of) if by_account else {}
    calls = {int(r[0]): r[1:] for r in db.rows(_CALLS, (as_of,))} if by_account else {}
    promised = {int(r[0]): r[1] for r in db.rows(_PROMISES, (as_of,))} if by_account else {}
    with_agency = handed_over(db) if by_account else frozenset[int]()
    queue = []
    for account, mine in by_account.items():
        days = max(d.days for d in mine)
        next_on, on, what = calls.get(customer_ids[account], (None, None, ""))
        queue.append(
            Overdue(
                customer_ids[account],
                account,
                mine[0].name,
                min(d.due for d in mine),
                days,
                sum(d.open for d in mine),
                bucket_of(days),
                len(mine),
                sum(d.open for d in mine if d.disputed),
                next_on,
                promised.get(customer_ids[account]),
                on,
                what,
                owing.get(customer_ids[account], 0) > 0,
                customer_ids[account] in with_agency,
            )
        )
    return queue
