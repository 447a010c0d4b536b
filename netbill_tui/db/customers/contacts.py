"""Addresses and numbers of customers, sealed."""

from collections.abc import Sequence
from typing import NamedTuple

from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row, Select, Statement, in_list
from netbill_tui.db.core.transaction import insert_into
from netbill_tui.security.secret import Sealed

# Under which name a contact is indexed now; what was written before stands under `phone.v1` until its key is rotated.
INDEX_NAMES = {"email": "email.v1", "phone": "phone.v2"}


class Contact(NamedTuple):
    """An address or number, sealed to its record."""

    uid: bytes
    kind: str
    value: Sealed


_OF = Select(
    "select uid, kind, value from contact where customer_id = ? order by id",
    lambda uid, kind, value: Contact(bytes(uid), kind, Sealed(bytes(value))),
)
_DROP = Statement("delete from contact where customer_id = ? and kind = ?")


def of_customer(db: Database, customer_id: int) -> list[Contact]:
    """The contacts of a customer, in the order of their entry."""
    return _OF.all(db, (customer_id,))


def of_customers(db: Database, customer_ids: Sequence[int]) -> dict[int, list[Contact]]:
    """The same of some customers."""
    if not customer_ids:
        return {}
    statement = Statement(
        f"select customer_id, uid, kind, value from contact where customer_id in {in_list(len(customer_ids))} order by id"
    )
    held: dict[int, list[Contact]] = {i: [] for i in customer_ids}
    for customer_id, uid, kind, value in db.rows(statement, customer_ids):
        held[int(customer_id)].append(Contact(bytes(uid), kind, Sealed(bytes(value))))
    return held


def drop(db: Database, customer_id: int, kind: str) -> None:
    """Forget the contacts of a kind."""
    db.run(_DROP, (customer_id, kind))


def add(db: Database, contacts: Sequence[Row]) -> None:
    """Store contacts, given as rows of the table."""
    db.run_many(insert_into(tables.Contact), contacts)
