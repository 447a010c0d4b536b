"""Every sealed cell of the book, by table: for rotation and for verify. A new sealed column is named here, or a test fails."""

from collections.abc import Iterator
from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import further
from netbill_tui.db.core.statements import LOWEST, Statement

PAGE = 500


class Place(NamedTuple):
    """A sealed column.

    Attributes:
        table: Its table.
        column: Its column there.
        key: The column that orders and names the rows.
        record: The column that holds the record's uuid.
        name: The logical name that its key is derived from; `kind` stands for the value of that column.
    """

    table: str
    column: str
    key: str
    record: str
    name: tuple[str, str]


PLACES = (
    *(
        Place("customer", c, "id", "uid", ("customer", c))
        for c in ("tax_id", "birth_date", "pin", "bank_account", "credit_score", "street")
    ),
    Place("contact", "value", "id", "uid", ("contact", "kind")),
    Place("service", "address", "id", "uid", ("service", "address")),
    Place("former_customer", "street", "id", "uid", ("customer", "street")),
    Place("draft", "body", "uid", "uid", ("draft", "body")),
    Place("draft", "secret", "uid", "uid", ("draft", "secret")),
)


class Cell(NamedTuple):
    """A sealed cell: which row, which logical column, and its envelope.

    `tail` is 1 where a contact has a short index; `owner` is the id of the customer or service that the cell belongs to.
    """

    key: object
    record: bytes
    kind: str
    envelope: bytes
    tail: int
    owner: int


def _page(place: Place) -> tuple[Statement, Statement]:
    kind = "kind" if place.name[1] == "kind" else "''"
    tail = "case when bidx4 is null then 0 else 1 end" if place.table == "contact" else "0"
    owner = {"contact": "customer_id", "draft": "0", "former_customer": "customer_id"}.get(place.table, "id")
    select = f"select {place.key}, {place.record}, {kind}, {place.column}, {tail}, {owner} from {place.table}"
    # The key id stands in the header, bytes 2 to 5 from 0.
    other = f"{place.column} is not null and substr({place.column}, 3, 4) <> ?"
    order = f"order by {place.key} limit {PAGE}"
    return (
        Statement(f"{select} where {place.key} > ? and {place.column} is not null {order}"),
        Statement(f"{select} where {place.key} > ? and {other} {order}"),
    )


_PAGES = {place: _page(place) for place in PLACES}
_SET = {
    place: Statement(f"update {place.table} set {place.column} = ? where {place.key} = ? and {place.column} = ?")
    for place in PLACES
}
_SET_CONTACT = Statement("update contact set value = ?, bidx = ?, bidx4 = ? where id = ? and value = ?")
_LEFT = {
    place: Statement(f"select count(*) from {place.table} where {place.column} is not null and substr({place.column}, 3, 4) <> ?")
    for place in PLACES
}
_COUNT = {place: Statement(f"select count(*) from {place.table} where {place.column} is not null") for place in PLACES}


def _start(place: Place) -> object:
    return b"" if place.key == "uid" else LOWEST


def _cell(row: tuple[object, ...]) -> Cell:
    key, record, kind, envelope, tail, owner = row
    if not isinstance(key, int):
        key = bytes(key)  # type: ignore[call-overload]
    return Cell(key, bytes(record), str(kind), bytes(envelope), int(str(tail)), int(str(owner)))  # type: ignore[call-overload]


def page_of(db: Database, place: Place, after: object | None, other_than: bytes | None = None) -> list[Cell]:
    """The next cells behind a row, in order; with `other_than`, only those whose key id differs from these four bytes."""
    every, others = _PAGES[place]
    start = _start(place) if after is None else after
    rows = db.rows(every, (start,)) if other_than is None else db.rows(others, (start, other_than))
    return [_cell(row) for row in rows]


def cells(db: Database, place: Place) -> Iterator[Cell]:
    """Every cell of a column, page by page."""
    after: object | None = None
    while page := page_of(db, place, after):
        yield from page
        after = further(_start(place) if after is None else after, page[-1].key)


def replace(db: Database, place: Place, cell: Cell, envelope: bytes, index: tuple[int, int | None] | None) -> bool:
    """Put another envelope in place of one, if it is still there; `index` are the blind indexes of a contact."""
    if index is not None:
        return db.changed(_SET_CONTACT, (envelope, *index, cell.key, cell.envelope)) == 1
    return db.changed(_SET[place], (envelope, cell.key, cell.envelope)) == 1


def left(db: Database, place: Place, key_id: bytes) -> int:
    """How many cells another key sealed."""
    row = db.row(_LEFT[place], (key_id,))
    return int(row[0]) if row else 0


def count(db: Database, place: Place) -> int:
    """How many cells there are."""
    row = db.row(_COUNT[place])
    return int(row[0]) if row else 0
