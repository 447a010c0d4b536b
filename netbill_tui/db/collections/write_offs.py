"""Write-offs and what payments recovered of them."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select


class WriteOffRow(NamedTuple):
    """A write-off, with what was recovered of it, in minor units."""

    id: int
    number: str
    customer_id: int
    account: str
    name: str
    invoice_id: int
    invoice: str
    amount: int
    reason: str
    on: str
    operator: str
    recovered: int

    @property
    def left(self) -> int:
        """What of it is still given up."""
        return self.amount - self.recovered


class Recovered(NamedTuple):
    """What a payment or a credit note recovered of a write-off."""

    write_off_id: int
    number: str
    invoice_id: int
    amount: int


_SELECT = (
    "select w.id, w.number, w.customer_id, c.account, c.name, w.invoice_id, i.number, w.amount, w.reason, w.on_date, w.operator, "
    "cast(coalesce((select sum(r.amount) from recovery r where r.write_off_id = w.id), 0) as bigint) from write_off w "
    "join customer c on c.id = w.customer_id join invoice i on i.id = w.invoice_id"
)
_OF = Select(f"{_SELECT} where w.customer_id = ? order by w.id", WriteOffRow)
_BETWEEN = Select(f"{_SELECT} where w.on_date >= ? and w.on_date <= ? order by w.id", WriteOffRow)
_BY_ID = Select(f"{_SELECT} where w.id = ?", WriteOffRow)
_BY_SOURCE = Select(
    "select w.id, w.number, w.invoice_id, cast(sum(r.amount) as bigint) from recovery r join write_off w on w.id = "
    "r.write_off_id "
    "where r.source_id = ? group by w.id, w.number, w.invoice_id having sum(r.amount) > 0 order by w.id",
    Recovered,
)
_COUNT = Select("select count(*) from recovery where write_off_id = ?", int)


def of_customer(db: Database, customer_id: int) -> list[WriteOffRow]:
    """The write-offs of an account, oldest first."""
    return _OF.all(db, (customer_id,))


def between(db: Database, first: str, last: str) -> list[WriteOffRow]:
    """The write-offs from one day to another."""
    return _BETWEEN.all(db, (first, last))


def by_id(db: Database, write_off_id: int) -> WriteOffRow | None:
    """A write-off."""
    return _BY_ID.first(db, (write_off_id,))


def recovered_by(db: Database, source_id: int) -> list[Recovered]:
    """What a payment recovered and was not taken back."""
    return _BY_SOURCE.all(db, (source_id,))


def recoveries(db: Database, write_off_id: int) -> int:
    """How many recoveries of a write-off there are, those taken back too."""
    return _COUNT.one(db, (write_off_id,))
