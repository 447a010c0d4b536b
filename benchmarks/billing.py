"""The billing run against raw statements that store the same rows, and against row-by-row peewee (goals 9, 10 and 11)."""

import multiprocessing
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from benchmarks.harness import fact, report
from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.db.core import tables
from netbill_tui.security import audit
from netbill_tui.usecases.access.sign_in import sign_in
from netbill_tui.usecases.billing_run import issue, preview
from netbill_tui.usecases.books.create import NewBook, at, make_book
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.services import orders

DAY = date(2026, 11, 22)
CLOCK = at("2026-11-22T03:00:00")
PASSWORD = "gravel-otter-lantern-92"
PLANS = (("INT-100", "Fibre 100", 2990), ("PHONE", "Phone flat", 990), ("RENT", "Router rent", 300))
# What a run stores, in its order: table, and the rows of it that a run made.
WRITTEN = ("invoice", "invoice_line", "billed", "invoice_tax", "entry", "open_item")
BATCH = preview.BATCH
MILLION = 1_000_000
SERVER = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")


def make(target: str, customers: int) -> Session:
    """A book of customers with three services each, begun on 730 different days, none billed yet for this month."""
    session = make_book(target, NewBook("Bench", "EUR", "UTC", "GB", "boss", PASSWORD), clock=CLOCK).session
    tax_rates.add_rate(session, "std", {"percent": "20", "name": "VAT 20 %"})
    for code, name, price in PLANS:
        codes.store_code(session, {"code": code, "name": name, "tax_class": "std"})
        codes.add_price(session, code, {"amount": f"{price / 100:.2f}", "from": "2020-01-01"})
    book = codes.load(session)
    first_day = DAY - timedelta(days=760)
    news = [
        [
            orders.read_new(session, "", {
                "code": c, "start": str(first_day + timedelta(days=n)), "anchor": "22", "billed_through": str(DAY)
            }, book)
            for c, _, _ in PLANS
        ]
        for n in range(730)
    ]  # fmt: skip
    _, vault = session.sign_in_if_needed()
    for first in range(0, customers, 2000):
        with writing(session, "import") as tx:
            ids = list(tx.take("id", min(2000, customers - first)))
            people = [(i, uuid4().bytes, NewCustomer(f"C{first + n}", f"Name {first + n}")) for n, i in enumerate(ids)]
            registration.store(tx, vault, people, "GB", lambda: uuid4().bytes)
            many = [(i, new) for n, i in enumerate(ids, first) for new in news[n % len(news)]]
            orders.store_many(tx, session, many, book)
            tx.note("bench.people", "bench", {}, bulk=True)
    return session


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    del times
    largest = max(sizes)
    for size in [min(sizes)] if largest < 10_000 else [s for s in (10_000, 100_000, 1_000_000) if s <= largest]:
        folder = Path(tempfile.mkdtemp(prefix="netbill-bench-", dir=os.environ.get("NETBILL_BENCH_BOOKS")))
        folder.chmod(0o700)
        try:
            if size < MILLION:
                _one_size(folder, size)
            else:
                _alone(make(str(folder / "million.db"), size), size, "SQLite")
        finally:
            shutil.rmtree(folder)
    _server(min(largest, 10_000))


def _server(size: int) -> None:
    """The same run on PostgreSQL, in a database of its own, where a server answers."""
    import psycopg2

    try:
        connection = psycopg2.connect(f"{SERVER}/postgres", connect_timeout=3)
    except psycopg2.OperationalError:
        print(f"# no PostgreSQL answers at {SERVER}: the run was not measured there")
        return
    connection.autocommit = True
    name = f"netbill_bench_{uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    try:
        _alone(make(f"{SERVER}/{name}", size), size, "PostgreSQL")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")
        connection.close()


def _alone(session: Session, size: int, engine: str) -> None:
    """One run and a second one, with the memory that they took."""
    shown, before = f"{size:,}", _resident()
    began = time.perf_counter()
    made = issue.issue(session, DAY, pause_s=0, batch=BATCH, on_progress=lambda done, total: _note_half(done, total))
    took = time.perf_counter() - began
    assert (made.issued, made.lines) == (size, 3 * size), made
    after = _resident()
    began = time.perf_counter()
    assert issue.issue(session, DAY, pause_s=0, batch=BATCH).issued == 0
    again = time.perf_counter() - began
    session.db.close()
    report("10", f"{engine}: a second run / the first", shown, again, took, 1 / 8)
    fact("9", f"{engine}: customers billed in a second", shown, size / took, "/s")
    fact("9", f"{engine}: memory before the run", shown, before, "MiB")
    fact("9", f"{engine}: memory behind its first half", shown, _half.get("MiB", 0.0), "MiB")
    fact("9", f"{engine}: memory behind the run", shown, after, "MiB")


_half: dict[str, float] = {}


def _note_half(done: int, total: int) -> None:
    if done * 2 >= total and _half.get("of") != total:
        _half.update({"of": total, "MiB": _resident()})


def _resident() -> float:
    """Resident memory of this process, MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _one_size(folder: Path, size: int) -> None:
    session = make(str(folder / "fresh.db"), size)
    session.db.close()
    ours, floors, again = [], [], []
    rows: dict[str, list[tuple[object, ...]]] = {}
    for turn in range(3):
        target = _copy(folder, f"run{turn}.db")
        live = _open(target)
        began = time.perf_counter()
        made = issue.issue(live, DAY, pause_s=0, batch=BATCH)
        ours.append(time.perf_counter() - began)
        assert (made.issued, made.lines) == (size, 3 * size), made
        began = time.perf_counter()
        assert issue.issue(live, DAY, pause_s=0, batch=BATCH).issued == 0
        again.append(time.perf_counter() - began)
        live.db.close()
        if not rows:
            rows = _rows_of(target)
        floors.append(_floor(_copy(folder, f"floor{turn}.db"), rows, size))
        target.unlink()
    shown = f"{size:,}"
    report(
        "9",
        "billing run / raw executemany of the same rows, hashed",
        shown,
        statistics.median(ours),
        statistics.median(floors),
        1.6,
    )
    orm = _row_by_row(_copy(folder, "orm.db"), rows, min(size, 300)) * size
    report("9", "row-by-row peewee / billing run (at least 10)", shown, orm, statistics.median(ours), None)
    report("10", "a second run / the first", shown, statistics.median(again), statistics.median(ours), 1 / 8)
    fact("9", "customers billed in a second", shown, size / statistics.median(ours), "/s")
    _beside(_copy(folder, "beside.db"), size)


def _copy(folder: Path, name: str) -> Path:
    target = folder / name
    shutil.copy(folder / "fresh.db", target)
    target.chmod(0o600)
    return target


def _open(target: Path) -> Session:
    session = open_book(str(target), clock=CLOCK)
    sign_in(session, "boss", PASSWORD)
    session.roll()
    return session


def _rows_of(target: Path) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(target)
    found = {t: db.execute(f"select * from {t} order by 1").fetchall() for t in WRITTEN}
    found["state"] = db.execute("select covered, next_on, service_id from service_state order by customer_id").fetchall()
    found["total"] = db.execute("select balance, open, overdue, oldest_due, customer_id from customer_total").fetchall()
    db.close()
    return found


def _floor(target: Path, rows: dict[str, list[tuple[object, ...]]], size: int) -> float:
    """Seconds that raw sqlite3 takes to store the same rows, hashed as posted rows are, in the same batches and pragmas."""
    db = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "cache_size = -8000"):
        db.execute(f"pragma {pragma}")
    sql = {t: f"insert into {t} values ({', '.join('?' * len(rows[t][0]))})" for t in WRITTEN}
    batches = []
    for first in range(0, size, BATCH):
        share = {
            t: rows[t][first * len(rows[t]) // size : (first + BATCH) * len(rows[t]) // size]
            for t in (*WRITTEN, "state", "total")
        }
        batches.append(share)
    began = time.perf_counter()
    for share in batches:
        db.execute("begin immediate")
        for table in WRITTEN:
            db.executemany(sql[table], share[table])
            if table != "open_item":
                audit.bulk_hash([audit.row_hash(table, row) for row in share[table]])
        db.executemany("update service_state set covered = ?, next_on = ? where service_id = ?", share["state"])
        db.executemany(
            "update customer_total set balance = ?, open = ?, overdue = ?, oldest_due = ? where customer_id = ?", share["total"]
        )
        db.execute("commit")
    took = time.perf_counter() - began
    db.close()
    target.unlink()
    return took


def _row_by_row(target: Path, rows: dict[str, list[tuple[object, ...]]], sample: int) -> float:
    """Seconds a customer that peewee takes with `create` for each row, in one transaction."""
    import peewee

    db = peewee.SqliteDatabase(str(target), pragmas={"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1})
    models = (tables.Invoice, tables.InvoiceLine, tables.Billed, tables.InvoiceTax, tables.Entry)
    customers = len(rows["invoice"])
    began = time.perf_counter()
    with db.bind_ctx(models, bind_refs=False, bind_backrefs=False), db.atomic():
        for model in models:
            name = model._meta.table_name
            names = [f.name for f in model._meta.sorted_fields]
            for row in rows[name][: sample * len(rows[name]) // customers]:
                model.create(**dict(zip(names, row, strict=True)))
    took = time.perf_counter() - began
    db.close()
    return took / sample


def _reader(target: str, stop: object, found: object) -> None:
    db = sqlite3.connect(target)
    taken = []
    n = 0
    while not stop.is_set():  # type: ignore[attr-defined]
        n = (n * 7919 + 13) % 1000
        began = time.perf_counter()
        db.execute("select * from customer where account = ?", (f"C{n}",)).fetchall()
        taken.append(time.perf_counter() - began)
        time.sleep(0.002)
    found.put(("read", taken))  # type: ignore[attr-defined]


def _clerk(target: str, stop: object, found: object) -> None:
    session = open_book(target, clock=CLOCK)
    sign_in(session, "boss", PASSWORD)
    taken = []
    n = 0
    while not stop.is_set():  # type: ignore[attr-defined]
        n += 1
        request = PaymentRequest(payments.new_request_id(), f"C{n % 100}", 100 + n, "cash", confirmed="benchmark")
        began = time.perf_counter()
        payments.record(session, request)
        taken.append(time.perf_counter() - began)
        time.sleep(0.05)
    found.put(("post", taken))  # type: ignore[attr-defined]


def _timed(target: Path, work: Callable[[], object]) -> tuple[float, list[float], list[float]]:
    """Seconds of the work, and of each read and posting that other processes did beside it."""
    context = multiprocessing.get_context("spawn")
    stop, found = context.Event(), context.Queue()
    others = [context.Process(target=f, args=(str(target), stop, found)) for f in (_reader, _clerk)]
    for other in others:
        other.start()
    time.sleep(1.5)
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    stop.set()
    told = dict(found.get(timeout=30) for _ in others)
    for other in others:
        other.join()
    return took, sorted(told["read"]), sorted(told["post"])


def _beside(target: Path, size: int) -> None:
    """Reads and payments of other processes during a run with its pauses."""
    shown = f"{size:,}"
    _, idle, _ = _timed(target, lambda: time.sleep(2))
    alone = _copy(target.parent, "alone.db")
    session = _open(alone)
    began = time.perf_counter()
    issue.issue(session, DAY)
    quiet = time.perf_counter() - began
    session.db.close()
    alone.unlink()
    session = _open(target)
    took, read, post = _timed(target, lambda: issue.issue(session, DAY))
    session.db.close()
    at99 = [found[min(int(len(found) * 0.99), len(found) - 1)] for found in (idle, read)]
    report("11", "a read beside the run, p99 / idle", shown, at99[1], at99[0], 10)
    fact("11", "a payment beside the run, max (at most 100)", shown, post[-1] * 1e3, "ms")
    fact("11", "a payment beside the run, p50", shown, post[len(post) // 2] * 1e3, "ms")
    report("11", "the run beside them / alone, with its pauses", shown, took, quiet, 1.2)
