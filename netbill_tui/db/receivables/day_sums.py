"""Money per day and method, kept: what was received, and what was taken back. Dashboard, lists and reports add these up.

They change in the transaction that posts the payment or takes it back; `verify` recomputes them.
"""

from collections.abc import Iterable
from typing import NamedTuple

from netbill_tui.billing.core.money import Tally
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Statement

RECEIVED = "received"
TAKEN_BACK = "taken back"
AT_ONCE = "taken back at once"  # of `taken back`: what was received that day


class DayChange(NamedTuple):
    """What is added to a measure of a day under a key, such as a method; number and amount."""

    measure: str
    on_date: str
    key: str
    number: int
    amount: int


_ADD = Statement(
    "insert into day_sum (measure, on_date, key, number, amount) values (?, ?, ?, ?, ?) on conflict (measure, on_date, key) "
    "do update set number = day_sum.number + excluded.number, amount = day_sum.amount + excluded.amount"
)
_OF_DAY = Statement(
    "select key, cast(sum(case when measure = 'received' then number else -number end) as bigint), "
    "cast(sum(case when measure = 'received' then amount else -amount end) as bigint) from day_sum "
    "where measure in ('received', 'taken back at once') and on_date = ? group by key"
)
_BY_DAY = Statement(
    "select on_date, cast(sum(case when measure = 'received' then amount else -amount end) as bigint) from day_sum "
    "where measure in ('received', 'taken back at once') and on_date >= ? and on_date <= ? group by on_date"
)
_SPAN = Statement(
    "select cast(coalesce(sum(number), 0) as bigint), cast(coalesce(sum(amount), 0) as bigint) from day_sum "
    "where measure = ? and on_date >= ? and on_date <= ?"
)
_SPAN_OF_KEY = Statement(
    "select cast(coalesce(sum(number), 0) as bigint), cast(coalesce(sum(amount), 0) as bigint) from day_sum "
    "where measure = ? and on_date >= ? and on_date <= ? and key = ?"
)
# What they follow from.
POSTED = (
    "select 'received' as measure, p.received_on as on_date, p.method as key, count(*) as number, "
    "cast(sum(p.amount) as bigint) as amount from payment p group by p.received_on, p.method union all "
    "select 'taken back', e.on_date, p.method, count(*), cast(sum(p.amount) as bigint) from payment_event e join payment p "
    "on p.id = e.payment_id where e.kind <> 'cleared' group by e.on_date, p.method union all "
    "select 'taken back at once', p.received_on, p.method, count(*), cast(sum(p.amount) as bigint) from payment_event e "
    "join payment p on p.id = e.payment_id where e.kind <> 'cleared' and e.on_date <= p.received_on "
    "group by p.received_on, p.method"
)
REBUILD = (
    Statement("delete from day_sum"),
    Statement(f"insert into day_sum (measure, on_date, key, number, amount) {POSTED}"),
)


def received(day: str, method: str, amount: int) -> DayChange:
    """A payment that came in."""
    return DayChange(RECEIVED, day, method, 1, amount)


def taken_back(day: str, method: str, amount: int, received_on: str) -> list[DayChange]:
    """A payment that was taken back on a day."""
    changes = [DayChange(TAKEN_BACK, day, method, 1, amount)]
    return [*changes, DayChange(AT_ONCE, received_on, method, 1, amount)] if day <= received_on else changes


def add(db: Database, changes: Iterable[DayChange]) -> None:
    """Change the sums, each once, in the order of their keys: two writers of a server never wait for each other crosswise."""
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for change in changes:
        number, amount = sums.get(change[:3], (0, 0))
        sums[change[:3]] = (number + change.number, amount + change.amount)
    for key, change_ in sorted(sums.items()):
        db.run(_ADD, (*key, *change_))


def rebuild(db: Database) -> None:
    """Recompute all of them after a bulk load of payments."""
    for statement in REBUILD:
        db.run(statement)


def _takings(rows: list[Row]) -> dict[str, Tally]:
    return {str(method): Tally(int(number), int(amount)) for method, number, amount in rows if number}


def reading_takings(day: str) -> Read[dict[str, Tally]]:
    """By method, what was received on a day and not taken back by its end."""
    return Read(_OF_DAY, (day,), _takings)


def takings(db: Database, day: str) -> dict[str, Tally]:
    """The same, at once."""
    return db.together(reading_takings(day))[0]


def reading_received(first: str, last: str) -> Read[dict[str, int]]:
    """By day, what was received and not taken back by the end of the day; a day without is left out."""
    return Read(_BY_DAY, (first, last), lambda rows: {str(day): int(amount) for day, amount in rows})


def between(db: Database, measure: str, first: str, last: str, key: str | None = None) -> Tally:
    """Number and sum of a measure from one day to another, both included; of one key where that is given."""
    row = db.row(_SPAN, (measure, first, last)) if key is None else db.row(_SPAN_OF_KEY, (measure, first, last, key))
    return Tally(int(row[0]), int(row[1])) if row else Tally()
