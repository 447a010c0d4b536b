"""What a record that may change was after each change: a posted hash, so that the audit chain vouches for it too.

Without it somebody who can write the book could put an old sealed cell back, empty one, or change a status or a name, and
nothing would show it. Covered are customers with their contacts, what was agreed with them, services, the catalogue with its
rules, and the book itself.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from netbill_tui.db import tables
from netbill_tui.db.engine import Database
from netbill_tui.db.statements import LOWEST, Row, Statement, in_list
from netbill_tui.db.transaction import Transaction, blob_columns, columns
from netbill_tui.security.audit import row_hash

CUSTOMER, SERVICE, BOOK, TERMS, CATALOGUE = "customer", "service", "book", "terms", "catalogue"
KINDS = (CUSTOMER, SERVICE, BOOK, TERMS, CATALOGUE)
_TABLES = {CUSTOMER: tables.Customer, SERVICE: tables.Service, BOOK: tables.Book}
# What makes up the catalogue, row by row; whether a price was used follows from what was billed.
_CATALOGUE = tuple(
    Statement(text)
    for text in (
        "select 'code', code, name, category, kind, tax_class, proration, suspended, minimum_months, leave_fee, unit, active "
        "from code order by code",
        "select 'part', bundle, part, weight from bundle_part order by bundle, part",
        "select 'price', id, code, from_on, end_on, audience, amount, promo_amount, promo_periods, included, tiers, notice "
        "from price order by id",
        "select 'rate', id, tax_class, from_on, end_on, name, category, percent, ord, compound, reason from tax_rate order by id",
        "select 'rule', name, value from book_setting order by name",
    )
)
# What was agreed with a customer: the customer first, so that rows are put together.
_AGREED = tuple(
    f"select customer_id, {columns} from {table} where customer_id >= ? and customer_id <= ? order by customer_id{order}"
    for columns, table, order in (
        ("'discount', id, code, kind, value, from_on, end_on, text", "discount", ", id"),
        ("'exemption', id, certificate, from_on, end_on", "exemption", ", id"),
        ("'days', terms_day, anchor", "billing_terms", ""),
    )
)
_AGREED_STATEMENTS = tuple(Statement(text) for text in _AGREED)
_WITH_TERMS = Statement(
    "select customer_id from (select customer_id from discount union select customer_id from exemption union "
    "select customer_id from billing_terms union select record_id from record_version where kind = 'terms') t "
    "where customer_id > ? order by customer_id limit 2000"
)
_CHUNK = 400
_PAGE = 2000
_CONTACT_COLUMNS = ", ".join(columns(tables.Contact))
_NEWEST = Statement(
    "select record_id, digest from record_version where kind = ? and record_id > ? and record_id <= ? order by record_id, id"
)


def digest(table: str, row: Sequence[object], contacts: Iterable[Sequence[object]] = ()) -> bytes:
    """The hash of a record's row and of its contacts, in id order."""
    total = hashlib.sha256(b"netbill/version/v1" + row_hash(table, row))
    for contact in contacts:
        total.update(row_hash("contact", contact))
    return total.digest()


def _plain(table: type[tables.Table], rows: list[Row]) -> list[Row]:
    blobs = blob_columns(table)
    return [tuple(bytes(v) if b and v is not None else v for v, b in zip(row, blobs, strict=True)) for row in rows]


def _digests(db: Database, kind: str, where: str, params: Sequence[object]) -> list[tuple[int, bytes]]:
    """Record and hash of the rows of a kind, in id order."""
    table = _TABLES[kind]
    found = _plain(table, db.rows(Statement(f"select {', '.join(columns(table))} from {kind} where {where}"), params))
    contacts: dict[int, list[Row]] = {}
    if kind == CUSTOMER and found:
        span = Statement(f"select {_CONTACT_COLUMNS} from contact where customer_id >= ? and customer_id <= ? order by id")
        ids = {int(row[0]) for row in found}
        for row in _plain(tables.Contact, db.rows(span, (min(ids), max(ids)))):
            contacts.setdefault(int(row[2]), []).append(row)
    return [(int(row[0]), digest(kind, row, contacts.get(int(row[0]), ()))) for row in found]


def _of_catalogue(db: Database) -> bytes:
    total = hashlib.sha256(b"netbill/version/v1")
    for statement in _CATALOGUE:
        for row in db.rows(statement):
            total.update(row_hash("catalogue", row))
    return total.digest()


def _of_terms(db: Database, ids: Sequence[int]) -> list[tuple[int, bytes]]:
    """Customer and hash of what was agreed with each."""
    made = {i: hashlib.sha256(b"netbill/version/v1") for i in ids}
    for statement in _AGREED_STATEMENTS:
        for customer_id, *row in db.rows(statement, (min(ids), max(ids))):
            if customer_id in made:
                made[customer_id].update(row_hash("terms", row))
    return [(i, total.digest()) for i, total in sorted(made.items())]


def post(tx: Transaction, kind: str, ids: Iterable[int]) -> None:
    """Post what these records are now; called in the transaction that changed them, after the change."""
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), _CHUNK):
        some = wanted[at : at + _CHUNK]
        if kind == CATALOGUE:
            found = [(1, _of_catalogue(tx.db))]
        elif kind == TERMS:
            found = _of_terms(tx.db, some)
        else:
            found = _digests(tx.db, kind, f"id in {in_list(len(some))} order by id", some)
        numbers = tx.ids(len(found))
        tx.post(tables.RecordVersion, [(next(numbers), kind, record, made) for record, made in found])


def pages(db: Database, kind: str, since: int = LOWEST) -> Iterator[list[int]]:
    """The ids of a kind behind one, page by page."""
    if kind in (CATALOGUE, BOOK):
        if since < 1:
            yield [1]
        return
    last = since
    statement = _WITH_TERMS if kind == TERMS else Statement(f"select id from {kind} where id > ? order by id limit {_PAGE}")
    while found := db.rows(statement, (last,)):
        yield [int(row[0]) for row in found]
        last = int(found[-1][0])


def never(db: Database, kind: str, before_us: int) -> Iterator[list[int]]:
    """The ids of a kind of which no version was ever posted, of those that stood there before a moment, page by page."""
    if kind in (CATALOGUE, TERMS):
        nothing = hashlib.sha256(b"netbill/version/v1").digest()
        for ids in pages(db, kind):
            posted = {int(r) for r, _ in db.rows(_NEWEST, (kind, ids[0] - 1, ids[-1]))}
            now = [(1, _of_catalogue(db))] if kind == CATALOGUE else _of_terms(db, ids)
            if left := [record for record, made in now if record not in posted and made != nothing]:
                yield left
        return
    statement = Statement(
        f"select id from {kind} where id > ? and created_at <= ? and not exists "
        f"(select 1 from record_version v where v.kind = '{kind}' and v.record_id = {kind}.id) order by id limit {_PAGE}"
    )
    last = LOWEST
    while found := db.rows(statement, (last, before_us)):
        yield [int(row[0]) for row in found]
        last = int(found[-1][0])


def check(db: Database, kind: str) -> Iterator[tuple[int, str]]:
    """Every record of a kind with what is wrong with it, or an empty sentence."""
    if kind in (CATALOGUE, TERMS):
        yield from _check_agreed(db, kind)
        return
    last = LOWEST
    while found := _digests(db, kind, f"id > ? order by id limit {_PAGE}", (last,)):
        newest = {int(r): bytes(d) for r, d in db.rows(_NEWEST, (kind, last, found[-1][0]))}
        for record, now in found:
            posted = newest.pop(record, None)
            if posted is None:
                yield record, "was put in by something else than this program"
            else:
                yield record, "" if posted == now else "is not as it was last written"
        for record in newest:
            yield record, "is gone"
        last = found[-1][0]
    for record, _ in db.rows(_NEWEST, (kind, last, 1 << 62)):
        yield int(record), "is gone"


def _check_agreed(db: Database, kind: str) -> Iterator[tuple[int, str]]:
    """The catalogue, or what was agreed with each customer; what never was anything needs no version."""
    nothing = hashlib.sha256(b"netbill/version/v1").digest()
    for ids in pages(db, kind):
        newest = {int(r): bytes(d) for r, d in db.rows(_NEWEST, (kind, ids[0] - 1, ids[-1]))}
        for record, now in [(1, _of_catalogue(db))] if kind == CATALOGUE else _of_terms(db, ids):
            yield record, "" if newest.get(record, nothing) == now else "is not as it was last written"
