"""Operators, their grants, the keys of compartments, counted sign-ins and sessions."""

from typing import Any, NamedTuple

from netbill_tui.db.core import chain, tables
from netbill_tui.db.core.chain import Told
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Select, Statement
from netbill_tui.db.core.transaction import Transaction, insert_into
from netbill_tui.security.passwords import Cost
from netbill_tui.security.records import Grant, Record
from netbill_tui.security.secret import Sealed

_COLUMNS = "id, uid, name, role, status, public_key, salt, m_kib, t, p, bundle, limit_minor, signature, code_until"
_ALL = Statement(f"select {_COLUMNS} from operator order by name")
_ONE = Statement(f"select {_COLUMNS} from operator where name = ?")
_SET_RECORD = Statement("update operator set role = ?, status = ?, limit_minor = ?, public_key = ?, signature = ? where id = ?")
_SET_BUNDLE = Statement("update operator set salt = ?, m_kib = ?, t = ?, p = ?, bundle = ?, code_until = ? where id = ?")
_SET_KEY = Statement("update operator set public_key = ?, status = ? where id = ? and status = 'invited'")
_USUAL_COST = Select(
    "select m_kib, t, p from operator where status = 'active' and bundle is not null group by m_kib, t, p "
    "order by count(*) desc, t desc limit 1",
    Cost,
)
_TOLD_OF = Select(
    "select seq, at_us, actor, object, detail from audit_event where (object = ? and action like 'operator.%') "
    "or action in ('book.init', 'operator.sign') order by seq desc",
    Told,
)
# What is only looked at, and who comes and goes, says nothing of the days on which the book was written.
_LOOKS = (
    "session.open", "session.close", "session.refused", "session.end", "contact.show", "profile.reveal", "list.export",
    "audit.export", "document.print", "document.refused", "document.taken", "backup.write", "access.refused",
    "operator.password", "operator.enrol", "caller.check", "backup.restore",
)  # fmt: skip
_EXCEPT = ", ".join(repr(action) for action in _LOOKS)
_LAST_ENTRY = f"(select e.at_us from audit_event e where e.action not in ({_EXCEPT}) order by e.seq desc limit 1)"
_MOMENT = Select(f"select {_LAST_ENTRY}, 0", lambda last, now: Moments(int(last or 0), int(now)))
_SERVER_NOW = "cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)"
_SERVER_MOMENT = Select(f"select {_LAST_ENTRY}, {_SERVER_NOW}", lambda last, now: Moments(int(last or 0), int(now)))
_STATE = Statement(
    "select o.status, o.role, o.limit_minor, o.signature, o.public_key, k.value, s.id, s.ended_us, s.why, c.value, "
    f"{_LAST_ENTRY} "
    "from operator o join keeping k on k.name = 'key_epoch' left join keeping c on c.name = 'checkpoint' "
    "left join work_session s on s.id = ? where o.id = ?"
)

_KEYS = Statement(
    "select compartment, key_id, status, signature, created_at from compartment_key order by compartment, created_at, key_id"
)
_ADD_KEY = Statement("insert into compartment_key (compartment, key_id, status, created_at, signature) values (?, ?, ?, ?, ?)")
_MARK_KEY = Statement("update compartment_key set status = ?, signature = ? where compartment = ? and key_id = ?")
_GRANTS = Statement("select operator_uid, compartment, key_id, wrapped, signature from key_grant order by id")
_DROP_GRANTS = Statement("delete from key_grant where operator_uid = ?")
_DROP_KEY_GRANTS = Statement("delete from key_grant where compartment = ? and key_id = ? and operator_uid <> ?")

_TRY_ROW = Statement(
    "insert into sign_in_try (operator_uid, failed, pending, at_us, boot, boot_us) values (?, 0, 0, 0, '', 0) "
    "on conflict (operator_uid) do nothing"
)
_TRY = Statement("select failed, pending, at_us, boot, boot_us from sign_in_try where operator_uid = ?", lock=True)
_SET_TRY = Statement("update sign_in_try set failed = ?, pending = ?, at_us = ?, boot = ?, boot_us = ? where operator_uid = ?")
_LOCKED = Statement("select o.name from sign_in_try t join operator o on o.uid = t.operator_uid where t.failed + t.pending >= ?")

_OPEN_SESSION = Statement(
    "insert into work_session (id, operator_id, kind, host, pid, boot, started_us, ended_us, why) "
    "values (?, ?, ?, ?, ?, ?, ?, null, '')"
)
_END_SESSION = Statement("update work_session set ended_us = ?, why = ? where id = ? and ended_us is null")
_END_ALL_OF = Statement("update work_session set ended_us = ?, why = ? where operator_id = ? and ended_us is null")
_LIVE = Statement(
    "select s.id, o.name, s.kind, s.host, s.pid, s.boot, s.started_us, s.ended_us, s.why from work_session s "
    "join operator o on o.id = s.operator_id where s.ended_us is null order by s.started_us, s.id"
)
_RECENT = Statement(
    "select s.id, o.name, s.kind, s.host, s.pid, s.boot, s.started_us, s.ended_us, s.why from work_session s "
    "join operator o on o.id = s.operator_id order by s.started_us desc, s.id limit ?"
)
_OLD_SESSIONS = Statement("delete from work_session where ended_us < ?")

_KEPT = Statement("select value from keeping where name = ?")
_FORGET = Statement("delete from keeping where name = ?")
_KEEP = Statement("insert into keeping (name, value) values (?, ?) on conflict (name) do update set value = excluded.value")


class OperatorRecord(NamedTuple):
    """A row of the operator table."""

    id: int
    uid: bytes
    name: str
    role: str
    status: str
    public_key: bytes
    salt: bytes | None
    cost: tuple[int, int, int]
    bundle: Sealed | None
    limit: int | None
    signature: bytes | None
    code_until: int | None

    @property
    def record(self) -> Record:
        """What an administrator signs of it."""
        return Record(self.uid, self.name, self.role, self.status, self.limit, self.public_key)


class KeyRow(NamedTuple):
    """What a key of a compartment is good for: primary, decrypt-only or destroyed."""

    compartment: str
    key_id: int
    status: str
    signature: bytes | None
    created_us: int


class State(NamedTuple):
    """What each write asks again: may this operator still act, in this session, with these keys?

    `session` is None where the book knows no such session; `checkpoint` is what is kept of the last one.
    """

    status: str
    role: str
    limit: int | None
    signature: bytes | None
    public_key: bytes
    epoch: int
    session: str | None
    ended_us: int | None
    why: str
    checkpoint: str
    last_us: int = 0


class SessionRow(NamedTuple):
    """Somebody's sitting. `ended_us` is None while it goes on."""

    id: str
    operator: str
    kind: str
    host: str
    pid: int
    boot: str
    started_us: int
    ended_us: int | None
    why: str


class Tries(NamedTuple):
    """Sign-ins in vain: failed ones, unanswered ones, and when the last was by the wall and by the machine's own clock."""

    failed: int
    pending: int
    at_us: int
    boot: str
    boot_us: int


def _bytes(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]


def _record(row: tuple[object, ...]) -> OperatorRecord:
    id_, uid, name, role, status, public, salt, m_kib, t, p, bundle, limit, signature, until = row
    cost = (int(str(m_kib or 0)), int(str(t or 0)), int(str(p or 0)))
    sealed = None if bundle is None else Sealed(_bytes(bundle) or b"")
    return OperatorRecord(
        int(str(id_)), _bytes(uid) or b"", str(name), str(role), str(status), _bytes(public) or b"", _bytes(salt), cost, sealed,
        None if limit is None else int(str(limit)), _bytes(signature), None if until is None else int(str(until)),
    )  # fmt: skip


def everybody(db: Database) -> list[OperatorRecord]:
    """Every operator, principal and the recovery principal, by name."""
    return [_record(row) for row in db.rows(_ALL)]


def by_name(db: Database, name: str) -> OperatorRecord | None:
    """The operator of this name."""
    row = db.row(_ONE, (name,))
    return None if row is None else _record(row)


def newest_told(db: Database, name: str, key: str) -> str:
    """What the newest audit event of an operator says under a key, such as the hash of the record; empty where none does.

    Raises:
        Refused: An event cannot be read.
    """
    for event in _TOLD_OF.all(db, (name,)):
        # An older event must not answer for one that somebody made unreadable.
        detail = chain.read(event.detail, name)
        value = detail.get(key) if event.object == name else detail.get(f"{key}s", {}).get(name)
        if value is not None:
            return str(value)
    return ""


def usual_cost(db: Database) -> Cost | None:
    """The cost of the key derivation that signing in has here; None where nobody has a password."""
    return _USUAL_COST.first(db)


class Envelope(NamedTuple):
    """A sealed bundle with what its password key is made from."""

    salt: bytes
    cost: tuple[int, int, int]
    bundle: Sealed


def add(
    db: Database,
    row_id: int,
    record: Record,
    now_us: int,
    *,
    sealed: Envelope | None = None,
    signature: bytes = b"",
    code_until: int | None = None,
) -> None:
    """Store an operator or principal.

    Args:
        db: The book.
        row_id: Of the row.
        record: What an administrator signs of it.
        now_us: When.
        sealed: Its bundle, sealed under a password or an activation code; None where it has none here.
        signature: Of the record; empty until it is signed.
        code_until: Until when its activation code holds.
    """
    key = (sealed.salt, *sealed.cost, sealed.bundle.envelope) if sealed else (None,) * 5
    db.run(insert_into(tables.Operator), (
        row_id, record.uid, record.name, record.role, record.status, record.public_key, *key, now_us, record.limit, signature,
        code_until,
    ))  # fmt: skip


def add_grant(tx: Transaction, wrapped: Grant) -> None:
    """Store a compartment key wrapped to an operator."""
    (row_id,) = tx.take("id")
    row = (row_id, wrapped.operator, wrapped.compartment, wrapped.key_id, wrapped.wrapped, wrapped.signature, tx.now_us)
    tx.db.run(insert_into(tables.KeyGrant), row)


def set_record(db: Database, row_id: int, record: Record, signature: bytes) -> None:
    """Store what was signed."""
    db.run(_SET_RECORD, (record.role, record.status, record.limit, record.public_key, signature, row_id))


def set_bundle(
    db: Database, row_id: int, salt: bytes | None, cost: tuple[int, int, int], bundle: Sealed | None, until_us: int | None
) -> None:
    """Store a sealed bundle with what its password key is made from; `until_us` where it is one for an activation code."""
    db.run(_SET_BUNDLE, (salt, *cost, bundle.envelope if bundle else None, until_us, row_id))


def enrol(db: Database, row_id: int, public_key: bytes) -> bool:
    """Put the operator's own public key in place of none, once; False when somebody did already."""
    return db.changed(_SET_KEY, (public_key, "enrolled", row_id)) == 1


def epoch_of(value: object) -> int:
    """The epoch of the book's keys; what is no number is one that no sitting has."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else -1


def reading_state(session: str, operator_id: int) -> Read[State | None]:
    """Whether this operator may still act in this session; None where there is no such operator."""
    return Read(_STATE, (session, operator_id), lambda rows: _state(*rows[0]) if rows else None)


def _state(*row: Any) -> State:
    status, role, limit, signature, public, epoch, sitting_id, ended, why, checkpoint, last = row
    return State(
        status, role, limit, _bytes(signature), bytes(public), epoch_of(epoch), sitting_id, ended, why or "", checkpoint or "",
        int(last or 0),
    )  # fmt: skip


def was_born_signed(db: Database) -> bool:
    """Whether the book was made by a program that signs its operators."""
    born = chain.first_of(db, "book.init")
    return born is not None and "records" in born.said


def was_signed(db: Database) -> bool:
    """Whether the operators of the book were ever signed: then nobody is without a signature."""
    return was_born_signed(db) or any(chain.first_of(db, a) is not None for a in ("operator.sign", "book.upgrade"))


class Moments(NamedTuple):
    """When the last entry was written, and what the server's clock says now; 0 where there is none of them."""

    last_us: int
    server_us: int


def moments(db: Database) -> Moments:
    """When the book was written last, and the clock of its server."""
    return (_SERVER_MOMENT if db.kind == "postgres" else _MOMENT).one(db)


def keys(db: Database) -> list[KeyRow]:
    """Every key of every compartment, oldest first."""
    return [KeyRow(c, int(k), s, _bytes(sig), int(at)) for c, k, s, sig, at in db.rows(_KEYS)]


def add_key(db: Database, key: KeyRow) -> None:
    """Store what a new key is good for."""
    db.run(_ADD_KEY, (key.compartment, key.key_id, key.status, key.created_us, key.signature))


def mark_key(db: Database, compartment: str, key_id: int, status: str, signature: bytes) -> None:
    """Say what a key is good for from now on."""
    db.run(_MARK_KEY, (status, signature, compartment, key_id))


def grants(db: Database) -> list[Grant]:
    """Every grant of the book."""
    return [Grant(bytes(u), c, int(k), bytes(w), bytes(s)) for u, c, k, w, s in db.rows(_GRANTS)]


def drop_grants(db: Database, uid: bytes) -> int:
    """Take every grant from an operator; how many there were."""
    return db.changed(_DROP_GRANTS, (uid,))


def drop_key_grants(db: Database, compartment: str, key_id: int, but: bytes) -> int:
    """Drop the grants of a key, but those of one operator; how many."""
    return db.changed(_DROP_KEY_GRANTS, (compartment, key_id, but))


def tries(db: Database, uid: bytes) -> Tries:
    """The sign-ins in vain of an operator, locked until the commit."""
    db.run(_TRY_ROW, (uid,))
    row = db.row(_TRY, (uid,))
    assert row is not None
    return Tries(int(row[0]), int(row[1]), int(row[2]), str(row[3]), int(row[4]))


def set_tries(db: Database, uid: bytes, counted: Tries) -> None:
    """Store them."""
    db.run(_SET_TRY, (*counted, uid))


def locked_out(db: Database, most: int) -> set[str]:
    """Names of those with so many sign-ins in vain."""
    return {str(row[0]) for row in db.rows(_LOCKED, (most,))}


def open_session(db: Database, row: SessionRow, operator_id: int) -> None:
    """Store a sitting that begins."""
    db.run(_OPEN_SESSION, (row.id, operator_id, row.kind, row.host, row.pid, row.boot, row.started_us))


def end_session(db: Database, name: str, at_us: int, why: str) -> bool:
    """End a sitting; False when there is none that goes on."""
    return db.changed(_END_SESSION, (at_us, why, name)) == 1


def end_sessions_of(db: Database, operator_id: int, at_us: int, why: str) -> int:
    """End every sitting of an operator; how many."""
    return db.changed(_END_ALL_OF, (at_us, why, operator_id))


def live_sessions(db: Database) -> list[SessionRow]:
    """The sittings that go on, oldest first."""
    return [SessionRow(*row) for row in db.rows(_LIVE)]


def sessions(db: Database, limit: int = 200) -> list[SessionRow]:
    """The newest sittings."""
    return [SessionRow(*row) for row in db.rows(_RECENT, (limit,))]


def forget_sessions(db: Database, before_us: int) -> int:
    """Drop the rows of sittings that ended long ago; the audit keeps who signed in."""
    return db.changed(_OLD_SESSIONS, (before_us,))


def state_value(db: Database, name: str) -> str:
    """The value of a state key of the book, such as `checkpoint`; empty when it is not set."""
    row = db.row(_KEPT, (name,))
    return "" if row is None else str(row[0])


def drop_state_value(db: Database, name: str) -> None:
    """Delete a state key of the book."""
    db.run(_FORGET, (name,))


def set_state_value(db: Database, name: str, value: str) -> None:
    """Set the value of a state key of the book."""
    db.run(_KEEP, (name, value))
