"""How many rows a list has and what they come to, counted from its tables."""

import re
from functools import lru_cache

from netbill_tui.billing.core.money import Tally
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select
from netbill_tui.db.lookup import lists
from netbill_tui.db.lookup.filters import Sql


@lru_cache(maxsize=64)
def _sums(name: str, condition: str, alone: bool, amount: str, most: int | None) -> Select[Tally]:
    of = lists.LISTS[name]
    where = f"{of.where_alone}{' and ' + condition if condition else ''}"
    rows = f"{of.alone if alone else of.tables} where {where}"
    if most is not None:
        amount, rows = "x.amount", f"(select {amount} as amount from {rows} limit {most}) x"  # noqa: S608 - only a number
    return Select(f"select count(*), cast(coalesce(sum({amount}), 0) as bigint) from {rows}", Tally)


def sums(db: Database, name: str, condition: Sql, as_of: str, *, credit: bool = False, most: int | None = None) -> Tally:
    """The rows and the sum of their amounts; of customers the sum of their unallocated credit where that is asked.

    Of a list that is longer than `most` only so many are counted, and the sum is theirs.
    """
    of = lists.LISTS[name]
    # Only the tables that are asked about: a million customers need not be looked up to be counted.
    alone = re.search(r"\bc\.", condition[0]) is None
    before = [as_of] * (of.params - of.joined)
    return _sums(name, condition[0], alone, "t.credit" if credit else of.amount, most).one(db, (*before, *condition[1]))


_TAKEN_BACK = "payment_event x join payment p on p.id = x.payment_id join customer c on c.id = p.customer_id"


@lru_cache(maxsize=32)
def _taken_back(condition: str) -> Select[Tally]:
    where = f"x.kind <> 'cleared' and x.on_date <= ? and {lists.BY_THEN}{' and ' + condition if condition else ''}"
    return Select(f"select count(*), cast(coalesce(sum(p.amount), 0) as bigint) from {_TAKEN_BACK} where {where}", Tally)  # noqa: S608


def taken_back(db: Database, condition: Sql, as_of: str) -> Tally:
    """The payments of a list that were taken back by a day."""
    return _taken_back(condition[0]).one(db, (as_of, as_of, *condition[1]))
