"""The head of the audit chain, and what single events of it tell."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Select, Statement, in_list
from netbill_tui.errors import Refused


class Head(NamedTuple):
    """The last event of the chain and its hash."""

    seq: int
    hash: bytes


class Told(NamedTuple):
    """What one event tells."""

    seq: int
    at_us: int
    actor: str
    object: str
    detail: str

    @property
    def said(self) -> Mapping[str, Any]:
        """The detail; nothing where it is not what this program writes."""
        return said(self.detail)


def said(detail: str) -> Mapping[str, Any]:
    """What the detail of an event says by name; nothing where somebody made something else of it."""
    try:
        read = json.loads(detail)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def read(detail: str, what: str) -> Mapping[str, Any]:
    """What the detail of an event says, where a decision hangs on it.

    Args:
        detail: As stored.
        what: Names the event in the refusal.

    Raises:
        Refused: Somebody made something else of it.
    """
    with suppress(ValueError):
        by_name = json.loads(detail)
        if isinstance(by_name, dict):
            return by_name
    raise Refused(f"What the audit says of {what} cannot be read. Run netbill verify, and restore the book from a backup.")


def _head(seq: int, digest: bytes) -> Head:
    return Head(int(seq), bytes(digest))


_HEAD = Select("select seq, hash from audit_head where id = 1", _head)
_HASH_AT = Select("select hash from audit_event where seq = ?", bytes)
_OF_ACTION = "select seq, at_us, actor, object, detail from audit_event where action = ?"
_ALL_OF = Select(f"{_OF_ACTION} order by seq", Told)
_FIRST_OF = Select(f"{_OF_ACTION} order by seq limit 1", Told)
_ABOUT = Select(f"{_OF_ACTION} and object = ? and at_us >= ? order by seq", Told)
_IS_THERE = Select("select 1 from audit_event where action = ? and object = ? limit 1", bool)


def reading_head() -> Read[Head | None]:
    """The head of the chain, together with other reads."""
    return _HEAD.read_first()


def happened_since(seq: int, customer_id: int, elsewhere: Sequence[str]) -> Read[bool]:
    """Whether an event after that one was anything but `elsewhere`, or an account has an entry by a later one."""
    statement = Statement(
        "select (select count(*) from audit_event where seq > ? and action not in " + in_list(len(elsewhere)) + ")"
        " + (select count(*) from entry where customer_id = ? and audit_seq > ?)"
    )
    return Read(statement, (seq, *elsewhere, customer_id, seq), lambda rows: bool(rows[0][0]))


def head(db: Database) -> Head | None:
    """The head of the chain; None where something took it out."""
    return _HEAD.first(db)


def hash_at(db: Database, seq: int) -> bytes | None:
    """The hash of an event; None where there is none of that number."""
    return _HASH_AT.first(db, (seq,))


def all_of(db: Database, action: str) -> list[Told]:
    """Every event of an action, oldest first."""
    return _ALL_OF.all(db, (action,))


def first_of(db: Database, action: str) -> Told | None:
    """The oldest event of an action."""
    return _FIRST_OF.first(db, (action,))


def about(db: Database, action: str, obj: str, since_us: int = 0) -> list[Told]:
    """The events of an action about one object since a moment, oldest first."""
    return _ABOUT.all(db, (action, obj, since_us))


def times_told_of(db: Database, action: str, objects: Sequence[str]) -> dict[str, int]:
    """How many events of an action are about each of at most some hundred objects; what has none is left out."""
    statement = Statement(
        f"select object, count(*) from audit_event where action = ? and object in {in_list(len(objects))} group by object"  # noqa: S608
    )
    return {str(obj): int(count) for obj, count in db.rows(statement, (action, *objects))}


def is_told(db: Database, action: str, obj: str) -> bool:
    """Whether an event of an action is about this object."""
    return _IS_THERE.first(db, (action, obj)) is not None
