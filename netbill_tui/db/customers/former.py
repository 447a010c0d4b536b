"""What was in force when a document was posted: the customer's name and place, and settings of the book."""

from typing import NamedTuple

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.db.core import tables, versions
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.core.transaction import Transaction, insert_into
from netbill_tui.security.secret import Sealed

_CUSTOMER = Statement(
    "select name, town, postcode, street, uid from ("
    "select until_seq, name, town, postcode, street, uid from former_customer where customer_id = ? and until_seq > ? "
    "union all select 9223372036854775807, name, town, postcode, street, uid from customer where id = ?) t "
    "order by until_seq limit 1"
)
_SETTING = Statement("select value from former_setting where name = ? and until_seq > ? order by until_seq limit 1")
_EVENTS = Statement(
    "select code from service_event where service_id = ? and kind in ('start', 'change') and on_date <= ? and audit_seq <= ? "
    "and id not in (select number from service_event where service_id = ? and kind = 'void' and audit_seq <= ?) "
    "order by on_date desc, id desc limit 1"
)


class Addressee(NamedTuple):
    """Who a document is for, as it was when the document was posted; the street still sealed."""

    name: str
    town: str
    postcode: str
    street: Sealed | None
    uid: bytes


def addressee(db: Database, customer_id: int, audit_seq: int) -> Addressee:
    """The customer as of an audit event."""
    row = db.row(_CUSTOMER, (customer_id, audit_seq, customer_id))
    assert row is not None, "a customer is never deleted"
    name, town, postcode, street, uid = row
    return Addressee(name, town, postcode, None if street is None else Sealed(bytes(street)), bytes(uid))


def keep(tx: Transaction, customer: Customer, street: Sealed | None) -> None:
    """Keep what a customer is called and where they live until this event, for documents that were posted before it."""
    cell = None if street is None else street.envelope
    versions.hold(tx, versions.FORMER, [customer.id])
    row = (next(tx.ids(1)), customer.id, customer.uid, tx.seq, customer.name, customer.town, customer.postcode, cell)
    tx.db.run(insert_into(tables.FormerCustomer), row)
    tx.touch(versions.FORMER, [customer.id])


def keep_setting(tx: Transaction, name: str, value: str) -> None:
    """Keep what a setting of the book says until this event."""
    versions.hold(tx, versions.SETTINGS, [1])
    tx.db.run(insert_into(tables.FormerSetting), (next(tx.ids(1)), name, tx.seq, value))
    tx.touch(versions.SETTINGS, [1])


def setting(db: Database, name: str, audit_seq: int) -> str | None:
    """A setting of the book as of an audit event; None where it is what it is now."""
    row = db.row(_SETTING, (name, audit_seq))
    return str(row[0]) if row else None


def code_of(db: Database, service_id: int, on: str, audit_seq: int) -> str:
    """The code that a service had on a day, as far as it was known at an audit event; empty where it had none."""
    row = db.row(_EVENTS, (service_id, on, audit_seq, service_id, audit_seq))
    return str(row[0]) if row else ""
