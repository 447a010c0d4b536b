"""What operators gave back, counted by operator, day and document."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select


class Given(NamedTuple):
    """What an operator gave back on a day, and of a document ever, in minor units."""

    on_day: int
    of_document: int


_SUMS = Select(
    "select cast((select coalesce(sum(amount), 0) from giving where operator = ? and on_date = ?) as bigint), "
    "cast((select coalesce(sum(amount), 0) from giving where operator = ? and object = ?) as bigint)",
    Given,
)
_UNDONE = Select(
    "select cast(coalesce(sum(amount), 0) as bigint) from giving where operator = ? and road = 'undo' and object = ?", int
)


def sums(db: Database, operator: str, day: str, obj: str) -> Given:
    """What an operator gave back on a day, and of a document ever."""
    return _SUMS.one(db, (operator, day, operator, obj))


def undone(db: Database, operator: str, run: str) -> int:
    """What an operator gave back by undoing a run."""
    return _UNDONE.one(db, (operator, run))
