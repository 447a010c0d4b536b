"""Saved views of lists, and what each operator prefers."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

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


class View(NamedTuple):
    """A saved view. `owner` is empty for one that everybody sees; `digit` is the key that opens it, or None."""

    id: int
    name: str
    owner: str
    digit: int | None
    words: str
    columns: str


def views(db: Database, name: str, operator: str) -> list[View]:
    """The saved views of a list that an operator sees: shared ones and own ones."""
    return [View(*row) for row in db.rows(_VIEWS, (name, operator))]


def save_view(db: Database, name: str, view: View) -> None:
    """Store a view in the place of one of the same name."""
    db.run(_DROP_VIEW, (name, view.name, view.owner))
    db.run(_ADD_VIEW, (view.id, name, view.name, view.owner, view.digit, view.words, view.columns))


def drop_view(db: Database, name: str, view: str, owner: str) -> bool:
    """Forget a view; False when there was none."""
    return db.changed(_DROP_VIEW, (name, view, owner)) == 1


def preferences(db: Database, operator: str) -> dict[str, str]:
    """What an operator chose."""
    return {str(name): str(value) for name, value in db.rows(_PREFERENCES, (operator,))}


def set_preference(db: Database, operator: str, name: str, value: str) -> None:
    """Remember a choice."""
    db.run(_SET_PREFERENCE, (operator, name, value))
