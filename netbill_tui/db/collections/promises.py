"""Promises and arrangements, and what came since."""

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections.promises import Instalment, Money, OtherDue
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list


class PromiseRow(NamedTuple):
    """A promise or arrangement and how it stands."""

    id: int
    customer_id: int
    kind: str
    on: str
    by: str
    amount: int
    parts: str
    invoices: str
    courtesy: int
    channel: str
    text: str
    operator: str
    state: str
    came: int
    holds_until: str | None

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """What was promised, in the order of its days."""
        return tuple(Instalment(date.fromisoformat(by), int(amount)) for by, amount in json.loads(self.parts))


_COLUMNS = (
    "p.id, p.customer_id, p.kind, p.on_date, p.by_on, p.amount, p.parts, p.invoices, p.courtesy, p.channel, p.text, p.operator, "
    "s.state, s.came, s.holds_until"
)
_FROM = "from promise p join promise_state s on s.promise_id = p.id"
_OF = Select(f"select {_COLUMNS} {_FROM} where p.customer_id = ? order by p.id desc", PromiseRow)
_LAST = Select(f"select {_COLUMNS} {_FROM} where p.customer_id = ? order by p.id desc limit 1", PromiseRow)
_BY_ID = Select(f"select {_COLUMNS} {_FROM} where p.id = ?", PromiseRow)
# An index of their own: open ones are few among all that ever were.
_OPEN = Select(
    f"select {_COLUMNS} {_FROM} where s.state = 'open' and s.by_on < ? and p.id > ? order by p.id limit 500", PromiseRow
)
_BROKEN = Select(
    "select on_date from promise_event e where e.customer_id = ? and e.kind = 'broken' and e.id = (select max(f.id) from "
    "promise_event f where f.promise_id = e.promise_id)",
    lambda on: date.fromisoformat(on),
)
_STATE = Statement(
    "insert into promise_state (promise_id, customer_id, kind, by_on, amount, state, came, holds_until) "
    "values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (promise_id) do update set by_on = excluded.by_on, state = excluded.state, "
    "came = excluded.came, holds_until = excluded.holds_until"
)
# Money counts that was recorded after the promise, as ids follow the order of entry, and not taken back since.
_MONEY = Select(
    "select p.received_on, p.amount from payment p where p.customer_id = ? and p.id > ? and not exists (select 1 from "
    "payment_event e where e.payment_id = p.id and e.kind <> 'cleared')",
    lambda on, amount: Money(date.fromisoformat(on), int(amount)),
)
_OVER = Statement(
    "select customer_id from customer_total where promise_on is not null and promise_on < ? and overdue = 0 order by customer_id "
    "limit ?"
)
_OTHERS = Select(
    "select i.due_on, i.total - coalesce((select sum(a.amount) from allocation a where a.invoice_id = i.id and a.id < "
    "?), 0), i.id "
    "from invoice i where i.customer_id = ? and i.due_on <= ?",
    lambda due, owed, id_: (int(id_), OtherDue(date.fromisoformat(due), int(owed))),
)


def of_customer(db: Database, customer_id: int) -> list[PromiseRow]:
    """All promises of an account, newest first."""
    return _OF.all(db, (customer_id,))


def last(db: Database, customer_id: int) -> PromiseRow | None:
    """The newest promise of an account."""
    return _LAST.first(db, (customer_id,))


def by_id(db: Database, promise_id: int) -> PromiseRow | None:
    """A promise."""
    return _BY_ID.first(db, (promise_id,))


def due_before(db: Database, day: str, behind: int) -> list[PromiseRow]:
    """Some of the open promises whose last day lies before a day, behind an id."""
    return _OPEN.all(db, (day, behind))


def open_arrangements(db: Database, behind: int) -> list[PromiseRow]:
    """Some of the open arrangements, each of which may have a part that is over, behind an id."""
    sql = f"select {_COLUMNS} {_FROM} where s.state = 'open' and s.kind = 'arrangement' and p.id > ? order by p.id limit 500"
    return Select(sql, PromiseRow).all(db, (behind,))


def broken_on(db: Database, customer_id: int) -> list[date]:
    """The days on which promises of an account were broken that stay so."""
    return _BROKEN.all(db, (customer_id,))


def set_state(db: Database, row: PromiseRow) -> None:
    """Keep how a promise stands."""
    db.run(_STATE, (row.id, row.customer_id, row.kind, row.by, row.amount, row.state, row.came, row.holds_until))


def money_since(db: Database, customer_id: int, promise_id: int) -> list[Money]:
    """What was paid since a promise, without what was taken back; a waiver or credit note is no money."""
    return _MONEY.all(db, (customer_id, promise_id))


def others_due(db: Database, promise: PromiseRow) -> list[OtherDue]:
    """What else than its own invoices was owed when an arrangement was made, or issued since, by its last day."""
    own = {int(number) for number in json.loads(promise.invoices)}
    rows = _OTHERS.all(db, (promise.id, promise.customer_id, promise.by))
    return [other for invoice_id, other in rows if invoice_id not in own and other.amount > 0]


def open_of(db: Database, customer_ids: Sequence[int]) -> list[PromiseRow]:
    """The promises of some accounts that are open."""
    if not customer_ids:
        return []
    sql = f"select {_COLUMNS} {_FROM} where s.state = 'open' and p.customer_id in {in_list(len(customer_ids))} order by p.id"
    return Select(sql, PromiseRow).all(db, customer_ids)


def arranged(db: Database, customer_id: int) -> set[int]:
    """The invoices of an account that an open arrangement holds."""
    return {int(n) for p in open_of(db, [customer_id]) if p.kind == "arrangement" for n in json.loads(p.invoices)}


def over(db: Database, today: str, most: int) -> list[int]:
    """Some of the accounts whose promise was broken and that owe nothing overdue any more."""
    return [int(row[0]) for row in db.rows(_OVER, (today, most))]
