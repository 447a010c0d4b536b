"""R8, R9: backups while others write, and bringing a large book back."""

import os
import random
import time
import uuid
from pathlib import Path

from netbill_tui.errors import BookProblem, NetbillError, Refused
from netbill_tui.security import age, keys
from netbill_tui.usecases.books import backups, restoring
from netbill_tui.usecases.core.open_book import open_book
from tests.proof.books import PASSWORD, make, people, post
from tests.proof.kills import forked
from tests.proof.report import Report, Run, proof


def _recovery(shares: tuple[str, str]) -> bytes:
    return keys.combine_recovery(*shares)


def _writer(target: str, bundle: bytes, pipe: int, pause: float) -> None:
    """Post for ever as the first operator; tell each acknowledgement."""
    from netbill_tui.db.access import operators as rows
    from netbill_tui.security.keys import Bundle
    from netbill_tui.usecases.access import sign_in

    session = open_book(target)
    row = rows.by_name(session.db, "demo")
    assert row is not None
    sign_in.enter(session, row, Bundle(bundle[:32], bundle[32:64], bundle[64:]))
    while True:
        request = uuid.uuid4().bytes
        try:
            post(session, request)
        except NetbillError:
            continue
        os.write(pipe, request)
        time.sleep(pause)


@proof(
    "R8", "backups while three write: each opens with the recovery key, is sound, and holds all that was acknowledged before it",
    "plain-copy", "not-encrypted",
)  # fmt: skip
def r8(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    made = make(target, customers=20, demo=False, password=PASSWORD, profile=True)
    key = _recovery(made.recovery)
    read, write = os.pipe()
    # A hundred backups take minutes: writers without a pause would make the book grow with the square of their number.
    pause = 0.1 if run.long else 0.002
    writers = [forked(lambda _: _writer(target, made.bundle, write, pause), read) for _ in range(3)]
    os.set_blocking(read, False)
    acknowledged: set[bytes] = set()
    copy = backups.copy_to
    if run.sabotage == "plain-copy":
        import shutil

        def copied(_db: object, place: Path) -> dict[str, int]:
            shutil.copyfile(target, place)
            os.chmod(place, 0o600)
            return {}

        backups.copy_to = copied
    if run.sabotage == "not-encrypted":
        backups.age.encrypt = lambda source, out, *_: out.write(source.read())  # type: ignore[assignment]
    encrypt = age.encrypt
    count, sizes = run.size(5, 100), []
    try:
        for n in range(count):
            _drain(read, acknowledged)
            before = set(acknowledged)
            file = run.place / f"{n}.age"
            try:
                one = backups.backup(made.session, str(file))
            except BookProblem as error:
                report.must(False, f"a backup was refused: {str(error)[:80]}")
                continue
            assert one is not None
            sizes.append(one.size)
            report.must(oct(file.stat().st_mode & 0o777) == "0o600", "the file is its owner's alone")
            report.must(file.read_bytes()[:22] == b"age-encryption.org/v1\n", "the file is in the age format")
            back = run.place / f"back{n}"
            back.mkdir(mode=0o700)
            try:
                restoring.restore(str(back / "r.db"), str(file), key)
                session = open_book(str(back / "r.db"))
                have = {bytes(r[0]) for r in session.db.peewee.execute_sql("select uid from payment").fetchall()}
                session.db.close()
                report.must(not before - have, f"{len(before - have)} acknowledged payments are not in a backup")
            except NetbillError as error:
                report.must(False, f"a backup cannot be restored: {str(error)[:80]}")
    finally:
        backups.copy_to, age.encrypt = copy, encrypt
        for pid in writers:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
        os.close(read)
        os.close(write)
    left = [p.name for p in run.place.iterdir() if p.name.startswith((".netbill", ".restoring")) or ".part" in p.name]
    report.must(not left, f"intermediate files were left: {left[:2]}")
    report.figures = {"backups": count, "acknowledged meanwhile": len(acknowledged), "size": f"{max(sizes or [0]):,} bytes"}
    made.session.db.close()
    return report


def _drain(read: int, into: set[bytes]) -> None:
    while True:
        try:
            data = os.read(read, 16 * 4096)
        except BlockingIOError:
            return
        into.update(data[at : at + 16] for at in range(0, len(data), 16))


@proof(
    "R9",
    "a restore drill of a large book in ten minutes; over a book that is open it is refused, every time",
    "forgets-who-is-there",
)
def r9(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    size = run.size(2_000, 100_000)
    made = make(target, demo=False, password=PASSWORD)
    people(made.session, size - 1, profile=True, first=2)
    key, file = _recovery(made.recovery), str(run.place / "b.age")
    backups.backup(made.session, file)
    chance, refused = random.Random(run.seed), 0
    refuse = restoring.refuse_open
    if run.sabotage == "forgets-who-is-there":
        restoring.refuse_open = lambda _: None
        restoring._holders = lambda _: []
    holders = restoring._holders
    try:
        for n in range(20):
            pid = forked(lambda _: _holder(target, made.bundle, chance.choice(("reads", "signed in"))))
            time.sleep(0.15)
            try:
                restoring.restore(target if n % 2 else target, file, key)
            except Refused:
                refused += 1
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            if run.sabotage:
                break
    finally:
        restoring.refuse_open, restoring._holders = refuse, holders
    made.session.db.close()
    began = time.monotonic()
    drill = restoring.restore("", file, key, drill=True)
    took = time.monotonic() - began
    began = time.monotonic()
    if not run.sabotage:
        done = restoring.restore(target, file, key)
        report.must(bool(done.aside) and os.path.exists(done.aside), "the old book stands aside")
        session = open_book(target)
        (count,) = session.db.peewee.execute_sql("select count(*) from customer").fetchone()
        session.db.close()
        report.must(count == size, f"{count} of {size} customers came back")
    report.figures = {"customers": size, "drill": f"{took:.1f} s", "restore": f"{time.monotonic() - began:.1f} s",
                      "cells opened by the recovery key": drill.cells, "refused while open": f"{refused} of 20"}  # fmt: skip
    report.must(took <= 600, "the drill takes at most ten minutes")
    report.must(refused == 20, f"{20 - refused} restores over an open book were not refused")
    return report


def _holder(target: str, bundle: bytes, how: str) -> None:
    session = open_book(target)
    if how == "signed in":
        from netbill_tui.db.access import operators as rows
        from netbill_tui.security.keys import Bundle
        from netbill_tui.usecases.access import sign_in

        row = rows.by_name(session.db, "demo")
        assert row is not None
        sign_in.enter(session, row, Bundle(bundle[:32], bundle[32:64], bundle[64:]))
    time.sleep(30)
