"""Request ids: claimed first in every posting, so that nothing is posted twice (docs/security.md, *Postings*)."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Statement
from netbill_tui.security.audit import row_hash

_CLAIM = Statement("insert into posting_request (uid, request_hash, kind, object_id, audit_seq) values (?, ?, ?, ?, ?)")
_FIND = Statement("select request_hash, object_id, kind from posting_request where uid = ?")
# A server runs many writers: this lock makes a second holder of the same id wait for the first one's end.
_WAIT = Statement("select pg_advisory_xact_lock(?)")


def mark(uid: bytes, digest: bytes, kind: str, object_id: int, seq: int) -> str:
    """What the audit says of a request that was posted, so that nobody takes it out and posts it again."""
    return row_hash("posting_request", (uid, digest, kind, object_id, seq)).hex()[:32]


def wait_for_twin(db: Database, uid: bytes) -> None:
    """Wait until nobody else is posting under this request id. On SQLite the book's lock did that already."""
    if db.kind == "postgres":
        db.run(_WAIT, (int.from_bytes(uid[:8]) >> 1,))


class Posted(NamedTuple):
    """What was posted under a request: the hash of the request, and the row id."""

    hash: bytes
    object_id: int


def reading(uid: bytes, kind: str = "") -> Read[Posted | None]:
    """What was posted under a request; what was posted as another kind has another hash."""

    def decode(rows: list[Row]) -> Posted | None:
        return Posted(bytes(rows[0][0]) if kind in ("", rows[0][2]) else b"", int(rows[0][1])) if rows else None

    return Read(_FIND, (uid,), decode)


def find(db: Database, uid: bytes, kind: str = "") -> Posted | None:
    """The same, at once."""
    return db.together(reading(uid, kind))[0]


def claim(db: Database, uid: bytes, digest: bytes, kind: str, object_id: int, seq: int) -> None:
    """Record that the request was posted."""
    db.run(_CLAIM, (uid, digest, kind, object_id, seq))
