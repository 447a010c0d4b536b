"""A temporary book on both engines, a clock that stands still, builders, and waiting without sleeping."""

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg2  # before peewee is imported by SQLite alone, which shuts the server's driver out
import pytest

from netbill_tui.billing.customers import NewCustomer
from netbill_tui.billing.payments import Payment, PaymentRequest
from netbill_tui.db import kept, tables
from netbill_tui.services import new_customers, payments
from netbill_tui.services.books import MadeBook, NewBook, at, make_book
from netbill_tui.services.session import Session
from netbill_tui.services.writing import writing

TODAY = date(2026, 11, 22)
CLOCK = at("2026-11-22T14:07:00")
SHARED = Path(__file__).resolve().parents[2] / "shared"
SERVER = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")


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


@pytest.fixture
def database_url(server: "psycopg2.extensions.connection") -> Iterator[str]:
    """An empty database on the server, dropped afterwards."""
    name = f"netbill_test_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:
        cursor.execute(f"create database {name}")
    yield f"{SERVER}/{name}"
    with server.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")


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
            new_customers.store(
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
            (serial,) = tx.take("invoice")
            number = number or f"INV-{serial:06d}"
            invoice_id, day = next(ids), due_on.isoformat()
            fields = (number, "invoice", row[0], issued_on.isoformat(), issued_on.isoformat(), day, cents, 0, "", tx.now_us)
            tx.post(tables.Invoice, [(invoice_id, *fields)])
            line = (next(ids), invoice_id, 1, "INT-100", "recurring", "Fibre", None, None, "1", cents, cents, "")
            tx.post(tables.InvoiceLine, [line])
            entry = (next(ids), row[0], issued_on.isoformat(), "invoice", cents, number, "Invoice", invoice_id, None, tx.now_us)
            tx.post(tables.Entry, [entry])
            kept.open_items(db, [(invoice_id, row[0], number, issued_on.isoformat(), day, cents, cents, 0)])
            kept.add_due(db, [(day, 1, cents)])
            kept.refresh(db, row[0], cents)
            tx.note("test.invoice", number, {}, bulk=True)
        return number

    def pay(self, account: str, cents: int, **more: object) -> Payment:
        given: dict[str, object] = {"method": "cash", "confirmed": "test", **more}
        request_id = given.pop("request_id", None) or uuid.uuid4().bytes
        return payments.record(self.session, PaymentRequest(request_id, account, cents, **given))  # type: ignore[arg-type]

    def column(self, sql: str) -> list[object]:
        """The first column of a query."""
        return [row[0] for row in self.session.db.peewee.execute_sql(sql).fetchall()]


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A fresh book on each engine."""
    tmp_path.chmod(0o700)
    target = str(tmp_path / "book.db") if request.param == "sqlite" else request.getfixturevalue("database_url")
    made = make_book(target, NEW, clock=CLOCK)
    yield Desk(made.session, target, made)
    made.session.db.close()


@pytest.fixture
def sqlite_desk(tmp_path: Path) -> Iterator[Desk]:
    """A fresh book on SQLite, where the engine does not matter."""
    tmp_path.chmod(0o700)
    target = str(tmp_path / "book.db")
    made = make_book(target, NEW, clock=CLOCK)
    yield Desk(made.session, target, made)
    made.session.db.close()


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
    import sys

    tmp_path.chmod(0o700)
    secret = tmp_path / "pw"
    secret.write_text("gravel-otter-lantern-92\n")
    secret.chmod(0o600)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NETBILL_")}
    environment |= {
        "NETBILL_BOOK": str(tmp_path / "acme.db"), "NETBILL_OPERATOR": "boss", "NETBILL_PASSWORD_FILE": str(secret),
        "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path),
    }  # fmt: skip

    def run(*words: str, stdin: str | None = None, env: dict[str, str] | None = None, check: int | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "netbill_tui", *words], capture_output=True, text=True, cwd=tmp_path,
            input=stdin if stdin is not None else "", env=environment | (env or {}), timeout=120,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, (words, done.returncode, done.stdout, done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    run.environment = environment  # type: ignore[attr-defined]
    return run
