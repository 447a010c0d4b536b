"""R3, R4, R10, R13: power cuts, broken disks, a book that is replaced, and what is held while the file is written.

The real program runs under strace, which tells every write and sync to the files of the book and every acknowledgement, and
which can let one of them fail. Nothing of the program is replaced.
"""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from netbill_tui.db.core.sqlite import SqliteBook, TicketLock
from netbill_tui.errors import BookProblem, NetbillError
from tests.proof.books import broken, make, post, sign_in
from tests.proof.kills import forked
from tests.proof.report import Report, Run, proof

CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink,write"
_LINE = re.compile(r'^\d+ +(\w+)\((?:(\d+)<([^>]*)>|"([^"]*)")(?:, "([^"]*)"(?:, \d+)?(?:, (\d+))?)?(?:, (\d+))?\)? *= *(-?\d+)')
POSTER = """
import os, sys, uuid
from netbill_tui.db.core.sqlite import PRAGMAS
import netbill_tui.db.core.sqlite as engine
if sys.argv[3] == "synchronous-normal": PRAGMAS["synchronous"] = 1
if sys.argv[3] == "synchronous-off": PRAGMAS["synchronous"] = 0
engine.CHECKPOINT_BYTES = int(sys.argv[4])
from netbill_tui.errors import NetbillError, NotSaved, OutcomeUnknown
from tests.proof.books import post, sign_in
session = sign_in(sys.argv[1])
for n in range(int(sys.argv[2])):
    request = uuid.UUID(int=n + 1).bytes
    try:
        post(session, request)
        os.write(1, b"A%d\\n" % (n + 1))
    except (OutcomeUnknown, NetbillError) as error:
        kind = b"A" if sys.argv[3] == "errors-are-ignored" else b"N"
        os.write(1, kind + b"%d %s\\n" % (n + 1, type(error).__name__.encode()))
"""


def traced(target: str, posts: int, out: Path, *, sabotage: str = "", checkpoint: int = 60_000, inject: str = "") -> str:
    """Post under strace; what the poster said."""
    if shutil.which("strace") is None:
        raise RuntimeError("strace is needed: apt install strace")
    fault = ["-e", f"inject={inject}"] if inject else []
    words = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "200000", "-e", f"trace={CALLS}", *fault, "-o", str(out)]
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [*words, sys.executable, "-c", POSTER, target, str(posts), sabotage, str(checkpoint)],
        capture_output=True, text=True, cwd=root, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode != 0 and not inject:
        raise RuntimeError(done.stderr[-500:])
    return done.stdout


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def operations(out: Path, target: str) -> list[tuple[str, str, int, bytes]]:
    """What was done to the files of the book, in order: kind, file, offset or size, bytes; acknowledgements among it."""
    made = []
    for line in out.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None or int(found[8]) < 0:
            continue
        call, number, where, alone, data = found[1], found[2], found[3], found[4], found[5]
        path = _bytes(where if where is not None else alone or "").decode(errors="replace")
        if call == "write" and number == "1" and data:
            made += [("ack", "", int(w[1:]), b"") for w in _bytes(data).decode().split() if w[:1] == "A"]
        elif path.startswith(target):
            if call in ("pwrite64", "write") and data is not None:
                made.append(("write", path, int(found[6] or 0), _bytes(data)))
            elif call in ("fdatasync", "fsync"):
                made.append(("sync", path, 0, b""))
            elif call == "ftruncate":
                made.append(("cut", path, int(found[7] or 0), b""))
            elif call == "unlink":
                made.append(("gone", path, 0, b""))
    return made


Image = dict[str, bytearray]


def _apply(image: Image, op: tuple[str, str, int, bytes]) -> None:
    kind, path, at, data = op
    if kind == "write":
        file = image.setdefault(path, bytearray())
        file.extend(bytes(max(0, at - len(file))))
        file[at : at + len(data)] = data
    elif kind == "cut":
        del image.setdefault(path, bytearray())[at:]
    elif kind == "gone":
        image.pop(path, None)


def _survives(image: Image, target: str, place: Path, acknowledged: int) -> str:
    """What is wrong with a book after a power cut, or nothing."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    for path, data in image.items():
        if not path.endswith(("-shm", ".lock")):
            (place / Path(path).name).write_bytes(data)
    book = sqlite3.connect(place / Path(target).name)
    try:
        if book.execute("pragma integrity_check").fetchone()[0] != "ok":
            return "corrupt"
        have = {uuid.UUID(bytes=r[0]).int for r in book.execute("select uid from payment")}
        lost = set(range(1, acknowledged + 1)) - have
        if lost:
            return f"lost {len(lost)} acknowledged"
        half = book.execute(
            "select count(*) from payment p where (select count(*) from entry e where e.payment_id = p.id) <> 1 "
            "or (select count(*) from posting_request r where r.uid = p.uid) <> 1"
        ).fetchone()[0]
        (total,) = book.execute("select coalesce(sum(amount), 0) from entry").fetchone()
        (kept,) = book.execute("select coalesce(sum(balance), 0) from customer_total").fetchone()
        return f"{half} half-posted" if half or total != kept else ""
    except sqlite3.DatabaseError:
        return "corrupt"
    finally:
        book.close()


@proof(
    "R3", "a power cut at any write: nothing that was acknowledged is lost, nothing is corrupt or half-posted",
    "synchronous-normal", "synchronous-off",
)  # fmt: skip
def r3(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    make(target).session.db.close()
    start = {str(p): bytearray(p.read_bytes()) for p in run.place.glob("b.db*") if p.suffix != ".lock"}
    traced(target, run.size(25, 150), run.place / "trace", sabotage=run.sabotage, checkpoint=300_000)
    ops = operations(run.place / "trace", target)
    chance, durable = random.Random(run.seed), {k: bytearray(v) for k, v in start.items()}
    pending: dict[str, list[tuple[str, str, int, bytes]]] = {}
    acknowledged = images = 0
    wrong: dict[str, int] = {}
    want = run.size(200, 1_600)
    points = [i for i, op in enumerate(ops) if op[0] != "gone"]
    step = max(1, len(points) * 4 // want)
    for at, op in enumerate(ops):
        kind, path = op[0], op[1]
        if kind == "ack":
            acknowledged = max(acknowledged, op[2])
        elif kind == "sync":
            for one in pending.pop(path, []):
                _apply(durable, one)
        elif kind == "gone":
            pending.pop(path, None)
            _apply(durable, op)
        else:
            pending.setdefault(path, []).append(op)
        if at % step:
            continue
        for mode in ("none", "all", "some", "torn"):
            image = {k: bytearray(v) for k, v in durable.items()}
            for one in [o for ops_ in pending.values() for o in ops_]:
                if mode == "none" or (mode in ("some", "torn") and chance.random() < 0.5):
                    continue
                if mode == "torn" and one[0] == "write" and len(one[3]) > 512 and chance.random() < 0.5:
                    one = (*one[:3], one[3][: 512 * chance.randrange(1, len(one[3]) // 512 + 1)])
                _apply(image, one)
            images += 1
            found = _survives(image, target, run.place / "image", acknowledged)
            if found:
                wrong[found.split(" ")[0]] = wrong.get(found.split(" ")[0], 0) + 1
    writes, syncs = (sum(1 for o in ops if o[0] == k) for k in ("write", "sync"))
    report.figures = {"writes": writes, "syncs": syncs, "acknowledged": acknowledged, "images": images, "wrong": wrong or 0}
    report.must(images >= 150, "at least 150 images were made")
    report.must(acknowledged >= 20, "payments were acknowledged")
    report.must(not wrong, f"images after a power cut are wrong: {wrong}")
    return report


@proof(
    "R4", "a failing write, sync or full disk at any point: never `saved` where it is not, never `not saved` where it is",
    "errors-are-ignored",
)  # fmt: skip
def r4(run: Run) -> Report:
    report = Report()
    points = said = there = 0
    faults = [f"{call}:error={error}:when={when}" for when in range(1, run.size(7, 40) + 1)
              for call in ("fdatasync", "pwrite64", "ftruncate") for error in ("EIO", "ENOSPC")]  # fmt: skip
    for fault in faults:
        folder = run.place / f"f{points}"
        folder.mkdir(mode=0o700)
        target = str(folder / "b.db")
        _seed(run.place, target)
        # The faults of opening are not those of posting: they are counted from the first posting on.
        call, error, when = fault.split(":")
        skipped = _calls_before(run.place, call)
        told = traced(
            target,
            4,
            folder / "trace",
            sabotage=run.sabotage,
            checkpoint=1,
            inject=f"{call}:{error}:when={skipped + int(when.split('=')[1])}",
        )
        points += 1
        book = sqlite3.connect(target)
        have = {uuid.UUID(bytes=r[0]).int for r in book.execute("select uid from payment")}
        whole = book.execute("pragma integrity_check").fetchone()[0]
        book.close()
        report.must(whole == "ok", f"{fault}: the book is damaged")
        for line in told.splitlines():
            kind, number = line[0], int(line[1:].split()[0])
            said += kind == "A"
            report.must(kind != "A" or number in have, f"{fault}: said saved, and it is not")
            known = kind == "N" and not line.endswith("OutcomeUnknown")
            report.must(not known or number not in have, f"{fault}: said not saved, and it is")
        there += len(have)
        shutil.rmtree(folder)
    report.figures = {"points": points, "said saved": said, "stored": there}
    report.must(points >= 40, "at least forty points were tried")
    return report


_SEEDS: dict[Path, str] = {}
_BEFORE: dict[tuple[Path, str], int] = {}


def _seed(place: Path, target: str) -> None:
    """A copy of one fresh book."""
    if place not in _SEEDS:
        seed = str(place / "seed.db")
        make(seed).session.db.close()
        _SEEDS[place] = seed
    shutil.copyfile(_SEEDS[place], target)
    shutil.copyfile(f"{_SEEDS[place]}.demo-key", f"{target}.demo-key")
    for file in (target, f"{target}.demo-key"):
        os.chmod(file, 0o600)


def _calls_before(place: Path, call: str) -> int:
    """How many such calls opening and signing in make."""
    if (place, call) not in _BEFORE:
        target = str(place / "before.db")
        _seed(place, target)
        traced(target, 0, place / "before", checkpoint=1)
        lines = (place / "before").read_text(errors="replace").splitlines()
        for name in ("fdatasync", "pwrite64", "ftruncate"):
            _BEFORE[place, name] = sum(1 for line in lines if f" {name}(" in line) - 1
    return max(0, _BEFORE[place, call])


@proof(
    "R10", "a book that is replaced, deleted or moved under a sitting stops it before its next acknowledgement", "no-identity",
)  # fmt: skip
def r10(run: Run) -> Report:
    report, stopped = Report(), 0
    before = SqliteBook.check_identity
    if run.sabotage == "no-identity":
        SqliteBook.check_identity = lambda _: None  # type: ignore[method-assign]
    try:
        for n in range(20):
            folder = run.place / f"d{n}"
            folder.mkdir(mode=0o700)
            target = str(folder / "b.db")
            made = make(target)
            post(made.session, uuid.uuid4().bytes)
            how = n % 3
            if how == 0:
                shutil.copyfile(target, f"{target}.copy")
                os.replace(f"{target}.copy", target)
            elif how == 1:
                os.unlink(target)
            else:
                os.rename(target, f"{target}.moved")
            try:
                post(made.session, uuid.uuid4().bytes)
            except BookProblem:
                stopped += 1
            except NetbillError:
                continue
            finally:
                made.session.db.close()
    finally:
        SqliteBook.check_identity = before  # type: ignore[method-assign]
    report.figures = {"replaced": 20, "stopped": stopped}
    report.must(stopped == 20, f"{20 - stopped} sittings went on")
    return report


@proof("R13", "every commit and every checkpoint happens under the write lock, beside other writers too", "unlocked-checkpoint")
def r13(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    made = make(target)
    held: list[int] = [0]
    hold = TicketLock.held

    @contextmanager
    def counted(self: TicketLock, *, wait_s: float) -> Iterator[Callable[[], None]]:
        with hold(self, wait_s=wait_s) as check:
            held[0] += 1
            try:
                yield check
            finally:
                held[0] -= 1

    TicketLock.held = counted  # type: ignore[method-assign, assignment]
    statements: dict[str, int] = {"commit": 0, "checkpoint": 0}
    outside: list[str] = []
    execute = made.session.db.peewee.execute_sql

    def watched(sql: str, *given: object) -> object:
        kind = "commit" if sql == "commit" else "checkpoint" if "wal_checkpoint" in sql else ""
        if kind:
            statements[kind] += 1
            if not held[0]:
                outside.append(kind)
        return execute(sql, *given)

    made.session.db.peewee.execute_sql = watched  # type: ignore[method-assign, assignment]
    import netbill_tui.db.core.sqlite as engine

    size, engine.CHECKPOINT_BYTES = engine.CHECKPOINT_BYTES, 40_000
    other = forked(lambda _: _post_for_ever(target))
    try:
        for _ in range(run.size(200, 2_000)):
            post(made.session, uuid.uuid4().bytes)
        if run.sabotage == "unlocked-checkpoint":
            engine.CHECKPOINT_BYTES = -1
            made.session.db._checkpoint()  # type: ignore[attr-defined]
    finally:
        os.kill(other, 9)
        os.waitpid(other, 0)
        engine.CHECKPOINT_BYTES, TicketLock.held = size, hold  # type: ignore[method-assign]
    made.session.db.peewee.execute_sql = execute  # type: ignore[method-assign]
    wrong = broken(made.session)
    made.session.db.close()
    report.figures = {**statements, "outside the lock": len(outside)}
    report.must(statements["checkpoint"] > 3, "checkpoints were made")
    report.must(not outside, f"{len(outside)} statements outside the lock: {set(outside)}")
    report.must(not wrong, f"the book is not sound: {wrong[:1]}")
    return report


def _post_for_ever(target: str) -> None:
    session = sign_in(target)
    while True:
        post(session, uuid.uuid4().bytes)
