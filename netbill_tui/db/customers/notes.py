"""Notes and the outcomes of calls."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Select, Statement, in_list

_OF = Statement(
    "select n.on_date, n.kind, n.outcome, n.text, n.next_action_on, n.operator, n.id, p.note_id is not null from note n "
    "left join note_pin p on p.note_id = n.id where n.customer_id = ? and n.on_date <= ? "
    "order by case when p.note_id is null then 1 else 0 end, n.id desc"
)
_PROMISE = Statement(
    "select n.id, n.on_date, n.promise_on, (select m.id from note m where m.customer_id = n.customer_id and m.kind = 'promise' "
    "and m.id > n.id and m.promise_on is null and not exists (select 1 from note k where k.customer_id = n.customer_id and "
    "k.kind = 'promise' and k.id > m.id) limit 1), (select max(p.id) from promise p where p.customer_id = n.customer_id "
    "and p.id > n.id) from note n where n.customer_id = ? and n.kind = 'call' "
    "and n.promise_on is not null order by n.id desc limit 1"
)
# Ids follow the order of entry in every table, so what has a smaller one was known then.
_OVERDUE_AT = Statement(
    "select cast(coalesce(sum(i.total - coalesce("
    "(select sum(a.amount) from allocation a where a.invoice_id = i.id and a.id < ?), "
    "0)), 0) as bigint) from invoice i where i.customer_id = ? and i.id < ? and i.due_on < ?"
)
_GIVEN_SINCE = Statement(
    "select cast((select coalesce(sum(p.amount), 0) from payment p where p.customer_id = ? and p.id > ? and not exists "
    "(select 1 from payment_event e where e.payment_id = p.id and e.kind <> 'cleared')) + (select coalesce(sum(n.total), 0) "
    "from credit_note n where n.customer_id = ? and n.id > ?) as bigint)"
)
_COUNT = Select("select count(*) from note where customer_id = ? and on_date <= ?", int)


def of_customer(db: Database, customer_id: int, as_of: str) -> list[NoteRow]:
    """All up to a date, newest first, pinned ones above."""
    return [
        NoteRow(on, kind, outcome, text, next_on, operator, int(id_), bool(pinned))
        for on, kind, outcome, text, next_on, operator, id_, pinned in db.rows(_OF, (customer_id, as_of))
    ]


class Promise(NamedTuple):
    """The newest promise of an account, by its note, and whether it has ended since; `row` is its own, 0 in an older book."""

    id: int
    on_date: str
    promise_on: str
    ended: bool
    row: int = 0


def reading_promise(customer_id: int) -> Read[Promise | None]:
    """The newest promise of an account."""

    def decode(rows: list[Row]) -> Promise | None:
        if not rows:
            return None
        note_id, on, until, end, row = rows[0]
        return Promise(int(note_id), str(on), str(until), end is not None, int(row or 0))

    return Read(_PROMISE, (customer_id,), decode)


@lru_cache(maxsize=8)
def _promises(count: int) -> Statement:
    promised = "n.kind = 'call' and n.promise_on is not null"
    return Statement(
        "select n.customer_id, n.id, n.on_date, n.promise_on, (select m.id from note m where m.customer_id = n.customer_id and "  # noqa: S608
        "m.kind = 'promise' and m.id > n.id and m.promise_on is null and not exists (select 1 from note k where k.customer_id = "
        f"n.customer_id and k.kind = 'promise' and k.id > m.id) limit 1), (select max(p.id) from promise p where "
        f"p.customer_id = n.customer_id and p.id > n.id) "
        f"from note n where n.customer_id in {in_list(count)} and "
        f"{promised} and not exists (select 1 from note later where later.customer_id = n.customer_id and later.id > n.id and "
        f"{promised.replace('n.', 'later.')})"
    )


def reading_promises(customer_ids: Sequence[int]) -> Read[dict[int, Promise]]:
    """The same of at most some hundred accounts."""

    def decode(rows: list[Row]) -> dict[int, Promise]:
        return {
            int(c): Promise(int(i), str(on), str(until), end is not None, int(row or 0)) for c, i, on, until, end, row in rows
        }

    return Read(_promises(len(customer_ids)), customer_ids, decode)


def last_promise(db: Database, customer_id: int) -> Promise | None:
    """The same, at once."""
    return db.together(reading_promise(customer_id))[0]


def overdue_at(db: Database, customer_id: int, note_id: int, on_date: str) -> int:
    """What of an account was overdue when a note was written."""
    row = db.row(_OVERDUE_AT, (note_id, customer_id, note_id, on_date))
    return int(row[0]) if row else 0


def given_since(db: Database, customer_id: int, note_id: int) -> int:
    """What was paid and credited since a note was written, without what was taken back."""
    row = db.row(_GIVEN_SINCE, (customer_id, note_id, customer_id, note_id))
    return int(row[0]) if row else 0


def reading_count(customer_id: int, as_of: str) -> Read[int]:
    """How many there are up to a date."""
    return _COUNT.read_one((customer_id, as_of))


_PINNED = Statement("select note_id from note_pin where customer_id = ?")


_PIN = Statement("insert into note_pin (note_id, customer_id) values (?, ?) on conflict (note_id) do nothing")


_UNPIN = Statement("delete from note_pin where note_id = ?")


def pinned(db: Database, customer_id: int) -> set[int]:
    """The notes of an account that stand above the others."""
    return {int(r[0]) for r in db.rows(_PINNED, (customer_id,))}


def pin(db: Database, note_id: int, customer_id: int, on: bool) -> None:
    """Pin a note or take the pin off."""
    db.run(_PIN, (note_id, customer_id)) if on else db.run(_UNPIN, (note_id,))
