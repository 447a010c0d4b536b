"""Tags, saved views, preferences, half-filled forms, pinned notes: read and changed in place."""

from typing import NamedTuple

from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement
from netbill_tui.security.secret import Sealed

_TAGS = Statement("select tag from customer_tag where customer_id = ? order by tag")
_TAG_COUNTS = Statement("select tag, count(*) from customer_tag group by tag order by tag")
_ADD_TAG = Statement("insert into customer_tag (tag, customer_id) values (?, ?) on conflict (tag, customer_id) do nothing")
_DROP_TAG = Statement("delete from customer_tag where tag = ? and customer_id = ?")
_VIEWS = Statement(
    "select id, name, owner, digit, words, columns from saved_view where list = ? and owner in ('', ?) order by digit, name"
)
_DROP_VIEW = Statement("delete from saved_view where list = ? and name = ? and owner = ?")
_ADD_VIEW = Statement("insert into saved_view (id, list, name, owner, digit, words, columns) values (?, ?, ?, ?, ?, ?, ?)")
_PREFERENCES = Statement("select name, value from preference where operator = ?")
_SET_PREFERENCE = Statement(
    "insert into preference (operator, name, value) values (?, ?, ?) "
    "on conflict (operator, name) do update set value = excluded.value"
)
_DRAFTS = Statement("select uid, kind, title, changed_at, body, secret from draft where operator = ? order by changed_at, uid")
_SET_DRAFT = Statement(
    "insert into draft (uid, operator, kind, title, changed_at, body, secret) values (?, ?, ?, ?, ?, ?, ?) "
    "on conflict (uid) do update set title = excluded.title, changed_at = excluded.changed_at, body = excluded.body, "
    "secret = excluded.secret"
)
_DROP_DRAFT = Statement("delete from draft where uid = ?")
_PINNED = Statement("select note_id from note_pin where customer_id = ?")
_PIN = Statement("insert into note_pin (note_id, customer_id) values (?, ?) on conflict (note_id) do nothing")
_UNPIN = Statement("delete from note_pin where note_id = ?")


class View(NamedTuple):
    """A saved view. `owner` is empty for one that everybody sees; `digit` is the key that opens it, or None."""

    id: int
    name: str
    owner: str
    digit: int | None
    words: str
    columns: str


class DraftRow(NamedTuple):
    """A half-filled form, still sealed."""

    uid: bytes
    kind: str
    title: str
    changed_at: int
    body: Sealed
    secret: Sealed | None


def tags(db: Database, customer_id: int) -> list[str]:
    """The tags of an account."""
    return [str(r[0]) for r in db.rows(_TAGS, (customer_id,))]


def tag_counts(db: Database) -> list[tuple[str, int]]:
    """Every tag with the number of its accounts."""
    return [(str(tag), int(number)) for tag, number in db.rows(_TAG_COUNTS)]


def set_tag(db: Database, customer_id: int, tag: str, on: bool) -> bool:
    """Put a tag on an account or take it off; False when it was so before."""
    return db.run(_ADD_TAG if on else _DROP_TAG, (tag, customer_id)) == 1


def views(db: Database, name: str, operator: str) -> list[View]:
    """The saved views of a list that an operator sees: shared ones and own ones."""
    return [View(*row) for row in db.rows(_VIEWS, (name, operator))]


def save_view(db: Database, name: str, view: View) -> None:
    """Store a view in the place of one of the same name."""
    db.run(_DROP_VIEW, (name, view.name, view.owner))
    db.run(_ADD_VIEW, (view.id, name, view.name, view.owner, view.digit, view.words, view.columns))


def drop_view(db: Database, name: str, view: str, owner: str) -> bool:
    """Forget a view; False when there was none."""
    return db.run(_DROP_VIEW, (name, view, owner)) == 1


def preferences(db: Database, operator: str) -> dict[str, str]:
    """What an operator chose."""
    return {str(name): str(value) for name, value in db.rows(_PREFERENCES, (operator,))}


def set_preference(db: Database, operator: str, name: str, value: str) -> None:
    """Remember a choice."""
    db.run(_SET_PREFERENCE, (operator, name, value))


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


def pinned(db: Database, customer_id: int) -> set[int]:
    """The notes of an account that stand above the others."""
    return {int(r[0]) for r in db.rows(_PINNED, (customer_id,))}


def pin(db: Database, note_id: int, customer_id: int, on: bool) -> None:
    """Pin a note or take the pin off."""
    db.run(_PIN, (note_id, customer_id)) if on else db.run(_UNPIN, (note_id,))
