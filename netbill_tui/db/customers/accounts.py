"""Customers: lookups, search words, profile cells."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.customers.accounts import Customer, LastPayment, Totals
from netbill_tui.db.core import tables, versions
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Select, Statement, in_list
from netbill_tui.db.core.transaction import Transaction, insert_into
from netbill_tui.security.secret import Sealed

COLUMNS = (
    "c.id, c.uid, c.account, c.name, c.kind, c.status, c.since, c.terms_days, c.town, c.postcode, c.plan, c.paperless, "
    "c.preferred_method, coalesce((select l.language from customer_language l where l.customer_id = c.id), '')"
)
SEALED = ("tax_id", "birth_date", "pin", "bank_account", "credit_score", "street")


class Sums(NamedTuple):
    """The sum of the entries of an account, and of what is open of its disputed invoices."""

    entries: int
    disputed: int


class Wishes(NamedTuple):
    """What a customer wants of documents: their language, empty for the book's, and whether the account has a tag."""

    language: str
    tagged: bool


_BY_ACCOUNT = Statement(f"select {COLUMNS} from customer c where c.account = ?")
_BY_ID = Statement(f"select {COLUMNS} from customer c where c.id = ?")
_ACCOUNT = Statement("select account from customer where id = ?")
_LOCK = Statement("select id, status from customer where id = ?", lock=True)
_SEALED = Statement(f"select {', '.join(SEALED)} from customer where id = ?")
_TOTALS = Statement(
    "select balance, open, credit, overdue, oldest_due, next_action_on, promise_on, last_contact_on, last_contact "
    "from customer_total where customer_id = ?"
)
_SUMS = Select(
    "select cast((select coalesce(sum(amount), 0) from entry where customer_id = ?) as bigint), "
    "cast((select coalesce(sum(open), 0) from open_item where customer_id = ? and disputed = 1) as bigint)",
    Sums,
)
_LAST_PAYMENT = Select(
    "select p.receipt, p.received_on, p.method, p.amount, p.reference, coalesce((select e.kind from payment_event e "
    "where e.payment_id = p.id and e.on_date <= ?), 'received') from payment p where p.customer_id = ? and p.received_on <= ? "
    "order by p.received_on desc, p.id desc limit 1",
    LastPayment,
)
_COUNT = Select("select count(*) from customer", int)
_UPDATE = Statement(
    "update customer set name = ?, kind = ?, status = ?, since = ?, terms_days = ?, town = ?, postcode = ?, plan = ?, "
    "paperless = ?, preferred_method = ? where id = ?"
)
_SET_CELL = {f: Statement(f"update customer set {f} = ? where id = ?") for f in SEALED}  # noqa: S608 - fixed names
_SET_LANGUAGE = Statement(
    "insert into customer_language (customer_id, language) values (?, ?) on conflict (customer_id) do update set "
    "language = excluded.language"
)
_WISHES = Select(
    "select coalesce((select language from customer_language where customer_id = ?), ''), "
    "(select count(*) from customer_tag where customer_id = ? and tag = ?)",
    lambda language, tagged: Wishes(str(language), bool(tagged)),
)
_NO_LANGUAGE = Statement("delete from customer_language where customer_id = ?")
_DROP_TERMS = Statement("delete from search_term where customer_id = ?")
_ADD_TERM = Statement("insert into search_term (word, customer_id) values (?, ?)")
_TAKEN = Select("select account from customer where account >= 'C' and account < 'D'", str)
_SET_SERIES = Statement("update number_series set next = ? where name = 'account'")


def record(row: Row) -> Customer:
    """A customer from the fourteen columns."""
    id_, uid, account, name, kind, status, since, terms, town, postcode, plan, paperless, *more = row
    return Customer(id_, bytes(uid), account, name, kind, status, since, terms, town, postcode, plan, bool(paperless), *more)


def by_account(db: Database, account: str) -> Customer | None:
    """The customer with this account number."""
    row = db.row(_BY_ACCOUNT, (account,))
    return record(row) if row else None


def by_id(db: Database, customer_id: int) -> Customer | None:
    """The customer with this row id."""
    row = db.row(_BY_ID, (customer_id,))
    return record(row) if row else None


def account_of(db: Database, customer_id: int) -> str | None:
    """The account number of a row."""
    row = db.row(_ACCOUNT, (customer_id,))
    return str(row[0]) if row else None


def lock(db: Database, customer_id: int) -> str:
    """Lock the account for this transaction, first of all locks; its status now."""
    row = db.row(_LOCK, (customer_id,))
    assert row is not None, "a customer is never deleted"
    return str(row[1])


def lock_only(db: Database, customer_id: int) -> None:
    """Lock the account for this transaction, with what is sent next."""
    db.run(_LOCK, (customer_id,))


def reading_totals(customer_id: int) -> Read[Totals]:
    """The kept figures of today."""
    return Read(_TOTALS, (customer_id,), lambda rows: Totals(*rows[0]) if rows else Totals(0, 0, 0, 0, None))


def totals(db: Database, customer_id: int) -> Totals:
    """The same, at once."""
    return db.together(reading_totals(customer_id))[0]


def reading_sums(customer_id: int) -> Read[Sums]:
    """The true balance, and the open sum of disputed invoices."""
    return _SUMS.read_one((customer_id, customer_id))


def reading_last_payment(customer_id: int, as_of: str) -> Read[LastPayment | None]:
    """The newest payment up to a date."""
    return _LAST_PAYMENT.read_first((as_of, customer_id, as_of))


def sealed(db: Database, customer_id: int) -> dict[str, Sealed]:
    """The profile cells that were captured, still sealed."""
    row = db.row(_SEALED, (customer_id,)) or ()
    return {name: Sealed(bytes(cell)) for name, cell in zip(SEALED, row, strict=False) if cell is not None}


def sealed_of(db: Database, customer_ids: Sequence[int]) -> dict[int, dict[str, Sealed]]:
    """The same of some customers."""
    if not customer_ids:
        return {}
    statement = Statement(f"select id, {', '.join(SEALED)} from customer where id in {in_list(len(customer_ids))}")
    return {
        int(i): {name: Sealed(bytes(cell)) for name, cell in zip(SEALED, cells, strict=True) if cell is not None}
        for i, *cells in db.rows(statement, customer_ids)
    }


def reading_count() -> Read[int]:
    """How many customers there are."""
    return _COUNT.read_one()


def count(db: Database) -> int:
    """The same, at once."""
    return _COUNT.one(db)


@lru_cache(maxsize=8)
def _accounts_in(count_: int) -> Statement:
    marks = ", ".join("?" * count_)
    return Statement(f"select {COLUMNS} from customer c where c.account in ({marks})")  # noqa: S608 - only marks


def by_accounts(db: Database, accounts: list[str]) -> dict[str, Customer]:
    """The customers with these account numbers."""
    customers: dict[str, Customer] = {}
    for first in range(0, len(accounts), 500):
        part = accounts[first : first + 500]
        for row in db.rows(_accounts_in(len(part)), part):
            customer = record(row)
            customers[customer.account] = customer
    return customers


def add(db: Database, customers: Sequence[Row], terms: Sequence[tuple[str, int]]) -> None:
    """Store customers, given as rows of the table, with the words by which they are found."""
    db.run_many(insert_into(tables.Customer), customers)
    db.run_many(_ADD_TERM, terms)


def update(db: Database, customer: Customer, terms: Sequence[tuple[str, int]]) -> None:
    """Store what is known of a customer in clear, with the words by which they are found now."""
    c = customer
    db.run(_UPDATE, (
        c.name, c.kind, c.status, c.since, c.terms_days, c.town, c.postcode, c.plan, int(c.paperless), c.preferred_method, c.id,
    ))  # fmt: skip
    db.run(_DROP_TERMS, (c.id,))
    db.run_many(_ADD_TERM, terms)


def reading_wishes(customer_id: int, tag: str) -> Read[Wishes]:
    """The language of a customer's documents, empty for the book's, and whether they have a tag."""
    return _WISHES.read_one((customer_id, customer_id, tag))


def set_language(tx: Transaction, customer_id: int, language: str) -> None:
    """Store the language of a customer's documents; empty for the book's."""
    versions.hold(tx, versions.TERMS, [customer_id])
    tx.db.run(*((_SET_LANGUAGE, (customer_id, language)) if language else (_NO_LANGUAGE, (customer_id,))))
    tx.touch(versions.TERMS, [customer_id])


def set_cell(db: Database, customer_id: int, field: str, cell: Sealed | None) -> None:
    """Store a sealed field, or empty it."""
    db.run(_SET_CELL[field], (None if cell is None else cell.envelope, customer_id))


def continue_series(db: Database) -> None:
    """Let the series of accounts go on behind the highest number of its shape, where accounts were brought from elsewhere."""
    numbers = [int(a[1:]) for a in _TAKEN.all(db) if a[1:].isascii() and a[1:].isdigit() and len(a) < 16]
    db.run(_SET_SERIES, (max(numbers) + 1,))
