"""R15: an upgrade that is killed at any write goes on where it stopped, and ends in a sound book that can be backed up."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.proof.report import Report, Run, proof

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "db" / "core" / "book_0_3.sql"
_HIGHEST = 15  # of the ids in the old book
# What an older program did when it was interrupted: it signed, and forgot that it had not vouched.
_FORGETS = (
    "import sys, netbill_tui.usecases.books.sign_old_book as v; v.operators.set_state_value = lambda db, *_: v.operators.drop_state_value(db, v.STEP); "
    "sign = v._sign_everybody; v._sign_everybody = lambda session: (sign(session), sys.exit(0)); "
    "sys.argv = ['netbill', 'init', '--upgrade']; from netbill_tui.__main__ import main; sys.exit(main())"
)


def old_book(path: Path, customers: int) -> None:
    """A book of version 0.3 with two customers, a payment, and so many customers more."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(OLD.read_text(encoding="utf-8"))
        made = [(_HIGHEST + 1 + n, os.urandom(16), f"X{n}", f"Name {n}") for n in range(customers)]
        db.executemany(
            "insert into customer values (?, ?, ?, ?, 'residential', 'active', null, 30, '', '', '', 0, '', null, null, null, null, "
            "null, null, 1795711019074245)", made,
        )  # fmt: skip
        db.executemany(
            "insert into customer_total values (?, ?, 0, 0, 0, 0, null, null, null, null, '')", [(m[0], m[2]) for m in made]
        )
        db.executemany("insert into search_term values (?, ?)", [(w, m[0]) for m in made for w in m[3].lower().split()])
        db.execute("update number_series set next = next + ? where name = 'id'", (customers,))
    db.close()
    path.chmod(0o600)


def environment(place: Path, book: Path) -> dict[str, str]:
    secret = place / "pw"
    if not secret.exists():
        secret.write_text("gravel-otter-lantern-92\n")
        secret.chmod(0o600)
    return {
        "PATH": os.environ["PATH"], "HOME": str(place), "NETBILL_BOOK": str(book), "NETBILL_OPERATOR": "boss",
        "NETBILL_PASSWORD_FILE": str(secret), "XDG_STATE_HOME": str(place / "state"),
    }  # fmt: skip


UPGRADE = [sys.executable, "-m", "netbill_tui", "init", "--upgrade"]


def run(words: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def writes_of(place: Path, pattern: Path) -> int:
    """How often an upgrade writes to the book."""
    book = place / "counted" / "b.db"
    book.parent.mkdir(mode=0o700)
    shutil.copy2(pattern, book)
    out = place / "trace"
    done = run(["strace", "-f", "-e", "trace=pwrite64", "-o", str(out), *UPGRADE], environment(place, book))
    assert done.returncode == 0, done.stderr
    return len(re.findall(r"pwrite64\(", out.read_text()))


def _goes_on(report: Report, place: Path, book: Path, what: str) -> None:
    """Work in between is refused or the book is whole; the upgrade run again ends it; then it is sound and backed up."""
    env = environment(place, book)
    between = run([sys.executable, "-m", "netbill_tui", "customer", "C1", "--json"], env)
    sound_before = between.returncode == 0
    told = "init --upgrade" in between.stderr
    report.must(sound_before or told, f"{what}: work in between ended with {between.returncode}: {between.stderr.strip()[-200:]}")
    again = run(UPGRADE, env)
    report.must(again.returncode == 0, f"{what}: the upgrade run again: {again.stderr.strip()[-200:]}")
    verified = run([sys.executable, "-m", "netbill_tui", "verify", "--json", "--quiet"], env)
    try:
        found = json.loads(verified.stdout)
        wrong = [f"{c['name']}: {c['broken'][0]}" for c in found["checks"] if c["broken"]]
    except ValueError:
        wrong = [verified.stderr.strip()[-200:]]
    report.must(not wrong, f"{what}: not sound after the upgrade was run again: {wrong[:1]}")


@proof("R15", "an upgrade that is killed at any write goes on where it stopped, and ends in a sound book", "forgets-its-step")
def r15(run_: Run) -> Report:
    report, chance = Report(), random.Random(run_.seed)
    pattern = run_.place / "pattern" / "b.db"
    old_book(pattern, run_.size(1000, 1000))
    count = writes_of(run_.place, pattern)
    points = range(1, count + 1) if run_.long else sorted(chance.sample(range(2, count + 1), 4))
    left = run_.place / "left" / "b.db"
    left.parent.mkdir(mode=0o700)
    shutil.copy2(pattern, left)
    run([sys.executable, "-c", _FORGETS], environment(run_.place, left))
    if run_.sabotage:
        verified = run([sys.executable, "-m", "netbill_tui", "verify", "--quiet"], environment(run_.place, left))
        report.must("is not finished" not in verified.stdout, "signed, and what was there before is not vouched for")
    _goes_on(report, run_.place, left, "interrupted by an older program")
    for point in points:
        book = run_.place / f"k{point}" / "b.db"
        book.parent.mkdir(mode=0o700)
        shutil.copy2(pattern, book)
        kill = ["strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", f"inject=pwrite64:signal=SIGKILL:when={point}"]
        run([*kill, *UPGRADE], environment(run_.place, book))
        _goes_on(report, run_.place, book, f"killed at write {point} of {count}")
        shutil.rmtree(book.parent)
    large = run_.size(0, 50)
    if large:
        big = run_.place / "big" / "b.db"
        old_book(big, 100_000)
        began = time.monotonic()
        book = run_.place / "whole" / "b.db"
        book.parent.mkdir(mode=0o700)
        shutil.copy2(big, book)
        assert run(UPGRADE, environment(run_.place, book)).returncode == 0
        whole = time.monotonic() - began
        for n in range(large):
            book = run_.place / f"r{n}" / "b.db"
            book.parent.mkdir(mode=0o700)
            shutil.copy2(big, book)
            one = subprocess.Popen(
                UPGRADE, cwd=ROOT, env=environment(run_.place, book), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(chance.uniform(0.3, whole))
            one.send_signal(signal.SIGKILL)
            one.wait()
            _goes_on(report, run_.place, book, f"killed at random, try {n}")
            shutil.rmtree(book.parent)
    report.figures = {"writes of an upgrade": count, "killed at": len(points), "killed at random with 100,000 customers": large}
    return report
