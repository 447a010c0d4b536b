"""R14: a book has one name, and nothing that somebody else puts beside it is followed, trusted or destroyed."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from netbill_tui.db.core import files
from netbill_tui.errors import BookProblem, NetbillError, OutcomeUnknown
from netbill_tui.usecases.books import backups
from netbill_tui.usecases.core.open_book import open_book
from tests.proof.books import broken, make, post, sign_in
from tests.proof.report import Report, Run, proof

# What stops a sitting: before a write, or behind a commit of which nobody can say where it went.
_STOPPED = (BookProblem, OutcomeUnknown)


def _refused(target: str) -> str:
    """The sentence with which the book is not opened; empty where it is."""
    try:
        open_book(target).db.close()
    except BookProblem as error:
        return str(error)
    return ""


def _names(run: Run, report: Report) -> int:
    """Every second name of a book, before it is opened and while it is."""
    target = run.place / "one" / "b.db"
    target.parent.mkdir(mode=0o700)
    made = make(str(target))
    post(made.session, uuid.uuid4().bytes)
    made.session.db.close()
    other = run.place / "two"
    other.mkdir(mode=0o700)
    os.link(target, other / "copy.db")
    for name in (target, other / "copy.db"):
        told = _refused(str(name))
        report.must("2 names" in told and "samefile" in told, f"a book with two names was opened by {name.parent.name}: {told!r}")
    (other / "copy.db").unlink()
    (other / "sym.db").symlink_to(target)
    one, two = open_book(str(target)).db, open_book(str(other / "sym.db")).db
    report.must(one.path == two.path, "a link to the book has a lock of its own")  # type: ignore[attr-defined]
    report.must(not (other / "sym.db.lock").exists() and not (other / "sym.db-wal").exists(), "files were made beside a link")
    one.close()
    two.close()
    return 3


def _meanwhile(run: Run, report: Report) -> int:
    """What is done to the files of a book under a sitting stops it before its next acknowledgement."""

    def removed(path: Path) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink()

    def replaced(path: Path) -> None:
        shutil.copyfile(f"{path}-wal", f"{path}.copy")
        os.replace(f"{path}.copy", f"{path}-wal")

    ways: dict[str, Callable[[Path], object]] = {
        "linked": lambda path: os.link(path, f"{path}.second"), "log removed": removed, "log replaced": replaced,
        "book replaced": lambda path: (shutil.copyfile(path, f"{path}.copy"), os.replace(f"{path}.copy", path)),
    }  # fmt: skip
    for number, (how, do) in enumerate(ways.items()):
        path = run.place / f"m{number}" / "b.db"
        path.parent.mkdir(mode=0o700)
        session = make(str(path)).session
        post(session, uuid.uuid4().bytes)
        do(path)
        stopped = False
        try:
            post(session, uuid.uuid4().bytes)
        except _STOPPED:
            stopped = True
        except NetbillError as error:
            report.must(False, f"{how}: {error}")
        report.must(stopped, f"{how}: the next payment was acknowledged")
        with suppress(NetbillError):
            session.db.close()
    # In the middle of a transaction: the commit is behind it, and nobody is told that it was saved.
    from netbill_tui.usecases.core.unit_of_work import writing

    for how in ("linked", "lock removed"):
        path = run.place / f"i{how[:4]}{how[-2:]}" / "b.db"
        path.parent.mkdir(mode=0o700)
        session = make(str(path)).session
        stopped = False
        try:
            with writing(session, "note") as tx:
                tx.note("proof.note", "C1", {})
                if how == "linked":
                    os.link(path, f"{path}.second")
                else:
                    Path(f"{path}.lock").unlink()
        except _STOPPED:
            stopped = True
        report.must(stopped, f"{how} before the commit: it was acknowledged")
        with suppress(NetbillError):
            session.db.close()
    return len(ways) + 2


def _folders(run: Run, report: Report) -> int:
    """Modes of every folder above: what others can write is not opened, what Debian comes with is."""
    outer = run.place / "outer"
    outer.mkdir(mode=0o755)
    target = outer / "inner" / "b.db"
    target.parent.mkdir(mode=0o700)
    made = make(str(target))
    made.session.db.close()
    staff = (0, 50)
    cases: list[tuple[Path, int, tuple[int, int] | None, bool]] = [
        (outer, 0o755, None, True), (outer, 0o711, None, True), (outer, 0o1777, None, True), (outer, 0o2775, staff, True),
        (outer, 0o775, (0, 1000), False), (outer, 0o757, None, False), (outer, 0o755, (65534, 65534), False),
        (target.parent, 0o755, None, True), (target.parent, 0o1777, None, False), (target.parent, 0o770, (0, 1000), False),
        (target.parent, 0o2770, staff, False),
    ]  # fmt: skip
    if os.geteuid() != 0:
        cases = [c for c in cases if c[2] is None]
    for folder, mode, owner, allowed in cases:
        if owner is not None:
            os.chown(folder, *owner)
        folder.chmod(mode)
        told = _refused(str(target))
        what = f"{folder.name} {mode:o} {owner or ''}"
        report.must((not told) == allowed, f"{what}: {told or 'it was opened'}")
        if told and owner != (65534, 65534):
            shown = f"{mode & 0o7777:04o}" in told and str(folder) in told and ("chmod" in told or "mkdir" in told)
            report.must(shown, f"{what}: the sentence names no folder, mode or command: {told}")
        if owner is not None:
            os.chown(folder, 0, os.getegid())
        folder.chmod(0o755 if folder == outer else 0o700)
    # A log that somebody else has laid there is not folded in.
    for mode, links in ((0o666, 1), (0o600, 2)):
        log = Path(f"{target}-wal")
        log.unlink(missing_ok=True)
        log.write_bytes(b"x" * 32)
        log.chmod(mode)
        if links == 2:
            os.link(log, f"{target}.else")
        report.must("somebody else put it there" in _refused(str(target)), f"a log of mode {mode:o} with {links} names was read")
        log.unlink()
    return len(cases) + 2


def _swept(run: Run, report: Report) -> int:
    """Names that the next backup sweeps, made by somebody else: nothing behind them is touched."""
    place, precious = run.place / "swept", run.place / "precious"
    for folder in (place, precious):
        folder.mkdir(mode=0o700)
    made = make(str(place / "b.db"), demo=False, password="gravel-otter-lantern-92")
    names = [f".netbill-copy-{4194399 - n}-aaaa" for n in range(5)] + [
        f".netbill-restore-{4194390 - n}-bbbb.db" for n in range(2)
    ]
    kept = [precious / f"key{n}" for n in range(6)]
    for file in kept:
        file.write_bytes(b"precious")
    (place / names[0]).symlink_to(precious)
    (place / names[1]).symlink_to(kept[0])
    inside = place / names[2]
    inside.mkdir(mode=0o700)
    (inside / "link").symlink_to(kept[1])
    os.link(kept[2], inside / "hard")
    os.mkfifo(inside / "pipe")
    os.link(kept[3], place / names[5])
    (place / names[6]).symlink_to(kept[4])
    left = place / names[3]
    left.mkdir(mode=0o700)
    (left / "book.db").write_bytes(b"left by a backup that was killed")
    if os.geteuid() == 0:
        others = place / names[4]
        others.mkdir(mode=0o700)
        (others / "data").write_bytes(b"precious")
        os.chown(others, 65534, 65534)
        kept.append(others / "data")
    done = backups.backup(made.session, str(place / "a.age"))
    made.session.db.close()
    report.must(done is not None and done.path.exists(), "the backup was made")
    for file in kept:
        report.must(file.exists() and file.read_bytes() == b"precious", f"the sweep destroyed {file.name}")
    report.must(not left.exists(), "what a killed backup left was not removed")
    return len(kept)


_TWO = """
import sys, uuid
from tests.proof.books import sign_in, post
from netbill_tui.errors import NetbillError
for n in range(20):
    try:
        session = sign_in(sys.argv[1])
        post(session, uuid.uuid4().bytes)
        session.db.close()
        print("saved", flush=True)
    except NetbillError as error:
        print("refused", flush=True)
"""


def _two_names_at_once(run: Run, report: Report) -> int:
    """Two programs, each by a name of its own: what was acknowledged is there."""
    target = run.place / "both" / "b.db"
    target.parent.mkdir(mode=0o700)
    make(str(target)).session.db.close()
    (run.place / "far").mkdir(mode=0o700)
    far = run.place / "far" / "b.db"
    os.link(target, far)
    shutil.copy2(f"{target}.demo-key", f"{far}.demo-key")
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", _TWO, str(name)], cwd=root, stdout=subprocess.PIPE, text=True)
        for name in (target, far)
    ]
    saved = sum(process.communicate()[0].count("saved") for process in running)
    far.unlink()
    session = sign_in(str(target))
    stored = session.db.peewee.execute_sql("select count(*) from payment").fetchone()[0]
    report.must(saved == stored, f"{saved} payments were acknowledged, {stored} are stored")
    report.must(not broken(session), "the book is not sound")
    session.db.close()
    return saved


@proof(
    "R14", "a book has one name and folders that nobody else can write; no link, name or file of another is followed or destroyed",
    "any-name", "any-folder", "follows-links",
)  # fmt: skip
def r14(run: Run) -> Report:
    report = Report()
    before = files.check_one_name, files.check_folders, files.shred_folder, backups.abandoned
    if run.sabotage == "any-name":
        files.check_one_name = lambda *_: None
    if run.sabotage == "any-folder":
        files.check_folders = lambda *_, **__: None
    if run.sabotage == "follows-links":
        backups.abandoned = lambda folder: sorted(folder.glob(".netbill-*"))
        files.shred_folder = lambda folder: [file.write_bytes(b"") for file in folder.iterdir() if not file.is_fifo()]  # type: ignore[assignment, func-returns-value]
    try:
        report.figures = {
            "second names": _names(run, report), "done under a sitting": _meanwhile(run, report), "folders": _folders(run, report),
            "files of others": _swept(run, report), "acknowledged by two names at once": _two_names_at_once(run, report),
        }  # fmt: skip
    finally:
        files.check_one_name, files.check_folders, files.shred_folder, backups.abandoned = before
    return report
