"""Tags, saved views, preferences, half-filled forms, pinned notes: read and changed in place."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement
from netbill_tui.security.secret import Sealed

_DRAFTS = Statement("select uid, kind, title, changed_at, body, secret from draft where operator = ? order by changed_at, uid")
_SET_DRAFT = Statement(
    "insert into draft (uid, operator, kind, title, changed_at, body, secret) values (?, ?, ?, ?, ?, ?, ?) "
    "on conflict (uid) do update set title = excluded.title, changed_at = excluded.changed_at, body = excluded.body, "
    "secret = excluded.secret"
)
_DROP_DRAFT = Statement("delete from draft where uid = ?")


class DraftRow(NamedTuple):
    """A half-filled form, still sealed."""

    uid: bytes
    kind: str
    title: str
    changed_at: int
    body: Sealed
    secret: Sealed | None


def drafts(db: Database, operator: str) -> list[DraftRow]:
    """The half-filled forms of an operator, the last changed at the end."""
    return [
        DraftRow(bytes(uid), kind, title, int(at), Sealed(bytes(body)), None if secret is None else Sealed(bytes(secret)))
        for uid, kind, title, at, body, secret in db.rows(_DRAFTS, (operator,))
    ]


def set_draft(db: Database, operator: str, row: DraftRow) -> None:
    """Store a half-filled form in the place of its earlier state."""
    secret = None if row.secret is None else row.secret.envelope
    db.run(_SET_DRAFT, (row.uid, operator, row.kind, row.title, row.changed_at, row.body.envelope, secret))


def drop_draft(db: Database, uid: bytes) -> None:
    """Forget a form that was posted or thrown away."""
    db.run(_DROP_DRAFT, (uid,))
