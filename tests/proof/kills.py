"""R1, R2: processes that post are killed with -9, at any moment and at every named step; what was acknowledged is there, once."""

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from netbill_tui.db.core.sqlite import SqliteBook, TicketLock
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import NetbillError, RequestMismatch
from netbill_tui.usecases.receivables import payments
from tests.proof.books import broken, make, post, sign_in
from tests.proof.report import Report, Run, proof

STEPS = ("lock", "begin", "rows", "event", "commit", "acknowledged")


@contextmanager
def dying_at(step: str) -> Iterator[None]:
    """Kill this process with -9 at a step of the write protocol, the second time it comes there."""
    seen = [0]

    def strike() -> None:
        seen[0] += 1
        if seen[0] == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(
        kind: type, name: str, when: Callable[[tuple[object, ...]], bool] = lambda _: True, *, after: bool = False
    ) -> None:
        old = getattr(kind, name)

        def new(*given: object, **more: object) -> object:
            if not after and when(given):
                strike()
            made = old(*given, **more)
            if after and when(given):
                strike()
            return made

        setattr(kind, name, new)

    if step == "lock":
        before(TicketLock, "_take", after=True)
    elif step == "begin":
        before(Transaction, "__init__")
    elif step == "rows":
        before(Transaction, "note")
    elif step == "event":
        before(Transaction, "finish", after=True)
    elif step == "commit":
        before(SqliteBook, "_checkpoint")
    elif step == "acknowledged":
        old = payments.record
        payments.record = lambda *a: (old(*a), strike())[0]  # type: ignore[assignment, func-returns-value]
    yield


def forked(work: Callable[[int], None], read: int = -1) -> int:
    """A process that works; nothing of this one's is open in it but the pipe."""
    pid = os.fork()
    if pid:
        return pid
    if read >= 0:
        os.close(read)
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work(0)
    except BaseException:
        os._exit(9)
    os._exit(0)


def _worker(target: str, pipe: int, step: str, sabotage: str) -> None:
    if sabotage == "acknowledge-early":
        old = SqliteBook.write

        @contextmanager
        def early(self: SqliteBook) -> Iterator[None]:
            with old(self):
                yield
                os.write(pipe, _NOW[0])
                time.sleep(0.002)

        SqliteBook.write = early  # type: ignore[method-assign, assignment]
    if sabotage == "two-commits":
        old_post = Transaction.post

        def torn(self: Transaction, table: type, rows: object) -> None:
            old_post(self, table, rows)  # type: ignore[arg-type]
            self.db.peewee.execute_sql("commit")
            self.db.peewee.execute_sql("begin immediate")

        Transaction.post = torn  # type: ignore[method-assign, assignment]
    session = sign_in(target)
    with dying_at(step):
        while True:
            request = uuid.uuid4().bytes
            _NOW[0] = b"A" + request
            os.write(pipe, b"T" + request)
            try:
                post(session, request)
            except NetbillError:
                continue
            os.write(pipe, b"A" + request)


_NOW = [b""]


def _one_round(target: str, writers: int, step: str, random_: random.Random, sabotage: str) -> tuple[set[bytes], set[bytes]]:
    """Start writers, kill them; the requests that were tried, and those that were acknowledged."""
    started = []
    for _ in range(writers):
        read, write = os.pipe()
        started.append((forked(lambda _, w=write: _worker(target, w, step, sabotage), read), read))
        os.close(write)
    first: dict[int, bytes] = {}
    if not step:
        for _, read in started:
            first[read] = os.read(read, 17)  # it has begun to post
        time.sleep(random_.uniform(0.004, 0.060))
    tried: set[bytes] = set()
    acknowledged: set[bytes] = set()
    for pid, read in started:
        if not step:
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 10
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        data = first.get(read, b"")
        while part := os.read(read, 65536):
            data += part
        os.close(read)
        for at in range(0, len(data), 17):
            (tried if data[at : at + 1] == b"T" else acknowledged).add(data[at + 1 : at + 17])
    return tried, acknowledged


def _stored(target: str) -> set[bytes]:
    session = sign_in(target)
    try:
        return {bytes(r[0]) for r in session.db.peewee.execute_sql("select uid from payment").fetchall()}
    finally:
        session.db.close()


@proof(
    "R1", "kill -9 at any moment and at every named step: no acknowledged payment lost, none half-posted, the ledger sums to 0",
    "acknowledge-early", "two-commits",
)  # fmt: skip
def r1(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    make(target).session.db.close()
    chance = random.Random(run.seed)
    rounds = [(w, "") for w in (1, 4) for _ in range(run.size(100, 1_600) if w == 1 else run.size(25, 400))]
    rounds += [(1, step) for step in STEPS for _ in range(run.size(3, 20))]
    rounds = rounds[:: 4 if run.sabotage else 1]
    kills, acknowledged, unacknowledged = 0, set(), 0
    for writers, step in rounds:
        tried, acked = _one_round(target, writers, step, chance, run.sabotage)
        kills += writers
        acknowledged |= acked
        if run.sabotage and len(acknowledged - _stored(target)) > 0:
            break
    stored = _stored(target)
    unacknowledged = len(stored - acknowledged)
    report.figures = {"kills": kills, "acknowledged": len(acknowledged), "stored": len(stored),
                      "stored, not acknowledged": unacknowledged}  # fmt: skip
    report.must(len(acknowledged) > kills // 4, "the kills struck while payments were taken")
    report.must(not acknowledged - stored, f"{len(acknowledged - stored)} acknowledged payments are lost")
    session = sign_in(target)
    report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
    session.db.close()
    return report


@proof(
    "R2", "a request is posted once, however often it is repeated after a kill; with another amount it is refused",
    "skipped-claim",
)  # fmt: skip
def r2(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    make(target).session.db.close()
    chance = random.Random(run.seed)
    tried: set[bytes] = set()
    for _ in range(run.size(40, 2_000)):
        some, _acked = _one_round(target, 1, "", chance, "")
        tried |= some
    from netbill_tui.usecases.core import unit_of_work as protocol

    session = sign_in(target)
    before = protocol.requests.find
    if run.sabotage == "skipped-claim":
        protocol.requests.find = lambda *_: None  # type: ignore[assignment]
    repeated = refused = 0
    try:
        for request in sorted(tried):
            for _ in range(2):
                try:
                    post(session, request)
                    repeated += 1
                except NetbillError as error:
                    report.must(False, f"a repeat was not answered: {type(error).__name__}")
            try:
                post(session, request, 101)
            except RequestMismatch:
                refused += 1
            except NetbillError:
                continue
    finally:
        protocol.requests.find = before
    (count,) = session.db.peewee.execute_sql("select count(*) from payment").fetchone()
    report.figures = {"requests": len(tried), "repeats answered": repeated, "other amounts refused": refused, "payments": count}
    report.must(count == len(tried), f"{count} payments of {len(tried)} requests")
    report.must(refused == len(tried), f"{len(tried) - refused} requests took another amount")
    report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
    session.db.close()
    return report
