"""Goal 19: clerks on a server, near it and five milliseconds away. A connection of seven statements is the other side."""

import multiprocessing
import os
import time
import uuid
from collections.abc import Callable
from multiprocessing.synchronize import Event
from urllib.parse import urlsplit

import psycopg2

from benchmarks.harness import fact
from benchmarks.latency import Delayed
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.db.core.statements import Statement
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.demo import book as demo
from netbill_tui.usecases.receivables import payments

SERVER = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")
_ACCOUNTS = Statement("select account from customer order by id")
_BARE = (
    "begin",
    "select seq from bare_head where id = 1 for update",
    "insert into bare_payment (id, account, amount) values (%s, %s, %s)",
    "insert into bare_entry (id, account, amount) values (%s, %s, %s)",
    "update bare_total set balance = balance - %s where account = %s",
    "update bare_head set seq = seq + 1 where id = 1",
    "commit",
)


def _clerk(
    target: str, key: str, who: int, of: int, seconds: float, ready: Event, done: "multiprocessing.Queue[list[float]]"
) -> None:
    session = _signed_in(target, key)
    accounts = [str(row[0]) for row in session.db.rows(_ACCOUNTS)][who::of]
    post = _posting(session, accounts, who)
    post(0)
    _measure(post, seconds, ready, done)


def _bare(
    target: str, _: str, who: int, _of: int, seconds: float, ready: Event, done: "multiprocessing.Queue[list[float]]"
) -> None:
    connection = psycopg2.connect(target)
    connection.autocommit = True
    cursor = connection.cursor()

    def post(_: int) -> None:
        row = (uuid.uuid4().hex, f"C{who}", 100)
        for statement, params in zip(_BARE, ((), (), row, row, (100, f"C{who}"), (), ()), strict=True):
            cursor.execute(statement, params)

    _measure(post, seconds, ready, done)


def _signed_in(target: str, key: str) -> Session:
    session = open_book(target)
    sign_in.sign_in_with_bundle(session, demo_key.OPERATOR, demo_key.key_file(key))
    session.roll()
    return session


def _posting(session: Session, accounts: list[str], who: int) -> Callable[[int], object]:
    def post(n: int) -> object:
        request = PaymentRequest(
            payments.new_request_id(), accounts[n % len(accounts)], 1000 + n * 7 + who, "cash", confirmed="it is"
        )
        return payments.record(session, request)

    return post


def _measure(post: Callable[[int], object], seconds: float, ready: Event, done: "multiprocessing.Queue[list[float]]") -> None:
    taken: list[float] = []
    ready.wait()
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        post(len(taken) + 1)
        taken.append(time.perf_counter() - began)
    done.put(taken)


def _together(work: Callable[..., None], target: str, key: str, clerks: int, seconds: float) -> tuple[float, float, float]:
    """Postings a second, and the median and the 99th of a hundred in milliseconds."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Queue()
    crowd = [context.Process(target=work, args=(target, key, n, clerks, seconds, ready, done)) for n in range(clerks)]
    for process in crowd:
        process.start()
    time.sleep(3 + clerks / 4)
    ready.set()
    taken = sorted(one for _ in crowd for one in done.get(timeout=60 + seconds))
    for process in crowd:
        process.join()
    return len(taken) / seconds, taken[len(taken) // 2] * 1e3, taken[int(len(taken) * 0.99)] * 1e3


def run(sizes: list[int], seconds: float) -> None:
    """Print the rows; nothing where no server answers."""
    try:
        admin = psycopg2.connect(f"{SERVER}/postgres", connect_timeout=2)
    except psycopg2.OperationalError:
        print("# no server answers at NETBILL_TEST_SERVER: goal 19 is left out")
        return
    admin.autocommit = True
    name = f"netbill_bench_{uuid.uuid4().hex[:8]}"
    admin.cursor().execute(f"create database {name}")
    target = f"{SERVER}/{name}"
    try:
        _run(target, min(min(sizes), 2000), seconds)
    finally:
        demo_key.key_file(target).unlink(missing_ok=True)
        admin.cursor().execute(f"drop database {name} with (force)")
        admin.close()


def _run(target: str, size: int, seconds: float) -> None:
    demo.make(target, customers=size, months=6).session.db.close()
    with psycopg2.connect(target) as connection, connection.cursor() as cursor:
        cursor.execute(
            "create table bare_head (id int primary key, seq bigint); insert into bare_head values (1, 0);"
            "create table bare_payment (id text primary key, account text, amount bigint);"
            "create table bare_entry (id text primary key, account text, amount bigint);"
            "create table bare_total (account text primary key, balance bigint);"
            "insert into bare_total select 'C' || n, 0 from generate_series(0, 99) n"
        )
    connection.close()
    address = urlsplit(target)
    with Delayed(address.hostname or "127.0.0.1", address.port or 5432, 0.005) as line:
        away = target.replace(f"{address.hostname}:{address.port or 5432}", f"127.0.0.1:{line.port}")
        session = _signed_in(away, target)
        accounts = [str(row[0]) for row in session.db.rows(_ACCOUNTS)]
        post = _posting(session, accounts, 1)
        post(0)
        before = line.flights
        for n in range(1, 11):
            post(n)
        fact("19", "flights of a payment", f"{size:,}", (line.flights - before) / 10, "", 6)
        session.db.close()
        for where, url in (("near", target), ("5 ms away", away)):
            for clerks in (1, 8):
                ours, half, most = _together(_clerk, url, target, clerks, seconds)
                bare, _, _ = _together(_bare, url, target, clerks, seconds)
                fact(
                    "19",
                    f"{clerks} clerks {where}: payments a second",
                    f"{size:,}",
                    ours,
                    f"(bare {bare:.0f}: {ours / bare:.2f}x)",
                )
                fact("19", f"{clerks} clerks {where}: p50 and p99", f"{size:,}", half, f"ms and {most:.0f} ms")
