"""Backups and restores, on both engines and across them: opened by the recovery shares alone, compared, and never over what is open."""

import os
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from netbill_tui.errors import BookProblem, InvalidInput, KeyProblem, NotPermitted, Refused
from netbill_tui.security import keys
from netbill_tui.usecases.access import enrolment, operators, sign_in
from netbill_tui.usecases.books import backups, restoring
from netbill_tui.usecases.books.restoring import Second
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk

WORDS = "copper-lantern-orchard-17"


def shares(desk: Desk) -> bytes:
    return keys.combine_recovery(*desk.made.recovery)


def written(desk: Desk, folder: Path) -> Path:
    made = backups.backup(desk.session, str(folder))
    assert made is not None
    return made.path


def open_restored(desk: Desk, target: str) -> Desk:
    session = open_book(target)
    session.calendar.clock = desk.session.calendar.clock
    return Desk(session, target, desk.made)


def test_backup_of_either_engine_is_restored_as_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.customer("C1", emails=("john@example.org",))
    desk.invoice("C1", 5_000)
    desk.pay("C1", 2_000)
    file = written(desk, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.name.startswith("netbill-2026")
    target = tmp_path / "again.db"
    made = restoring.restore(str(target), str(file), shares(desk))
    assert made.missing == 0
    back = open_restored(desk, str(target))
    assert [c for c in verify(back.session) if c.broken] == []
    assert back.column("select amount from payment") == [2_000]
    assert target.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".netbill", ".restoring"))] == []
    back.session.db.close()


def test_backup_is_restored_into_an_empty_database(desk: Desk, tmp_path: Path, database_url: str, server: object) -> None:
    import uuid

    from tests.conftest import SERVER

    desk.customer("C1")
    desk.pay("C1", 2_000)
    file = written(desk, tmp_path)
    name = f"netbill_test_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"create database {name}")
    try:
        restoring.restore(f"{SERVER}/{name}", str(file), shares(desk))
        back = open_restored(desk, f"{SERVER}/{name}")
        assert [c for c in verify(back.session) if c.broken] == []
        assert back.column("select amount from payment") == [2_000]
        back.session.db.close()
        with pytest.raises(Refused, match="There is a book"):
            restoring.restore(f"{SERVER}/{name}", str(file), shares(desk))
    finally:
        with server.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"drop database {name} with (force)")


def test_another_age_reads_it_and_is_an_sqlite_book(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    desk.customer("C1")
    file = written(desk, tmp_path)
    identity = pyrage.x25519.Identity.from_str(restoring.combine(*desk.made.recovery))
    assert pyrage.decrypt(file.read_bytes(), [identity])[:16] == b"SQLite format 3\0"


def test_other_keys_and_damage_are_refused_and_nothing_is_put(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    file = written(desk, tmp_path)
    target = tmp_path / "again.db"
    with pytest.raises(KeyProblem):
        restoring.restore(str(target), str(file), keys.new_private_key())
    with pytest.raises(InvalidInput):
        restoring.restore(str(target), str(tmp_path / "none.age"), shares(desk))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    with pytest.raises(BookProblem):
        restoring.restore(str(target), str(file), shares(desk))
    assert not target.exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_book_that_is_open_is_not_replaced(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    file = written(desk, tmp_path)
    words = [sys.executable, "-c", (
        "import sys\nfrom netbill_tui.usecases.core.open_book import open_book\nopen_book(sys.argv[1])\nprint('open', flush=True)\nsys.stdin.read()"
    ), desk.target]  # fmt: skip
    desk.session.db.close()
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "open\n"
    before = Path(desk.target).read_bytes()
    with pytest.raises(Refused):
        restoring.restore(desk.target, str(file), shares(desk))
    assert Path(desk.target).read_bytes() == before
    other.communicate()
    made = restoring.restore(desk.target, str(file), shares(desk))
    assert Path(made.aside).read_bytes()[100:] == before[100:]  # the header says which journal it has
    # Whoever sat in the old one starts again; a new sitting opens the restored book.
    with pytest.raises(BookProblem, match="replaced while it was open"):
        desk.session.db.connect()
    open_book(desk.target).db.close()


def enrolled(desk: Desk, name: str, role: str) -> None:
    code = operators.add(desk.session, name, role, limit="none")
    enrolment.enrol(desk.session, name, code, WORDS)
    operators.approve(desk.session, name)


def test_lost_events_need_a_second_operator_who_says_how_many(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    enrolled(desk, "mira", "supervisor")
    enrolled(desk, "cleo", "clerk")
    desk.customer("C1")
    file = written(desk, tmp_path)
    for _ in range(3):
        desk.pay("C1", 100)
    seen = [checkpoints.make(desk.session)]
    target = str(tmp_path / "again.db")
    with pytest.raises(Refused, match="are missing"):
        restoring.restore(target, str(file), shares(desk), outside=seen)
    with pytest.raises(Refused) as told:
        restoring.restore(target, str(file), shares(desk), outside=seen)
    missing = int(str(told.value).split()[0])
    assert missing >= 3
    for name, words in (("cleo", WORDS), ("mira", "wrong-lantern-orchard-17")):
        with pytest.raises((NotPermitted, KeyProblem)):
            restoring.restore(
                target,
                str(file),
                shares(desk),
                outside=seen,
                accept_missing=missing,
                second=lambda n=name, w=words: Second(n, w),
            )
    with pytest.raises(Refused):
        restoring.restore(
            target, str(file), shares(desk), outside=seen, accept_missing=missing - 1, second=lambda: Second("mira", WORDS)
        )
    made = restoring.restore(
        target, str(file), shares(desk), outside=seen, accept_missing=missing, second=lambda: Second("mira", WORDS)
    )
    assert made.missing == missing
    back = open_restored(desk, target)
    assert [c for c in verify(back.session) if c.broken] == []
    back.session.db.close()


def test_who_was_disabled_since_does_not_agree(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    enrolled(desk, "mira", "supervisor")
    file = written(desk, tmp_path)
    operators.disable(desk.session, "mira")
    seen = [checkpoints.make(desk.session)]
    sign_in.leave(desk.session, "done")
    desk.session.db.close()
    with pytest.raises(Refused) as told:
        restoring.restore(desk.target, str(file), shares(desk), outside=seen)
    missing = int(str(told.value).split()[0])
    with pytest.raises(NotPermitted, match="disabled"):
        restoring.restore(
            desk.target, str(file), shares(desk), outside=seen, accept_missing=missing, second=lambda: Second("mira", WORDS)
        )
    desk.session.db.connect()


def test_plain_copies_of_a_killed_backup_are_removed_by_the_next(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f".netbill-copy-{gone.pid}-abcd"
    left.mkdir(mode=0o700)
    (left / "book.db").write_bytes(b"plain")
    mine = tmp_path / f".netbill-copy-{os.getpid()}-abcd"  # of a backup that goes on
    mine.mkdir(mode=0o700)
    assert backups.abandoned(tmp_path) == [left]
    written(desk, tmp_path)
    assert not left.exists()
    assert mine.exists()


def test_demo_book_and_taken_names_are_refused(sqlite_desk: Desk, tmp_path: Path) -> None:
    desk = sqlite_desk
    (tmp_path / "there.age").write_bytes(b"")
    with pytest.raises(Refused):
        backups.backup(desk.session, str(tmp_path / "there.age"))
    with pytest.raises(InvalidInput):
        backups.backup(desk.session, str(tmp_path / "nowhere" / "x.age"))
    with pytest.raises(InvalidInput):
        backups.backup(desk.session, str(tmp_path / "a\u202eb.age"))
    assert backups.backup(desk.session, str(tmp_path / "dry.age"), dry_run=True) is None
    assert not (tmp_path / "dry.age").exists()


def test_the_next_backup_removes_the_encrypted_part_of_one_that_was_killed(sqlite_desk: Desk, tmp_path: Path):
    folder = tmp_path / "copies"
    folder.mkdir(mode=0o700)
    old, young, other = (folder / n for n in (".a.age.part-0badcafe", ".b.age.part-0badcafe", "notes.part-0badcafe"))
    for file in (old, young, other):
        file.write_bytes(b"x")
    for file in (old, other):
        os.utime(file, (0, 0))
    made = backups.backup(sqlite_desk.session, str(folder))
    assert made is not None
    assert sorted(p.name for p in folder.iterdir() if p.suffix != ".age") == [young.name, other.name]


def test_what_is_restored_over_a_book_that_went_on_says_how_much_it_lacks(sqlite_desk: Desk, tmp_path: Path) -> None:
    sqlite_desk.customer("C1")
    file = written(sqlite_desk, tmp_path)
    for _ in range(3):
        sqlite_desk.pay("C1", 100)
    sqlite_desk.session.db.close()
    made = restoring.restore(sqlite_desk.target, str(file), shares(sqlite_desk))
    # The three payments, and the event of the backup itself, which is written behind it.
    assert made.behind == 4
    assert made.aside
    elsewhere = restoring.restore(str(tmp_path / "new.db"), str(file), shares(sqlite_desk))
    assert (elsewhere.behind, elsewhere.aside) == (0, "")
