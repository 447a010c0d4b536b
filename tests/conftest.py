"""A temporary book on both engines, a clock that stands still, builders, and waiting without sleeping."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import psycopg2  # before peewee is imported by SQLite alone, which shuts the server's driver out
import pytest
import textual._wait

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.billing.receivables.payments import Payment, PaymentRequest
from netbill_tui.db.core import posted
from netbill_tui.db.core.opening import open_database
from netbill_tui.db.receivables import balances
from netbill_tui.db.receivables.balances import OpenItem
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.books.create import MadeBook, NewBook, at, make_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.verify.book import verify
from tests import stretching

TODAY = date(2026, 11, 22)
CLOCK = at("2026-11-22T14:07:00")
ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PROFILES = DOCS / "profiles"
SHARED = ROOT.parent / "shared"
SERVER = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")


def pytest_configure() -> None:
    """Nothing that a test asks depends on how long a password is stretched."""
    stretching.lowered()
    # Keys wait until the process rests, looked at each 4 ms and not each 20: `settle` waits for what the program has to do.
    textual._wait.SLEEP_GRANULARITY, textual._wait.SLEEP_IDLE = 1 / 250, 1 / 5000


# Groups that start processes or terminals of their own, or prove something over minutes: left out by `test --fast`.
_SLOW_FOLDERS = ("host", "proof", "terminal", "cli", "screens")
_SLOW_FIXTURES = {"netbill", "server", "database_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and begin with it: what takes longest must not be what everybody waits for in the end."""

    def rank(item: pytest.Item) -> int:
        here = Path(__file__).parent
        folder = item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""
        return _SLOW_FOLDERS.index(folder) if folder in _SLOW_FOLDERS else len(_SLOW_FOLDERS)

    for item in items:
        if rank(item) < len(_SLOW_FOLDERS) or _SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=rank)


def shared(*parts: str) -> Path:
    """A file of the shared data; a clone without it skips the test and says so."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} must be there in CI")
        pytest.skip("needs ../shared, which a user's clone does not have")
    return path


def _server() -> "psycopg2.extensions.connection | None":
    try:
        connection = psycopg2.connect(f"{SERVER}/postgres", connect_timeout=3)
    except psycopg2.OperationalError:
        return None
    connection.autocommit = True
    return connection


@pytest.fixture(scope="session")
def server() -> Iterator["psycopg2.extensions.connection"]:
    connection = _server()
    if connection is None:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL must answer at {SERVER} in CI")
        pytest.skip(f"no PostgreSQL answers at {SERVER}")
    yield connection
    connection.close()


@contextmanager
def _database(server: "psycopg2.extensions.connection") -> Iterator[str]:
    """An empty database on the server, dropped afterwards; its name."""
    name = f"netbill_test_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:
        cursor.execute(f"create database {name}")
    try:
        yield name
    finally:
        with server.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


@pytest.fixture
def database_url(server: "psycopg2.extensions.connection") -> Iterator[str]:
    """An empty database on the server, dropped afterwards."""
    with _database(server) as name:
        yield f"{SERVER}/{name}"


NEW = NewBook("Acme Net", "EUR", "UTC", "GB", "boss", None)


@dataclass
class Desk:
    """A book with somebody at it, and short words for what tests do all the time."""

    session: Session
    target: str
    made: MadeBook

    def customer(self, account: str = "C1", name: str = "Smith, John", **more: object) -> str:
        new = NewCustomer(account, name, **more)  # type: ignore[arg-type]
        with writing(self.session, "import") as tx:
            _, vault = self.session.sign_in_if_needed()
            (row_id,) = tx.take("id")
            registration.store(
                tx, vault, [(row_id, uuid.uuid4().bytes, new)], self.session.book.country, lambda: uuid.uuid4().bytes
            )
            tx.note("test.customer", account, {})
        return account

    def invoice(self, account: str, cents: int, *, due: date | int = 0, issued: date | None = None, number: str = "") -> str:
        """An issued invoice; `due` as a date or in days from today."""
        due_on = due if isinstance(due, date) else TODAY + timedelta(days=due)
        issued_on = issued or min(due_on, TODAY)
        db = self.session.db
        with writing(self.session, "import") as tx:
            ids = tx.ids(3)
            row = db.peewee.execute_sql("select id from customer where account = " + repr(account)).fetchone()
            number = number or f"INV-{tx.take('invoice')[0]:06d}"
            invoice_id, day = next(ids), due_on.isoformat()
            fields = (number, "invoice", row[0], issued_on.isoformat(), issued_on.isoformat(), day, cents, 0, "", tx.now_us)
            tx.post([posted.Invoice(invoice_id, *fields)])
            line = posted.InvoiceLine(
                next(ids), invoice_id, 1, "INT-100", "recurring", "Fibre", None, None, "1", cents, cents, ""
            )
            tx.post([line])
            entry = posted.Entry(
                next(ids), row[0], issued_on.isoformat(), "invoice", cents, number, "Invoice", invoice_id, None, tx.now_us
            )
            tx.post([entry])
            balances.open_items(db, [OpenItem(invoice_id, row[0], number, issued_on.isoformat(), day, cents, cents)])
            balances.add_due(db, [(day, 1, cents)])
            balances.refresh(db, row[0], cents)
            tx.note("test.invoice", number, {}, bulk=True)
        return number

    def pay(self, account: str, cents: int, **more: object) -> Payment:
        given: dict[str, object] = {"method": "cash", "confirmed": "test", **more}
        request_id = given.pop("request_id", None) or uuid.uuid4().bytes
        return payments.record(self.session, PaymentRequest(request_id, account, cents, **given))  # type: ignore[arg-type]

    def column(self, sql: str) -> list[object]:
        """The first column of a query."""
        return [row[0] for row in self.session.db.peewee.execute_sql(sql).fetchall()]


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MadeBook]:
    """A book made once; each test opens a copy of its own."""
    folder = tmp_path_factory.mktemp("pattern")
    folder.chmod(0o700)
    path = folder / "book.db"
    made = make_book(str(path), NEW, clock=CLOCK)
    made.session.db.close()
    return path, made


@pytest.fixture(scope="session")
def server_book(server: "psycopg2.extensions.connection") -> Iterator["ServerBook"]:
    """The same on the server: one database, brought back to how it was made before each test that wants it."""
    book = ServerBook(server)
    yield book
    book.close()


class ServerBook:
    """A book on the server for one test after another. Making a database, and dropping it, waits for the server's disk;
    putting the rows back does not. Where a test changed the schema, another database takes its place.
    """

    _SCHEMA = (
        "select md5(string_agg(told, chr(10) order by told)) from ("
        "select concat_ws(' ', 'class', relname, relkind, relrowsecurity) from pg_class where relnamespace = 'public'::regnamespace "
        "union all select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull) from pg_attribute "
        "join pg_class c on c.oid = attrelid where c.relnamespace = 'public'::regnamespace and attnum > 0 "
        "union all select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal "
        "union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated) from pg_constraint "
        "union all select concat_ws(' ', 'function', proname, prosrc) from pg_proc where pronamespace = 'public'::regnamespace "
        "union all select concat_ws(' ', 'rule', ev_class::regclass, rulename) from pg_rewrite "
        "union all select concat_ws(' ', 'policy', polname) from pg_policy) as what (told)"
    )

    def __init__(self, server: "psycopg2.extensions.connection") -> None:
        self._server = server
        self._open: ExitStack | None = None

    def fresh(self) -> MadeBook:
        """The book as it was made, whatever the last test did to it."""
        if self._open is not None and not self._put_back():
            self.close()
        if self._open is None:
            self._make()
        return self._made

    def _make(self) -> None:
        self._open = ExitStack()
        self.name = self._open.enter_context(_database(self._server))
        self.target = f"{SERVER}/{self.name}"
        self._made = make_book(self.target, NEW, clock=CLOCK)
        self._made.session.db.close()
        self._own = psycopg2.connect(self.target)
        self._own.autocommit = True
        self._open.callback(self._own.close)
        with self._own.cursor() as cursor:
            cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
            tables = [name for (name,) in cursor.fetchall()]
            cursor.execute("create schema pattern")
            for name in tables:
                cursor.execute(f"create table pattern.{name} as select * from public.{name}")
            cursor.execute(self._SCHEMA)
            (self._schema,) = cursor.fetchone()  # type: ignore[misc]
        clear = [f"delete from public.{name}; insert into public.{name} select * from pattern.{name}" for name in tables]
        # As a replica does it: the guards of posted rows are for those who post.
        self._restore = "; ".join(["set session_replication_role = replica", "set synchronous_commit = off", *clear])

    def _put_back(self) -> bool:
        try:
            return self._restored()
        except psycopg2.OperationalError:
            return False  # A test ended every line to it, this one too.

    def _restored(self) -> bool:
        with self._own.cursor() as cursor:
            others = "pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
            cursor.execute(f"select pg_terminate_backend(pid, 5000) from {others}", (self.name,))
            cursor.execute(self._SCHEMA)
            if cursor.fetchone() != (self._schema,):
                return False
            cursor.execute(self._restore)
        return True

    def close(self) -> None:
        """Drop the database."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _copy_of(made: MadeBook, target: str) -> MadeBook:
    """The session of a copied book, as `make_book` would have left it."""
    was = made.session
    assert was.operator is not None
    assert was.vault is not None
    vault = Vault(made.install_id, was.vault._keysets, was.vault._primary, bundle=was.vault.bundle, epoch=was.vault.epoch)
    session = Session(open_database(target), was.book, was.operator, vault, clock=CLOCK)
    session.record = was.record
    return replace(made, session=session)


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A fresh book on each engine."""
    yield from request.getfixturevalue(f"{request.param}_books")(tmp_path)


@pytest.fixture
def sqlite_desk(sqlite_books: Callable[[Path], Iterator[Desk]], tmp_path: Path) -> Iterator[Desk]:
    """A fresh book on SQLite, where the engine does not matter."""
    yield from sqlite_books(tmp_path)


@pytest.fixture
def postgres_desk(postgres_books: Callable[[Path], Iterator[Desk]], tmp_path: Path) -> Iterator[Desk]:
    """A fresh book on the server, where it is about the server."""
    yield from postgres_books(tmp_path)


@pytest.fixture
def sqlite_books(sqlite_pattern: tuple[Path, MadeBook]) -> Callable[[Path], Iterator[Desk]]:
    """How a test gets its book on SQLite."""
    path, made = sqlite_pattern

    def desks(folder: Path) -> Iterator[Desk]:
        folder.chmod(0o700)
        target = str(shutil.copy2(path, folder / "book.db"))
        copy = _copy_of(made, target)
        yield Desk(copy.session, target, copy)
        copy.session.db.close()

    return desks


@pytest.fixture
def postgres_books(server_book: ServerBook) -> Callable[[Path], Iterator[Desk]]:
    """How a test gets its book on PostgreSQL."""

    def desks(_: Path) -> Iterator[Desk]:
        copy = _copy_of(server_book.fresh(), server_book.target)
        yield Desk(copy.session, server_book.target, copy)
        copy.session.db.close()

    return desks


Run = Callable[..., "Done"]


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        import json

        return json.loads(self.out)


@pytest.fixture
def netbill(tmp_path: Path) -> Run:
    """The real program in a process of its own, on a book in a folder of its own."""
    import subprocess

    tmp_path.chmod(0o700)
    secret = tmp_path / "pw"
    secret.write_text("gravel-otter-lantern-92\n")
    secret.chmod(0o600)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NETBILL_", "PYTHON"))}
    environment |= {
        "NETBILL_BOOK": str(tmp_path / "acme.db"), "NETBILL_OPERATOR": "boss", "NETBILL_PASSWORD_FILE": str(secret),
        "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path),
    }  # fmt: skip

    def run(*words: str, stdin: str | None = None, env: dict[str, str] | None = None, check: int | None = None) -> Done:
        done = subprocess.run(
            [*stretching.netbill(env or {}), *words], capture_output=True, text=True, cwd=tmp_path,
            input=stdin if stdin is not None else "", env=environment | (env or {}), timeout=120,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, (words, done.returncode, done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    run.environment = environment  # type: ignore[attr-defined]
    return run


def sound(desk: Desk) -> bool:
    """`verify` finds nothing broken in the book; what it finds is the message of the failure."""
    assert {c.name: c.broken for c in verify(desk.session) if c.broken} == {}
    return True
