"""What a record that may change was after each change: a posted hash, so that the audit chain vouches for it too.

Without it somebody who can write the book could put an old sealed cell back, empty one, or change a status or a name, and
nothing would show it. Covered are customers with their contacts, what was agreed with them, services, the catalogue with its
rules, and the book itself; and what steers or tells beside them: tags and pinned notes, invoices that wait and customers who
could not be billed, runs and imports, saved views, and what documents of before are printed with.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from netbill_tui.db.core import chain, posted, tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page, further
from netbill_tui.db.core.statements import LOWEST, Row, Select, Statement, in_list
from netbill_tui.db.core.transaction import Transaction, blob_columns, columns
from netbill_tui.errors import BookProblem
from netbill_tui.security.audit import row_hash

CUSTOMER, SERVICE, BOOK, TERMS, CATALOGUE = "customer", "service", "book", "terms", "catalogue"
MARKS, WAITING, FORMER, RUN, READING, VIEWS, SETTINGS = "marks", "waiting", "former", "run", "reading", "views", "settings"
FIRST_KINDS = (CUSTOMER, SERVICE, BOOK, TERMS, CATALOGUE)
# Vouched for since 0.7.0, in a book that says so: see services.vouching.
LATER_KINDS = (MARKS, WAITING, FORMER, RUN, READING, VIEWS, SETTINGS)
KINDS = (*FIRST_KINDS, *LATER_KINDS)
# What a record is called where it is named.
WORDS = {
    MARKS: "tags and pinned notes",
    WAITING: "waiting invoices",
    FORMER: "former names",
    RUN: "billing run",
    READING: "import",
    VIEWS: "saved views",
    SETTINGS: "former settings",
}
_TABLES = {CUSTOMER: "Customer", SERVICE: "Service", BOOK: "Book"}  # one row of this table each
# What there is one of in a book, row by row. Whether a price was used follows from what was billed.
_SINGLE = {
    CATALOGUE: (
        "select 'code', code, name, category, kind, tax_class, proration, suspended, minimum_months, leave_fee, unit, active "
        "from code order by code",
        "select 'part', bundle, part, weight from bundle_part order by bundle, part",
        "select 'price', id, code, from_on, end_on, audience, amount, promo_amount, promo_periods, included, tiers, notice "
        "from price order by id",
        "select 'rate', id, tax_class, from_on, end_on, name, category, percent, ord, compound, reason from tax_rate order by id",
        "select 'rule', name, value from book_setting order by name",
    ),
    VIEWS: ("select id, list, name, owner, digit, words, columns from saved_view order by id",),
    SETTINGS: ("select id, name, until_seq, value from former_setting order by id",),
}
# What hangs on a record, which comes first so that rows are put together: the columns, the table, its order.
_HANGING = {
    TERMS: (
        ("customer_id", "'discount', id, code, kind, value, from_on, end_on, text", "discount", "id"),
        ("customer_id", "'exemption', id, certificate, from_on, end_on", "exemption", "id"),
        ("customer_id", "'days', terms_day, anchor", "billing_terms", ""),
        ("customer_id", "'language', language", "customer_language", ""),
    ),
    MARKS: (
        ("customer_id", "'tag', tag", "customer_tag", "tag"),
        ("customer_id", "'pin', note_id", "note_pin", "note_id"),
    ),
    WAITING: (
        ("customer_id", "'draft', bill_date, run, posts_on, net, tax, state", "draft_invoice", "bill_date"),
        ("customer_id", "'parked', as_of, reason, run, at_us", "parked", ""),
    ),
    FORMER: (
        ("customer_id", "id, uid, until_seq, name, town, postcode, street", "former_customer", "id"),
    ),
    RUN: (
        ("id", "number, as_of, kind, state, catch_up, undoes, started_at, finished_at, customers, invoices, credits, lines, net, "
         "tax, parked, operator", "billing_run", ""),
    ),
    READING: (
        ("id", "kind, file_name, profile, started_at, finished_at, rows, created, updated, already, rejected, operator",
         "import_run", ""),
    ),
}  # fmt: skip
_ONES = {kind: tuple(Statement(text) for text in texts) for kind, texts in _SINGLE.items()}
_OWNERS = {
    kind: Statement(
        "select owner from ("
        + "".join(f"select {owner} as owner from {table} union " for owner, _, table, _ in parts)
        + f"select record_id from record_version where kind = '{kind}') t where owner > ? order by owner limit 2000"  # noqa: S608
    )
    for kind, parts in _HANGING.items()
}
_MOST = Select("select (select count(*) from customer) + (select count(*) from service)", int)
_ACCOUNT = Select("select account from customer where id = ?", str)
_CHUNK = 400
_PAGE = 2000
# The same of some records, which may lie far apart.
_NEWEST_OF = "select record_id, digest from record_version where kind = ? and record_id in {marks} order by record_id, id"
_NEWEST = Statement(
    "select record_id, digest from record_version where kind = ? and record_id > ? and record_id <= ? order by record_id, id"
)


def digest(table: str, row: Sequence[object], contacts: Iterable[Sequence[object]] = ()) -> bytes:
    """The hash of a record's row and of its contacts, in id order."""
    total = hashlib.sha256(b"netbill/version/v1" + row_hash(table, row))
    for contact in contacts:
        total.update(row_hash("contact", contact))
    return total.digest()


def _plain(table: "type[tables.Table]", rows: list[Row]) -> list[Row]:
    blobs = blob_columns(table)
    return [tuple(bytes(v) if b and v is not None else v for v, b in zip(row, blobs, strict=True)) for row in rows]


def _digests(db: Database, kind: str, where: str, params: Sequence[object]) -> list[tuple[int, bytes]]:
    """Record and hash of the rows of a kind, in id order."""
    table = getattr(tables, _TABLES[kind])
    records = _plain(table, db.rows(Statement(f"select {', '.join(columns(table))} from {kind} where {where}"), params))
    contacts: dict[int, list[Row]] = {}
    if kind == CUSTOMER and records:
        names = ", ".join(columns(tables.Contact))
        ids = [int(row[0]) for row in records]
        # In a page they lie side by side; in a batch of a file anywhere.
        near = ids[-1] - ids[0] < 4 * len(ids)
        where = "customer_id >= ? and customer_id <= ?" if near else f"customer_id in {in_list(len(ids))}"
        span = Statement(f"select {names} from contact where {where} order by id")
        for row in _plain(tables.Contact, db.rows(span, (ids[0], ids[-1]) if near else ids)):
            contacts.setdefault(int(row[2]), []).append(row)
    return [(int(row[0]), digest(kind, row, contacts.get(int(row[0]), ()))) for row in records]


def _of_one(db: Database, kind: str) -> bytes:
    total = hashlib.sha256(b"netbill/version/v1")
    for statement in _ONES[kind]:
        for row in db.rows(statement):
            total.update(row_hash(kind, row))
    return total.digest()


def _hanging(db: Database, kind: str, ids: Sequence[int]) -> list[tuple[int, bytes]]:
    """Record and hash of what hangs on each."""
    hashes = {i: hashlib.sha256(b"netbill/version/v1") for i in ids}
    near = max(ids) - min(ids) < 4 * len(ids) + 100
    for owner_, names, table, order in _HANGING[kind]:
        where = f"{owner_} >= ? and {owner_} <= ?" if near else f"{owner_} in {in_list(len(ids))}"
        statement = Statement(
            f"select {owner_}, {names} from {table} where {where} order by {owner_}" + (f", {order}" if order else "")  # noqa: S608
        )
        for owner, *row in db.rows(statement, (min(ids), max(ids)) if near else ids):
            if owner in hashes:
                hashes[owner].update(row_hash(kind, [bytes(v) if isinstance(v, memoryview) else v for v in row]))
    return [(i, total.digest()) for i, total in sorted(hashes.items())]


def _now(db: Database, kind: str, ids: Sequence[int]) -> list[tuple[int, bytes]]:
    """Record and hash of those that are what their rows make of them; without rows they are nothing."""
    return [(1, _of_one(db, kind))] if kind in _ONES else _hanging(db, kind, ids)


class Checked(NamedTuple):
    """A record, and what is wrong with it, or an empty sentence."""

    record: int
    wrong: str


_ALTERED, _FOREIGN = "is not as it was last written", "was written by a program other than netbill"


def missing(db: Database) -> tuple[str, ...]:
    """The kinds of records of which the audit does not say that the book vouches for them, in their order."""
    vouched: set[str] = set()
    for action in ("book.init", "book.upgrade"):
        for event in chain.all_of(db, action):
            if action == "book.upgrade" or "records" in event.said:
                vouched |= set(event.said.get("kinds", FIRST_KINDS))
    return tuple(kind for kind in KINDS if kind != BOOK and kind not in vouched)


def hold(tx: Transaction, kind: str, ids: Iterable[int]) -> None:
    """Refuse to change records that are not as they were last written; called in the transaction, before the change.

    A change posts what the record is then, and would vouch for whatever else somebody wrote into it.

    Raises:
        BookProblem: Another program changed one of them.
    """
    altered = _altered(tx, kind, ids)
    if altered:
        record, wrong = altered[0]
        did = "put it there" if wrong == _FOREIGN else "changed it since"
        name = label(tx.db, kind, record).removeprefix("the ")
        raise BookProblem(
            f"{name[:1].upper()}{name[1:]}: another program {did}; nothing was saved. Run netbill verify; restore the book "
            "from a backup, or put back what was changed."
        )


def altered(tx: Transaction, kind: str, ids: Iterable[int]) -> set[int]:
    """Those of some records that are not as they were last written; called in the transaction, before the change."""
    return {record for record, _ in _altered(tx, kind, ids)}


def leave(tx: Transaction, kind: str, ids: Iterable[int]) -> None:
    """Vouch no more for those of these records that are not as they were last written: what is bulk work goes on beside them.

    Called in the transaction, before the change; `verify` names them then as it did before.
    """
    tx.left.setdefault(kind, set()).update(altered(tx, kind, ids))


def _altered(tx: Transaction, kind: str, ids: Iterable[int]) -> list[Checked]:
    # What this transaction itself changed before is posted at its end.
    checked = tx.checked.setdefault(kind, set())
    records = sorted(set(ids) - tx.touched.get(kind, set()) - checked)
    checked.update(records)
    wrong = _wrong(tx.db, kind, records)
    if wrong:
        # Another transaction may have come between the two reads: behind the lock of the chain none does.
        _ = tx.seq
        wrong = _wrong(tx.db, kind, records)
    return wrong


def _wrong(db: Database, kind: str, records: Sequence[int]) -> list[Checked]:
    """Those of some records that are not as they were last written, with what is wrong."""
    nothing = hashlib.sha256(b"netbill/version/v1").digest()
    wrong: list[Checked] = []
    for at in range(0, len(records), _CHUNK):
        some = records[at : at + _CHUNK]
        statement = Statement(_NEWEST_OF.format(marks=in_list(len(some))))
        newest = {int(r): bytes(d) for r, d in db.rows(statement, (kind, *some))}
        for record, now in _as_they_are(db, kind, some):
            known = newest.get(record, None if kind in _TABLES else nothing)
            if known != now:
                wrong.append(Checked(record, _FOREIGN if record not in newest else _ALTERED))
    # A book that does not vouch for them yet has no word of them.
    return wrong if wrong and kind not in missing(db) else []


def _as_they_are(db: Database, kind: str, ids: Sequence[int]) -> list[tuple[int, bytes]]:
    return _digests(db, kind, f"id in {in_list(len(ids))} order by id", ids) if kind in _TABLES else _now(db, kind, ids)


def label(db: Database, kind: str, record: int) -> str:
    """What a record is called where it is named."""
    word = WORDS.get(kind, kind)
    if kind in (CATALOGUE, BOOK, VIEWS, SETTINGS):
        return f"the {word}"
    account = _ACCOUNT.first(db, (record,)) if kind not in (SERVICE, RUN, READING) else None
    return f"{word} {'of ' if kind != CUSTOMER else ''}{account}" if account else f"{word} {record}"


def post(tx: Transaction, kind: str, ids: Iterable[int]) -> None:
    """Post what these records are now; called in the transaction that changed them, after the change."""
    records = sorted(set(ids) - tx.left.get(kind, set()))
    for at in range(0, len(records), _CHUNK):
        some = records[at : at + _CHUNK]
        digests = _as_they_are(tx.db, kind, some)
        numbers = tx.ids(len(digests))
        tx.post([posted.RecordVersion(next(numbers), kind, record, digest_) for record, digest_ in digests])


def post_touched(tx: Transaction) -> None:
    """Post what the records are now that this transaction touched."""
    for kind, ids in sorted(tx.touched.items()):
        post(tx, kind, ids)
    tx.touched.clear()


def most(db: Database) -> int:
    """How many customers and services there are: nearly all records that an old book has vouched for."""
    return _MOST.one(db)


def pages(db: Database, kind: str, since: int = LOWEST) -> Iterator[list[int]]:
    """The ids of a kind behind one, page by page."""
    if kind == BOOK or kind in _ONES:
        if since < 1:
            yield [1]
        return
    statement = _OWNERS.get(kind) or Statement(f"select id from {kind} where id > ? order by id limit {_PAGE}")
    for rows in every_page(db, statement, since):
        yield [int(row[0]) for row in rows]


def never(db: Database, kind: str, before_us: int) -> Iterator[list[int]]:
    """The ids of a kind of which no version was ever posted, of those that stood there before a moment, page by page."""
    if kind not in _TABLES:
        nothing = hashlib.sha256(b"netbill/version/v1").digest()
        for ids in pages(db, kind):
            known = {int(r) for r, _ in db.rows(_NEWEST, (kind, ids[0] - 1, ids[-1]))}
            if left := [record for record, digest_ in _now(db, kind, ids) if record not in known and digest_ != nothing]:
                yield left
        return
    statement = Statement(
        f"select id from {kind} where id > ? and created_at <= ? and not exists "
        f"(select 1 from record_version v where v.kind = '{kind}' and v.record_id = {kind}.id) order by id limit {_PAGE}"
    )
    for rows in every_page(db, statement, LOWEST, before_us):
        yield [int(row[0]) for row in rows]


def check(db: Database, kind: str) -> Iterator[Checked]:
    """Every record of a kind with what is wrong with it."""
    if kind not in _TABLES:
        yield from _check_hanging(db, kind)
        return
    last = LOWEST
    while digests := _digests(db, kind, f"id > ? order by id limit {_PAGE}", (last,)):
        newest = {int(r): bytes(d) for r, d in db.rows(_NEWEST, (kind, last, digests[-1][0]))}
        for record, now in digests:
            newest_digest = newest.pop(record, None)
            if newest_digest is None:
                yield Checked(record, _FOREIGN)
            else:
                yield Checked(record, "" if newest_digest == now else _ALTERED)
        for record in newest:
            yield Checked(record, "is gone")
        further(last, digests[-1][0])
        last = digests[-1][0]
    for record, _ in db.rows(_NEWEST, (kind, last, 1 << 62)):
        yield Checked(int(record), "is gone")


def _check_hanging(db: Database, kind: str) -> Iterator[Checked]:
    """Records that are what their rows make of them; what never was anything needs no version."""
    nothing = hashlib.sha256(b"netbill/version/v1").digest()
    for ids in pages(db, kind):
        newest = {int(r): bytes(d) for r, d in db.rows(_NEWEST, (kind, ids[0] - 1, ids[-1]))}
        for record, now in _now(db, kind, ids):
            yield Checked(record, "" if newest.get(record, nothing) == now else _ALTERED)
