"""A posting transaction: numbers, posted rows with their hashes, and the one audit event that vouches for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from netbill_tui.db.core import posted
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Statement
from netbill_tui.security import audit

if TYPE_CHECKING:
    from netbill_tui.db.core.fields import Table

_ALONE = Statement("select pg_advisory_xact_lock(7811221)")
_TAKE = Statement("update number_series set next = next + ? where name = ? returning next")
_MANY_TIMES = ("id", "receipt")  # what a transaction takes again and again
_MOVE = Statement("update number_series set next = next + ? where name = ?")
_HEAD = Statement("select seq, hash from audit_head where id = 1", lock=True)
_SET_HEAD = Statement("update audit_head set seq = ?, hash = ? where id = 1")
_EVENT = Statement(
    "insert into audit_event (seq, at_us, actor, session, action, object, detail, row_hashes, prev, hash) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@lru_cache(maxsize=64)
def columns(table: "type[Table]") -> tuple[str, ...]:
    """The table's columns in their order."""
    return tuple(field.column_name for field in table._meta.sorted_fields)


@lru_cache(maxsize=64)
def blob_columns(table: "type[Table]") -> tuple[bool, ...]:
    """For each column whether it holds bytes; a server's driver gives those as memoryview."""
    from netbill_tui.db.core.fields import Blob

    return tuple(isinstance(field, Blob) for field in table._meta.sorted_fields)


@lru_cache(maxsize=64)
def insert_into(table: "type[Table]") -> Statement:
    """The insert of a whole row."""
    names = columns(table)
    return Statement(
        f"insert into {table._meta.table_name} ({', '.join(names)}) values ({', '.join('?' * len(names))})"  # noqa: S608
    )


@lru_cache(maxsize=8)
def _numbers(count: int) -> Statement:
    names = [f"n{i}" for i in range(count)]
    return Statement(
        f"select h.seq, h.hash{''.join(f', {n}.next' for n in names)} from audit_head h "  # noqa: S608 - only names of its own
        + "".join(f"join number_series {n} on {n}.name = ? " for n in names)
        + "where h.id = 1"
    )


class Reserved:
    """Numbers that a transaction takes with its locks, and the end of the chain: one flight with what else is read there."""

    def __init__(self, db: Database, numbers: Mapping[str, int]) -> None:
        """Take so many of each series. On a server that waits for the flight that brings the answer to `read`."""
        self._counts = dict(sorted(numbers.items()))
        for name, count in self._counts.items():
            db.run(_MOVE, (count, name))
        db.run(_HEAD)
        self.left: dict[str, range] = {}
        self.head: tuple[int, bytes] | None = None
        self.read: Read[None] = Read(_numbers(len(self._counts)), tuple(self._counts), self._taken)

    def _taken(self, rows: list[Row]) -> None:
        (row,) = rows
        self.head = (int(row[0]), bytes(row[1]))
        self.left = {name: range(end - count, end) for (name, count), end in zip(self._counts.items(), row[2:], strict=True)}

    def take(self, series: str, count: int) -> range | None:
        """The next of what was reserved, or None where that is not enough."""
        left = self.left.get(series, range(0))
        if len(left) < count:
            return None
        self.left[series] = left[count:]
        return left[:count]


class Transaction:
    """What happens between the lock and the commit. Locks are taken in the order of its methods."""

    def __init__(self, db: Database, *, now_us: int, actor: str, session: str, reserved: Reserved | None = None) -> None:
        self.db = db
        self._reserved = reserved
        self.now_us = now_us
        self.actor = actor
        self._session = session
        self._head = reserved.head if reserved is not None else None
        self._hashes: list[tuple[int, bytes]] = []
        self._event: tuple[str, str, dict[str, object], bool] | None = None
        self._vouched: dict[str, object] = {}
        self.touched: dict[str, set[int]] = {}
        self.checked: dict[str, set[int]] = {}  # records that were compared with their last version
        self.left: dict[str, set[int]] = {}  # those that are not vouched for: see versions.leave
        self._next: dict[str, int] = {}
        self._moved: dict[str, int] = {}

    def alone(self) -> None:
        """Let no other bulk writer in until the commit; on SQLite the book's lock did that already. Called first."""
        if self.db.kind == "postgres":
            self.db.rows(_ALONE)

    def take(self, series: str, count: int = 1) -> range:
        """The next numbers of a series, without gaps: a rollback gives them back."""
        known = self._reserved.take(series, count) if self._reserved is not None else None
        if known is not None:
            return known
        if series in self._next:
            # Ours until the commit: counted here, and moved there by `finish` in one statement.
            first = self._next[series]
            self._moved[series] = self._moved.get(series, 0) + count
            self._next[series] = first + count
            return range(first, first + count)
        row = self.db.row(_TAKE, (count, series))
        assert row is not None, f"the book has no series {series}"
        if series in _MANY_TIMES:
            self._next[series] = int(row[0])
        return range(row[0] - count, row[0])

    def ids(self, count: int) -> Iterator[int]:
        """So many new row ids, as an iterator."""
        return iter(self.take("id", count))

    @property
    def seq(self) -> int:
        """Number of this transaction's audit event. Taking it locks the head of the chain."""
        if self._head is None:
            row = self.db.row(_HEAD)
            assert row is not None, "the book has no audit head"
            self._head = (int(row[0]), bytes(row[1]))
        return self._head[0] + 1

    def post(self, rows: Sequence[posted.Row]) -> None:
        """Insert rows of one posted table, and take their hashes into the audit event. Nothing where there is none."""
        if not rows:
            return
        table, seq = posted.table_of(type(rows[0])), self.seq
        name = table._meta.table_name
        whole = [(*row, seq) for row in rows]
        self.db.run_many(insert_into(table), whole)
        self._hashes += [(row[0], audit.row_hash(name, row)) for row in whole]

    def touch(self, kind: str, ids: Iterable[int]) -> None:
        """These records of a kind of `versions` change here: what they became is posted before the commit."""
        self.touched.setdefault(kind, set()).update(ids)

    def vouch(self, name: str, value: object) -> None:
        """Let the audit event tell this too, whatever else it says."""
        self._vouched[name] = value

    def note(self, action: str, obj: str, detail: Mapping[str, object], *, bulk: bool = False) -> None:
        """Set the audit event of this transaction; one, and only one.

        Args:
            action: Such as `payment.record`.
            obj: What it was done to, by number or account.
            detail: Without sensitive values.
            bulk: One hash over all rows instead of one for each.
        """
        if self._event is not None:
            raise RuntimeError("a transaction has one audit event")  # no assert: it protects the book
        self._event = (action, obj, dict(detail), bulk)

    def finish(self) -> bool:
        """Write the audit event, just before the commit; False where nothing was said, so that there is none."""
        for series, count in self._moved.items():
            self.db.run(_MOVE, (count, series))
        self._moved.clear()
        if self._event is None:
            if self._hashes:
                raise RuntimeError("posted rows without an audit event")
            return False
        if self._reserved is not None and any(self._reserved.left.values()):
            raise RuntimeError("numbers were reserved and not used")  # a receipt would be missing
        action, obj, detail, bulk = self._event
        detail |= self._vouched
        # What a line bills has the line's own number: of one number the smaller hash stands first, as verify reads them.
        hashes = [digest for _, digest in sorted(self._hashes)]
        if bulk:
            detail = {**detail, "bulk_rows": len(hashes)}
        row_hashes = audit.bulk_hash(hashes) if bulk else b"".join(hashes)
        seq = self.seq
        assert self._head is not None
        prev, text = self._head[1], audit.detail_json(detail)
        digest = audit.chain_hash(prev, seq, self.now_us, self.actor, self._session, action, obj, text, row_hashes)
        row = (seq, self.now_us, self.actor, self._session, action, obj, text, row_hashes, prev, digest)
        self.db.run(_EVENT, row)
        self.db.run(_SET_HEAD, (seq, digest))
        return True
