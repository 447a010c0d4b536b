"""Goals 17, 22, 23 and 24: long work by command, on a terminal: how long, how much memory, and how long it is silent.

Each runs on a copy of the book, as an operator starts it. Beside it stands the floor of its goal: the crypto alone and the read,
`pragma integrity_check` of the same file, the rows that an import left written by one statement for each table.
"""

import contextlib
import os
import pty
import select
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import NETBILL, book, fact, report
from netbill_tui.security.envelope import TEXT, open_envelope, seal

MOST_MIB, MOST_SILENT_S = 150, 2.0
# What an import of payments writes, each table once.
_WRITTEN = ("payment", "allocation", "entry", "payment_term", "open_credit", "posting_request", "audit_event", "record_version")


class Took(NamedTuple):
    """What a command took: seconds, most memory in MiB, and the longest time without a sign of life on the terminal."""

    seconds: float
    mib: float
    silent: float


def measured(words: Sequence[str], target: Path, **more: str) -> Took:
    """Run a command to its end in a terminal, with more in its environment.

    Raises:
        RuntimeError: It ended with an error; what it said.
    """
    began = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "NETBILL_"))}
        os.execve(NETBILL[0], [*NETBILL, *words, "--book", str(target)], environment | {"HOME": str(target.parent), **more})
    last, silent, said, most = began, 0.0, b"", 0.0
    with contextlib.suppress(OSError):  # the terminal's other side is closed
        while True:
            ready, _, _ = select.select([fd], [], [], 0.1)
            most = max(most, _peak(pid))
            if not ready:
                continue
            part = os.read(fd, 65536)
            if not part:
                break
            now = time.perf_counter()
            silent, last, said = max(silent, now - last), now, (said + part)[-2000:]
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise RuntimeError(f"{' '.join(words)}: {said.decode(errors='replace')}")
    ended = time.perf_counter()
    return Took(ended - began, most, max(silent, ended - last))


def _peak(pid: int) -> float:
    """The most memory of a process and of those that it started, in MiB."""
    most = 0.0
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        if "\nVmHWM:" in status:
            most = int(status.partition("\nVmHWM:")[2].split()[0]) / 1024
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            most += _peak(int(child))
    return most


@contextlib.contextmanager
def copy(size: int) -> Iterator[Path]:
    """A copy of the demo book of this size, with its key."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("NETBILL_BENCH_BOOKS")) as folder:
        Path(folder).chmod(0o700)
        target = Path(folder) / "b.db"
        for suffix in ("", ".demo-key"):
            shutil.copy(f"{book(size)}{suffix}", f"{target}{suffix}")
            os.chmod(f"{target}{suffix}", 0o600)
        yield target


def _told(what: str, size: int, took: Took) -> None:
    fact("23", f"{what}: most memory", f"{size:,}", took.mib, "MiB", MOST_MIB)
    fact("23", f"{what}: longest silence", f"{size:,}", took.silent, f"s of {took.seconds:.1f} s", MOST_SILENT_S)


def run(sizes: list[int], times: int) -> None:
    """Print the rows, for every size up to 100,000."""
    for size in (s for s in sizes if s <= 100_000):
        with copy(size) as target:
            verified = measured(["verify"], target)
            _told("verify", size, verified)
            report("24", "verify / integrity_check", f"{size:,}", verified.seconds, _integrity(target), 3.0)
            floor = _crypto(target)
            rotated = measured(["keys", "rotate", "CONTACT", "--yes"], target)
            _told("rotation", size, rotated)
            report("17", "rotation / crypto and read alone", f"{size:,}", rotated.seconds, floor, 3.5)
        with copy(size) as target:
            _imported(target, size, 100 * times)
        _backed_up(size)


def _backed_up(size: int) -> None:
    """A book of somebody's own, because a demo is not backed up: as many customers, imported from a file."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("NETBILL_BENCH_BOOKS")) as folder:
        Path(folder).chmod(0o700)
        target, secret = Path(folder) / "own.db", Path(folder) / "pw"
        secret.write_text("gravel-otter-lantern-92\n")
        secret.chmod(0o600)
        who = {"NETBILL_OPERATOR": "boss", "NETBILL_PASSWORD_FILE": str(secret)}
        measured(["init", "--company", "A", "--currency", "EUR", "--timezone", "UTC", "--country", "GB"], target, **who)
        file, columns = Path(folder) / "c.csv", ("account", "name", "street", "email", "phone")
        lines = [f"C{n},Name {n},{n} High Street,c{n}@example.org,+44 20 7946 {n % 10000:04}" for n in range(size)]
        file.write_text("\n".join([",".join(columns), *lines, ""]))
        profile = Path(folder) / "c.toml"
        profile.write_text('kind = "customers"\n[columns]\n' + "".join(f'{n} = "{n}"\n' for n in columns))
        took = measured(["import", str(file), "--profile", str(profile), "--yes"], target, **who)
        _told("import of customers", size, took)
        fact("22", "customers imported in a second", f"{size:,}", size / took.seconds, "/s")
        verified = measured(["verify"], target, **who)
        backed = measured(["backup", str(Path(folder) / "backups")], target, **who)
        _told("backup", size, backed)
        report("24", "backup / verify, of customers alone", f"{size:,}", backed.seconds, verified.seconds, 1.5)


def _integrity(target: Path) -> float:
    with contextlib.closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as connection:
        began = time.perf_counter()
        connection.execute("pragma integrity_check").fetchall()
        return time.perf_counter() - began


def _crypto(target: Path) -> float:
    """Read every sealed value of CONTACT, open as many envelopes and seal them again; nothing is written."""
    with contextlib.closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as connection:
        key, cell = os.urandom(32), (bytes(16), "contact", "value", bytes(16))
        sealed = seal(key, 1, cell, TEXT, b"somebody@example.org")
        began = time.perf_counter()
        values = [row[0] for row in connection.execute("select value from contact")]
        values += [row[0] for row in connection.execute("select street from customer where street is not null")]
        for _ in values:
            seal(key, 2, cell, TEXT, open_envelope(key, cell, TEXT, sealed))
        return time.perf_counter() - began


def _imported(target: Path, size: int, rows: int) -> None:
    """An import of payments, and the same rows written by one statement for each table into the book as it was."""
    connection = sqlite3.connect(target)
    accounts = [row[0] for row in connection.execute("select account from customer order by id")]
    connection.close()
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    lines = [f"{accounts[n % len(accounts)]},{day},{10 + n % 50}.{n % 100:02},bank,BENCH {n}" for n in range(rows)]
    file = target.parent / "payments.csv"
    file.write_text("\n".join(["account,received,amount,method,reference", *lines, ""]))
    before = target.parent / "before.db"
    shutil.copy(target, before)
    profile = target.parent / "p.toml"
    profile.write_text(
        'kind = "payments"\n[columns]\n'
        + "".join(f'{n} = "{n}"\n' for n in ("account", "received", "amount", "method", "reference"))
    )
    took = measured(["import", str(file), "--profile", str(profile), "--yes"], target)
    _told("import of payments", size, took)
    report("22", f"import of {rows:,} payments / its rows written", f"{size:,}", took.seconds, _written(target, before), 1.6)
    fact("22", "payments imported in a second", f"{size:,}", rows / took.seconds, "/s")


def _written(after: Path, before: Path) -> float:
    """Seconds for the rows that are in one file and not in the other, 500 a commit, without guards."""
    with contextlib.closing(sqlite3.connect(before, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("attach ? as made", (str(after),))
        for (trigger,) in connection.execute("select name from main.sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger main.{trigger}")
        tables = []
        for table in _WRITTEN:
            found = connection.execute(f"select * from made.{table} except select * from main.{table}").fetchall()
            if found:
                tables.append((f"insert or replace into main.{table} values ({', '.join('?' * len(found[0]))})", found))
        began = time.perf_counter()
        most = max(len(found) for _, found in tables)
        for at in range(0, most, 500):
            connection.execute("begin immediate")
            for sql, found in tables:
                part = found[at * len(found) // most : min((at + 500), most) * len(found) // most]
                connection.executemany(sql, part)
            connection.execute("commit")
        return time.perf_counter() - began
