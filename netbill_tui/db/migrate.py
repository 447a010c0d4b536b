"""Bringing a book to this program's schema, and refusing one that is ahead of it."""

from pathlib import Path

from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Statement
from netbill_tui.errors import BookProblem

DIRECTORY = Path(__file__).parent / "migrations"
_NAMES = Statement("select name from schema_migration order by name")


def known() -> list[str]:
    """Names of the migrations in this program, in order."""
    return sorted(p.stem for p in DIRECTORY.glob("[0-9]*.py"))


def applied(db: Database) -> list[str]:
    """Names of the migrations that the book has seen, in order."""
    if not db.peewee.table_exists("schema_migration"):
        return []
    return [str(name) for (name,) in db.rows(_NAMES)]


def check(db: Database) -> None:
    """Refuse a book whose schema is not exactly this program's.

    Raises:
        BookProblem: It is newer, older or foreign; the sentence says what to do.
    """
    try:
        have = [str(name) for (name,) in db.rows(_NAMES)]
    except Exception:
        have = applied(db)
    ours = known()
    if have == ours:
        return
    if not have:
        raise BookProblem("This database is not a netbill book; name another with --book, or make one: netbill init.")
    if set(have) - set(ours):
        raise BookProblem("The book was made by a newer netbill; install that version to open it.")
    raise BookProblem("The book was made by an older netbill; run netbill init --upgrade after a backup.")


def upgrade(db: Database) -> list[str]:
    """Apply what is missing, each migration in its own transaction; what was applied.

    Raises:
        BookProblem: If the book is newer than this program.
    """
    # Imported here: the runner costs 50 ms, and an open book needs none.
    from playhouse.migrations import Runner

    newer = set(applied(db)) - set(known())
    if newer:
        raise BookProblem("The book was made by a newer netbill; install that version to open it.")
    return [str(name) for name in Runner(db.peewee, str(DIRECTORY)).up()]


def differences(db: Database) -> list[str]:
    """How the book's tables, columns and indexes differ from this program's; empty when they do not."""
    from playhouse.schema_diff import diff_models

    from netbill_tui.db.tables import ALL

    models = list(ALL)
    with db.peewee.bind_ctx(models, bind_refs=False, bind_backrefs=False):
        return str(diff_models(db.peewee, models)).splitlines()
