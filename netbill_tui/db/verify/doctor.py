"""What the doctor reads: the engine's version, and what was written under a clock that stood ahead."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select


class Ahead(NamedTuple):
    """An entry that is dated after today."""

    document: str
    on: str


_VERSION = {"sqlite": Select("select sqlite_version()", str), "postgres": Select("select version()", str)}
_AHEAD = Select(
    "select e.document, e.on_date from entry e where e.on_date > ? and not exists (select 1 from payment_event p "
    "where p.payment_id = e.payment_id) order by e.on_date, e.id limit 5",
    Ahead,
)


# What changed since a table was counted, where that is a fifth of it.
_STALE = Select(
    "select relname from pg_stat_user_tables where n_mod_since_analyze > 1000 and n_mod_since_analyze > n_live_tup / 5 "
    "order by n_mod_since_analyze desc",
    str,
)


def stale(db: Database) -> list[str]:
    """The tables of a server whose statistics are old, the worst first; of a file none."""
    return _STALE.all(db) if db.kind == "postgres" else []


def version(db: Database) -> str:
    """The engine's own version, with its name on a server."""
    return _VERSION[db.kind].one(db)


def entries_ahead(db: Database, today: str) -> list[Ahead]:
    """The first five entries that are dated after today and were not taken back."""
    return _AHEAD.all(db, (today,))
