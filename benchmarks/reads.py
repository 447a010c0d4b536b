"""Goals 4 and 7: a screen's read against raw sqlite3 of the same rows; a blind index against a plain one."""

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import book, report
from netbill_tui.db.core.paging import FIRST, read_page
from netbill_tui.db.customers import accounts
from netbill_tui.db.lookup import lists, search
from netbill_tui.db.receivables import invoices, overdue, payments
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.open_book import open_book


def _pairs(a: Callable[[object], object], b: Callable[[object], object], keys: list[object]) -> tuple[float, float]:
    """Median seconds a call, in turns over the same keys."""
    found: tuple[list[float], list[float]] = ([], [])
    for key in keys[:30]:
        a(key), b(key)
    for turn, key in enumerate(keys):
        # In turns: whoever is first on a key pays for bringing its pages in.
        for side, work in ((0, a), (1, b)) if turn % 2 else ((1, b), (0, a)):
            began = time.perf_counter()
            work(key)
            found[side].append(time.perf_counter() - began)
    return statistics.median(found[0]), statistics.median(found[1])


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    for size in sizes:
        _screens(size, times)
        _blind(size, times)


def _screens(size: int, times: int) -> None:
    """What each screen's keypress reads, as records, against the same rows as bare tuples."""
    session = open_book(book(size))
    session.roll()
    db = session.db
    raw = sqlite3.connect(f"file:{book(size)}?mode=ro", uri=True)
    raw.execute("pragma cache_size=-8000")
    chance = random.Random(1)
    ids = [chance.randrange(1, size) for _ in range(times)]
    rows = raw.execute("select id, account from customer").fetchall()
    keys = [rows[i % len(rows)] for i in ids]
    as_of = session.date().isoformat()

    def same(sql: str, params: tuple, raw: sqlite3.Connection = raw) -> object:
        return raw.execute(sql, params).fetchall()

    everything = lists._keyset("payments", "", "date", True, "", "")
    queue = lists._keyset("overdue", "", "days", True, ">", "")

    def page(keyset: object, params: tuple, make: Callable) -> Callable[[object], object]:
        return lambda _key: [make(r) for r in read_page(db, keyset, params, FIRST)]  # type: ignore[arg-type]

    cases: list[tuple[str, Callable[[object], object], Callable[[object], object]]] = [
        ("customer by account", lambda k: accounts.by_account(db, k[1]), lambda k: same(accounts._BY_ACCOUNT.sqlite, (k[1],))),
        (
            "payments of a customer",
            lambda k: payments.of_customer(db, k[0], as_of),
            lambda k: same(payments._OF_CUSTOMER.sqlite, (as_of, k[0], as_of)),
        ),
        (
            "page of 100 payments",
            page(everything, (as_of, as_of), lambda r: payments.row(*r[2:])),
            lambda _k: same(everything.first.sqlite, (as_of, as_of)),
        ),
        (
            "page of 100 dues",
            page(invoices._DUES, ("0000-01-01", "9999-12-31"), lambda r: invoices.due(as_of, *r[2:])),
            lambda _k: same(invoices._DUES.first.sqlite, ("0000-01-01", "9999-12-31")),
        ),
        (
            "page of 100 overdue accounts",
            lambda _k: overdue.queued(db, [r[2:] for r in read_page(db, queue, ("",), FIRST)], as_of),
            lambda _k: _raw_overdue(same, queue.first.sqlite, as_of),
        ),
        (
            "find by exact number",
            lambda k: search.by_number(db, [k[1]], [k[1]], as_of),
            lambda k: [
                same(s.sqlite, p)
                for s, p in (
                    *(search._asked(source, as_of) for source in search.numbered([k[1]], [k[1]])),
                    *((search._named(sql, 1), (k[1],)) for sql in (search._RUN, search._CODE)),
                )
            ],
        ),
    ]  # fmt: skip
    for name, ours, theirs in cases:
        a, b = _pairs(ours, theirs, keys)
        report("4", f"{name} / raw sqlite3", f"{size:,}", a, b, 1.5, unit="us")
    raw.close()
    session.db.close()


def _raw_overdue(same: Callable[[str, tuple], list], sql: str, as_of: str) -> object:
    found = same(sql, ("",))
    ids = [r[2] for r in found]
    return found, same(overdue._COUNTS_OF[100].sqlite, (as_of, *ids, *[ids[-1]] * (100 - len(ids))))


def _blind(size: int, times: int) -> None:
    """Equality on a blind index against equality on the plain column, in one table."""
    vault = Vault(bytes(16), {"CONTACT": {1: bytes(32)}}, {"CONTACT": 1})
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "b.db")
        db.execute("create table t (id integer primary key, email text, bidx integer)")
        mails = [f"c{n}@example.org" for n in range(size)]
        db.executemany(
            "insert into t (email, bidx) values (?, ?)", [(m, vault.blind_index("email", "email.v1", m)) for m in mails]
        )
        db.execute("create index te on t (email)")
        db.execute("create index tb on t (bidx)")
        chance = random.Random(2)
        keys: list[object] = [chance.choice(mails) for _ in range(times)]
        a, b = _pairs(
            lambda k: db.execute("select id from t where bidx = ?", (vault.blind_index("email", "email.v1", str(k)),)).fetchall(),
            lambda k: db.execute("select id from t where email = ?", (k,)).fetchall(),
            keys,
        )
        report("7", "blind index / plain index, e-mail", f"{size:,}", a, b, 1.6, unit="us")
        db.close()
