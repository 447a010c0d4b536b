"""What was asked over an amount limit, and what was answered."""

from typing import NamedTuple

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement


class Asked(NamedTuple):
    """An audit event that tells who asked, and of what."""

    actor: str
    detail: str


_COLUMNS = ", ".join(Approval._fields)
_WAITING = Select(f"select {_COLUMNS} from approval where state = 'asked' order by id", Approval)
_NEWEST = Select(f"select {_COLUMNS} from approval order by id desc limit 200", Approval)
_EVERY = Select(f"select {_COLUMNS} from approval order by id", Approval)
_ONE = Select(f"select {_COLUMNS} from approval where id = ?", Approval)
_BEFORE = Select(
    f"select {_COLUMNS} from approval where kind = ? and object = ? and asked_by = ? order by id desc limit 200", Approval
)
_ASKED = Select("select actor, detail from audit_event where object = ? and action = 'approval.ask' order by seq desc", Asked)
_ASK = Statement(f"insert into approval ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, 'asked', '', null, '')")
_ANSWER = Statement(
    "update approval set state = ?, answered_by = ?, answered_us = ?, result = ? where id = ? and state = 'asked'"
)
_RESULT = Statement("update approval set result = ? where id = ?")


def waiting(db: Database) -> list[Approval]:
    """What waits for an answer, oldest first."""
    return _WAITING.all(db)


def newest(db: Database) -> list[Approval]:
    """The newest two hundred, whatever became of them."""
    return _NEWEST.all(db)


def every(db: Database) -> list[Approval]:
    """All that was ever asked, oldest first."""
    return _EVERY.all(db)


def by_id(db: Database, number: int) -> Approval | None:
    """What was asked under a number."""
    return _ONE.first(db, (number,))


def asked_before(db: Database, kind: str, obj: str, operator: str) -> list[Approval]:
    """What an operator asked of a document before, newest first."""
    return _BEFORE.all(db, (kind, obj, operator))


def asked(db: Database, obj: str) -> list[Asked]:
    """What the audit tells of asking about a document, newest first."""
    return _ASKED.all(db, (obj,))


def ask(
    db: Database, number: int, kind: str, obj: str, amount: int, reason: str, request: str, operator: str, now_us: int
) -> None:
    """Store what is asked."""
    db.run(_ASK, (number, kind, obj, amount, reason, request, operator, now_us))


def answer(db: Database, number: int, state: str, operator: str, now_us: int, result: str = "") -> bool:
    """Answer what waits; False when it was answered meanwhile."""
    return db.changed(_ANSWER, (state, operator, now_us, result, number)) == 1


def set_result(db: Database, number: int, result: str) -> None:
    """Name what was posted."""
    db.run(_RESULT, (result, number))
