"""Loading a book that nobody uses yet by statements that copy whole blocks of it. Only a demo book is made like this.

A row's guard looks its own numbers up, and each index is kept in order row by row: for eleven million payments that costs
more than all the rest. So guards and indexes are taken away first and made again at the end, by the migrations that made
them, and SQLite keeps no journal meanwhile: a book whose making was cut short has no key and is never opened.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement
from netbill_tui.db.core.transaction import columns, insert_into
from netbill_tui.db.receivables import day_sums

_FIRST = importlib.import_module("netbill_tui.db.migrations.0001_book")
_SECOND = importlib.import_module("netbill_tui.db.migrations.0002_comfort")
_SIXTH = importlib.import_module("netbill_tui.db.migrations.0006_finding")
_EIGHTH = importlib.import_module("netbill_tui.db.migrations.0008_bill_date")
_NINTH = importlib.import_module("netbill_tui.db.migrations.0009_day_sum")
# The tables that a copy fills, whose indexes are made once at its end.
_FILLED = (
    "customer", "contact", "search_term", "invoice", "invoice_line", "payment", "payment_event", "allocation", "entry",
    "dispute_event", "note", "open_item", "open_credit", "customer_total",
)  # fmt: skip
COPIED = (
    tables.Invoice,
    tables.InvoiceLine,
    tables.Payment,
    tables.PaymentEvent,
    tables.Allocation,
    tables.Entry,
    tables.DisputeEvent,
    tables.Note,
)
_TERMS = Statement("create temp table demo_term (word text not null, payment_id bigint not null, grows bigint not null)")
_BLOCKS = Statement("create temp table demo_block (shift bigint not null, mark text not null)")
_ADD_TERM = Statement("insert into demo_term (word, payment_id, grows) values (?, ?, ?)")
_ADD_BLOCK = Statement("insert into demo_block (shift, mark) values (?, ?)")
# In the order of the words, so that the index grows at its end.
_COPY_TERMS = Statement(
    "insert into payment_term (word, payment_id) select t.word || case when t.grows = 1 then b.mark else '' end, "
    "t.payment_id + b.shift from (select word, payment_id, grows from demo_term order by word, payment_id) t "
    "cross join demo_block b"
)
_COUNT_DUES = (
    Statement("delete from due_total"),
    Statement(
        "insert into due_total (due_on, invoices, amount) select due_on, count(*), sum(open) from open_item group by due_on"
    ),
    Statement("update kept_state set credit = (select coalesce(sum(amount), 0) from open_credit) where id = 1"),
)
_TOTALS = Statement(
    "insert into customer_total (customer_id, account, balance, open, credit, overdue, oldest_due, next_action_on, promise_on, "
    "last_contact_on, last_contact, disputed) select c.id, c.account, t.balance, t.open, t.credit, t.overdue, t.oldest_due, "
    "t.next_action_on, t.promise_on, t.last_contact_on, t.last_contact, t.disputed from customer_total t join customer c "
    "on c.id = t.customer_id + ? where t.customer_id >= ? and t.customer_id < ?"
)


@contextmanager
def unguarded(db: Database) -> Iterator[None]:
    """Take guards and indexes away for a load, and put them back."""
    sqlite = db.kind == "sqlite"
    indexes = {
        n: i
        for n, i in {**_FIRST.INDEXES, **_SECOND.INDEXES, **_SIXTH.INDEXES, **_EIGHTH.INDEXES, **_NINTH.INDEXES}.items()
        if i.split(" on ")[1].split()[0] in _FILLED
    }
    if sqlite:
        db.log_changes()  # type: ignore[attr-defined]
        for pragma in ("journal_mode = off", "synchronous = off", "foreign_keys = off", "cache_size = -800000", "threads = 2"):
            db.rows(Statement(f"pragma {pragma}"))
        for table in _FIRST.POSTED:
            for kind in ("update", "delete", "replace"):
                db.run(Statement(f"drop trigger {table}_no_{kind}"))
    for name in indexes:
        db.run(Statement(f"drop index {name}"))
    yield
    for name, index in indexes.items():
        db.run(Statement("create " + index.format(name=name)))
    if sqlite:
        _FIRST._guard_sqlite(db.peewee)
        for pragma in ("journal_mode = wal", "synchronous = 2", "foreign_keys = on", "cache_size = -8000", "threads = 0"):
            db.rows(Statement(f"pragma {pragma}"))


def padded(db: Database, prefix: str, column: str) -> str:
    """SQL for a document's number shifted by a parameter, with its prefix and at least six digits for an invoice."""
    number = f"cast(substr({column}, {len(prefix) + 1}) as bigint) + ?"
    if prefix != "INV-":
        return f"'{prefix}' || ({number})"
    if db.kind == "sqlite":
        return f"'{prefix}' || printf('%06d', {number})"
    return f"'{prefix}' || lpad(cast({number} as text), greatest(6, length(cast({number} as text))), '0')"


class BlockCopy:
    """Copies the rows of the first customers for others: the same history under other numbers and references."""

    def __init__(self, db: Database, first: int, end: int) -> None:
        """Copy from a block of row ids.

        Args:
            db: The book.
            first: First row id of the block.
            end: One behind its last.
        """
        self.db, self.first, self.end = db, first, end

    def copy(self, shift: int, invoices: int, receipts: int, mark: str, seq: int) -> dict[str, int]:
        """One copy of every posted row of the block; how many rows of each table.

        Args:
            shift: What is added to every row id.
            invoices: What is added to the invoice numbers.
            receipts: What is added to the receipt numbers.
            mark: Digits behind every reference.
            seq: The audit event of the copy.
        """
        counts = {}
        for table in COPIED:
            name = table._meta.table_name
            parts = [self._expression(name, c, shift, invoices, receipts, mark, seq) for c in columns(table)]
            params = [p for _, values in parts for p in values]
            into = ", ".join(columns(table))
            sql = f"insert into {name} ({into}) select {', '.join(e for e, _ in parts)} from {name} where id >= ? and id < ?"
            counts[name] = self.db.changed(Statement(sql), (*params, self.first, self.end))
        self._copy_balances(shift, invoices)
        return counts

    def _expression(
        self, table: str, column: str, shift: int, invoices: int, receipts: int, mark: str, seq: int
    ) -> tuple[str, list[object]]:
        sqlite = self.db.kind == "sqlite"
        if column in ("id", "customer_id", "invoice_id", "payment_id"):
            return f"{column} + {shift}", []
        if column == "audit_seq":
            return str(seq), []
        if column == "uid":
            block = bytes.fromhex(f"{int(mark):08x}")
            joined = "cast(substr(uid, 1, 12) || ? as blob)" if sqlite else "substring(uid from 1 for 12) || ?"
            return joined, [block]
        if column == "number":
            number = padded(self.db, "INV-", column)
            return number, [invoices] * number.count("?")
        if column == "receipt":
            return padded(self.db, "R-", column), [receipts]
        if column == "reference":
            return "case when reference = '' then '' else reference || ? end", [mark]
        if column == "reference_tail":
            return "case when reference = '' then '' else ? || reference_tail end", [mark[::-1]]
        if column == "document":
            receipt = "'R-' || (cast(replace(substr(document, 3), '-REV', '') as bigint) + ?)"
            back = f"case when document like '%-REV' then {receipt} || '-REV' else {receipt} end"
            if table == "payment_event":
                return back, [receipts, receipts]
            number = padded(self.db, "INV-", column)
            return f"case when kind = 'invoice' then {number} else {back} end", [
                *[invoices] * number.count("?"),
                receipts,
                receipts,
            ]
        if column == "text" and table == "entry":
            return "case when kind = 'payment' and text like '% %' then text || ? else text end", [mark]
        return column, []

    def _copy_balances(self, shift: int, invoices: int) -> None:
        span = (self.first, self.end)
        number = padded(self.db, "INV-", "number")
        self.db.run(
            Statement(
                "insert into open_item (invoice_id, customer_id, number, issued_on, due_on, total, open, disputed) select "
                f"invoice_id + {shift}, customer_id + {shift}, {number}, issued_on, due_on, total, open, disputed "
                "from open_item where invoice_id >= ? and invoice_id < ?"
            ),
            (*[invoices] * number.count("?"), *span),
        )
        self.db.run(
            Statement(
                f"insert into open_credit (payment_id, customer_id, received_on, amount) select payment_id + {shift}, "
                f"customer_id + {shift}, received_on, amount from open_credit where payment_id >= ? and payment_id < ?"
            ),
            span,
        )
        self.db.run(_TOTALS, (shift, *span))

    def terms(self, words: Sequence[tuple[str, int, int]], blocks: Sequence[tuple[int, str]]) -> None:
        """The words of every copied reference: those of the block, with the mark where it ends the reference."""
        self.db.run(_TERMS)
        self.db.run(_BLOCKS)
        self.db.run_many(_ADD_TERM, words)
        self.db.run_many(_ADD_BLOCK, blocks)
        self.db.run(_COPY_TERMS)

    def finish(self, series: Mapping[str, int]) -> None:
        """Count the totals per due date and of the book, and set the number series behind what was used."""
        for statement in (*_COUNT_DUES, *day_sums.REBUILD):
            self.db.run(statement)
        for name, value in series.items():
            self.db.run(_SET_SERIES, (value, name))


def add_people(
    db: Database,
    customers: Sequence[tuple[object, ...]],
    contacts: Sequence[tuple[object, ...]],
    terms: Sequence[tuple[object, ...]],
) -> None:
    """Insert customers with their contacts and search words."""
    db.run_many(insert_into(tables.Customer), customers)
    db.run_many(insert_into(tables.Contact), contacts)
    db.run_many(insert_into(tables.SearchTerm), terms)


class BlockIds(NamedTuple):
    """Row ids of customers, of their contacts and of what they are, each in the order of the customers."""

    customers: list[int]
    contacts: list[int]
    versions: list[int]


class Subscriber(NamedTuple):
    """A customer with the plan, and the day since when they are one."""

    id: int
    plan: str
    since: str


class Issued(NamedTuple):
    """An invoice of the billing run: whose, for which bill date, and what of it is open."""

    id: int
    customer_id: int
    bill_date: str
    open: int


class MainCounts(NamedTuple):
    """How many invoices and payments there are."""

    invoices: int
    payments: int


_SET_SERIES = Statement("update number_series set next = ? where name = ?")
# A sample of each index is enough to choose among them, and a million customers are counted in seconds.
_ANALYZE = (Statement("pragma analysis_limit = 1000"), Statement("pragma optimize = 0x10002"))
_CREDIT_ADD = Statement("insert into open_credit (payment_id, customer_id, received_on, amount) values (?, ?, ?, ?)")
_TWINS = Select("select id from customer order by id", int)
_CONTACTS = Select("select id from contact order by customer_id, id", int)
_VERSIONS = Select("select id from record_version where kind = 'customer' order by record_id, id", int)
_SUBSCRIBERS = Select(
    "select id, plan, since from customer where status <> 'closed' and since is not null order by id", Subscriber
)
_ISSUED = Select(
    "select i.id, i.customer_id, i.bill_date, coalesce(o.open, 0) from invoice i left join open_item o on o.invoice_id = i.id "
    "where i.bill_date >= ? order by i.id",
    Issued,
)
_SET_OPEN = Statement("update open_item set open = ?, disputed = ? where invoice_id = ?")
_DROP_OPEN = Statement("delete from open_item where invoice_id = ?")
_MAIN_COUNTS = Select("select (select count(*) from invoice), (select count(*) from payment)", MainCounts)
_SERIES = Statement("select name, next from number_series")


def set_series(db: Database, name: str, value: int) -> None:
    """Let a number series go on at a number."""
    db.run(_SET_SERIES, (value, name))


def analyze(db: Database) -> None:
    """Count what the engine chooses its indexes by."""
    for statement in _ANALYZE if db.kind == "sqlite" else ():
        db.rows(statement)
    db.analyze()


def add_credit(db: Database, credits: Sequence[tuple[int, int, str, int]]) -> None:
    """Open credit: payment, customer, day, amount. The totals are counted at the end."""
    db.run_many(_CREDIT_ADD, credits)


def subscribers(db: Database) -> list[Subscriber]:
    """The customers who are not closed."""
    return _SUBSCRIBERS.all(db)


def issued_since(db: Database, day: str) -> list[Issued]:
    """The invoices for bill dates from a day on."""
    return _ISSUED.all(db, (day,))


def set_open(db: Database, left: Sequence[tuple[int, int, int]]) -> None:
    """What is open of invoices and whether it is disputed, given by id. The totals are counted at the end."""
    db.run_many(_SET_OPEN, [(open_, disputed, i) for i, open_, disputed in left if open_])
    db.run_many(_DROP_OPEN, [(i,) for i, open_, _ in left if not open_])


def block_ids(db: Database) -> BlockIds:
    """The ids of the customers of a book that holds the first block alone."""
    return BlockIds(_TWINS.all(db), _CONTACTS.all(db), _VERSIONS.all(db))


def add_versions(db: Database, rows: Sequence[tuple[object, ...]]) -> None:
    """What records are, given as rows of the table."""
    db.run_many(insert_into(tables.RecordVersion), rows)


def main_counts(db: Database) -> MainCounts:
    """How many invoices and payments there are."""
    return _MAIN_COUNTS.one(db)


def series(db: Database) -> dict[str, int]:
    """The next number of each series."""
    return {str(name): int(value) for name, value in db.rows(_SERIES)}
