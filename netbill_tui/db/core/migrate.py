"""Bringing a book to this program's schema, and refusing one that is ahead of it."""

from collections.abc import Collection
from pathlib import Path

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement
from netbill_tui.errors import BookProblem, NetbillError

DIRECTORY = Path(__file__).parents[1] / "migrations"
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
        try:
            have = applied(db)
        except Exception as error:
            raise db.translated(error) from error
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
    try:
        with db.unhurried():
            return [str(name) for name in Runner(db.peewee, str(DIRECTORY)).up()]
    except NetbillError:
        raise
    except Exception as error:
        # The runner's own roll-back may fail over the first error, which is the one to tell.
        raise db.translated(error.__context__ if isinstance(error.__context__, Exception) else error) from error


# The posted tables, whose triggers a book must have.
POSTED = (
    "invoice", "invoice_line", "payment", "payment_event", "allocation", "entry", "dispute_event", "note", "posting_request",
    "audit_event", "service_event", "charge", "billed", "invoice_tax", "credit_note", "credit_line",
    "record_version", "giving", "document_wording", "picture", "collection_policy", "collection_event", "promise",
    "promise_event", "message", "message_event", "late_fee", "late_fee_waiver", "write_off", "recovery",
)  # fmt: skip
_POSTGRES_GUARDS = Statement(
    "select t.tgname, p.prosrc, t.tgenabled from pg_trigger t join pg_proc p on p.oid = t.tgfoid where not t.tgisinternal"
)


def missing_guards(db: Database) -> list[str]:
    """The triggers on posted tables that are gone, switched off, or are not as this program made them."""
    if db.kind == "sqlite":
        return _altered_objects(db, ("trigger",))
    standing = {str(n): (str(text), str(enabled)) for n, text, enabled in db.rows(_POSTGRES_GUARDS)}
    wrong = []
    for table in POSTED:
        for kind in ("no_update", "no_truncate"):
            text, enabled = standing.get(f"{table}_{kind}", ("", ""))
            if enabled not in ("O", "A") or text.split() != _REFUSES.split():
                wrong.append(f"the trigger {table}_{kind} is gone or refuses nothing")
    if standing.get("price_used", ("", ""))[1] not in ("O", "A"):
        wrong.append("the trigger price_used is gone or refuses nothing")
    return wrong + [f"the table {name} has row security, which hides rows" for (name,) in db.rows(_ROW_SECURITY)]


_REFUSES = "begin raise exception 'posted rows of % are never changed', tg_table_name; end"
_ROW_SECURITY = Statement(
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = current_schema() and c.relrowsecurity"
)


def _as_made() -> dict[tuple[str, str], str]:
    """Type and name of everything in a fresh book of this program: its statement, as the engine keeps it."""
    import peewee
    from playhouse.migrations import Runner

    fresh = peewee.SqliteDatabase(":memory:")
    fresh.connect()
    try:
        Runner(fresh, str(DIRECTORY)).up()
        return {(str(k), str(n)): str(sql) for k, n, sql in fresh.execute_sql(_SQLITE_OBJECTS.sqlite).fetchall()}
    finally:
        fresh.close()


_SQLITE_OBJECTS = Statement("select type, name, sql from sqlite_master where name not like 'sqlite!_%' escape '!'")
_POSTGRES_OBJECTS = Statement(
    "select 'view', c.relname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = current_schema() and c.relkind in ('v', 'm', 'f') union all "
    "select 'table', c.relname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = current_schema() and c.relkind in ('r', 'p') union all "
    "select 'trigger', t.tgname, c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid "
    "where not t.tgisinternal union all "
    "select 'rule', r.rulename, c.relname from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n "
    "on n.oid = c.relnamespace where n.nspname = current_schema() and r.rulename <> '_RETURN'"
)
_OWN_TRIGGERS = ("price_used", "price_used_no_update", "price_used_no_delete")


def _altered_objects(db: Database, kinds: Collection[str] = ()) -> list[str]:
    """What of the schema of an SQLite book, of these kinds or of all, was put into it, is gone, or was changed."""
    there = {(str(k), str(n)): str(sql) for k, n, sql in db.rows(_SQLITE_OBJECTS) if not kinds or k in kinds}
    ours = {(k, n): sql for (k, n), sql in _as_made().items() if not kinds or k in kinds}
    wrong = [f"the {k} {n} was put into the book by something else" for k, n in sorted(there.keys() - ours.keys())]
    wrong += [f"the {k} {n} is gone" for k, n in sorted(ours.keys() - there.keys())]
    return wrong + [f"the {k} {n} was changed" for (k, n), sql in sorted(ours.items()) if there.get((k, n), sql) != sql]


def foreign_objects(db: Database) -> list[str]:
    """Tables, views, triggers and rules that this program did not make so: they could shadow or change what it reads."""
    if db.kind == "sqlite":
        return _altered_objects(db)
    from netbill_tui.db.core.tables import ALL

    tables = {t._meta.table_name for t in ALL} | {"schema_migration"}
    kinds = ("no_update", "no_delete", "no_replace", "no_truncate")
    triggers = {f"{table}_{kind}" for table in POSTED for kind in kinds} | set(_OWN_TRIGGERS)
    wrong = []
    for kind, name, table in db.rows(_POSTGRES_OBJECTS):
        known = {"table": name in tables, "trigger": name in triggers, "index": table in tables}.get(str(kind), False)
        if not known:
            wrong.append(f"the {kind} {name} was put into the book by something else")
    return wrong


def differences(db: Database) -> list[str]:
    """How the book's tables, columns and indexes differ from this program's; empty when they do not."""
    from playhouse.schema_diff import diff_models

    from netbill_tui.db.core.described import Described
    from netbill_tui.db.core.tables import ALL

    models = list(ALL)
    with db.peewee.bind_ctx(models, bind_refs=False, bind_backrefs=False):
        return str(diff_models(Described(db) if db.kind == "postgres" else db.peewee, models)).splitlines()
