"""Two versions of the program do the same: `python -m tests.proof same --old FOLDER` runs both on equal books and compares all.

FOLDER holds another version of `netbill_tui`, such as a checkout or an unpacked wheel. Clock, process, and random numbers are fixed
for both, so that what differs is what the program does: every answer and exit code of some hundred writes and reads, and then
every row of every table, on both engines.
"""

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("NETBILL_TEST_SERVER", "postgresql://root@127.0.0.1:5432")
# Runs commands in one process of one version; told on its stdin, answered on its stdout, with what varies held fast.
DRIVER = """
import contextlib, importlib, io, json, os, random, sys, uuid
from datetime import UTC, datetime, timedelta
sys.path[:] = [sys.argv[1], *(p for p in sys.path if p)]
def first(*names):
    for name in names:
        with contextlib.suppress(ImportError):
            return importlib.import_module("netbill_tui." + name)
chance = random.Random(2026)
os.urandom = lambda n: chance.randbytes(n)
uuid.uuid4 = lambda: uuid.UUID(bytes=chance.randbytes(16), version=4)
os.getpid = lambda: 4711
session = first("usecases.core.session", "usecases.session", "services.session")
host = first("usecases.core.host", "usecases.machine", "services.machine")
main = first("cli.core.main", "cli.main").main
now = [datetime(2026, 11, 22, 14, 7, tzinfo=UTC)]
def fixed():
    return NOW[0]
sys.modules[session.utc_now.__module__].NOW = now
session.utc_now.__code__ = fixed.__code__  # whoever imported it has the same function
check = first("usecases.core.clock_check")
if check is None:
    session.Session.server_us = lambda _: 0
else:
    check.ClockCheck._server_us = lambda *_: 0
host.boot_us, host.boot_id, host.is_alive = (lambda: 10**12), (lambda: "boot"), (lambda *_: True)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
X25519PrivateKey.generate = classmethod(lambda cls: cls.from_private_bytes(chance.randbytes(32)))
from netbill_tui.security import passwords
passwords.FLOOR, passwords.TARGET_S = passwords.Cost(64, 1, passwords.FLOOR.p), 0.0
here = os.getcwd()
for at, line in enumerate(sys.stdin):
    asked = json.loads(line)
    now[0] += timedelta(minutes=1, days=asked.get("days", 0))
    chance.seed(at)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(asked["words"])
        except SystemExit as left:
            code = left.code
    told = [text.getvalue().replace(here, "@") for text in (out, err)]
    sys.__stdout__.write(json.dumps([code, *told]) + "\\n")
    sys.__stdout__.flush()
"""
# When a migration ran is told by the machine's clock, and a key is wrapped with random numbers that the library draws itself.
_COLUMNS = {"schema_migration": "id, name", "key_grant": "operator_uid, compartment, key_id, created_at"}
Answer = list[Any]


class Version:
    """One version at work on a book of its own."""

    def __init__(self, folder: Path, place: Path, book: str) -> None:
        place.mkdir(mode=0o700)
        homes = {f"XDG_{n}_HOME": str(place / n.lower()) for n in ("CONFIG", "STATE", "DATA", "CACHE")}
        env = {k: v for k, v in os.environ.items() if not k.startswith(("NETBILL_", "PYTHON"))} | homes
        secret = place / "pw"
        secret.write_text("gravel-otter-lantern-92\n")
        secret.chmod(0o600)
        env |= {
            "NETBILL_OPERATOR": "boss",
            "NETBILL_PASSWORD_FILE": str(secret),
            "HOME": str(place),
            "NETBILL_BOOK": book,
            "NETBILL_NO_INPUT": "1",
            "LC_ALL": "C.UTF-8",
        }
        self.book, self.place = book, place
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(folder)],
            cwd=place,
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, words: Sequence[str], days: int = 0) -> Answer:
        """Exit code, stdout and stderr of a command."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"words": list(words), "days": days}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the program ended at {words}"
        return list(json.loads(line))

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table."""
        self.process.communicate(timeout=30)
        db: Any
        if self.book.startswith("postgresql"):
            import psycopg2

            db = psycopg2.connect(self.book)
            names = "select tablename from pg_tables where schemaname = 'public' order by 1"
        else:
            db = sqlite3.connect(self.place / self.book)
            names = "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by 1"
        cursor = db.cursor()
        cursor.execute(names)
        made = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"select {_COLUMNS.get(name, '*')} from {name}")
            made[name] = sorted(repr([bytes(c) if isinstance(c, memoryview) else c for c in row]) for row in cursor.fetchall())
        db.close()
        return made


def commands(chance: random.Random, known: Mapping[str, Sequence[str]], writes: int, reads: int) -> list[list[str]]:
    """Writes and reads in a random order, on what the book holds and on what it does not."""

    def account() -> str:
        return chance.choice(known["account"])

    def day(back: int = 30, ahead: int = 40) -> str:
        return f"{chance.choice('+-')}{chance.randint(0, min(back, ahead))}"

    def amount() -> str:
        return f"{chance.randint(1, 90)}.{chance.randint(0, 99):02}"

    write: list[Any] = [
        lambda: ["pay", account(), amount(), "--method", chance.choice(("cash", "card", "cheque")), "--reference", f"CHQ {chance.randint(1, 9999)}",
                 "--yes"],
        lambda: ["reverse", chance.choice(known["receipt"]), "--reason", "bounced", *chance.choice(([], ["--returned"]))],
        lambda: ["note", account(), f"called at {chance.randint(1, 12)}"],
        lambda: ["tag", account(), chance.choice(("vip", "hold", "-vip"))],
        lambda: ["call", account(), chance.choice("nmpx"), "--promise", "+5", "--text", "after payday"],
        lambda: ["call", account(), "n"],
        lambda: ["credit", chance.choice(known["invoice"]), "--amount", amount(), "--reason", "goodwill"],
        lambda: ["dispute", chance.choice(known["invoice"]), "--reason", "not mine"],
        lambda: ["service", account(), "--code", chance.choice(("NET-A", "NET-B", "TV")), "--start", "t",
                 *chance.choice(([], ["--price", "9.50", "--reason", "agreed"]))],
        lambda: ["service", chance.choice(("pause", "suspend", "end", "restore", "resume")), chance.choice(known["service"]), "--reason", "asked"],
        lambda: ["service", "change", chance.choice(known["service"]), "--code", "NET-B"],
        lambda: ["charge", account(), "VISIT", "--amount", amount()],
        lambda: ["discount", account(), "--percent", "10"],
        lambda: ["bill", "--as-of", f"2026-12-{chance.randint(1, 28):02}", "--yes", "--catch-up", "all"],
        lambda: ["bill", "--undo", f"RUN-000{chance.randint(1, 9)}", "--reason", "wrong", "--yes"],
        lambda: ["new-customer", f"Person {chance.randint(1, 99)}", "--set", f"email=p{chance.randint(1, 99)}@example.org", "--set", "town=Leeds"],
        lambda: ["change-customer", account(), "--set", chance.choice(("town=Bristol", "status=suspended", "status=active", "street=1 High St",
                 "status=closed", "email=", "kind=nonsense"))],
        lambda: ["price", "NET-A", amount(), "--from", f"2027-0{chance.randint(1, 9)}-01"],
        lambda: ["rule", chance.choice(("lead_days", "drafts_days")), str(chance.randint(0, 5))],
        lambda: ["view", "customers", "save", f"v{chance.randint(1, 9)}", "bal>5"],
        lambda: ["pin", account(), str(chance.randint(1, 2000))],
        lambda: ["exempt", account(), f"CERT-{chance.randint(1, 99)}", "--from", "t"],
        lambda: ["operator", "add", f"op{chance.randint(1, 99)}", "--role", chance.choice(("clerk", "cashier"))],
        lambda: ["import", "payments.csv", "--yes"],
    ]  # fmt: skip
    form: list[list[str]] = [["--json"], ["--csv"], ["--plain"], []]
    read: list[Any] = [
        lambda: ["customer", account()], lambda: ["statement", account()], lambda: ["dues"], lambda: ["overdue"], lambda: ["ageing"],
        lambda: ["payments", "--from", "-90"], lambda: ["receipt", chance.choice(known["receipt"])],
        lambda: ["invoice", chance.choice(known["invoice"])], lambda: ["customers", "--filter", "bal>10"], lambda: ["find", "smith"],
        lambda: ["find", amount()], lambda: ["audit", "--limit", "20"], lambda: ["audit", account()], lambda: ["service", account()],
        lambda: ["code"], lambda: ["rule"], lambda: ["tax"], lambda: ["report", "revenue"], lambda: ["report", "tax"], lambda: ["bill", "--runs"],
        lambda: ["overdue", "--as-of", "2026-10-01"], lambda: ["dues", "--as-of", "2026-09-15"], lambda: ["operator", "list"],
        lambda: ["session"], lambda: ["approval"], lambda: ["quote", "NET-A", "--account", account(), "--start", "t"], lambda: ["view", "customers"],
        lambda: ["tag"], lambda: ["verify"], lambda: ["config"], lambda: ["keymap"], lambda: ["clock"], lambda: ["no-such-word"],
        lambda: ["dispute"], lambda: ["invoice", "--all"], lambda: ["customers"],
    ]  # fmt: skip
    made = [[*chance.choice(write)(), "--no-input"] for _ in range(writes)] + [
        [*chance.choice(read)(), *chance.choice(form)] for _ in range(reads)
    ]
    chance.shuffle(made)
    return made


_CATALOGUE = (
    ["tax", "std", "20", "--name", "VAT"],
    ["code", "NET-A", "--name", "Fibre 100", "--tax-class", "std"], ["price", "NET-A", "30", "--from", "2020-01-01"],
    ["code", "NET-B", "--name", "Fibre 500", "--tax-class", "std"], ["price", "NET-B", "50", "--from", "2020-01-01"],
    ["code", "TV", "--name", "Television", "--tax-class", "std"], ["price", "TV", "12", "--from", "2020-01-01"],
    ["code", "VISIT", "--name", "Visit", "--kind", "one-time", "--category", "one-off", "--tax-class", "std"],
)  # fmt: skip


def _known(version: Version) -> dict[str, list[str]]:
    def column(name: str, *words: str) -> list[str]:
        found = json.loads(version.run([*words, "--json"])[1])
        listed = found if isinstance(found, list) else next(v for v in found.values() if isinstance(v, list))
        return [str(one[name]) for one in listed][:60]

    return {
        "account": column("account", "customers"), "receipt": column("receipt", "payments", "--from", "-90"),
        "invoice": column("number", "dues"), "service": [n for a in column("account", "customers") for n in column("service", "service", a)],
    }  # fmt: skip


def _facts(words: Sequence[str], answer: Answer) -> Answer:
    """An answer whose sentences may have other words: exit code, data whole, of a sentence the numbers, dates and names in it."""
    code, out, err = answer
    told = [re.findall(r"[^\s:;,()]*\d[^\s:;,()]*", text) for text in (out, err)]
    is_data = {"--json", "--csv"} & {*words} and words[0] not in ("clock", "keymap")  # whose data are sentences
    return [code, out if is_data else told[0], told[1]]


def compare(
    old: Path, place: Path, engine: str, seed: int, writes: int, reads: int, *, reworded: bool = False
) -> tuple[int, list[str]]:
    """How many commands succeeded in both, and what differs; where the sentences were `reworded`, but for their words."""
    sides: list[Version] = []
    for name, folder in (("old", old), ("new", ROOT)):
        book = "book.db"
        if engine == "postgres":
            base = f"netbill_same_{os.getpid()}_{name}"
            _server(f'drop database if exists "{base}"', f'create database "{base}"')
            book = f"{SERVER}/{base}"
        sides.append(Version(folder, place / f"{engine}-{seed}-{name}", book))
    wrong: list[str] = []
    done = 0

    def both(words: list[str], days: int = 0) -> None:
        nonlocal done
        before, after = (
            [a if isinstance(a, int) or a is None else str(a).replace(v.book, "BOOK") for a in v.run(words, days)] for v in sides
        )
        done += before[0] == 0
        if before != after and not (reworded and _facts(words, before) == _facts(words, after)):
            wrong.append(f"{engine} {seed}: netbill {' '.join(words)}\n    {before}\n    {after}"[:700])

    for v in sides:
        (v.place / "payments.csv").write_text(
            "account,date,amount,method,reference\nC10001,2026-11-20,12.50,cash,A1\nC9999,2026-11-20,1,cash,A2\n"
        )
    if engine == "sqlite":  # where a demo book has its key beside it
        both(["demo", "--customers", "40", "--months", "4", "--seed", str(seed), "--no-tui", "--book", "book.db"])
    else:
        both(["init", "--company", "Same", "--currency", "EUR", "--timezone", "UTC", "--no-input"])
        for n in range(1, 41):
            more = ["--set", "town=Leeds", "--set", f"email=p{n}@example.org", "--set", f"phone=+44 20 7946 {n:04}"]
            both(["new-customer", f"Person {n}", "--account", f"C{n}", *more])
    for words in _CATALOGUE:
        both([*words, "--no-input"])
    if engine == "postgres":
        for n in range(1, 41):
            both(["service", f"C{n}", "--code", ("NET-A", "NET-B")[n % 2], "--start", f"2026-09-{n % 28 + 1:02}"])
        both(["bill", "--as-of", "2026-11-20", "--yes", "--catch-up", "all"])
        for n in range(1, 20):
            both(["pay", f"C{n}", f"{n}.50", "--method", "cash", "--yes"])
    chance = random.Random(seed)
    known = [_known(v) for v in sides]
    if known[0] != known[1]:
        wrong.append(f"{engine} {seed}: the two demo books hold other records")
    for words in commands(chance, known[0], writes, reads):
        both(words, days=chance.choice((0, 0, 0, 0, 1)))
    one, other = (v.rows() for v in sides)
    for table in sorted(one.keys() | other.keys()):
        mine, theirs = set(one.get(table, ())), set(other.get(table, ()))
        if mine != theirs or len(one.get(table, ())) != len(other.get(table, ())):
            first = sorted(mine ^ theirs)[:2]
            wrong.append(f"{engine} {seed}: {len(mine ^ theirs)} rows of {table} differ, such as {first}"[:700])
    if engine == "postgres":
        _server(*(f'drop database if exists "netbill_same_{os.getpid()}_{name}"' for name in ("old", "new")))
    return done, wrong


def _server(*statements: str) -> None:
    import psycopg2

    db = psycopg2.connect(f"{SERVER}/postgres")
    db.autocommit = True
    for one in statements:
        db.cursor().execute(one)
    db.close()


def main(words: list[str]) -> int:
    """Compare on three books and both engines; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof same")
    parser.add_argument("--old", type=Path, required=True, help="a folder that holds another netbill_tui")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--books", type=int, default=3)
    parser.add_argument("--writes", type=int, default=300)
    parser.add_argument("--reads", type=int, default=120)
    parser.add_argument("--reworded", action="store_true", help="sentences may differ in their words, but in no number of theirs")
    given = parser.parse_args(words)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="netbill-same-") as place:
        for engine in ("sqlite", "postgres"):
            for seed in range(given.seed, given.seed + given.books):
                done, found = compare(
                    given.old.resolve(), Path(place), engine, seed, given.writes, given.reads, reworded=given.reworded
                )
                print(
                    f"{engine} {seed}: {given.writes} writes and {given.reads} reads, {done} ended with 0, {len(found)} differ",
                    flush=True,
                )
                wrong += found
    print("\n".join(wrong[:40]))
    return int(bool(wrong))
