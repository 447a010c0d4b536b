"""R5, R6, R7: lines that drop, twenty operators at once, and the same on a server."""

import os
import signal
import statistics
import time
import uuid

from netbill_tui.db.core.sqlite import TicketLock
from netbill_tui.errors import NetbillError
from netbill_tui.usecases.receivables import credit_notes
from tests.proof.books import KEYS, broken, make, post, sign_in
from tests.proof.kills import forked
from tests.proof.report import Report, Run, proof
from tests.terminal.terminal import Terminal


@proof("R5", "a line that drops in the middle of a posting: nothing lost, gone in two seconds, its sitting closed", "drop-unseen")
def r5(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    made = make(target)
    made.session.db.close()
    # In the small size a machine may be busy with other things: there it must end by itself, in the long one in two seconds.
    drops, most, slow = run.size(12, 400), run.size(20, 2), 0.0
    env = {"NETBILL_BOOK": target, "HOME": str(run.place), "XDG_STATE_HOME": str(run.place / "state")}
    for n in range(drops):
        one = Terminal(["tui"], env)
        one.wait_for("Dashboard")
        one.send(f":pay C1 {n + 1}.00 cash\r")
        one.wait_for("Take payment")
        one.send("\r\r\r\r\r\r\r"[: 3 + n % 5])
        held = os.dup(one.fd) if run.sabotage == "drop-unseen" else -1
        began = time.monotonic()
        os.close(one.fd)  # the line drops: the kernel sends SIGHUP
        while os.waitpid(one.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() - began > most + 0.5:
                os.kill(one.pid, signal.SIGKILL)
            time.sleep(0.01)
        slow = max(slow, time.monotonic() - began)
        if held >= 0:
            os.close(held)
        report.must(slow <= most + 0.5, f"a dropped line lived {slow:.1f} s")
    session = sign_in(target)
    live = session.db.peewee.execute_sql("select count(*) from work_session where ended_us is null").fetchone()[0] - 1
    report.figures = {"drops": drops, "slowest end": f"{slow:.2f} s", "sittings left open": live}
    report.must(live == 0, f"{live} sittings stayed open")
    report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
    left = [p.name for p in run.place.iterdir() if p.name not in {f"b.db{s}" for s in ("", "-wal", "-shm", ".lock", ".demo-key")}
            and p.name != "state" and not p.name.startswith(".")]  # fmt: skip
    report.must(not left, f"files were left: {left}")
    session.db.close()
    return report


def _many(target: str, writers: int, each: int, *, account: str = "C1") -> tuple[list[float], int]:
    """How long each posting of many writers took, in seconds, and how many failed."""
    pipes = []
    for _ in range(writers):
        read, write = os.pipe()
        pipes.append((forked(lambda _, w=write: _writer(target, each, w, account), read), read))
        os.close(write)
    took: list[float] = []
    failed = 0
    for pid, read in pipes:
        data = b""
        while part := os.read(read, 65536):
            data += part
        os.close(read)
        os.waitpid(pid, 0)
        for line in data.decode().split():
            if line == "F":
                failed += 1
            else:
                took.append(float(line))
    return took, failed


def _writer(target: str, each: int, pipe: int, account: str) -> None:
    session = sign_in(target)
    for _ in range(each):
        began = time.monotonic()
        try:
            post(session, uuid.uuid4().bytes, account=account)
            os.write(pipe, f"{time.monotonic() - began:.5f}\n".encode())
        except NetbillError:
            os.write(pipe, b"F\n")
        time.sleep(0.02)
    session.db.close()


@proof("R6", "twenty operators post at once: no error, no lost update, nobody waits long", "no-ticket")
def r6(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    make(target).session.db.close()
    take = TicketLock._take
    if run.sabotage == "no-ticket":
        import netbill_tui.db.core.sqlite as engine

        TicketLock._take = lambda *_: None  # type: ignore[method-assign, assignment]
        engine.PRAGMAS["busy_timeout"] = 1
    try:
        took, failed = _many(target, 20, run.size(12, 50))
    finally:
        TicketLock._take = take  # type: ignore[method-assign]
        if run.sabotage == "no-ticket":
            engine.PRAGMAS["busy_timeout"] = 5000
    took.sort()
    p99 = took[int(len(took) * 0.99)] if took else 9.9
    report.figures = {"postings": len(took), "failed": failed, "p50": f"{statistics.median(took or [9.9]) * 1000:.0f} ms",
                      "p99": f"{p99 * 1000:.0f} ms", "max": f"{(took or [9.9])[-1] * 1000:.0f} ms"}  # fmt: skip
    session = sign_in(target)
    (count,) = session.db.peewee.execute_sql("select count(*) from payment").fetchone()
    report.must(failed == 0, f"{failed} postings failed")
    report.must(count == len(took), f"{count} payments of {len(took)} acknowledged ones")
    report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
    session.db.close()
    return report


@proof("R7", "a server: twenty writers against one account and one invoice, nothing given twice, all answered", "no-lock")
def r7(run: Run) -> Report:
    import psycopg2

    report = Report()
    server = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")
    name = f"netbill_proof_{uuid.uuid4().hex[:10]}"
    admin = psycopg2.connect(f"{server}/postgres")
    admin.autocommit = True
    admin.cursor().execute(f"create database {name}")
    target = f"{server}/{name}"
    try:
        made = make(target)
        key = run.place / "key"
        key.write_bytes(made.bundle)
        key.chmod(0o600)
        KEYS[target] = str(key)
        number = _invoice(made.session, 10_000)
        made.session.db.close()
        took, failed = _many(target, 20, run.size(8, 50))
        given = _credit_at_once(target, number, 20, sabotage=run.sabotage)
        session = sign_in(target)
        (count,) = session.db.peewee.execute_sql("select count(*) from payment").fetchone()
        (back,) = session.db.peewee.execute_sql("select coalesce(sum(total), 0) from credit_note").fetchone()
        report.figures = {"postings": len(took), "failed": failed, "slowest": f"{max(took):.2f} s", "credits that came through": given,
                          "given back of 100.00": f"{int(back) / 100:.2f}"}  # fmt: skip
        report.must(failed == 0, f"{failed} postings failed")
        report.must(count == len(took), f"{count} payments of {len(took)} acknowledged ones")
        report.must(max(took) <= 3.0, "every posting is answered within three seconds")
        report.must(int(back) <= 10_000, "more was given back than was invoiced")
        report.must(given == 16, f"{given} of 16 credits of 6.00 fit into 100.00")
        report.must(not (wrong := broken(session)), f"the book is not sound: {wrong[:1]}")
        session.db.close()
    finally:
        admin.cursor().execute(f"drop database {name} with (force)")
        admin.close()
    return report


def _invoice(session: object, cents: int) -> str:
    from tests.conftest import Desk

    return Desk(session, "", None).invoice("C1", cents)  # type: ignore[arg-type]


def _credit_at_once(target: str, number: str, writers: int, *, sabotage: str) -> int:
    """So many operators give 6.00 of one invoice back at once; how many got it."""
    pipes = []
    for _ in range(writers):
        read, write = os.pipe()
        pipes.append((forked(lambda _, w=write: _credit(target, number, w, sabotage), read), read))
        os.close(write)
    got = 0
    for pid, read in pipes:
        got += len(os.read(read, 16))
        os.close(read)
        os.waitpid(pid, 0)
    return got


def _credit(target: str, number: str, pipe: int, sabotage: str) -> None:
    session = sign_in(target)
    if sabotage == "no-lock":
        credit_notes.customer_rows.lock = lambda *_: "active"  # type: ignore[assignment]
        credit_notes.parts_of = _always(session, credit_notes.parts_of)  # type: ignore[assignment]
    try:
        credit_notes.credit(session, number, "at once", amount=600)
        os.write(pipe, b"1")
    except NetbillError:
        pass
    session.db.close()


def _always(session: object, read: object) -> object:
    """What is left, as it was read first."""
    kept: list[object] = []

    def same(*given: object) -> object:
        if not kept:
            kept.append(read(*given))  # type: ignore[operator]
        return kept[0]

    return same
